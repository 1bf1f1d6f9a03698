"""Read marks on their way to the server: the last of each place, and not too many at a time.

Owns the waiting. Whoever reads along in a busy room reads a line a moment, and each mark costs of
what one may send: what was typed would have to wait behind them. Nothing is known here of servers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PAUSE = 2.0
"""Seconds between two marks."""


class Marking:
    """Sends marks by `send`, which is given a place and the time up to which it was read."""

    def __init__(
        self,
        send: Callable[[str, int], Awaitable[None]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._send = send
        self._sleep = sleep
        self._due: dict[str, int] = {}
        self._sending: asyncio.Task[None] | None = None

    def read(self, place: str, until: int) -> None:
        """A place was read up to a moment: the first is sent at once, others when it is time."""
        self._due[place] = max(until, self._due.get(place, 0))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        while self._due:
            place = next(iter(self._due))
            await self._send(place, self._due.pop(place))
            await self._sleep(PAUSE)

    async def close(self) -> None:
        """Send what waits, and no more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        while self._due:
            place, until = self._due.popitem()
            await self._send(place, until)
