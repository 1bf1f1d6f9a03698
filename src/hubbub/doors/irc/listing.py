"""LIST: which rooms a client wants to see (ELIST=CMNTU); `CONDITIONS` says how it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.core import masks

if TYPE_CHECKING:
    from hubbub.core.rooms import Room

_NUMBER = re.compile(r"([CT]?)([<>])([0-9]{1,9})", re.IGNORECASE)
MINUTE = 60_000

CONDITIONS = (
    "Conditions stand with commas between them; all must hold, and of masks one:",
    ">5 more than 5 members, <100 fewer than 100",
    "C>60 made more than 60 minutes ago, C<60 less",
    "T>10 the topic was set more than 10 minutes ago, T<10 less",
    "#te* a name or a mask, !#te* what is not to match",
)


@dataclass(slots=True)
class Wanted:
    """Conditions on a room; `numbers` are (what, sign, number)."""

    numbers: list[tuple[str, str, int]] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    not_masks: list[str] = field(default_factory=list)

    def has(self, room: Room, now: int) -> bool:
        """Whether a room is among those wanted."""
        if self.masks and not any(masks.matches(mask, room.name) for mask in self.masks):
            return False
        if any(masks.matches(mask, room.name) for mask in self.not_masks):
            return False
        return all(_holds(room, now, *number) for number in self.numbers)


def parse(conditions: str) -> Wanted:
    """The conditions that a client gave; what nobody understands is a mask."""
    wanted = Wanted()
    for condition in conditions.split(","):
        number = _NUMBER.fullmatch(condition)
        if number is not None:
            what, sign, value = number.groups()
            wanted.numbers.append((what.upper(), sign, int(value)))
        elif condition.startswith("!"):
            wanted.not_masks.append(condition[1:])
        elif condition:
            wanted.masks.append(condition)
    return wanted


def _holds(room: Room, now: int, what: str, sign: str, value: int) -> bool:
    if what == "":
        measured = len(room.members)
        limit = value
    elif what == "C":
        measured = now - room.created
        limit = value * MINUTE
    else:
        topic = room.settings.topic
        if topic is None:
            return False
        measured = now - topic.time
        limit = value * MINUTE
    return measured < limit if sign == "<" else measured > limit
