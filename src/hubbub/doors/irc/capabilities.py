"""Capabilities: what a client can ask for, one table.

A capability is a bit, so a client's are a number. Those that change how an event looks are
`RENDERED`: together they choose the kind of the reader. What only the door itself asks about
(echoes, labels, names) makes no kinds, so readers who differ in that alone share what is rendered.
"""

from __future__ import annotations

from enum import IntFlag, auto
from typing import NamedTuple

from hubbub.wire.irc.multiline import MULTILINE

MAX_KEPT = 1024
"""Combinations of capabilities that are kept as objects: those in use are few."""


class Cap(IntFlag):
    """One bit for each capability."""

    NONE = 0
    MESSAGE_TAGS = auto()
    SERVER_TIME = auto()
    ACCOUNT_TAG = auto()
    ACCOUNT_NOTIFY = auto()
    EXTENDED_JOIN = auto()
    AWAY_NOTIFY = auto()
    SETNAME = auto()
    CHGHOST = auto()
    INVITE_NOTIFY = auto()
    EXTENDED_MONITOR = auto()
    BATCH = auto()
    CHANNEL_RENAME = auto()
    CHATHISTORY = auto()
    CAP_NOTIFY = auto()
    ECHO_MESSAGE = auto()
    EDIT = auto()
    EVENT_PLAYBACK = auto()
    EXTENDED_ISUPPORT = auto()
    LABELED_RESPONSE = auto()
    MESSAGE_REDACTION = auto()
    METADATA = auto()
    MULTI_PREFIX = auto()
    MULTILINE = auto()
    NO_IMPLICIT_NAMES = auto()
    PRE_AWAY = auto()
    READ_MARKER = auto()
    RESUME = auto()
    SEARCH = auto()
    SEND_ONCE = auto()
    STANDARD_REPLIES = auto()
    USERHOST_IN_NAMES = auto()

    @classmethod
    def _missing_(cls, value: object) -> Cap:
        """A combination. The enum would keep every one there ever was: a client can make millions,
        by asking for one capability after the other."""
        made: Cap = super()._missing_(value)
        if len(cls._value2member_map_) > MAX_KEPT:
            cls._value2member_map_.pop(value, None)
        return made


class Capability(NamedTuple):
    """A capability as CAP LS shows it."""

    name: str
    bit: Cap

    def shown(self, value: str = "") -> str:
        """With its value, for those who know CAP 302."""
        return f"{self.name}={value}" if value else self.name


TABLE: dict[str, Capability] = {
    capability.name: capability
    for capability in (
        Capability("account-notify", Cap.ACCOUNT_NOTIFY),
        Capability("account-tag", Cap.ACCOUNT_TAG),
        Capability("away-notify", Cap.AWAY_NOTIFY),
        Capability("batch", Cap.BATCH),
        Capability("cap-notify", Cap.CAP_NOTIFY),
        Capability("chghost", Cap.CHGHOST),
        Capability("draft/channel-rename", Cap.CHANNEL_RENAME),
        Capability("draft/chathistory", Cap.CHATHISTORY),
        Capability("draft/event-playback", Cap.EVENT_PLAYBACK),
        Capability("draft/extended-isupport", Cap.EXTENDED_ISUPPORT),
        Capability("draft/message-redaction", Cap.MESSAGE_REDACTION),
        Capability(MULTILINE, Cap.MULTILINE),
        Capability("draft/metadata-3", Cap.METADATA),
        Capability("draft/pre-away", Cap.PRE_AWAY),
        Capability("draft/read-marker", Cap.READ_MARKER),
        Capability("echo-message", Cap.ECHO_MESSAGE),
        Capability("extended-join", Cap.EXTENDED_JOIN),
        Capability("extended-monitor", Cap.EXTENDED_MONITOR),
        Capability("hubbub.chat/edit", Cap.EDIT),
        Capability("hubbub.chat/resume", Cap.RESUME),
        Capability("hubbub.chat/send-once", Cap.SEND_ONCE),
        Capability("invite-notify", Cap.INVITE_NOTIFY),
        Capability("labeled-response", Cap.LABELED_RESPONSE),
        Capability("message-tags", Cap.MESSAGE_TAGS),
        Capability("multi-prefix", Cap.MULTI_PREFIX),
        Capability("no-implicit-names", Cap.NO_IMPLICIT_NAMES),
        Capability("server-time", Cap.SERVER_TIME),
        Capability("setname", Cap.SETNAME),
        Capability("soju.im/search", Cap.SEARCH),
        Capability("standard-replies", Cap.STANDARD_REPLIES),
        Capability("userhost-in-names", Cap.USERHOST_IN_NAMES),
    )
}

RENDERED = (
    Cap.MESSAGE_TAGS
    | Cap.SERVER_TIME
    | Cap.BATCH
    | Cap.CHANNEL_RENAME
    | Cap.ACCOUNT_TAG
    | Cap.ACCOUNT_NOTIFY
    | Cap.EXTENDED_JOIN
    | Cap.AWAY_NOTIFY
    | Cap.SETNAME
    | Cap.CHGHOST
    | Cap.INVITE_NOTIFY
    | Cap.EXTENDED_MONITOR
    | Cap.STANDARD_REPLIES
    | Cap.MESSAGE_REDACTION
    | Cap.EDIT
    | Cap.MULTILINE
)

SEVERAL_LINES = Cap.MULTILINE | Cap.BATCH
"""multiline needs batch, which "MUST be negotiated to use multiline messages"."""

LABELS = Cap.LABELED_RESPONSE | Cap.BATCH
"""labeled-response needs batch, which "MUST be negotiated to use labeled responses"."""


def requested(words: list[str], has: Cap) -> Cap | None:
    """What a client has after CAP REQ; None when one of the words is not to be had."""
    for word in words:
        capability = TABLE.get(word.removeprefix("-"))
        if capability is None:
            return None
        has = has & ~capability.bit if word[0] == "-" else has | capability.bit
    return has


def held(caps: Cap) -> list[str]:
    """The names of the capabilities a client has."""
    return [name for name, capability in TABLE.items() if capability.bit & caps]
