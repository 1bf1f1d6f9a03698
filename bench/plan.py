"""What is measured, and which goals stand beside it.

An experiment is one load that every subject of it gets in turn; it yields one or more rows of
the table. Ratios are to the subject of the column `reference`. Nothing here runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.ratios import Goal
from bench.subjects import DISK, SELECT_NODELAY, SELECT_SERVER, hubbub, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.subjects import Subject

REFERENCE, NONE, FULL = "reference", "none", "full"
COLUMNS = (REFERENCE, NONE, FULL)
RECEIVERS = (10, 100, 900)  # select() ends at 1,024 descriptors


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: where its figure stands in the measurement's output (dotted)."""

    title: str
    figure: str
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """`subjects` by column; `load` by column where it is not the same for all."""

    section: str
    subjects: Mapping[str, Subject]
    load: tuple[str, ...]
    rows: tuple[Row, ...]
    reference_load: tuple[str, ...] | None = None
    rounds: int | None = None
    """At most so many rounds, for what is slow and steady."""

    def load_of(self, column: str) -> tuple[str, ...]:
        """The arguments of the measuring program for one column."""
        if column == REFERENCE and self.reference_load is not None:
            return self.reference_load
        return self.load


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds; no round begins that would end after `limit`."""

    rounds: int
    limit: float
    windows: tuple[int, ...]
    fanout: float
    warmup: float
    latency: float
    commit: float
    disk: float
    idle_clients: int


FULL_PACE = Pace(
    5, 720, (1, 8, 64), fanout=1, warmup=0.3, latency=5, commit=2, disk=0.7, idle_clients=5000
)
QUICK_PACE = Pace(
    1, 120, (1, 64), fanout=0.5, warmup=0.2, latency=1, commit=0.7, disk=0.3, idle_clients=1000
)

US: dict[str, Subject] = {NONE: hubbub("none"), FULL: hubbub("full")}


def experiments(pace: Pace) -> list[Experiment]:
    """Everything that `make bench` measures, in the order of the table."""
    return [
        *(fanout(n, window, pace, SELECT_SERVER) for n in RECEIVERS for window in pace.windows),
        *(fanout(n, 1, pace, SELECT_NODELAY) for n in RECEIVERS),
        latency(pace),
        idle(pace),
        *commits(pace),
    ]


def fanout(receivers: int, window: int, pace: Pace, peer: Subject) -> Experiment:
    """One room, `window` messages in flight: what a delivery costs."""
    load = ("fanout", "--clients", str(receivers + 1), "--window", str(window))
    row = Row(
        f"{receivers} receivers, window {window}",
        "cpu_us_per_delivery",
        _fanout_goals(receivers, window),
    )
    bounds = ("--warmup", str(pace.warmup), "--duration", str(pace.fanout))
    return Experiment(
        f"server CPU per delivery, µs; reference: {peer.name}",
        {REFERENCE: peer} | US,
        load + bounds,
        (row,),
        rounds=None if row.goals else 3,
    )


def _fanout_goals(receivers: int, window: int) -> tuple[Goal, ...]:
    if window == 1:
        return (Goal(NONE, 1.1),)
    if window == 64:
        return (Goal(NONE, 0.5), Goal(FULL, 0.5)) if receivers >= 100 else (Goal(NONE, 0.5),)
    return ()


def latency(pace: Pace) -> Experiment:
    """A quiet room of 500: from sending to delivery."""
    return Experiment(
        "from sending to delivery, ms; 500 receivers, 20 messages/s; reference: select_server",
        {REFERENCE: SELECT_SERVER} | US,
        ("latency", "--clients", "501", "--rate", "20", "--duration", str(pace.latency)),
        (Row("p50", "latency_ms.p50"), Row("p99", "latency_ms.p99")),
        rounds=3,
    )


def idle(pace: Pace) -> Experiment:
    """Many connections at once, which select() cannot hold."""
    return Experiment(
        f"{pace.idle_clients} connections, which select() cannot hold",
        US,
        ("idle", "--clients", str(pace.idle_clients), "--burst", "500"),
        (
            Row("memory per connection, KiB RSS", "rss_kib_per_connection"),
            Row("connect and tell everybody, CPU µs", "connect_cpu_us"),
            Row("idle, share of a core", "idle_cpu_share"),
        ),
        rounds=1,
    )


def commits(pace: Pace) -> list[Experiment]:
    """Messages committed per second, in units of the disk's own fdatasync rate."""
    section = "messages committed per second; reference: this disk's fdatasync"
    disk = ("--seconds", str(pace.disk))
    seconds = ("--warmup", str(pace.warmup), "--duration", str(pace.commit))
    port = ("fanout", "--clients", "64", "--senders", "64", "--window", "64")
    return [
        Experiment(
            section,
            {REFERENCE: DISK, NONE: timeline("none"), FULL: timeline("full")},
            ("--callers", "64", *seconds),
            (
                Row(
                    "at the timeline, 64 callers",
                    "messages_per_second",
                    (Goal(FULL, 10, at_least=True),),
                ),
            ),
            reference_load=disk,
        ),
        Experiment(
            section,
            {REFERENCE: DISK, NONE: hubbub("none"), FULL: hubbub("full")},
            (*port, *seconds),
            (
                Row(
                    "through the port, 64 writers in one room",
                    "messages_per_second",
                    (Goal(FULL, 2, at_least=True),),
                ),
            ),
            reference_load=disk,
        ),
    ]
