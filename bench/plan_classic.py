"""Table 1, the classic protocol: hubbub held against the loop it began with, and the disk.

Ratios are to the subject of the column `reference`, which each section's heading names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.goals import REFERENCE, Ratio
from bench.plan import FULL, FULL_PACE, NONE, QUICK_PACE, Experiment, Row, Table
from bench.subjects import DISK, SELECT_NODELAY, SELECT_SERVER, hubbub, timeline

__all__ = ["FULL_PACE", "QUICK_PACE", "table"]

if TYPE_CHECKING:
    from bench.goals import Goal
    from bench.plan import Pace
    from bench.subjects import Subject

RECEIVERS = (10, 100, 900)  # select() ends at 1,024 descriptors

US: dict[str, Subject] = {NONE: hubbub("none"), FULL: hubbub("full")}


def table(pace: Pace) -> Table:
    """Everything that table 1 measures, in its order."""
    experiments = (
        *(fanout(n, window, pace, SELECT_SERVER) for n in RECEIVERS for window in pace.windows),
        *(fanout(n, 1, pace, SELECT_NODELAY) for n in RECEIVERS),
        latency(pace),
        idle(pace),
        *commits(pace),
    )
    return Table(
        "Table 1: the classic protocol",
        (REFERENCE, NONE, FULL),
        experiments,
        pace.rounds,
        pace.limit,
        ratios=(NONE, FULL),
    )


def fanout(receivers: int, window: int, pace: Pace, peer: Subject) -> Experiment:
    """One room, `window` messages in flight: what a delivery costs."""
    load = ("fanout", "--clients", str(receivers + 1), "--window", str(window))
    row = Row(
        f"{receivers} receivers, window {window}",
        "cpu_us_per_delivery",
        _fanout_goals(receivers, window, promised=peer is SELECT_SERVER),
    )
    bounds = ("--warmup", str(pace.warmup), "--duration", str(pace.fanout))
    return Experiment(
        f"server CPU per delivery, µs; reference: {peer.name}",
        {REFERENCE: peer} | US,
        load + bounds,
        (row,),
        rounds=None if row.goals else 3,
    )


def _fanout_goals(receivers: int, window: int, *, promised: bool) -> tuple[Goal, ...]:
    if window == 1:
        return (Ratio(NONE, 1.1, optional=not promised),)
    if window == 64:
        return (Ratio(NONE, 0.5), Ratio(FULL, 0.5)) if receivers >= 100 else (Ratio(NONE, 0.5),)
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
    disk = {REFERENCE: ("--seconds", str(pace.disk))}
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
                    (Ratio(FULL, 10, at_least=True),),
                ),
            ),
            disk,
        ),
        Experiment(
            section,
            {REFERENCE: DISK, NONE: hubbub("none"), FULL: hubbub("full")},
            (*port, *seconds),
            (
                Row(
                    "through the port, 64 writers in one room",
                    "messages_per_second",
                    (Ratio(FULL, 2, at_least=True),),
                ),
            ),
            disk,
        ),
    ]
