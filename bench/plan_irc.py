"""Table 2, IRC: hubbub held against other servers, and against a limit written in C.

Every server is a column. Who is in no goal of a row is measured once, in the first round, for
orientation. A goal against a server that is not on this machine is left out with it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bench import plan
from bench.goals import Level, Margin, Ratio
from bench.irc_peers import ERGO, INSPIRCD, JOINED, NGIRCD, SINGLE, absence
from bench.plan import FULL, NONE, Experiment, Pace, Row, Table, against
from bench.subjects import DISK, hubbub

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.goals import Goal
    from bench.irc_peers import Peer
    from bench.subjects import Subject

    Subjects = dict[str, Subject]

FDATASYNC = "fdatasync"
COLUMNS = (NONE, FULL, INSPIRCD, NGIRCD, ERGO, JOINED, SINGLE)
ORIENTATION = frozenset({NONE, INSPIRCD, JOINED})
"""Who is measured in every round of what has no goal."""
PER_DELIVERY = "cpu_us_per_delivery"

FULL_PACE = replace(plan.FULL_PACE, limit=900, windows=(64, 8, 1), commits=20)
QUICK_PACE = replace(plan.QUICK_PACE, windows=(64, 1))

_experiment = partial(against, orientation=ORIENTATION)

FANOUT_GOALS: dict[tuple[int, int], tuple[Goal, ...]] = {
    (1000, 64): (
        Ratio(NONE, 0.75, INSPIRCD),
        Ratio(NONE, 0.1, ERGO),
        Ratio(FULL, 1.25, NONE),
    ),
    (1000, 1): (
        Ratio(NONE, 0.9, INSPIRCD),
        Ratio(NONE, 0.9, ERGO),
        Ratio(NONE, 1.4, JOINED),
    ),
    (100, 64): (Ratio(NONE, 0.75, INSPIRCD), Ratio(NONE, 2.0, JOINED)),
}
"""By members and window."""


def table(pace: Pace, peers: Sequence[Peer]) -> Table:
    """Everything that table 2 measures, in its order, with those peers that are here."""
    found = {peer.server.name: peer.server for peer in peers if peer.is_here}
    ours = {NONE: hubbub("none", wire="irc"), FULL: hubbub("full", wire="irc")}
    here: Subjects = {
        column: (ours | found)[column] for column in COLUMNS if column in ours | found
    }
    planned = (
        *(fanout(here, 1000, window, pace) for window in pace.windows),
        *(fanout(here, 100, window, pace) for window in pace.windows if window != 8),
        fanout(here, 10, 64, pace),
        rooms(here, pace),
        quiet_room(here, pace),
        busier_room(here, pace),
        idle(here, pace),
        storm(here),
    )
    experiments = planned if pace.rounds > 1 else map(_without_bystanders, planned)
    notices = tuple(absence(peer) for peer in peers if not peer.is_here)
    return Table(
        "Table 2: IRC", tuple(here), tuple(experiments), pace.rounds, pace.limit, (), notices
    )


def fanout(here: Subjects, members: int, window: int, pace: Pace) -> Experiment:
    """One room, `window` messages in flight: what a delivery costs."""
    senders = 64 if (members, window) == (1000, 64) else 4
    load = ("fanout", "--clients", str(members), "--senders", str(senders))
    title = f"{members} members, {senders} talk, window {window}"
    return _experiment(
        here,
        "server CPU per delivery, µs",
        (*load, "--window", str(window), *_bounds(pace)),
        (Row(title, PER_DELIVERY, FANOUT_GOALS.get((members, window), ())),),
    )


def rooms(here: Subjects, pace: Pace) -> Experiment:
    """Many small rooms, everybody talking: what a message costs."""
    return _experiment(
        here,
        "200 rooms of 10, all 2,000 talk, window 4 in each",
        ("rooms", "--rooms", "200", "--members", "10", "--window", "4", *_bounds(pace)),
        (
            Row(
                "server CPU per delivery, µs",
                PER_DELIVERY,
                (Ratio(NONE, 1.0, INSPIRCD), Ratio(NONE, 0.4, ERGO), Ratio(FULL, 2.2, NONE)),
            ),
            Row("deliveries per second", "rate", (Ratio(NONE, 1.2, INSPIRCD, at_least=True),)),
            Row(
                "messages per second",
                "messages_per_second",
                (Level(FULL, 20_000, at_least=True),),
            ),
        ),
    )


def quiet_room(here: Subjects, pace: Pace) -> Experiment:
    """A quiet room of 500: from sending to delivery, and what the disk adds to it."""
    load = ("latency", "--clients", "500", "--rate", "20", "--duration")
    long = (*load, str(pace.commits))
    return _experiment(
        here | {FDATASYNC: DISK},
        "from sending to delivery, ms; 500 members, 20 messages/s",
        (*load, str(pace.latency)),
        (
            Row(
                "p50",
                "latency_ms.p50",
                (
                    Ratio(NONE, 1.3, JOINED),
                    Ratio(NONE, 1.0, ERGO),
                    Margin(FULL, 3, over=NONE, unit=FDATASYNC),
                ),
            ),
            Row(
                "p99",
                "latency_ms.p99",
                (Margin(FULL, 3, over=NONE, unit=FDATASYNC, slack=2.0),),
            ),
        ),
        loads={NONE: long, FULL: long, FDATASYNC: ("--seconds", str(pace.disk))},
    )


def busier_room(here: Subjects, pace: Pace) -> Experiment:
    """The same with ten times as many messages; `complete` is when the last member has one."""
    return _experiment(
        here,
        "from sending to delivery, ms; 500 members, 200 messages/s",
        ("latency", "--clients", "500", "--rate", "200", "--duration", str(pace.latency)),
        (
            Row("p50", "latency_ms.p50"),
            Row("p99", "latency_ms.p99"),
            Row(
                "p50 until the last has it",
                "complete_ms.p50",
                (Ratio(NONE, 1.3, JOINED), Ratio(NONE, 0.33, INSPIRCD)),
            ),
        ),
    )


def idle(here: Subjects, pace: Pace) -> Experiment:
    """Many connections that have registered and say nothing."""
    return _experiment(
        _keeping_something(here),
        f"{pace.idle_clients} connections, registered, in no room",
        ("idle", "--clients", str(pace.idle_clients), "--burst", "500"),
        (
            Row(
                "memory per connection, KiB RSS",
                "rss_kib_per_connection",
                (Level(NONE, 6), Ratio(NONE, 0.25, ERGO)),
            ),
            Row("connect and register, CPU µs", "connect_cpu_us", (Ratio(NONE, 0.5, ERGO),)),
            Row("idle, share of a core", "idle_cpu_share"),
        ),
        rounds=3,
    )


def storm(here: Subjects) -> Experiment:
    """1,000 enter one room at once, each is told who is there, and leave it at once."""
    return _experiment(
        _keeping_something(here),
        "1000 enter a room at once, and leave it; server CPU per line that somebody hears, µs",
        ("storm", "--clients", "1000"),
        (
            Row(
                "JOIN, the list of names included",
                "join.cpu_us_per_event",
                (
                    Ratio(NONE, 0.5, ERGO, optional=True),
                    Ratio(NONE, 1.0, INSPIRCD, optional=True),
                ),
            ),
            Row("PART", "part.cpu_us_per_event"),
        ),
    )


def _without_bystanders(experiment: Experiment) -> Experiment:
    kept = {c: one for c, one in experiment.subjects.items() if c not in experiment.once}
    return replace(experiment, subjects=kept, once=frozenset())


def _keeping_something(here: Subjects) -> Subjects:
    """Without those that keep nothing of who is there: such a comparison says nothing."""
    return {column: one for column, one in here.items() if column not in (JOINED, SINGLE)}


def _bounds(pace: Pace) -> tuple[str, ...]:
    return ("--warmup", str(pace.warmup), "--duration", str(pace.fanout))
