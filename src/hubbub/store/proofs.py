"""Proofs in memory: tokens of persons, and what is kept for those who can come back by them.

As `tokens`, `marks` and `metadata` keep them on disk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hubbub.core.metadata import changed
from hubbub.core.people import Mark, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.metadata import Change
    from hubbub.core.people import Proof

MAX_PROOFS: Final = 100_000
"""Tokens remembered; the one that was used longest ago goes first."""


class Proofs:
    """By digest, the one that was used longest ago first; each person has one."""

    def __init__(self) -> None:
        self._proofs: dict[bytes, Proof] = {}
        self._digests: dict[int, bytes] = {}
        self._readers: dict[int, Person] = {}

    def keep(self, proofs: Sequence[Proof], oldest: int) -> None:
        """See `Archive.keep_proofs`."""
        for proof in proofs:
            person = proof.person
            before = self._digests.get(person.id)
            if before is not None:
                del self._proofs[before]
            self._digests[person.id] = proof.digest
            self._proofs[proof.digest] = proof
            person.kept = True
            self._readers.setdefault(person.id, _copy(person)).metadata.update(person.metadata)
            self.mark([Mark(person.id, *mark) for mark in person.marks.items()])
        while self._proofs:
            first = next(iter(self._proofs.values()))
            if first.time >= oldest and len(self._proofs) <= MAX_PROOFS:
                break
            del self._proofs[first.digest], self._digests[first.person.id]
            del self._readers[first.person.id]

    def find(self, digest: bytes, oldest: int) -> Proof | None:
        """See `Archive.proof`."""
        found = self._proofs.get(digest)
        if found is None or found.time < oldest:
            return None
        return replace(found, person=_copy(found.person))

    def mark(self, marks: Sequence[Mark]) -> None:
        """See `Archive.keep_marks`."""
        for person_id, target, time in marks:
            reader = self._readers.get(person_id)
            if reader is not None:
                reader.mark(target, time)

    def marks(self, person_id: int) -> dict[int, int]:
        """See `Archive.marks`."""
        reader = self._readers.get(person_id)
        return {} if reader is None else dict(reader.marks)

    def change(self, changes: Sequence[Change]) -> None:
        """See `Journal.write`; what is said of rooms they hold themselves."""
        for change in changes:
            known = self._readers.get(change.owner.id)
            if known is not None:
                known.metadata = changed(known.metadata, [change])

    def metadata(self, person_id: int) -> dict[str, str]:
        """See `Archive.metadata`."""
        known = self._readers.get(person_id)
        return {} if known is None else dict(sorted(known.metadata.items()))


def _copy(who: Person) -> Person:
    """A person as somebody else comes to know them."""
    return Person(who.id, who.nick, who.kind, kept=True, returning=True)
