"""The one table that `make bench` prints, and the same as data.

A figure is the median of its rounds; a ratio is the median of the rounds' ratios with the
smallest and largest behind it. Pure text: it measures nothing and writes no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plan import COLUMNS, FULL, NONE, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.plan import Row
    from bench.ratios import Spread
    from bench.results import Results

HEADINGS = ("", "reference", "none", "ratio", "full", "ratio", "goal")
TITLE_WIDTH = 42
FIGURE_WIDTH = 10
RATIO_WIDTH = 20


def render_table(results: Results) -> str:
    """All rows, a heading wherever the section changes."""
    lines = [_line(*HEADINGS)]
    section = ""
    for number, experiment in enumerate(results.experiments):
        if experiment.section != section:
            section = experiment.section
            lines += ["", section]
        lines += [_render_row(results, number, row) for row in experiment.rows]
    return "\n".join(lines)


def as_data(results: Results) -> list[dict[str, object]]:
    """The table's rows for JSON, with every cell's spread."""
    return [
        {
            "section": experiment.section,
            "title": row.title,
            "subjects": {column: one.name for column, one in experiment.subjects.items()},
            "figures": dict(_cells(results, number, row)),
            "ratios": {
                column: spread.rounded()
                for column in (NONE, FULL)
                if (spread := results.ratio(number, row, column))
            },
            "goals": [
                {"goal": str(verdict.goal), "met": verdict.met}
                for verdict in results.verdicts(number, row)
            ],
        }
        for number, experiment in enumerate(results.experiments)
        for row in experiment.rows
    ]


def _cells(
    results: Results, number: int, row: Row
) -> Iterator[tuple[str, dict[str, float] | None]]:
    for column in COLUMNS:
        if column in results.experiments[number].subjects:
            spread = results.spread(number, row, column)
            yield column, spread.rounded() if spread else None


def _render_row(results: Results, number: int, row: Row) -> str:
    def figure(column: str) -> str:
        if column not in results.experiments[number].subjects:
            return "-"
        spread = results.spread(number, row, column)
        return format_number(spread.median) if spread else "failed"

    def ratio(column: str) -> str:
        return format_ratio(results.ratio(number, row, column))

    goals = "; ".join(
        f"{verdict.goal} {'met' if verdict.met else 'MISSED'}"
        for verdict in results.verdicts(number, row)
    )
    cells = (figure(REFERENCE), figure(NONE), ratio(NONE), figure(FULL), ratio(FULL))
    return _line("  " + row.title, *cells, goals)


def format_number(value: float) -> str:
    """Three significant digits below 1,000, whole numbers above."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".") if value else "0"


def format_ratio(spread: Spread | None) -> str:
    """The median and, behind it, the smallest and largest; two decimals below 10, then fewer."""
    if spread is None:
        return "-"
    low, median, high = (
        f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"
        for ratio in (spread.low, spread.median, spread.high)
    )
    return f"{median} [{low} {high}]"


def _line(title: str, reference: str, *rest: str) -> str:
    none, none_ratio, full, full_ratio, goal = rest
    return (
        f"{title:<{TITLE_WIDTH}}{reference:>{FIGURE_WIDTH}}"
        f"{none:>{FIGURE_WIDTH}}{none_ratio:>{RATIO_WIDTH}}"
        f"{full:>{FIGURE_WIDTH}}{full_ratio:>{RATIO_WIDTH}}  {goal}"
    ).rstrip()
