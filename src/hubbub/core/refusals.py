"""Refusals: all the ways to say no, a closed set.

A verb raises `Refused`; the door that called it answers in its protocol's way from a table of its
own, and a test proves each table complete. The cause of an inner failure goes to the log only.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something was not done. The `details` of the refusal are given in brackets."""

    UNWRITABLE = "unwritable"
    """The store cannot save, so nothing can be said."""
    CONFLICT = "conflict"
    """[the target] A send-once id was used before: for another message, or by somebody else."""
    ENDED = "ended"
    """One's own session has ended; the connection goes in a moment."""
    NO_SUCH_NICK = "no such nick"
    """[the name] Nobody of that name is here."""
    NO_SUCH_ROOM = "no such room"
    """[the name] There is no room of that name."""
    TEXT_TOO_LONG = "text too long"
    """[the limit in bytes]"""
    BAD_NAME = "bad name"
    """[why] The name cannot be used."""
    NAMES_EXHAUSTED = "names exhausted"
    """[the name] Every variation of the name that we try is in use."""
    FULL = "full"
    """There are as many connections as the server allows."""
    NICK_IN_USE = "nick in use"
    """[the name] Somebody else has it."""
    NO_SUCH_TARGET = "no such target"
    """[the name] Nobody and nothing of that name has metadata, or not for everybody."""
    BAD_METADATA_KEY = "bad metadata key"
    """[the key]"""
    BAD_METADATA_VALUE = "bad metadata value"
    """[the key, the limit in bytes]"""
    NOT_YOURS = "not yours"
    """[whose, the key, or *] Metadata is changed by its person, or by a room's operators."""
    TOO_MUCH_METADATA = "too much metadata"
    """[whose, the limit] It has as many keys as it may."""
    TOO_MANY_CHANGES = "too many changes"
    """[whose, the key, seconds to wait]"""
    TOO_MANY_SUBSCRIPTIONS = "too many subscriptions"
    """[the key, the limit] One session hears of as many keys as it may."""
    NO_SUCH_MESSAGE = "no such message"
    """[where, the msgid] It is not in that room or conversation, or not any more."""
    NOT_AUTHOR = "not author"
    """[where, the msgid] Somebody else has said it."""
    NOT_YOUR_WORDS = "not your words"
    """[where, the msgid] Somebody else has said it: they can be taken away, not put otherwise."""
    BAD_EDIT = "bad edit"
    """[where, the msgid, why] It cannot be edited, or not to that."""
    TOO_LATE = "too late"
    """[where, the msgid, seconds] It was said longer ago than that."""
    TOO_FAST = "too fast"
    """Too much was sent for too long: nothing of it is done until there is a pause."""
    TOO_MUCH = "too much"
    """It would take too long, and others wait, too."""
    NOT_IN_ROOM = "not in room"
    """[the room] One has to be in it for that."""
    NOT_THERE = "not there"
    """[the name, the room] Whom it is about is not in the room."""
    ALREADY_THERE = "already there"
    """[the name, the room] Whom it is about is in the room."""
    NEED_OPERATOR = "need operator"
    """[the room] Only its operators may do that."""
    BANNED = "banned"
    """[the room]"""
    INVITE_ONLY = "invite only"
    """[the room]"""
    WRONG_KEY = "wrong key"
    """[the room]"""
    ROOM_FULL = "room full"
    """[the room]"""
    TOO_MANY_ROOMS = "too many rooms"
    """[the room] One session is in as many as it may be."""
    CANNOT_SPEAK = "cannot speak"
    """[the room, why]"""
    BAD_KEY = "bad key"
    """[the room] No key can be made of that."""
    LIST_FULL = "list full"
    """[the room, the mask] The list has as many masks as it may."""
    BAD_ROOM_NAME = "bad room name"
    """[the name]"""
    ROOM_NAME_IN_USE = "room name in use"
    """[the room, the name] Another has it, or one that looks like it."""
    CANNOT_RENAME = "cannot rename"
    """[the room, the name, why]"""
    TOO_MANY_WATCHED = "too many watched"
    """[the limit, the name] One session watches as many names as it may."""
    BAD_MASK = "bad mask"
    """[the mask, why] Nobody can be banned by that."""
    NO_SUCH_BAN = "no such ban"
    """[the mask] There is no ban of it."""
    BANNED_HERE = "banned here"
    """[why] One may not be on this server."""
    BAD_REAL_NAME = "bad real name"
    """[the limit in bytes] It is empty or too long."""
    BAD_TOKEN = "bad token"  # noqa: S105 (a reason)
    """It is nobody's, or has expired."""
    WRONG_PASSWORD = "wrong password"  # noqa: S105 (a reason)
    NOT_PRIVILEGED = "not privileged"
    """Only operators of the server who were given that right."""
    STOPPING = "stopping"
    """The server is about to stop."""


class Refused(Exception):  # noqa: N818 (the design calls it so: a verb said no, nothing broke)
    """A verb said no. The session lives on unless `fatal`."""

    def __init__(self, reason: Reason, *details: str, fatal: bool = False) -> None:
        super().__init__(reason.name, *details)
        self.reason = reason
        self.details = details
        self.fatal = fatal
