"""Retention: what is deleted, and when.

`Rule` is the list of what goes, in the order in which it is looked for. A store takes a rule in
small steps (`Archive.prune`); when the steps come is the hub's (`hub/retention`). Times are
milliseconds since the epoch: what is older than a bound goes, and nothing where there is none.
What becomes of a room that ends is told in docs/decisions/0010-rooms-end-their-record-stays.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.core.limits import Limits

ARRIVALS: Final = frozenset({EntryKind.JOIN, EntryKind.PART, EntryKind.QUIT, EntryKind.NICK})
"""Who came, who left, who is called otherwise: kept for less long than what was said."""

SLACK: Final = 20
"""A record that has become too large is made smaller by a twentieth, so that it is not at its bound
all the time."""


class Rule(StrEnum):
    """What goes. The value is what people who look after the server are told has gone."""

    AGE = "entries"
    """Entries from before `Bounds.entries`, each with all that is about it."""
    ARRIVALS = "arrivals"
    """Arrivals, departures and changes of name from before `Bounds.arrivals`."""
    SIZE = "oldest_entries"
    """The oldest entries of all, when the record is larger than `Bounds.size`."""
    ROOMS = "rooms"
    """Rooms in which nothing has happened since `Bounds.rooms`: they end. What people have set of
    them goes; what was said there goes by the rules above."""
    EMPTY = "empty_records"
    """Conversations, and rooms that have ended, of which no entry is left."""
    TOKENS = "tokens"
    """Tokens that are good no more, with how far their persons have read."""
    SENDS = "send_ids"
    """Send-once ids that need not be known any more."""
    PEOPLE = "people"
    """Persons who cannot come back and of whom nothing is left."""


@dataclass(slots=True, frozen=True)
class Bounds:
    """What is kept: all from these moments on (milliseconds), and so many bytes of entries."""

    entries: int | None = None
    arrivals: int | None = None
    size: int | None = None
    rooms: int | None = None
    tokens: int | None = None
    sends: int | None = None

    @property
    def aim(self) -> int:
        """The bytes that a record is brought down to when it is larger than `size`."""
        assert self.size is not None
        return self.size - self.size // SLACK

    def applies(self, rule: Rule) -> bool:
        """Whether anything can go by a rule."""
        match rule:
            case Rule.AGE:
                return self.entries is not None
            case Rule.ARRIVALS:
                return self.arrivals is not None
            case Rule.SIZE:
                return self.size is not None
            case Rule.ROOMS:
                return self.rooms is not None
            case Rule.TOKENS:
                return self.tokens is not None
            case Rule.SENDS:
                return self.sends is not None
            case Rule.EMPTY | Rule.PEOPLE:
                return True


def bounds_of(limits: Limits, now: int, *, tokens: int, sends: int) -> Bounds:
    """What limits mean at a moment; `tokens` and `sends` are for how long these are good."""
    return Bounds(
        entries=now - limits.keep if limits.keep else None,
        arrivals=now - limits.keep_arrivals if limits.keep_arrivals else None,
        size=limits.keep_size or None,
        rooms=now - limits.keep_rooms if limits.keep_rooms else None,
        tokens=now - tokens,
        sends=now - sends,
    )


@dataclass(slots=True, frozen=True)
class Step:
    """What one step has deleted: how much, and `said`, the time of the last message that went from
    a room (by its id)."""

    count: int = 0
    said: Mapping[int, int] = field(default_factory=dict)


def ended_name(folded: str, room_id: int, time: int) -> str:
    """What a room that has ended is known by: nobody can type it, and no two are the same.

    Those of one name stand behind the room that has it now, in the order of their last entries.
    """
    return f"{folded} {time:013d} {room_id:016x}"


def former_name(folded: str) -> str:
    """What a room is, or was, known by to people."""
    return folded.partition(" ")[0]
