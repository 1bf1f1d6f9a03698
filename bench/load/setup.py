"""The set-up before a measurement: connect, register, join, and wait until all is silent.

Afterwards every connection hears every other, nothing is in flight, and the books are empty:
join notices and replayed history have gone by. Each phase is bounded by a deadline.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.load.connection import Connection, LoadError, Room, Stage
from bench.load.deliveries import Bodies, Counter

if TYPE_CHECKING:
    from bench.load.engine import Engine

PROBE_EVERY = 0.5  # seconds


class Setup:
    """At most `burst` handshakes or joins in flight; at most `deadline` seconds for a phase."""

    def __init__(self, engine: Engine, bodies: Bodies, burst: int, deadline: float) -> None:
        self.engine = engine
        self.bodies = bodies
        self.burst = burst
        self.deadline = deadline

    def connect(self, count: int) -> None:
        """Connect `count` clients and, where the wire says so, wait until they are registered."""
        engine, opened = self.engine, 0
        wanted = Stage.REGISTERED if engine.wire.has_rooms else Stage.CONNECTED
        pending: set[Connection] = set()
        limit = time.monotonic() + self.deadline
        while opened < count or pending:
            while opened < count and len(pending) < self.burst:
                pending.add(engine.open(opened))
                opened += 1
            engine.poll(0.2)
            pending = {c for c in pending if not c.dead and c.stage < wanted}
            engine.check("register")
            if time.monotonic() > limit:
                raise LoadError(f"register: deadline, {len(pending)} pending of {opened}")

    def join(self, rooms: list[Room]) -> None:
        """Put every member into its room; returns when each of them hears the others."""
        if self.engine.wire.has_rooms:
            self._join_acknowledged(rooms)
        else:
            self._probe_until_heard()
        for room in rooms:
            for member in room.members:
                member.room = room

    def settle(self) -> None:
        """Wait for silence, then start the books anew."""
        self.engine.quiet(self.deadline)
        for connection in self.engine.connections.values():
            connection.forget_arrivals()

    def _join_acknowledged(self, rooms: list[Room]) -> None:
        engine = self.engine
        limit = time.monotonic() + self.deadline
        todo = [(member, room) for room in rooms for member in room.members][::-1]
        pending: set[Connection] = set()
        while todo or pending:
            while todo and len(pending) < self.burst:
                member, room = todo.pop()
                engine.send(member, engine.wire.join(room.name))
                pending.add(member)
            engine.poll(0.2)
            pending = {c for c in pending if c.stage < Stage.JOINED}
            engine.check("join")
            if time.monotonic() > limit:
                raise LoadError(f"join: deadline, {len(pending)} pending")

    def _probe_until_heard(self) -> None:
        """Classic has no acknowledgement: the first client talks until all others have heard."""
        engine = self.engine
        engine.on_read = Counter(engine).read
        prober, *others = engine.connections.values()
        limit = time.monotonic() + self.deadline
        deaf = others
        while deaf:
            engine.send(prober, engine.wire.message(b"", self.bodies.probe()))
            probed = time.monotonic()
            while deaf and time.monotonic() < probed + PROBE_EVERY:
                engine.poll(0.1)
                deaf = [c for c in deaf if c.got == 0]
            engine.check("probe")
            if time.monotonic() > limit:
                raise LoadError(f"probe: deadline, {len(deaf)} connections heard nothing")
