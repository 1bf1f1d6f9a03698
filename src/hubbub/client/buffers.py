"""The nouns of the mirror: buffers, who is in them, and what can be typed and asked here.

Owns their fields and no behaviour beyond them; `mirror` changes them. Times are milliseconds since
the epoch. Pure.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hubbub.client.timeline import Entry, Fate, Timeline
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.client.events import Event

ACTIVE = 6_000
PAUSED = 30_000
"""Milliseconds for which somebody is taken to be typing ("typing")."""


class Sort(enum.Enum):
    """What a buffer is of."""

    SERVER = "server"
    """What the house says to us alone; on a classic server its one room."""
    ROOM = "room"
    PERSON = "person"


class Link(enum.Enum):
    """How the connection is."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    OVER = "over"
    """It will not come back by itself."""


class Member(NamedTuple):
    """Somebody in a room, with the signs of their ranks: `@`, `+`."""

    nick: str
    signs: str = ""


@dataclass(slots=True)
class Buffer:
    """A place to talk in. `name` is as `say(to=…)` takes it, "" for the server."""

    name: str
    sort: Sort
    topic: str = ""
    joined: bool = False
    """Whether we are in that room, or the server is there."""
    members: dict[str, Member] = field(default_factory=dict)
    """By folded nick."""
    timeline: Timeline = field(default_factory=Timeline)
    read: int = 0
    """The time up to which it was read; 0 as long as nobody knows."""
    unread: int = 0
    mentions: int = 0
    """Those of the unread that name us."""
    first_unread: Entry | None = None
    typing: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Nick and until when, by folded nick."""

    @property
    def key(self) -> str:
        """What it is found by."""
        return fold(self.name)

    def typists(self, now: int) -> list[str]:
        """Who is typing at this moment, in the order they began."""
        return [nick for nick, until in self.typing.values() if until > now]


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody here has typed something to be said; `key` is ours."""

    time: int
    key: str
    room: str
    text: str
    action: bool = False
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was typed is kept for the next connection, or has failed; or is on its way again."""

    key: str
    room: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was typed is not to be said any more."""

    key: str
    room: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the past of a room, oldest first; `before` is the msgid that comes next."""

    room: str
    events: Sequence[Event]
    before: str = ""
    complete: bool = False
    """Whether there is nothing before it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation is begun, or looked at, before anything is said in it."""

    room: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Closed:
    """A buffer is put away, with what was said in it."""

    room: str
