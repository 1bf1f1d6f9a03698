"""Events: all that can happen, a closed set.

What is kept is an `Entry`; each live event is an entry with the room and the session it belongs
to. `seq` and `time` are given when its batch is sealed, nothing may refer to them before.
An event is a *fact* (it happened, whether the disk likes it or not) or *talk* (a claim: refused
to its author and heard by nobody unless it is saved).
Doors and delivery `match` on the classes and end with `assert_never`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hubbub.core.refusals import Reason
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


class EntryKind(StrEnum):
    """What an entry in the store records."""

    MESSAGE = "message"
    ACTION = "action"
    NOTICE = "notice"
    EDIT = "edit"
    REDACT = "redact"
    REACT = "react"
    UNREACT = "unreact"
    JOIN = "join"
    PART = "part"
    QUIT = "quit"
    NICK = "nick"
    KICK = "kick"
    TOPIC = "topic"
    MODE = "mode"
    RENAME = "rename"


TALK = frozenset({EntryKind.MESSAGE, EntryKind.ACTION, EntryKind.NOTICE})


@dataclass(slots=True, eq=False)
class Entry:
    """One line of the record.

    `nick` is the name as it was shown then. `seq` orders a room's entries (positive when they
    happened here, negative when imported), `time` never decreases with it. `text` is the
    message, or the reason of a leave. `target` is the msgid that an edit or reaction is about.
    """

    room_id: int
    kind: EntryKind
    msgid: str
    person_id: int
    nick: str
    text: str = ""
    account: str | None = None
    target: str | None = None
    extra: str | None = None
    seq: int = 0
    time: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Said(Entry):
    """Somebody said something. Talk.

    `audience` is None for the members of the room, else the sessions that hear it (a direct
    message). `send_id` makes a repeated sending recognisable (DESIGN "send-once").
    """

    room: Room
    session: Session
    audience: tuple[Session, ...] | None = None
    send_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Joined(Entry):
    """A session entered a room. A fact."""

    room: Room
    session: Session


@dataclass(slots=True, eq=False, kw_only=True)
class Quit(Entry):
    """A session ended while it was in the room; `text` says why. A fact."""

    room: Room
    session: Session


RoomEvent: TypeAlias = Said | Joined | Quit
"""What joins a room's log (or, with an audience of its own, goes to that audience)."""


@dataclass(slots=True, frozen=True)
class Repeated:
    """To its sender alone: this send-once id was used before, here is the first message's id."""

    send_id: str
    msgid: str


@dataclass(slots=True, frozen=True)
class Refusal:
    """To one session alone: what it asked for was not done. The late form of `Refused`."""

    reason: Reason
    detail: str = ""


@dataclass(slots=True, frozen=True)
class Replay:
    """To one session alone: the room's last messages before it came, oldest first."""

    room: Room
    entries: tuple[Entry, ...]


PrivateEvent: TypeAlias = Repeated | Refusal | Replay
"""What one session hears alone, and is not kept."""

Event: TypeAlias = RoomEvent | PrivateEvent
