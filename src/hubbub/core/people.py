"""People: who acts. A person, never a nick.

A guest is a new person for each connection; accounts are persons with proofs (they come later).
Everything that is owned (messages, roles, read marks) belongs to a person's id.
Next: `sessions`, a person's presence on one connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PersonKind(StrEnum):
    """What vouches for a person."""

    GUEST = "guest"
    IMPORTED = "imported"


@dataclass(slots=True, eq=False)
class Person:
    """Someone who can act.

    `id` is random (63 bits), `nick` the last name they were seen under, `kept` whether the store
    has a row for them yet (set by the store when a commit has brought it there), `returning` that
    the store knew them before they came: only then can it know anything of theirs.
    """

    id: int
    nick: str
    kind: PersonKind = PersonKind.GUEST
    kept: bool = False
    returning: bool = False
