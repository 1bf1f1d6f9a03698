"""A classic client of the tutorial's kind, for tests: one blocking socket, everything with a
deadline.

It reads with a parser of its own, stricter than any real client, so that a lone frame or a header
that is not left-justified fails the test that reads it. It must not use `hubbub.wire`.
"""

from __future__ import annotations

import itertools
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE: Final = 20.0
"""Seconds until a test that waits for something fails."""


class ClassicPeer:
    """Somebody who joined under a name; a name of None connects and says nothing.

    `hears_little` lets its system take only a few kilobytes that it has not read, so that the
    server soon has to keep the rest.
    """

    def __init__(
        self,
        port: int,
        name: str | None,
        width: int = 10,
        *,
        host: str = "127.0.0.1",
        hears_little: bool = False,
    ) -> None:
        self.name = name
        self.width = width
        self.bytes_read = 0
        self._buffer = bytearray()
        self._barriers = itertools.count(1)
        self.socket = socket.create_connection((host, port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hears_little:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if name is not None:
            self.say(name)

    # -- talking -------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Send one frame: the name first, then messages or commands."""
        self.send(self.frame(text))

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(data)

    def frame(self, text: str) -> bytes:
        """A text as this peer writes it."""
        body = text.encode()
        return str(len(body)).ljust(self.width).encode() + body

    # -- listening -----------------------------------------------------------------------------

    def pairs(self, deadline: float = PATIENCE) -> Iterator[tuple[str, str]]:
        """Name and text of each pair as it comes, until the server closes the connection.

        TimeoutError `deadline` seconds from now; ConnectionError when the server cut it.
        """
        until = time.monotonic() + deadline
        while (name := self._frame_by(until)) is not None:
            text = self._frame_by(until)
            assert text is not None, f"a lone frame, then the end: {name!r}"
            yield name, text

    def expect(self, name: str, text: str) -> list[tuple[str, str]]:
        """Wait for this very pair; return what came before it."""
        before: list[tuple[str, str]] = []
        for pair in self.pairs():
            if pair == (name, text):
                return before
            before.append(pair)
        raise AssertionError(f"the server closed before {(name, text)}; it said {before}")

    def barrier(self) -> list[tuple[str, str]]:
        """Wait until the server has answered all that was sent so far; return what came.

        Answers come in the order of the timeline, and no person can say what this waits for.
        """
        command = f"barrier-{next(self._barriers)}"
        self.say(f"/{command}")
        hint = ". /help lists them; // says a slash"
        return self.expect("server", f"error: there is no command /{command}{hint}")

    # -- leaving -------------------------------------------------------------------------------

    def half_close(self) -> None:
        """Say no more, and still listen."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Go with a RST, as a program that is killed may."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        """Go."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- bytes ---------------------------------------------------------------------------------

    def _frame_by(self, until: float) -> str | None:
        """The next frame; None at a clean end between frames."""
        if not self._fill(self.width, until):
            return None
        header = bytes(self._buffer[: self.width])
        digits = header.rstrip(b" ")
        assert digits.isdigit(), f"{header!r} is no left-justified header"
        size = self.width + int(digits)
        assert self._fill(size, until), "the end, in the middle of a frame"
        body = bytes(self._buffer[self.width : size])
        del self._buffer[:size]
        return body.decode()

    def _fill(self, size: int, until: float) -> bool:
        """Read until so much is there; False when the stream ends before its first byte."""
        while len(self._buffer) < size:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            data = self.socket.recv(65536)
            self.bytes_read += len(data)
            self._buffer += data
            if not data:
                assert not self._buffer, f"the end, in the middle of a frame: {self._buffer!r}"
                return False
        return True
