"""The outbox: what waits for one IRC reader.

At most about 64 KiB are handed to the transport; the rest waits here as references to what was
rendered once for all, so a thousand slow readers of one room hold it once. When half of `limit`
bytes wait the reader is behind: `on_behind` is called soon, and again when it falls behind anew
after nothing waited any more. Who lets more wait than `limit` cannot be helped: `on_full` is called
soon, once, and nothing more is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

HANDED = 64 * 1024
"""Bytes in the transport's own buffer above which it asks us to pause."""


class Outbox:
    """Sends payloads in order through a transport that may ask for a pause."""

    __slots__ = (
        "_behind",
        "_full",
        "_limit",
        "_loop",
        "_on_behind",
        "_on_empty",
        "_on_full",
        "_paused",
        "_size",
        "_waiting",
        "_write",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        *,
        limit: int,
        on_behind: Callable[[], None],
        on_full: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._write: Callable[[bytes], object] = transport.write
        self._limit = limit
        self._on_behind = on_behind
        self._on_full = on_full
        self._waiting: list[bytes] = []
        self._size = 0
        self._paused = False
        self._behind = False
        self._full = False
        self._on_empty: Callable[[], None] | None = None
        transport.set_write_buffer_limits(high=HANDED)

    def send(self, payload: bytes) -> None:
        """Send, or let it wait."""
        if not self._paused:
            self._write(payload)
        elif not self._full:
            self._waiting.append(payload)
            self._size += len(payload)
            # Size of the queue: `limit` bytes. Decision: a gap, and in the end an ERROR.
            if self._size > self._limit // 2:
                self._overflow()

    def pause(self) -> None:
        """The transport has enough for now."""
        self._paused = True

    def resume(self) -> None:
        """The transport can take more."""
        self._paused = False
        waiting = self._waiting
        sent = 0
        while sent < len(waiting) and not self._paused:
            payload = waiting[sent]
            sent += 1
            self._size -= len(payload)
            self._write(payload)
        del waiting[:sent]
        if waiting:
            return
        self._behind = False
        if self._on_empty is not None:
            callback, self._on_empty = self._on_empty, None
            callback()

    def _overflow(self) -> None:
        if self._size > self._limit:
            self._full = True
            self._loop.call_soon(self._on_full)
        elif not self._behind:
            self._behind = True
            self._loop.call_soon(self._on_behind)

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Call back once, when nothing waits here any more; at once if so already."""
        if self._waiting:
            self._on_empty = callback
        else:
            callback()

    def close(self) -> None:
        """Send nothing more: the transport is gone."""
        self.clear()
        self._write = _discard

    def clear(self) -> None:
        """Forget what waits, and make room for last words."""
        self._waiting.clear()
        self._size = 0
        self._full = False


def _discard(_payload: bytes) -> None:
    """Send nothing: the connection is over."""
