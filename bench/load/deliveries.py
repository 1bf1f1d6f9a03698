"""Counting what arrives: by backtick on the hot path, by parsing every body to verify.

A body is `sender seq stamp run` in hexadecimal (4, 8, 16, 8 digits), padding, and one backtick,
which nothing else may contain: a delivery is one backtick in the byte stream however the stream
is cut, so counting is one `bytearray.count` per recv. Replayed history of an earlier run would
hold backticks too; the set-up therefore drains until the server is silent before counting
starts, and `Verifier` checks the run's own id in every body. Nothing here opens or times a load.
"""

from __future__ import annotations

import array
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.load.connection import Connection, Room
    from bench.load.engine import Engine

MARK = b"`"
MARK_BYTE = MARK[0]
NEWLINE_BYTE = 0x0A
HEAD_BYTES = 4 + 8 + 16 + 8
SMALLEST_BODY = HEAD_BYTES + len(MARK)
PROBE_SENDER = 0xFFFF
SENDER_MASK = 0x7FFF


class Bodies:
    """Makes the bodies of one run: all `size` bytes long, all ending in the mark."""

    def __init__(self, size: int, run: bytes) -> None:
        if size < SMALLEST_BODY:
            raise ValueError(f"a body needs at least {SMALLEST_BODY} bytes, not {size}")
        self.size = size
        self.run = run
        self._tail = run + b"x" * (size - SMALLEST_BODY) + MARK

    def make(self, sender: int, seq: int, stamp: int = 0) -> bytes:
        """One body; `stamp` is the monotonic time of sending in ns, 0 for none."""
        return b"%04x%08x%016x" % (sender & SENDER_MASK, seq, stamp) + self._tail

    def probe(self) -> bytes:
        """A body that no sequence is kept of: asks whether everybody hears."""
        return b"%04x%08x%016x" % (PROBE_SENDER, 0, 0) + self._tail


class Counter:
    """The hot path: marks per recv, added to the connection and its room."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.touched: set[Room] = set()

    def take_touched(self) -> set[Room]:
        """The rooms that something was delivered in since the last call."""
        touched, self.touched = self.touched, set()
        return touched

    def read(self, connection: Connection, n: int) -> None:
        """Count the marks among the n fresh bytes."""
        buffer = self.engine.buffer
        marks = buffer.count(MARK_BYTE, 0, n)
        connection.got += marks
        room = connection.room
        if room is not None:
            room.delivered += marks
            self.touched.add(room)
        # Only a line that is not a message can be a keep-alive: look closer only then.
        if self.engine.wire.ping is not None and buffer.count(NEWLINE_BYTE, 0, n) != marks:
            self.engine.answer(connection, n)


class Verifier(Counter):
    """Every body parsed: the run's id, each sender's order, and latency where stamped."""

    def __init__(self, engine: Engine, bodies: Bodies) -> None:
        super().__init__(engine)
        self.bodies = bodies
        self.order_errors = 0
        self.latencies = array.array("q")
        """Nanoseconds from sending to delivery, one for each delivery."""
        self.completed: dict[tuple[int, int], int] = {}
        """The same until the last receiver had it, for each (sender, seq)."""

    def read(self, connection: Connection, n: int) -> None:
        """Parse the bodies that the n fresh bytes complete."""
        now = time.monotonic_ns()
        pieces = (connection.carry + self.engine.buffer[:n]).split(MARK)
        connection.carry = pieces.pop()
        for piece in pieces:
            self._check(connection, piece[-(self.bodies.size - 1) :], now)
        connection.got += len(pieces)
        if connection.room is not None:
            connection.room.delivered += len(pieces)
            self.touched.add(connection.room)
        if self.engine.wire.ping is not None:
            reply = self.engine.wire.answer(connection.carry)
            if reply:
                connection.carry = b""
                self.engine.send(connection, reply)

    def _check(self, connection: Connection, body: bytes, now: int) -> None:
        try:
            sender, seq, stamp = int(body[:4], 16), int(body[4:12], 16), int(body[12:28], 16)
        except ValueError:
            self.order_errors += 1
            return
        if sender == PROBE_SENDER:
            return
        in_order = connection.seen.get(sender, -1) + 1 == seq
        if not in_order or body[28:HEAD_BYTES] != self.bodies.run:
            self.order_errors += 1
        connection.seen[sender] = seq
        if stamp:
            self.latencies.append(now - stamp)
            self.completed[sender, seq] = now - stamp
