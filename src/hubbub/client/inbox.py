"""Events that wait until the program reads them, up to a number.

A program that does not read must not stop reading the socket: a select() server that writes to us
would wait for us, and its room with it. So the oldest events are dropped, and a `Gap` says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from hubbub.client.events import Event, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 10_000


class Inbox:
    """A queue for one reader. The last event put before `end` is never dropped."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self._dropped = 0
        self._ended = False
        self._changed = asyncio.Event()

    def put(self, events: Iterable[Event]) -> None:
        """Add events; the oldest make room for them."""
        self._events.extend(events)
        while len(self._events) > self._limit:
            self._events.popleft()
            self._dropped += 1
        self._changed.set()

    def end(self) -> None:
        """Say that no more will be put."""
        self._ended = True
        self._changed.set()

    async def get(self) -> Event | None:
        """The next event; None after the last one, any number of times."""
        while not self._events and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        if self._dropped:
            count, self._dropped = self._dropped, 0
            return Gap(self._events[0].time, count)
        return self._events.popleft() if self._events else None
