"""The outbox: what waits for one classic reader, and how it is sent.

Classic programs never put pieces together, so a segment with whole pairs is one `send` with
MSG_EOR: Linux then never merges it with its neighbours (classic.md §3.4). Transports cannot pass
flags, so this writes to a duplicate of the socket, and nothing else writes to the connection.
A reader who does not read loses the oldest segments whole, and is told of it in their place.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Sequence

MSG_EOR = socket.MSG_EOR if os.uname().sysname == "Linux" else 0


class Outbox:
    """Sends segments in order; what the socket does not take waits, up to `limit` bytes.

    `on_broken` is called soon, once, with the error that ended the connection. `make_notice`
    gives the segments that tell a reader it has missed something.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        peer: socket.socket,
        *,
        limit: int,
        on_broken: Callable[[OSError], None],
        make_notice: Callable[[], Sequence[bytes]],
    ) -> None:
        self._loop = loop
        self._socket = socket.socket(fileno=os.dup(peer.fileno()))
        self._socket.settimeout(0)
        self._send: Callable[[bytes, int], int] = self._socket.send
        self._limit = limit
        self._on_broken = on_broken
        self._make_notice = make_notice
        self._waiting: deque[bytes] = deque()
        self._rest = b""  # of a segment of which a part is sent already
        self._size = 0
        self._has_dropped = False
        self._on_empty: Callable[[], None] | None = None
        self._closed = False
        self.dropped = 0
        """Segments that were dropped because the reader did not read."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._size

    def send(self, segments: Sequence[bytes]) -> None:
        """Send segments, or let them wait."""
        if self._size:
            self._wait(segments)
            return
        for index, segment in enumerate(segments):
            try:
                sent = self._send(segment, MSG_EOR)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._break(error)
                return
            if sent < len(segment):
                self._block(segment[sent:] if sent else b"", segments[index + bool(sent) :])
                return

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Call back once, when nothing waits any more; at once if so already."""
        if self._size and not self._closed:
            self._on_empty = callback
        else:
            callback()

    def close(self) -> None:
        """Give up the duplicate of the socket and what waits."""
        if self._closed:
            return
        self._closed = True
        if self._size:
            self._loop.remove_writer(self._socket.fileno())
        self._waiting.clear()
        self._rest, self._size = b"", 0
        self._send = _discard
        self._socket.close()

    def _block(self, rest: bytes, segments: Iterable[bytes]) -> None:
        self._rest = rest
        self._size = len(rest)
        self._wait(segments)
        self._loop.add_writer(self._socket.fileno(), self._writable)

    def _wait(self, segments: Iterable[bytes]) -> None:
        waiting = self._waiting
        for segment in segments:
            waiting.append(segment)
            self._size += len(segment)
        # Size of the queue: `limit`. Decision: the oldest whole segments go (classic.md §3.13).
        while self._size > self._limit and len(waiting) > 1:
            self._size -= len(waiting.popleft())
            self.dropped += 1
            self._has_dropped = True

    def _writable(self) -> None:
        waiting = self._waiting
        while self._size:
            if self._has_dropped and not self._rest:
                self._tell_of_the_gap()
            segment = self._rest or waiting[0]
            try:
                sent = self._send(segment, MSG_EOR)
            except BlockingIOError:
                return
            except OSError as error:
                self._break(error)
                return
            if not self._rest:
                waiting.popleft()
            self._rest = segment[sent:]
            self._size -= sent
        self._loop.remove_writer(self._socket.fileno())
        self._drained()

    def _tell_of_the_gap(self) -> None:
        """Put the notice where the missing segments were: before the oldest that is left."""
        self._has_dropped = False
        notice = self._make_notice()
        self._waiting.extendleft(reversed(notice))
        self._size += sum(map(len, notice))

    def _drained(self) -> None:
        if self._on_empty is not None and not self._size:
            callback, self._on_empty = self._on_empty, None
            callback()

    def _break(self, error: OSError) -> None:
        """Stop sending; tell it soon, because the caller is in the middle of a delivery."""
        self.close()
        self._loop.call_soon(self._on_broken, error)


def _discard(segment: bytes, _flags: int = 0) -> int:
    """Send nothing: the connection is over."""
    return len(segment)
