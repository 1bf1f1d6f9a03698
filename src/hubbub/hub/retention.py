"""Retention: when what is due is deleted, and what is spared because it is in use.

A pass goes through the rules of `core/retention`, a small step at a time and with rests between,
soon after the start and then every hour, or when an operator asks for it. A room with somebody in
it never ends, nor does one that is open for any other reason, and who is here is not forgotten;
what may change about that while the store is at work waits (`undisturbed`). By a clock that has
just been set ahead nothing goes unasked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import aclosing, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from hubbub.core.ports import StoreError
from hubbub.core.retention import Rule, bounds_of
from hubbub.hub.tokens import LIFETIME

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Iterator,
    )

    from hubbub.core.retention import Bounds, Step
    from hubbub.hub.hub import Hub

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY: Final = 3600.0
"""Seconds from one pass to the next."""

FIRST: Final = 600.0
"""Seconds from the start to the first pass: a machine sets its clock soon after it has started, and
by one that is years ahead all would be due."""

JUMP: Final = 3_600_000
"""Milliseconds by which a clock that was not set ahead gains at most from one pass to the next."""

PEOPLE_EVERY: Final = 24
"""Passes from one that looks for people to the next: all entries are read for that."""

REST: Final = 0.05
"""Seconds between two steps, while somebody is here: so the disk is theirs for most of the time."""

SENDS: Final = 7 * 24 * 3600 * 1000
"""Milliseconds for which a send-once id is known."""


ENDING: Final = frozenset({Rule.ROOMS, Rule.EMPTY})
"""Rules by which rooms and conversations cease to be known."""

SPARING: Final = ENDING | {Rule.PEOPLE}
"""Rules that spare what is in use."""


class Retention:
    """What has gone so far (`gone`, by rule), and the peace that opening a room needs."""

    def __init__(self) -> None:
        self.gone: Counter[Rule] = Counter()
        self.passing = asyncio.Lock()
        self._endings = 0
        self._peace = asyncio.Event()
        self._peace.set()

    async def undisturbed(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` gives while no room ends.

        A room of which the store tells so is there still, until whoever asked lets go of the loop;
        by then it should be in the world, where it is spared.
        """
        while True:
            while not self._peace.is_set():
                await self._peace.wait()
            before = self._endings
            answer = await ask()
            if before == self._endings:
                return answer

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Rooms may end while this lasts."""
        self._endings += 1
        self._peace.clear()
        try:
            yield
        finally:
            self._peace.set()


async def prune(hub: Hub, *, people: bool = True) -> AsyncGenerator[tuple[Rule, int], None]:
    """Delete what is due, and tell of each step that deleted something what it was and how much.

    One pass at a time; a second waits for the first. Raises `StoreError`.
    """
    async with hub.retention.passing:
        here = [session.person for session in hub.world.sessions]
        hub.tokens.still_here(here, hub.clock.now())
        for rule, bounds in _rules(hub, people=people):
            async with aclosing(_steps(hub, rule, bounds)) as steps:
                async for step in steps:
                    if step.count:
                        hub.retention.gone[rule] += step.count
                        yield rule, step.count


async def due(hub: Hub) -> AsyncGenerator[tuple[Rule, int], None]:
    """What a pass would delete, and how much. Raises `StoreError`."""
    for rule, bounds in _rules(hub):
        count = await hub.archive.due(rule, bounds, _spared(hub, rule))
        if rule is Rule.ARRIVALS and bounds.entries is not None and bounds.arrivals is not None:
            # Those that go with the entries of their age have been counted among them.
            both = replace(bounds, arrivals=min(bounds.entries, bounds.arrivals))
            count -= await hub.archive.due(rule, both, ())
        if count:
            yield rule, count


def _rules(hub: Hub, *, people: bool = True) -> Iterator[tuple[Rule, Bounds]]:
    """The rules by which anything can go, with the limits as they are when each has its turn.

    All by one moment: whether its clock is right is asked before.
    """
    now = hub.clock.now()
    for rule in Rule:
        bounds = bounds_of(hub.limits, now, tokens=LIFETIME, sends=SENDS)
        if bounds.applies(rule) and (people or rule is not Rule.PEOPLE):
            yield rule, bounds


async def _steps(hub: Hub, rule: Rule, bounds: Bounds) -> AsyncGenerator[Step, None]:
    spared: Collection[int] = ()
    steps = hub.archive.prune(rule, bounds, lambda: spared)
    while True:
        with hub.retention.ending() if rule in ENDING else nullcontext():
            if rule in SPARING:
                spared = _spared(hub, rule)
                # What was decided by now is saved then: the store sees what has come to be used.
                await hub.timeline.settled()
            step = await anext(steps, None)
        if step is None:
            return
        _forget(hub, step)
        yield step
        await asyncio.sleep(REST if len(hub.world) else 0)


def _spared(hub: Hub, rule: Rule) -> Collection[int]:
    """The ids of rooms, or of persons, that are in use."""
    if rule in ENDING:
        return {room.id for room in hub.world.opened}
    return {session.person.id for session in hub.world.sessions} if rule in SPARING else ()


def _forget(hub: Hub, step: Step) -> None:
    """Let nobody who arrives be shown what has gone."""
    if step.said:
        for room in hub.world.opened:
            last = step.said.get(room.id)
            if last is not None:
                room.forget_until(last)


# -- every hour --------------------------------------------------------------------------------


@asynccontextmanager
async def pruning(hub: Hub, every: float = EVERY, first: float = FIRST) -> AsyncIterator[None]:
    """Delete what is due, soon and every hour, as long as the context lasts."""
    task = asyncio.get_running_loop().create_task(_again_and_again(hub, every, first))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again_and_again(hub: Hub, every: float, first: float) -> None:
    count = 0
    lead = _lead(hub)
    await asyncio.sleep(first)
    while True:
        before, lead = lead, _lead(hub)
        if lead - before > JUMP:
            hours = (lead - before) // JUMP
            log.warning("the clock was set ahead by %d hours; nothing is deleted for now", hours)
            await asyncio.sleep(every)
            continue
        try:
            await _pass(hub, people=count % PEOPLE_EVERY == 0)
        except StoreError as error:
            log.warning("cannot delete what is due, and tries again later: %s", error)
        except Exception:
            log.exception("deleting what is due failed")
        count += 1
        await asyncio.sleep(every)


def _lead(hub: Hub) -> int:
    """Milliseconds that the clock is ahead of one that nobody sets, which began at any time."""
    return hub.clock.now() - int(asyncio.get_running_loop().time() * 1000)


async def _pass(hub: Hub, *, people: bool) -> None:
    """One pass; one line in the log says what has gone, if anything has."""
    gone: Counter[str] = Counter()
    async with aclosing(prune(hub, people=people)) as steps:
        async for rule, count in steps:
            gone[rule] += count
    if gone:
        log.info("pruned", extra={"fields": dict(gone)})
