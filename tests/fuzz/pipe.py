"""A pipe: a connection without a system in between, both ends of which are here.

To a door it is the transport of its link; to a test it is somebody at the other end, who sends,
hears, stops reading, hangs up or goes with a reset. Everything happens in the call or in the next
turn of the loop, so what follows from a seed follows always.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.doors.link import Link


class Pipe(asyncio.Transport):
    """`Pipe(host).open(doors, Link)`, then `send` and `heard`."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._host = host
        self._unread: list[bytes] = []
        self._size = 0
        self.high = 64 * 1024
        """Unread bytes above which the door is asked to pause."""
        self._is_full = False
        self._is_reading = True
        self._waiting: list[bytes] = []
        self._closing = False
        self.is_deaf = False
        """Whether whoever is at the other end does not read."""
        self.gone = False
        """Whether there is no connection any more."""

    # -- what the one at the other end does ----------------------------------------------------

    def open(self, door_for: Callable[[Link], asyncio.Protocol], link: Link) -> None:
        """Connect: have a door."""
        self._door = door_for(link)
        self._door.connection_made(self)

    @property
    def takes_more(self) -> bool:
        """Whether what is sent now is read now."""
        return self._is_reading and not self._closing

    def send(self, data: bytes) -> None:
        """Send bytes; they wait in the pipe as long as the door does not read."""
        if self.takes_more:
            self._door.data_received(data)
        elif not self.gone:
            self._waiting.append(data)

    def heard(self) -> bytes:
        """All that came since."""
        data = b"".join(self._unread)
        self._unread.clear()
        self._size = 0
        if self._is_full:
            self._is_full = False
            self._door.resume_writing()
        return data

    def hang_up(self) -> None:
        """Send no more, but listen on: a half-close."""
        if self.takes_more and not self._door.eof_received():
            self.close()

    def reset(self) -> None:
        """Go without a word."""
        self._end(ConnectionResetError())

    # -- asyncio.Transport, for the door -------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self._host, 4711) if name == "peername" else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert isinstance(data, bytes)
        if self._closing:
            return
        self._unread.append(data)
        self._size += len(data)
        if self._size > self.high and not self._is_full:
            self._is_full = True
            self._door.pause_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = self.high if high is None else high

    def pause_reading(self) -> None:
        self._is_reading = False

    def resume_reading(self) -> None:
        self._is_reading = True
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self._loop.call_soon(self.send, data)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """Who hears the end goes."""
        self._end(None)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def _end(self, error: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            self._waiting.clear()
            self._loop.call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        self.gone = True
        self._door.connection_lost(error)
