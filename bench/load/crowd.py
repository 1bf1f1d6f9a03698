"""Who is in the rooms that have a past: those who ask, one who listens, those who talk.

Several rooms each, which `connection.Room` does not know, so nothing is counted per room: the one
who listens is in all of them and counts what was said by its marks.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.load.connection import Connection, LoadError
from bench.load.deliveries import MARK

if TYPE_CHECKING:
    from bench.load.engine import Engine
    from bench.load.indexing import Behind
    from bench.load.setup import Setup
    from bench.words import Talk

END_OF_ANSWER = (b" BATCH -", b"FAIL ")
LONGEST_WAIT = 30.0
"""Seconds for one answer."""


class Asker:
    """A client with one question at a time, and what came since it asked."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine = engine
        self.connection = connection
        self.heard = bytearray()
        self.asked = 0

    def send(self, line: bytes) -> None:
        """Ask."""
        self.heard.clear()
        self.asked = time.perf_counter_ns()
        self.engine.send(self.connection, line + b"\r\n")

    def lines(self) -> list[bytes] | None:
        """The messages of the answer, None if it was a refusal."""
        whole = self.heard.split(b"\r\n")
        if any(b"FAIL " in line for line in whole):
            return None
        return [bytes(line) for line in whole if b"batch=" in line.partition(b" ")[0]]


class Crowd:
    """The clients, the first `askers` of which ask; the talkers have the rooms among them."""

    def __init__(
        self, engine: Engine, setup: Setup, rooms: int, *, askers: int, talkers: int
    ) -> None:
        self.engine = engine
        self.names = [engine.wire.room(number) for number in range(rooms)]
        self.said = self.heard = 0
        setup.connect(askers + 1 + talkers)
        connections = list(engine.connections.values())
        self.askers = [Asker(engine, one) for one in connections[:askers]]
        self.listener = connections[askers]
        self.talkers = connections[askers + 1 :]
        self.can_search = False
        self._of = {asker.connection: asker for asker in self.askers}
        self._pongs: set[Connection] = set()
        self._rate = 0.0
        self._due = 0.0
        self._talk: Talk | None = None
        self._behind: Behind | None = None
        engine.on_read = self._read

    def join(self, deadline: float, some: slice | None = None) -> None:
        """Everybody joins; of two askers the second only `some` rooms."""
        everywhere = [asker.connection for asker in self.askers] + [self.listener]
        if some is not None and len(self.askers) > 1:
            self._join(everywhere.pop(1), self.names[some] or self.names[:1])
        for connection in everywhere:
            self._join(connection, self.names)
        for number, connection in enumerate(self.talkers):
            self._join(connection, self.names[number :: len(self.talkers)])
        self.settle(deadline)
        if self.askers:
            asker = self.askers[0]
            asker.send(b"CAP LIST\r\nPING :listed")
            self.settle(deadline)
            self.can_search = b"soju.im/search" in asker.heard
        self.heard = 0

    def _join(self, connection: Connection, names: list[bytes]) -> None:
        self.engine.send(connection, self.engine.wire.join(b",".join(names)))

    def settle(self, deadline: float) -> None:
        """Wait until the server has taken what everybody has sent, and told everybody."""
        self._ping([*self.talkers, *self._of], deadline)
        self._ping([self.listener], deadline)  # what was said stands before its answer

    def _ping(self, connections: list[Connection], deadline: float) -> None:
        self._pongs.clear()
        for connection in connections:
            self.engine.send(connection, b"PING :settled\r\n")
        limit = time.monotonic() + deadline
        while not self._pongs.issuperset(connections):
            self.engine.poll(0.1)
            self.engine.check("settle")
            if time.monotonic() > limit:
                raise LoadError("the server does not answer PING")

    def say(self, room: int, text: bytes) -> None:
        """Say something in a room, by the one who talks there."""
        self.said += 1
        talker = self.talkers[room % len(self.talkers)]
        self.engine.send(talker, self.engine.wire.message(self.names[room], text + MARK))

    def talk_at(self, rate: float, talk: Talk, behind: Behind | None) -> None:
        """From now on say so many messages a second, whenever there is waiting."""
        self._rate, self._talk, self._behind = rate, talk, behind
        self._due = time.perf_counter()

    def hush(self) -> None:
        """Talk no more."""
        self._rate = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass; others talk."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._turn(until - time.perf_counter())

    def answer(self, asker: Asker) -> tuple[list[bytes] | None, int]:
        """The answer to what was asked, None if it was refused, and how long it took (ns)."""
        seen = 0
        limit = time.monotonic() + LONGEST_WAIT
        while not any(asker.heard.find(end, max(0, seen - 8)) >= 0 for end in END_OF_ANSWER):
            seen = len(asker.heard)
            self._turn(0.1)
            self.engine.check("answer")
            if time.monotonic() > limit:
                raise LoadError(f"no answer within {LONGEST_WAIT:.0f} s")
        taken = time.perf_counter_ns() - asker.asked
        return asker.lines(), taken

    def _turn(self, most: float) -> None:
        """Say what is due, and hear what comes until the next is."""
        if self._rate and self._talk is not None:
            now = time.perf_counter()
            while self._due <= now:
                room = self._talk.some_room()
                self.say(room, self._talk.text(room).encode())
                self._due += 1 / self._rate
            most = min(most, max(0.0, self._due - time.perf_counter()))
            if self._behind is not None:
                self._behind.look()
        self.engine.poll(most if most > 0.001 else 0)

    def _read(self, connection: Connection, n: int) -> None:
        fresh = self.engine.buffer[:n]
        asker = self._of.get(connection)
        if asker is not None:
            asker.heard += fresh
        elif connection is self.listener:
            self.heard += fresh.count(MARK)
        if b" PONG " in fresh:
            self._pongs.add(connection)
        self.engine.answer(connection, n)
