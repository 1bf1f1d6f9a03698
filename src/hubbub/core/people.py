"""People: who acts. A person, never a nick.

A guest is a new person for each connection, unless they show a token that they were given
(`Proof`); accounts are persons with other proofs (they come later).
Everything that is owned (messages, roles, read marks) belongs to a person's id.
Next: `sessions`, a person's presence on one connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

MAX_MARKS: Final = 1000
"""Rooms and conversations of which is known how far one person has read."""


class PersonKind(StrEnum):
    """What vouches for a person."""

    GUEST = "guest"
    IMPORTED = "imported"


@dataclass(slots=True, eq=False)
class Person:
    """Someone who can act.

    `id` is random (63 bits), `nick` the last name they were seen under, `kept` whether the store
    has a row for them with that name (set by the store when a commit has brought it there),
    `returning` that the store knew them before they came: only then can it know anything of theirs.
    `marks` are the times (milliseconds) up to which they have read, by the id of a room or, for a
    conversation, of its other person; `metadata` is what they say of themselves, by key.
    """

    id: int
    nick: str
    kind: PersonKind = PersonKind.GUEST
    kept: bool = False
    returning: bool = False
    marks: dict[int, int] = field(default_factory=dict, repr=False)
    metadata: dict[str, str] = field(default_factory=dict, repr=False)

    def rename(self, nick: str) -> None:
        """Be known under another name, which the store does not know yet."""
        self.nick = nick
        self.kept = False

    def kept_as(self, nick: str) -> None:
        """Note that the store has a row with that name; it may be another by now."""
        self.kept = nick == self.nick

    def mark(self, target: int, time: int) -> int:
        """Have read a room or conversation up to a time; up to when they have, which is never
        less than before. When that is one mark too many, the oldest goes."""
        time = max(time, self.marks.get(target, time))
        self.marks[target] = time
        if len(self.marks) > MAX_MARKS:
            del self.marks[min(self.marks, key=self.marks.__getitem__)]
        return time


class Mark(NamedTuple):
    """Up to when a person has read something (see `Person.marks`)."""

    person_id: int
    target_id: int
    time: int


@dataclass(slots=True, frozen=True)
class Proof:
    """By what a person is known again: `digest` is that of their token, which nobody else knows.

    `time` is when it was given to them, or used by them last (milliseconds).
    """

    person: Person
    digest: bytes = field(repr=False)
    time: int
