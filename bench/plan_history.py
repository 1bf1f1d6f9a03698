"""Table 3, history and search: what a client that pages and searches waits for.

A million messages in 50 rooms, on disk before the server starts. Ergo is held beside where its
binary is given; it has no search, so those cells of it are empty.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench import plan
from bench.goals import Level, Ratio
from bench.irc_peers import ERGO, absence
from bench.plan import FULL, Experiment, Pace, Row, Table, against
from bench.subjects import Imported, Told, hubbub

if TYPE_CHECKING:
    from bench.goals import Goal
    from bench.irc_peers import Peer
    from bench.subjects import Subject

ROOMS = 50
RATE = 1000
"""Messages a second that others say."""

FULL_PACE = replace(plan.FULL_PACE, rounds=3, limit=540)
QUICK_PACE = plan.QUICK_PACE

PAGES = {"latest": "the last 50", "before": "50 from deep in a room", "between": "between two"}
SEARCHES = {
    "search": "two words, in 50 rooms",
    "search_in_few": "two words, by one in 5",
    "search_in_one": "two words, in one room",
}
BESIDE_ERGO = (Ratio(FULL, 1.0, ERGO, optional=True),)


def table(pace: Pace, peer: Peer) -> Table:
    """Everything that table 3 measures, in its order, with Ergo if it is here."""
    past = Imported(pace.messages, ROOMS)
    ours = hubbub("full", wire="ircv3", past=past)
    here: dict[str, Subject] = {FULL: ours}
    pasts: dict[str, Subject] = {FULL: past}
    if peer.is_here:
        told = Told(peer.server, pace.messages, ROOMS)
        here[ERGO], pasts[ERGO] = told.remembered(), told
    experiments = (
        making(pasts, pace),
        asking(here, pace, 0),
        asking(here, pace, RATE),
        wearing(here, pace),
    )
    notices = () if peer.is_here else (absence(peer),)
    title = "Table 3: history and search"
    return Table(title, tuple(here), experiments, pace.rounds, pace.limit, (), notices)


def making(pasts: dict[str, Subject], pace: Pace) -> Experiment:
    """The record that the others copy; whoever is measured first makes it."""
    return against(
        pasts,
        f"{pace.messages:,} messages in {ROOMS} rooms",
        (),
        (
            Row("import, server CPU per message, µs", "import_cpu_us_per_message"),
            Row("index, server CPU per message, µs", "index_cpu_us_per_message"),
            Row("bytes on disk per message", "database_bytes_per_message"),
            Row("bytes in the index per message", "index_bytes_per_message"),
        ),
        rounds=1,
    )


def asking(here: dict[str, Subject], pace: Pace, rate: int) -> Experiment:
    """One question at a time, while others say `rate` messages a second."""
    meanwhile = f"while {rate:,} messages/s are said" if rate else "server otherwise idle"
    load = ("ask", "--rooms", str(ROOMS), "--questions", str(pace.questions), "--rate", str(rate))
    rows = [
        row
        for kinds, bound in ((PAGES, 5.0), (SEARCHES, 50.0))
        for kind, title in kinds.items()
        for row in (
            Row(f"{title}, p50", f"{kind}_ms.p50"),
            Row(f"{title}, p99", f"{kind}_ms.p99", _goals(kind, bound)),
        )
    ]
    if not rate:
        rows += [
            Row(f"{title}, server CPU p99", f"{kind}_cpu_ms.p99")
            for kind, title in (PAGES | SEARCHES).items()
        ]
    else:
        rows += [
            Row("index behind the talk at most, s", "behind_s.max", (Level(FULL, 2),)),
            Row("memory for a message said, bytes RSS", "grown_bytes_per_message"),
        ]
    return against(
        here,
        f"from question to answer, ms; {meanwhile}",
        load,
        tuple(rows),
        loads={FULL: (*load, "--data", "{data}")},
    )


def _goals(kind: str, bound: float) -> tuple[Goal, ...]:
    goal = Level(FULL, bound)
    return (goal, *BESIDE_ERGO) if kind in PAGES else (goal,)


def wearing(here: dict[str, Subject], pace: Pace) -> Experiment:
    """Very many pages, four clients asking at once: nothing of them stays in memory."""
    return against(
        here,
        f"{pace.pages:,} pages of 50 asked for in a row",
        ("wear", "--rooms", str(ROOMS), "--questions", str(pace.pages)),
        (
            Row("server CPU per page, ms", "cpu_ms_per_question", BESIDE_ERGO),
            Row("pages per second", "questions_per_second"),
            Row("growth of memory, MiB RSS", "grown_mib", (Level(FULL, 4),)),
        ),
        rounds=1,
    )
