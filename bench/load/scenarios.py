"""The loads: fanout, rooms, latency, idle, storm here, tell, ask and wear in `asking.py`. Each
returns its figures as a dict.

Every one sets up through `setup.py`, drives a bounded load, drains, and compares each
connection's count with what it was due: `ok` is true only when all arrived exactly once.
`engine.py` moves the bytes, `deliveries.py` counts them; nothing here parses a stream but
`storm`, which counts whole lines.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from bench.load import asking
from bench.load.accounting import ServerAccount, Snapshot
from bench.load.connection import Connection, LoadError, Room
from bench.load.deliveries import Bodies, Counter, Verifier
from bench.load.engine import Engine
from bench.load.percentiles import percentiles
from bench.load.setup import Setup
from bench.load.wires import WIRES

if TYPE_CHECKING:
    from bench.load.options import Options

Figures = dict[str, object]
LATE_ARRIVALS = 0.2  # seconds to wait, after all is there, for anything that is too much
UNBOUNDED = 1 << 60


class Load:
    """One run against one server."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.engine = Engine(options.host, options.port, WIRES[options.wire]())
        self.account = ServerAccount(options.server_pids)
        self.bodies = Bodies(options.size, os.urandom(4).hex().encode())
        self.setup = Setup(self.engine, self.bodies, options.burst, options.deadline)
        self.budget = options.max_messages

    # -- fanout and rooms: closed loop -----------------------------------------------------

    def fanout(self) -> Figures:
        """One room of `clients`, the window kept full."""
        options = self.options
        if options.clients < 2:
            raise LoadError("fanout needs 2 clients")
        self.setup.connect(options.clients)
        return self._saturate(self._rooms(1, options.clients, options.senders, options.window))

    def rooms(self) -> Figures:
        """Many small rooms, every member talking in turn."""
        options = self.options
        if not self.engine.wire.has_rooms:
            raise LoadError(f"{options.wire} has no rooms")
        self.setup.connect(options.rooms * options.members)
        rooms = self._rooms(options.rooms, options.members, options.members, options.window)
        return self._saturate(rooms)

    def _rooms(self, count: int, size: int, senders: int, window: int) -> list[Room]:
        """Deal the connections out to rooms; the senders are spread over each room's members."""
        connections = list(self.engine.connections.values())
        rooms = []
        for number in range(count):
            members = connections[number * size : (number + 1) * size]
            step = max(1, len(members) // senders)
            spread = members[::step][:senders]
            rooms.append(Room(self.engine.wire.room(number), members, spread, window))
        return rooms

    def _saturate(self, rooms: list[Room]) -> Figures:
        self.setup.join(rooms)
        self.setup.settle()
        options, engine = self.options, self.engine
        reader = Verifier(engine, self.bodies) if options.verify else Counter(engine)
        engine.on_read = reader.read
        for room in rooms:
            self._top_up(room)
        begin = time.perf_counter()
        warm, end = begin + options.warmup, begin + options.warmup + options.duration
        first: tuple[Snapshot, int] | None = None
        while not engine.lost:
            engine.poll(0.2)
            now = time.perf_counter()
            if first is None and now >= warm:
                first = self.account.snapshot(), _delivered(rooms)
            if now >= end or (self.budget <= 0 and _all_delivered(rooms)):
                break
            for room in reader.take_touched():
                self._top_up(room)
        if first is None:
            raise LoadError(f"ended in warm-up: {engine.lost[:3] or 'max-messages too small'}")
        return self._finish(rooms, reader, first, (self.account.snapshot(), _delivered(rooms)))

    def _top_up(self, room: Room) -> None:
        """Fill the room's window once a quarter is free; one send per sender and top-up."""
        if room.free() < room.window // 4:
            return
        free = min(room.free(), self.budget)  # the last of the budget may be less than a quarter
        if free <= 0:
            return
        self.budget -= free
        wire, bodies = self.engine.wire, self.bodies
        batches: dict[Connection, list[bytes]] = {}
        for _ in range(free):
            sender, seq = room.next_sender()
            body = bodies.make(sender.index, seq)
            batches.setdefault(sender, []).append(wire.message(room.name, body))
        for sender, messages in batches.items():
            self.engine.send(sender, b"".join(messages))

    def _drain(self, rooms: list[Room]) -> None:
        """Wait for all that is due, bounded, and then for anything that is too much."""
        limit = time.monotonic() + self.options.drain
        while not _all_delivered(rooms) and time.monotonic() < limit:
            self.engine.poll(0.1)
        limit = time.monotonic() + LATE_ARRIVALS
        while time.monotonic() < limit:
            self.engine.poll(0.05)

    def _finish(
        self,
        rooms: list[Room],
        reader: Counter,
        first: tuple[Snapshot, int],
        last: tuple[Snapshot, int],
    ) -> Figures:
        """Drain, compare every connection's count with what it was due, put up the figures."""
        self._drain(rooms)
        shortfalls = [room.shortfall() for room in rooms]
        lost, extra = sum(s[0] for s in shortfalls), sum(s[1] for s in shortfalls)
        order_errors = reader.order_errors if isinstance(reader, Verifier) else 0
        delivered = last[1] - first[1]
        seconds = last[0].wall - first[0].wall
        figures: Figures = {
            "sent": sum(room.sent for room in rooms),
            "delivered": delivered,
            "seconds": round(seconds, 3),
            "rate": round(delivered / seconds),
            "messages_per_second": round(delivered / rooms[0].fan / seconds),
            "lost": lost,
            "extra": extra,
            "order_errors": order_errors,
            "load_busy": round((last[0].own - first[0].own) / seconds, 3),
        }
        if self.account.pids and delivered:
            figures |= _server_cost(first[0], last[0], delivered)
        return self._verdict(figures, good=not (lost or extra or order_errors))

    def _verdict(self, figures: Figures, *, good: bool) -> Figures:
        dead = self.engine.lost
        figures |= {"dead": len(dead), "ok": good and not dead}
        if dead:
            figures["dead_first"] = dead[:3]
        return figures

    # -- latency: open loop ----------------------------------------------------------------

    def latency(self) -> Figures:
        """One room, `rate` messages a second in total, each delivery timed."""
        options, engine = self.options, self.engine
        if options.clients < 2:
            raise LoadError("latency needs 2 clients")
        self.setup.connect(options.clients)
        rooms = self._rooms(1, options.clients, options.senders, UNBOUNDED)
        self.setup.join(rooms)
        self.setup.settle()
        reader = Verifier(engine, self.bodies)
        engine.on_read = reader.read
        first = self.account.snapshot(), 0
        slip = self._send_on_schedule(rooms[0])
        limit = time.monotonic() + options.drain
        while not _all_delivered(rooms) and time.monotonic() < limit:
            engine.poll(0.05)
        figures = self._finish(rooms, reader, first, (self.account.snapshot(), _delivered(rooms)))
        return figures | {
            "latency_ms": percentiles(reader.latencies),
            "complete_ms": percentiles(reader.completed.values()),
            "schedule_slip_ms": round(slip * 1e3, 3),
        }

    def _send_on_schedule(self, room: Room) -> float:
        """Send `rate` a second; returns by how many seconds the worst of them was late."""
        options, engine = self.options, self.engine
        count = min(options.max_messages, int(options.rate * options.duration))
        start, slip = time.perf_counter() + 0.05, 0.0
        for i in range(count):
            due = start + i / options.rate
            while (now := time.perf_counter()) < due:
                engine.poll(due - now if due - now > 0.001 else 0)
            slip = max(slip, now - due)
            sender, seq = room.next_sender()
            body = self.bodies.make(sender.index, seq, time.monotonic_ns())
            engine.send(sender, engine.wire.message(room.name, body))
            if engine.lost:
                break
        return slip

    # -- idle: many who say nothing --------------------------------------------------------

    def idle(self) -> Figures:
        """`clients` registered connections: what one costs to take in, to hold, and per second."""
        options, engine = self.options, self.engine
        rss_before, pss_before = self.account.memory()
        before = self.account.snapshot()
        self.setup.connect(options.clients)
        if options.join:
            self.setup.join(self._rooms(1, options.clients, 1, 1))
        ready = self.account.snapshot()
        engine.quiet(options.deadline)
        held = self.account.snapshot()
        limit = time.monotonic() + options.hold
        while time.monotonic() < limit:
            engine.poll(0.1)
        after = self.account.snapshot()
        rss, pss = self.account.memory()
        seconds, clients = ready.wall - before.wall, options.clients
        figures: Figures = {
            "connect_s": round(seconds, 3),
            "connect_rate": round(clients / seconds),
            "load_busy": round((ready.own - before.own) / seconds, 3),
        }
        if self.account.pids:
            figures |= {
                "connect_cpu_us": round((held.cpu - before.cpu) / clients * 1e6, 1),
                "rss_kib_before": rss_before,
                "rss_kib_after": rss,
                "rss_kib_per_connection": round((rss - rss_before) / clients, 2),
                "pss_kib_per_connection": round((pss - pss_before) / clients, 2),
                "idle_cpu_share": round((after.cpu - held.cpu) / (after.wall - held.wall), 4),
            }
        return self._verdict(figures, good=True)

    # -- storm: everybody joins, everybody parts -------------------------------------------

    def storm(self) -> Figures:
        """All clients join one room at once, then all part; complete when every line is seen."""
        if self.options.wire != "irc":
            raise LoadError("storm is irc only")
        self.setup.connect(self.options.clients)
        self.engine.quiet(self.options.deadline)
        wire = self.engine.wire
        room = wire.room(0)
        joins = self._storm(b" JOIN ", wire.join(room))
        parts = self._storm(b" PART ", wire.part(room))
        complete = all(one["events"] == one["due"] for one in (joins, parts))
        return self._verdict({"join": joins, "part": parts}, good=complete)

    # -- the past: see asking.py ---------------------------------------------------------------

    def tell(self) -> Figures:
        """Fill the rooms of a server that takes no imports."""
        return asking.tell(self)

    def ask(self) -> Figures:
        """One asks for the past, while others may talk: how long each answer takes."""
        return asking.ask(self)

    def wear(self) -> Figures:
        """Many questions in a row: what they cost, and what they leave in memory."""
        return asking.wear(self)

    def _storm(self, word: bytes, command: bytes) -> Figures:
        engine, clients = self.engine, self.options.clients
        due = clients * (clients + 1) // 2
        seen = 0

        def count_lines(connection: Connection, n: int) -> None:
            nonlocal seen
            data = connection.carry + engine.buffer[:n]
            cut = data.rfind(b"\n") + 1
            seen += data.count(word, 0, cut)
            connection.carry = bytes(data[cut:])
            reply = engine.wire.answer(bytes(data[:cut]))
            if reply:
                engine.send(connection, reply)

        engine.on_read = count_lines
        for connection in engine.connections.values():
            connection.carry = b""
        before = self.account.snapshot()
        for connection in list(engine.connections.values()):
            engine.send(connection, command)
        limit = time.monotonic() + self.options.deadline
        while seen < due and time.monotonic() < limit and not engine.lost:
            engine.poll(0.2)
        after = self.account.snapshot()
        while engine.poll(LATE_ARRIVALS):
            pass
        seconds = after.wall - before.wall
        figures: Figures = {
            "events": seen,
            "due": due,
            "seconds": round(seconds, 3),
            "rate": round(seen / seconds),
            "load_busy": round((after.own - before.own) / seconds, 3),
        }
        if self.account.pids:
            cpu = after.cpu - before.cpu
            figures["server_cpu_s"] = round(cpu, 4)
            figures["cpu_us_per_event"] = round(cpu / max(1, seen) * 1e6, 4)
        return figures


def _delivered(rooms: list[Room]) -> int:
    return sum(room.delivered for room in rooms)


def _all_delivered(rooms: list[Room]) -> bool:
    return all(room.delivered >= room.due for room in rooms)


def _server_cost(first: Snapshot, last: Snapshot, delivered: int) -> Figures:
    cpu = last.cpu - first.cpu
    user, system = last.user - first.user, last.system - first.system
    return {
        "server_cpu_s": round(cpu, 4),
        "server_busy": round(cpu / (last.wall - first.wall), 3),
        "cpu_us_per_delivery": round(cpu / delivered * 1e6, 4),
        "user_share": round(user / (user + system), 3) if user + system else None,
    }
