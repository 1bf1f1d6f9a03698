"""The measurements of one table, collected round by round, and what they come to.

Keeps every program's output as it was printed; spreads, ratios and verdicts are computed from
it when asked. Knows neither how a measurement is taken nor how a table looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.goals import REFERENCE, Verdict
from bench.ratios import Spread, paired_ratio

if TYPE_CHECKING:
    from bench.plan import Row, Table
    from bench.processes import Figures


@dataclass(slots=True)
class Results:
    """What each experiment's subjects printed, by column, a list entry a round (None: failed)."""

    table: Table
    outputs: list[dict[str, list[Figures | None]]] = field(init=False)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outputs = [
            {column: [] for column in experiment.subjects} for experiment in self.table.experiments
        ]

    def add(self, number: int, column: str, figures: Figures) -> None:
        """Keep one measurement of experiment `number`; one that is not ok is a failure."""
        good = figures.get("ok") is True
        self.outputs[number][column].append(figures if good else None)
        if not good:
            experiment = self.table.experiments[number]
            why = figures.get("error") or _what_went_wrong(figures)
            title, name = experiment.rows[0].title, experiment.subjects[column].name
            self.failures.append(f"{title}, {name}: {why}")

    def rounds(self) -> int:
        """How many rounds the most measured experiment has had."""
        counts = (len(values) for output in self.outputs for values in output.values())
        return max(counts, default=0)

    def spread(self, number: int, row: Row, column: str) -> Spread | None:
        """The figure of one cell of the table."""
        return Spread.of(self._values(number, row, column))

    def ratio(self, number: int, row: Row, column: str) -> Spread | None:
        """One column's figure in units of the reference's, paired by round."""
        if column == REFERENCE or REFERENCE not in self.outputs[number]:
            return None
        return paired_ratio(self._values(number, row, column), self._values(number, row, REFERENCE))

    def verdicts(self, number: int, row: Row) -> list[Verdict]:
        """The row's goals, held against what was measured; none of what was not begun."""

        def figures(column: str) -> list[float | None]:
            return self._values(number, row, column)

        begun = {column for column, values in self.outputs[number].items() if values}
        return [Verdict(goal, goal.spread(figures)) for goal in row.goals if goal.columns <= begun]

    def missed(self) -> int:
        """How many goals were not reached, those left out that are only reported."""
        return sum(
            not (verdict.met or verdict.goal.optional)
            for number, experiment in enumerate(self.table.experiments)
            for row in experiment.rows
            for verdict in self.verdicts(number, row)
        )

    def _values(self, number: int, row: Row, column: str) -> list[float | None]:
        """One number a round; None where the measurement failed, so that rounds stay paired."""
        outputs = self.outputs[number].get(column, [])
        return [_look_up(output, row.figure) for output in outputs]


def _look_up(output: Figures | None, dotted: str) -> float | None:
    value: object = output
    for name in dotted.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _what_went_wrong(figures: Figures) -> str:
    names = ("lost", "extra", "dead", "order_errors")
    return ", ".join(f"{figures[name]} {name}" for name in names if figures.get(name)) or "not ok"
