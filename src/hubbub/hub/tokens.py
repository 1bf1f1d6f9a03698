"""Tokens: the way of proofs to the store, so that nobody is given a token which is not kept.

What comes while one write is in flight goes with the next, as in the timeline: a thousand who come
back at once cost a few transactions. When the disk fails it is tried again, with pauses, for those
who are still here. To be here is to use one's token, so that of a client which stays for months
is good when it is cut off (`still_here`). Who is given a token, and what for, is `resumption`'s.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core.ports import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hubbub.core.people import Person, Proof
    from hubbub.core.ports import Archive

log = logging.getLogger(__name__)

DAY: Final = 24 * 3600 * 1000
"""Milliseconds; a use is noted when the last that was noted is a day ago."""

LIFETIME: Final = 31 * DAY
"""30 days are promised since the last use, which may be a day later than is noted."""

FIRST_PAUSE: Final = 1.0
"""Seconds after a failure; they double up to LAST_PAUSE."""
LAST_PAUSE: Final = 30.0


class _Wish(NamedTuple):
    proof: Proof
    is_wanted: Callable[[], bool]
    kept: Callable[[], None]


class Tokens:
    """Keeps proofs. At most one waits for each person."""

    def __init__(self, archive: Archive, pause: float = FIRST_PAUSE) -> None:
        self._archive = archive
        self._first_pause = pause
        self._wishes: dict[int, _Wish] = {}
        self._last: dict[int, Proof] = {}  # by the id of a person who was here lately
        self._writing: asyncio.Task[None] | None = None

    def keep(self, proof: Proof, is_wanted: Callable[[], bool], kept: Callable[[], None]) -> None:
        """Keep a proof and call `kept` then, as long as it `is_wanted`."""
        self.note(proof)
        self._wishes[proof.person.id] = _Wish(proof, is_wanted, kept)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    def note(self, proof: Proof) -> None:
        """Remember the proof of somebody who is here, or is about to be."""
        self._last[proof.person.id] = proof

    def still_here(self, persons: Collection[Person], now: int) -> None:
        """Let those who are here have used their tokens today; forget the proofs of all others."""
        last, self._last = self._last, {}
        for person in persons:
            proof = last.get(person.id)
            if proof is None:
                continue
            self.note(proof)
            if now - proof.time >= DAY:
                self.keep(replace(proof, person=person, time=now), lambda: True, lambda: None)

    async def _write(self) -> None:
        pause = self._first_pause
        try:
            while wishes := self._take():
                try:
                    await self._save(wishes)
                    pause = self._first_pause
                except StoreError as error:
                    log.error("cannot keep tokens, and tries again: %s", error)  # noqa: TRY400
                    self._wishes = {one.proof.person.id: one for one in wishes} | self._wishes
                    await asyncio.sleep(pause)
                    pause = min(LAST_PAUSE, 2 * pause)
        finally:
            self._writing = None

    def _take(self) -> list[_Wish]:
        wishes, self._wishes = self._wishes, {}
        return [one for one in wishes.values() if one.is_wanted()]

    async def _save(self, wishes: list[_Wish]) -> None:
        proofs = [one.proof for one in wishes]
        oldest = max(proof.time for proof in proofs) - LIFETIME
        await self._archive.keep_proofs(proofs, oldest=oldest)
        for one in wishes:
            one.kept()
