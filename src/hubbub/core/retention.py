"""Retention: what is deleted, when, and what is left alone.

`Rule` is the list of what goes, in the order in which it is looked for. A store takes one small
step of a rule at a time (`Archive.prune`); when the steps come is the hub's (`hub/retention`).
Times are milliseconds since the epoch: what is older than a bound goes, and nothing where there
is no bound (None).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind

if TYPE_CHECKING:
    from hubbub.core.limits import Limits

ARRIVALS: Final = frozenset({EntryKind.JOIN, EntryKind.PART, EntryKind.QUIT, EntryKind.NICK})
"""Who came, who left, who is called otherwise: kept for less long than what was said."""

SLACK: Final = 20
"""A record that has become too large is made smaller by a twentieth more than it had to be, so
that it is not deleted from all the time."""

NOTHING_GONE: Final[Mapping[int, int]] = {}


class Rule(StrEnum):
    """What goes. The value is what it is called where people read how much of it went."""

    AGE = "entries"
    """Entries from before `Bounds.entries`, with all that is about them."""
    ARRIVALS = "arrivals and departures"
    """Those from before `Bounds.arrivals`."""
    SIZE = "oldest entries"
    """The oldest there are, while the record is larger than `Bounds.size`."""
    ROOMS = "rooms"
    """A room in which nothing has happened since `Bounds.rooms` ends: what people have set of it
    goes, and its name is free. What was said there goes by the rules above."""
    EMPTY = "empty records"
    """Conversations, and rooms that have ended, of which no entry is left."""
    TOKENS = "tokens"
    """Those used last before `Bounds.tokens`, with how far their persons have read."""
    SENDS = "send-once ids"
    """Those that need not be remembered any more."""
    PEOPLE = "people"
    """Persons who can never come back and of whom nothing is left."""


@dataclass(slots=True, frozen=True)
class Bounds:
    """What is kept: all from these moments on (milliseconds), and so many bytes."""

    entries: int | None = None
    arrivals: int | None = None
    size: int | None = None
    rooms: int | None = None
    tokens: int | None = None
    sends: int | None = None

    @property
    def aim(self) -> int:
        """The bytes that a record is brought down to once it is larger than `size`."""
        assert self.size is not None
        return self.size - self.size // SLACK


def bounds(limits: Limits, now: int, *, tokens: int, sends: int) -> Bounds:
    """What the limits say now; `tokens` and `sends` are for how long these are kept."""
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
    """What one step of a rule did: how many it deleted, and whether there is more.

    `cursor` is where the next step begins, None when the rule is done. `said` has, by the id of a
    room, the time of the last message that went from it.
    """

    count: int = 0
    cursor: int | None = None
    said: Mapping[int, int] = field(default_factory=dict)
