"""The words of a plan: tables of experiments, their rows, who takes part, and how long it takes.

An experiment is one load that every subject of it gets in turn; it yields one or more rows of a
table. What is measured is told in `plan_classic.py`, `plan_irc.py` and `plan_history.py`. Nothing
here runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench.goals import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.goals import Goal
    from bench.subjects import Subject

__all__ = ["FULL", "NONE", "REFERENCE", "Experiment", "Pace", "Row", "Table", "against"]

NONE, FULL = "none", "full"
"""Our own columns: hubbub with that durability."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: where its figure stands in the measurement's output (dotted)."""

    title: str
    figure: str
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """`subjects` by column; `loads` by column where the load is not the same for all."""

    section: str
    subjects: Mapping[str, Subject]
    load: tuple[str, ...]
    rows: tuple[Row, ...]
    loads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rounds: int | None = None
    """At most so many rounds, for what is slow and steady."""
    once: frozenset[str] = frozenset()
    """Columns that the first round suffices for, because no goal looks at them."""

    def load_of(self, column: str) -> tuple[str, ...]:
        """The arguments of the measuring program for one column."""
        return self.loads.get(column, self.load)

    def due(self, turn: int) -> dict[str, Subject]:
        """Who is measured in a round, counted from 0, by column."""
        if self.rounds is not None and turn >= self.rounds:
            return {}
        skipped = self.once if turn else frozenset()
        return {column: one for column, one in self.subjects.items() if column not in skipped}


@dataclass(frozen=True, slots=True)
class Table:
    """What is printed as one table: `columns` in order, and those with a ratio to the reference.

    Rounds begin until there are `rounds` of them or the next would end after `limit` seconds.
    `notices` say who could not be measured and what to do about it.
    """

    title: str
    columns: tuple[str, ...]
    experiments: tuple[Experiment, ...]
    rounds: int
    limit: float
    ratios: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds (`limit`: the most for one table)."""

    rounds: int
    limit: float
    windows: tuple[int, ...]
    fanout: float
    warmup: float
    latency: float
    """For percentiles of the deliveries of a few messages."""
    commits: float
    """For percentiles of commits: at 20 a second they take their time."""
    commit: float
    disk: float
    idle_clients: int
    messages: int
    """Of the record that is paged through and searched."""
    questions: int
    """Of each kind, one at a time."""
    pages: int
    """Asked for in a row, to see what they leave in memory."""


FULL_PACE = Pace(
    rounds=5,
    limit=720,
    windows=(1, 8, 64),
    fanout=1,
    warmup=0.3,
    latency=5,
    commits=5,
    commit=2,
    disk=0.7,
    idle_clients=5000,
    messages=1_000_000,
    questions=300,
    pages=100_000,
)
QUICK_PACE = Pace(
    rounds=1,
    limit=120,
    windows=(1, 64),
    fanout=0.5,
    warmup=0.2,
    latency=1,
    commits=1,
    commit=0.7,
    disk=0.3,
    idle_clients=1000,
    messages=50_000,
    questions=100,
    pages=2000,
)
"""What the tables' own paces are made of."""


def against(
    here: Mapping[str, Subject],
    section: str,
    load: tuple[str, ...],
    rows: tuple[Row, ...],
    *,
    loads: Mapping[str, tuple[str, ...]] | None = None,
    rounds: int | None = None,
    orientation: frozenset[str] = frozenset(),
) -> Experiment:
    """An experiment with those of its goals that who is here can be held against.

    Who is in none of them is measured in the first round only. Where there is no goal at all,
    `orientation` says who is measured in every round; by default everybody is.
    """
    possible = tuple(
        replace(row, goals=tuple(goal for goal in row.goals if goal.columns <= here.keys()))
        for row in rows
    )
    looked_at = {column for row in possible for goal in row.goals for column in goal.columns}
    bystanders = frozenset(here.keys() - (looked_at or orientation or here.keys()))
    return Experiment(section, here, load, possible, loads or {}, rounds, bystanders)
