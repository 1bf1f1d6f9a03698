"""Refusals: all the ways to say no, a closed set.

A verb raises `Refused`; the door that called it answers in its protocol's way from a table of its
own, and a test proves each table complete. The cause of an inner failure goes to the log only.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something was not done. `detail` of the refusal is given in brackets."""

    UNWRITABLE = "unwritable"
    """The store cannot save, so nothing can be said."""
    CONFLICT = "conflict"
    """A send-once id was used before for another text or target."""
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
    STOPPING = "stopping"
    """The server is about to stop."""


class Refused(Exception):  # noqa: N818 (the design calls it so: a verb said no, nothing broke)
    """A verb said no. The session lives on unless `fatal`."""

    def __init__(self, reason: Reason, detail: str = "", *, fatal: bool = False) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.fatal = fatal
