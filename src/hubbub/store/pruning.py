"""Pruning: the steps in which the store on disk obeys `core/retention`.

A step finds what is due on a reader, lets the search index forget it first, so that a crash leaves
nothing there of what is gone, and has the writer delete it between two commits. It knows the order
of these three, and how much of a rule is done; rows and tasks are in `retention` and `forgetting`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

from hubbub.core.ports import StoreError
from hubbub.core.retention import Rule, Step
from hubbub.store import forgetting, partners, retention, sends, tokens
from hubbub.store.forgetting import Ending, Forgetting
from hubbub.store.retention import Deletion, Expiry
from hubbub.store.statements import FORGET_AT_ONCE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
    from typing import Protocol

    from sqlalchemy import Connection

    from hubbub.core.retention import Bounds
    from hubbub.store.indexer import Indexer
    from hubbub.store.retention import Row
    from hubbub.store.writer import Task

    Settle = Callable[[Step | StoreError], None]
    Spared = Callable[[], Collection[int]]

    class Read(Protocol):
        """Runs a query on a reader."""

        def __call__(self, query: Callable[[Connection], T], /) -> Awaitable[T]: ...


T = TypeVar("T")

PATIENCE: Final = 60.0
"""Seconds that the search index may take to forget a page."""


class Pruning:
    """The rules on one store: how it is read and written, and its index."""

    def __init__(
        self,
        read: Read,
        write: Callable[[Callable[[Settle], Task]], Awaitable[Step]],
        indexer: Indexer,
        post: Callable[[Callable[[], None]], object],
        *,
        dry: bool = False,
    ) -> None:
        """With `dry` rooms and people are only counted."""
        self._read = read
        self._write = write
        self._indexer = indexer
        self._post = post
        self._dry = dry

    def steps(self, rule: Rule, bounds: Bounds, spared: Spared) -> AsyncIterator[Step]:
        """See `Archive.prune`."""
        match rule:
            case Rule.AGE:
                return self._aged(_given(bounds.entries))
            case Rule.ARRIVALS:
                return self._arrivals(_given(bounds.arrivals))
            case Rule.SIZE:
                return self._oldest(_given(bounds.size), bounds.aim)
            case Rule.ROOMS:
                return self._idle(_given(bounds.rooms), spared)
            case Rule.EMPTY:
                return self._empty(spared)
            case Rule.TOKENS:
                return self._expired(tokens.forget, tokens.expired, _given(bounds.tokens))
            case Rule.SENDS:
                return self._expired(sends.forget, sends.expired, _given(bounds.sends))
            case Rule.PEOPLE:
                return self._people(spared)
            case _:
                assert_never(rule)

    async def due(self, rule: Rule, bounds: Bounds, spared: Collection[int]) -> int:
        """See `Archive.due`; nothing is written."""
        assert self._dry
        match rule:
            case Rule.AGE:
                return await self._read(partial(retention.count_aged, before=bounds.entries))
            case Rule.ARRIVALS:
                return await self._read(partial(retention.count_arrivals, before=bounds.arrivals))
            case Rule.SIZE:
                most, aim = _given(bounds.size), bounds.aim
                return await self._read(partial(retention.count_oldest, most=most, aim=aim))
            case Rule.TOKENS:
                return await self._read(partial(tokens.expired, before=_given(bounds.tokens)))
            case Rule.SENDS:
                return await self._read(partial(sends.expired, before=_given(bounds.sends)))
            case Rule.ROOMS | Rule.EMPTY | Rule.PEOPLE:
                steps = self.steps(rule, bounds, lambda: spared)
                return sum([step.count async for step in steps])
            case _:
                assert_never(rule)

    async def _do(self, task: Callable[[Settle], Task], count: int) -> Step:
        """Have the writer do it, if there is anything to do and it is not only to be counted."""
        return Step(count) if self._dry or not count else await self._write(task)

    # -- entries -------------------------------------------------------------------------------

    async def _aged(self, before: int) -> AsyncIterator[Step]:
        """First from the front of the record, where what goes stands side by side on the disk; then
        room by room what a clock that was set back has left between."""
        await self._reach()
        floor = 0
        while True:
            reached = self._indexer.reached
            find = partial(retention.oldest, excess=None, floor=floor, reached=reached)
            rows, floor = await self._read(find)
            due = [row for row in rows if row.time < before]
            step = await self._delete(due, reached) if due else Step()
            if not step.count:
                break
            yield step
        room_id = 0
        while True:
            reached = self._indexer.reached
            rows = await self._read(
                partial(retention.aged, before=before, room_id=room_id, reached=reached)
            )
            if not rows:
                return
            first, last = rows[0].room_id, rows[-1].room_id
            step = await self._delete(rows, reached)
            # Nothing goes of a room when all that is due is held up: on with the next.
            room_id = first if step.count else last + 1
            yield step

    async def _arrivals(self, before: int) -> AsyncIterator[Step]:
        await self._reach()
        while True:
            reached = self._indexer.reached
            rows = await self._read(partial(retention.arrivals, before=before, reached=reached))
            if not rows:
                return
            step = await self._delete(rows, reached)
            yield step
            if not step.count:
                return

    async def _oldest(self, most: int, aim: int) -> AsyncIterator[Step]:
        await self._reach()
        floor = 0
        while (used := await self._read(retention.size)) > most:
            most = aim  # once it is begun
            reached = self._indexer.reached
            find = partial(retention.oldest, excess=used - aim, floor=floor, reached=reached)
            rows, floor = await self._read(find)
            count = 0
            while rows:  # be it too much by now: the index has forgotten all of them
                step = await self._delete(rows, reached)
                count += step.count
                yield step
            if not count:
                return

    async def _reach(self) -> None:
        """Let the index come as far as the record is by now: it may have only just been opened."""
        _, last = await self._read(forgetting.ends)
        while self._indexer.reached < last:
            await self._forget(())

    async def _delete(self, rows: list[Row], reached: int) -> Step:
        """Delete some of these, and take them off the list."""
        if keys := retention.keys(rows):
            await self._forget(keys)
        return await self._write(partial(Deletion, rows, reached))

    async def _forget(self, keys: Sequence[int]) -> None:
        """Let the index forget, and wait until it has."""
        forgotten = asyncio.Event()
        self._indexer.forget(keys, partial(self._tell, forgotten.set))
        try:
            await asyncio.wait_for(forgotten.wait(), PATIENCE)
        except TimeoutError:
            raise StoreError(f"{self._indexer.path.name}: does not forget what is due") from None

    def _tell(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # a closed loop: nobody waits any more
            self._post(call)

    # -- rooms ---------------------------------------------------------------------------------

    async def _idle(self, before: int, spared: Spared) -> AsyncIterator[Step]:
        after = 0
        while True:
            stay = spared()
            found = await self._read(partial(forgetting.idle, before=before, after=after))
            if not found:
                return
            after = found[-1].id
            ending = [room for room in found if room.id not in stay]
            yield await self._do(partial(Ending, ending, before), len(ending))

    async def _empty(self, spared: Spared) -> AsyncIterator[Step]:
        after = 0
        while True:
            stay = spared()
            found, last = await self._read(partial(forgetting.empty, after=after))
            if last is None:
                return
            after = last
            gone = [id_ for id_ in found if id_ not in stay]
            yield await self._do(partial(Forgetting.rooms, gone), len(gone))

    # -- what expires --------------------------------------------------------------------------

    async def _expired(
        self,
        forget: Callable[[sqlite3.Connection, int], int],
        count: Callable[[Connection, int], int],
        before: int,
    ) -> AsyncIterator[Step]:
        while await self._read(lambda connection: count(connection, before)):
            step = await self._write(partial(Expiry, forget, before))
            yield step
            if step.count < FORGET_AT_ONCE:
                return

    # -- people --------------------------------------------------------------------------------

    async def _people(self, spared: Spared) -> AsyncIterator[Step]:
        """Mark and sweep: nothing says of a person whether an entry of theirs is left."""
        after = 0
        while True:
            stay = spared()
            found = await self._read(
                partial(forgetting.strangers, after=after, limit=forgetting.PEOPLE_AT_ONCE)
            )
            if not found:
                return
            after = found[-1]
            unnamed = set(found).difference(stay)
            low, seen = await self._read(forgetting.ends)
            yield Step()
            async for named in self._named(low, seen):
                unnamed.difference_update(named)
                yield Step()
            gone = sorted(unnamed)
            for start in range(0, len(gone), retention.PAGE):
                some = gone[start : start + retention.PAGE]
                yield await self._do(partial(Forgetting.people, some, seen), len(some))

    async def _named(self, low: int, high: int) -> AsyncIterator[Collection[int]]:
        """The persons that anything kept is of, some at a time."""
        for after in range(low - 1, high, forgetting.ENTRIES_AT_ONCE):
            until = min(high, after + forgetting.ENTRIES_AT_ONCE)
            yield await self._read(partial(forgetting.who, after=after, until=until))
        last = ""
        while names := await self._read(partial(forgetting.conversations, after=last)):
            last = names[-1]
            yield [id_ for name in names for id_ in partners.ids(name)]
        yield await self._read(forgetting.with_roles)


def _given(bound: int | None) -> int:
    """A bound of a rule that there is one for."""
    assert bound is not None
    return bound
