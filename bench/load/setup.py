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

FIRST_PROBE_SECONDS = 0.02
"""How long the first probe of a wave may take to be heard; each further one has twice as long."""


class Setup:
    """At most `burst` handshakes or joins in flight; at most `deadline` seconds for a phase."""

    def __init__(self, engine: Engine, bodies: Bodies, burst: int, deadline: float) -> None:
        self.engine = engine
        self.bodies = bodies
        self.burst = burst
        self.deadline = deadline

    def connect(self, count: int) -> None:
        """Connect `count` clients, and return when all of them are registered."""
        if self.engine.wire.has_rooms:
            self._register(count, Stage.REGISTERED)
            return
        # Nothing acknowledges a name, so each wave is probed before the next one comes: a server
        # that accepts slowly would otherwise lose handshakes, which are tried again after seconds.
        self.engine.on_read = Counter(self.engine).read
        for wave in range(self.burst, count + self.burst, self.burst):
            self._register(min(wave, count), Stage.CONNECTED)
            self._probe_until_heard()

    def join(self, rooms: list[Room]) -> None:
        """Put every member into its room; returns when each of them hears the others."""
        if self.engine.wire.has_rooms:
            self._join_acknowledged(rooms)
        for room in rooms:
            for member in room.members:
                member.room = room

    def settle(self) -> None:
        """Wait for silence, then start the books anew."""
        self.engine.quiet(self.deadline)
        for connection in self.engine.connections.values():
            connection.forget_arrivals()

    def _register(self, count: int, wanted: Stage) -> None:
        """Connect until there are `count` clients, at most `burst` of them on their way."""
        engine = self.engine
        pending: set[Connection] = set()
        limit = time.monotonic() + self.deadline
        while len(engine.connections) < count or pending:
            while len(engine.connections) < count and len(pending) < self.burst:
                pending.add(engine.open(len(engine.connections)))
            engine.poll(0.2)
            pending = {c for c in pending if not c.dead and c.stage < wanted}
            engine.check("register")
            if time.monotonic() > limit:
                raise LoadError(f"register: deadline, {len(pending)} pending")

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
        """The first client talks until all others have heard something."""
        engine = self.engine
        prober, *others = engine.connections.values()
        limit = time.monotonic() + self.deadline
        deaf, patience = others, FIRST_PROBE_SECONDS
        while deaf:
            engine.send(prober, engine.wire.message(b"", self.bodies.probe()))
            probed = time.monotonic()
            while deaf and time.monotonic() < probed + patience:
                engine.poll(patience)
                deaf = [c for c in deaf if c.got == 0]
            patience *= 2
            engine.check("probe")
            if time.monotonic() > limit:
                raise LoadError(f"probe: deadline, {len(deaf)} connections heard nothing")
