"""What was promised: ratios to another column, figures themselves, margins over a third."""

from __future__ import annotations

import pytest
from bench.goals import Level, Margin, Ratio, Verdict
from bench.ratios import Spread

ROUNDS: dict[str, list[float | None]] = {
    "reference": [2.0, 2.0, 4.0],
    "none": [1.0, 2.0, 3.0],
    "full": [4.0, 5.0, None],
    "InspIRCd": [2.0, 1.0, 3.0],
    "fdatasync": [0.5, 1.0, 1.0],
}


def figures(column: str) -> list[float | None]:
    """Three rounds of every column; `full` failed in the last."""
    return ROUNDS[column]


@pytest.mark.parametrize(
    ("goal", "good", "bad", "words"),
    [
        (Ratio("none", 0.5), 0.5, 0.51, "none ≤ 0.5"),
        (Ratio("full", 10, at_least=True), 10.0, 9.9, "full ≥ 10"),
        (Ratio("none", 0.75, "InspIRCd"), 0.75, 0.76, "none ≤ 0.75 × InspIRCd"),
        (Level("none", 6), 6.0, 6.1, "none ≤ 6"),
        (Level("full", 20_000, at_least=True), 20_000.0, 19_999.0, "full ≥ 20,000"),
        (Margin("full", 3, "none", "fdatasync"), 3.0, 3.1, "full ≤ none + 3 × fdatasync"),
        (Margin("full", 3, "none", "disk", 2.0), 3.0, 3.1, "full ≤ none + 3 × disk + 2"),
    ],
)
def test_a_goal_is_a_bound_from_above_or_from_below(
    goal: Ratio | Level | Margin, good: float, bad: float, words: str
) -> None:
    assert goal.met(good)
    assert not goal.met(bad)
    assert str(goal) == words


def test_a_ratio_is_to_the_column_that_it_names() -> None:
    assert Ratio("none", 1.0).spread(figures) == Spread(0.75, 0.5, 1.0)
    assert Ratio("none", 1.0, "InspIRCd").spread(figures) == Spread(1.0, 0.5, 2.0)


def test_a_level_is_the_figure_itself() -> None:
    assert Level("none", 6).spread(figures) == Spread(2.0, 1.0, 3.0)


def test_a_margin_is_counted_in_units_of_a_third_column() -> None:
    assert Margin("full", 3, "none", "fdatasync").spread(figures) == Spread(4.5, 3.0, 6.0)
    assert Margin("full", 3, "none", "fdatasync", 1.0).spread(figures) == Spread(3.0, 2.0, 4.0)


def test_a_goal_knows_whom_it_needs() -> None:
    assert Margin("full", 3, "none", "fdatasync").columns == {"full", "none", "fdatasync"}
    assert Ratio("none", 1.0, "Ergo").columns == {"none", "Ergo"}
    assert Level("none", 6).columns == {"none"}


def test_what_could_not_be_measured_is_missed_and_what_is_only_reported_is_not() -> None:
    assert Verdict(Ratio("none", 1.0), None).word == "MISSED"
    assert Verdict(Ratio("none", 1.0, optional=True), Spread(2.0, 2.0, 2.0)).word == "not met"
    assert Verdict(Ratio("none", 1.0), Spread(1.0, 0.5, 2.0)).word == "met"
