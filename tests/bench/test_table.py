"""What was measured becomes a table: figures, ratios, goals, and what failed."""

from __future__ import annotations

import pytest
from bench.goals import Level, Ratio
from bench.plan import FULL, NONE, REFERENCE, Experiment, Row, Table
from bench.ratios import Spread
from bench.results import Results
from bench.subjects import Probe
from bench.table import as_data, format_number, format_ratio, render_table

COLUMNS = (REFERENCE, NONE, FULL)


def results_of(
    *rows: Row,
    columns: tuple[str, ...] = COLUMNS,
    ratios: tuple[str, ...] = (NONE, FULL),
) -> Results:
    """Results of one experiment that nothing has been added to yet."""
    subjects = {column: Probe(f"the {column}", "bench.disk") for column in columns}
    experiment = Experiment("a section", subjects, (), rows)
    return Results(Table("a table", COLUMNS, (experiment,), 3, 60, ratios))


def add_rounds(results: Results, **figures: list[float | None]) -> None:
    """Add a measurement a round for each column; None is one that failed."""
    for column, values in figures.items():
        for value in values:
            good = {"ok": True, "cost": {"mean": value}}
            results.add(0, column, good if value is not None else {"ok": False, "lost": 3})


def lines_of(results: Results) -> list[str]:
    """The table's rows with single spaces."""
    return [" ".join(line.split()) for line in render_table(results).splitlines()]


def test_a_row_holds_medians_and_ratios_to_the_reference() -> None:
    results = results_of(Row("ten", "cost.mean", (Ratio(NONE, 1.1), Ratio(FULL, 0.5))))
    add_rounds(results, reference=[2.0, 4.0, 3.0], none=[1.0, 2.0, 3.0], full=[4.0, 8.0, 6.0])
    assert lines_of(results)[2:] == [
        "a section",
        "ten 3.00 2.00 0.50 [0.50 1.00] 6.00 2.00 [2.00 2.00] none ≤ 1.1 met; full ≤ 0.5 MISSED",
    ]
    assert results.missed() == 1


def test_a_failed_measurement_is_named_and_costs_its_own_round_only() -> None:
    results = results_of(Row("ten", "cost.mean", (Ratio(NONE, 0.5),)))
    add_rounds(results, reference=[2.0, 2.0], none=[None, 1.0], full=[None, None])
    assert lines_of(results)[-1] == "ten 2.00 1.00 0.50 [0.50 0.50] failed - none ≤ 0.5 met"
    assert results.failures[0] == "ten, the none: 3 lost"
    assert len(results.failures) == 3


def test_what_was_not_begun_is_neither_a_failure_nor_a_missed_goal() -> None:
    results = results_of(Row("ten", "cost.mean", (Ratio(NONE, 0.5), Ratio(FULL, 0.5))))
    add_rounds(results, reference=[2.0], none=[1.0])
    assert lines_of(results)[-1] == "ten 2.00 1.00 0.50 [0.50 0.50] - - none ≤ 0.5 met"
    assert results.missed() == 0


def test_a_goal_that_could_not_be_measured_is_missed() -> None:
    results = results_of(Row("ten", "cost.mean", (Ratio(FULL, 0.5),)))
    add_rounds(results, reference=[2.0], none=[1.0], full=[None])
    assert results.missed() == 1


def test_without_a_reference_there_are_figures_and_no_ratios() -> None:
    results = results_of(Row("idle", "cost.mean"), columns=(NONE, FULL))
    add_rounds(results, none=[0.0], full=[5000.0])
    assert lines_of(results)[-1] == "idle - 0 - 5,000 -"


def test_where_ratios_have_no_columns_each_goal_has_a_line() -> None:
    goals = (Ratio(NONE, 0.5, FULL), Level(FULL, 2, optional=True))
    results = results_of(Row("ten", "cost.mean", goals), ratios=())
    add_rounds(results, reference=[2.0, 2.0], none=[1.0, 2.0], full=[4.0, 4.0])
    assert lines_of(results)[-3:] == [
        "ten 2.00 1.50 4.00",
        "goal: none ≤ 0.5 × full: 0.38 [0.25 0.50] met",
        "reported: full ≤ 2: 4.00 [4.00 4.00] not met",
    ]
    assert results.missed() == 0


def test_the_same_table_as_data() -> None:
    results = results_of(Row("ten", "cost.mean", (Ratio(NONE, 0.5),)))
    add_rounds(results, reference=[2.0], none=[1.0], full=[None])
    (row,) = as_data(results)
    assert row["subjects"] == {column: f"the {column}" for column in COLUMNS}
    assert row["figures"] == {
        "reference": {"median": 2.0, "low": 2.0, "high": 2.0},
        "none": {"median": 1.0, "low": 1.0, "high": 1.0},
        "full": None,
    }
    assert row["ratios"] == {"none": {"median": 0.5, "low": 0.5, "high": 0.5}}
    measured = {"median": 0.5, "low": 0.5, "high": 0.5}
    assert row["goals"] == [
        {"goal": "none ≤ 0.5", "measured": measured, "met": True, "optional": False}
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.09432, "0.0943"), (2.5, "2.50"), (123.4, "123"), (63425.2, "63,425")],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert format_number(value) == text


def test_a_ratio_shows_its_range() -> None:
    assert format_ratio(Spread(0.5, 0.391, 0.618)) == "0.50 [0.39 0.62]"
    assert format_ratio(Spread(12.34, 9.876, 123.4)) == "12.3 [9.88 123]"
    assert format_ratio(Spread(-0.42, -12.3, 21_034.0)) == "-0.42 [-12.3 21,034]"
    assert format_ratio(None) == "-"
