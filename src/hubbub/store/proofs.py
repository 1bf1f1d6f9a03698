"""Proofs in memory: tokens of persons, as `tokens` keeps them on disk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hubbub.core.people import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.people import Proof

MAX_PROOFS: Final = 100_000
"""Tokens remembered; the one that was used longest ago goes first."""


class Proofs:
    """By digest, the one that was used longest ago first; each person has one."""

    def __init__(self) -> None:
        self._proofs: dict[bytes, Proof] = {}
        self._digests: dict[int, bytes] = {}

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
        while self._proofs:
            first = next(iter(self._proofs.values()))
            if first.time >= oldest and len(self._proofs) <= MAX_PROOFS:
                break
            del self._proofs[first.digest], self._digests[first.person.id]

    def find(self, digest: bytes, oldest: int) -> Proof | None:
        """See `Archive.proof`."""
        found = self._proofs.get(digest)
        if found is None or found.time < oldest:
            return None
        who = found.person
        return replace(found, person=Person(who.id, who.nick, who.kind, kept=True, returning=True))
