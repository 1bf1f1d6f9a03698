"""The outbox of a classic reader inside TLS: the same promises, through a transport.

A TLS record is what a reader's `recv` gives at most, so each segment is a write of its own and
becomes one record; there is no socket to write to beside the transport. What the transport cannot
take waits here, and the oldest goes as in `outbox`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

HANDED = 64 * 1024
"""Bytes in the transport's own buffer above which it asks us to pause."""


class SecureOutbox:
    """Sends segments in order; while the transport is full they wait, up to `limit` bytes.

    `make_notice` gives the segments that tell a reader it has missed something.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        *,
        limit: int,
        make_notice: Callable[[], Sequence[bytes]],
    ) -> None:
        self._transport = transport
        self._limit = limit
        self._make_notice = make_notice
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._has_dropped = False
        self._on_empty: Callable[[], None] | None = None
        self.dropped = 0
        """Segments that were dropped because the reader did not read."""
        transport.set_write_buffer_limits(high=HANDED)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def send(self, segments: Sequence[bytes]) -> None:
        """Send segments, or let them wait."""
        for segment in segments:
            if self._paused or self._waiting:
                self._wait(segment)
            elif not self._transport.is_closing():
                self._transport.write(segment)

    def pause(self) -> None:
        """The transport has enough for now."""
        self._paused = True

    def resume(self) -> None:
        """The transport can take more."""
        self._paused = False
        if self._has_dropped:
            self._has_dropped = False
            notice = self._make_notice()
            self._waiting.extendleft(reversed(notice))
            self._size += sum(map(len, notice))
        while self._waiting and not self._paused:
            segment = self._waiting.popleft()
            self._size -= len(segment)
            self._transport.write(segment)
        if not self._waiting and self._on_empty is not None:
            callback, self._on_empty = self._on_empty, None
            callback()

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Call back once, when nothing waits here any more; at once if so already."""
        if self._waiting:
            self._on_empty = callback
        else:
            callback()

    def close(self) -> None:
        """Give up what waits."""
        self._waiting.clear()
        self._size = 0

    def _wait(self, segment: bytes) -> None:
        self._waiting.append(segment)
        self._size += len(segment)
        # Size of the queue: `limit`. Decision: the oldest whole segments go (classic.md §3.13).
        while self._size > self._limit and len(self._waiting) > 1:
            self._size -= len(self._waiting.popleft())
            self.dropped += 1
            self._has_dropped = True
