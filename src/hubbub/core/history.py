"""History: what of the past can be asked for, and where in a room something stands.

A *place* is the gap or the entry that a question names: what is earlier has a smaller seq than its
`before`, what is later a greater one than its `after`. So a message and a moment are asked about
alike, and pages that begin where others ended leave nothing out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from hubbub.core.events import TALK, EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubbub.core.events import Entry

BEFORE_ALL: Final = -(2**63)
"""A seq that stands before every entry."""

AFTER_ALL: Final = 2**63 - 1
"""A seq that stands after every entry."""

PLAYED: Final = TALK | {
    EntryKind.JOIN,
    EntryKind.PART,
    EntryKind.QUIT,
    EntryKind.NICK,
    EntryKind.KICK,
    EntryKind.TOPIC,
    EntryKind.MODE,
    EntryKind.EDIT,
    EntryKind.REDACT,
    EntryKind.REACT,
    EntryKind.UNREACT,
}
"""What can be shown again: talk, and what happened around it."""


class Visible(StrEnum):
    """How much of a room's past its members may read."""

    ALL = "all"
    SINCE_JOIN = "since-join"


class Place(NamedTuple):
    """Where in a room something stands. Both are the seq of a message, or enclose a moment."""

    before: int
    after: int


class Way(Enum):
    """What a question asks for, relative to the messages or moments that it names."""

    LATEST = "the last, after one if it is named"
    BEFORE = "those before one"
    AFTER = "those after one"
    AROUND = "one with those on both sides of it"
    BETWEEN = "those between two, counted from the first that is named"


Reference: TypeAlias = "str | int"
"""A message by its msgid, or a moment in milliseconds."""


@dataclass(slots=True, frozen=True)
class Question:
    """What somebody wants to read of one room: entries of these kinds, which count alone."""

    way: Way
    references: tuple[Reference, ...]
    limit: int
    kinds: frozenset[EntryKind] = TALK


@dataclass(slots=True, frozen=True)
class Reach:
    """What of the record somebody may read: of each room (id) what stands after a seq.

    `is_for` has the last word on an entry of these rooms. It is asked on any thread, so it knows
    what was so when the reach was made, and nothing that changes.
    """

    rooms: Mapping[int, int]
    is_for: Callable[[Entry], bool]

    def holds(self, entry: Entry) -> bool:
        """Whether they may read that entry."""
        after = self.rooms.get(entry.room_id)
        return after is not None and entry.seq > after and self.is_for(entry)


class Conversation(NamedTuple):
    """One that a person has had: with whom, called what when last seen ("" is not known), and
    when something was said last."""

    room_id: int
    other: int
    nick: str
    time: int
