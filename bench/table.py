"""A table as it is printed, and the same as data.

A figure is the median of its rounds; a ratio is the median of the rounds' ratios with the
smallest and largest behind it. Where ratios have columns of their own a row's goals stand at its
end, else each has a line below with what was measured for it. Pure text: nothing is measured here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.goals import Verdict
    from bench.plan import Row
    from bench.ratios import Spread
    from bench.results import Results

TITLE_WIDTH = 42
FIGURE_WIDTH = 10
RATIO_WIDTH = 20


def render_table(results: Results) -> str:
    """All rows, a heading wherever the section changes."""
    table = results.table
    lines = [_line("", _headings(results), "goal" if table.ratios else "")]
    section = ""
    for number, experiment in enumerate(table.experiments):
        if experiment.section != section:
            section = experiment.section
            lines += ["", section]
        for row in experiment.rows:
            lines += _render_row(results, number, row)
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
                for column in results.table.ratios
                if (spread := results.ratio(number, row, column))
            },
            "goals": [
                {
                    "goal": str(verdict.goal),
                    "measured": verdict.spread.rounded() if verdict.spread else None,
                    "met": verdict.met,
                    "optional": verdict.goal.optional,
                }
                for verdict in results.verdicts(number, row)
            ],
        }
        for number, experiment in enumerate(results.table.experiments)
        for row in experiment.rows
    ]


def _cells(
    results: Results, number: int, row: Row
) -> Iterator[tuple[str, dict[str, float] | None]]:
    for column in results.table.experiments[number].subjects:
        spread = results.spread(number, row, column)
        yield column, spread.rounded() if spread else None


def _headings(results: Results) -> Iterator[str]:
    for column in results.table.columns:
        yield f"{column:>{FIGURE_WIDTH}}"
        if column in results.table.ratios:
            yield f"{'ratio':>{RATIO_WIDTH}}"


def _render_row(results: Results, number: int, row: Row) -> list[str]:
    cells = []
    for column in results.table.columns:
        cells.append(f"{_figure(results, number, row, column):>{FIGURE_WIDTH}}")
        if column in results.table.ratios:
            ratio = format_ratio(results.ratio(number, row, column))
            cells.append(f"{ratio:>{RATIO_WIDTH}}")
    verdicts = results.verdicts(number, row)
    if results.table.ratios:
        goals = "; ".join(map(_short_goal, verdicts))
        return [_line("  " + row.title, cells, goals)]
    return [_line("  " + row.title, cells), *map(_goal_line, verdicts)]


def _figure(results: Results, number: int, row: Row, column: str) -> str:
    if not results.outputs[number].get(column):
        return "-"
    spread = results.spread(number, row, column)
    return format_number(spread.median) if spread else "failed"


def _short_goal(verdict: Verdict) -> str:
    reported = "reported: " if verdict.goal.optional else ""
    return f"{reported}{verdict.goal} {verdict.word}"


def _goal_line(verdict: Verdict) -> str:
    kind = "reported" if verdict.goal.optional else "goal"
    return f"      {kind}: {verdict.goal}: {format_ratio(verdict.spread)} {verdict.word}"


def format_number(value: float) -> str:
    """Three significant digits below 1,000, whole numbers above."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".") if value else "0"


def format_ratio(spread: Spread | None) -> str:
    """The median and, behind it, the smallest and largest; two decimals below 10, then fewer."""
    if spread is None:
        return "-"
    low, median, high = map(_short, (spread.low, spread.median, spread.high))
    return f"{median} [{low} {high}]"


def _short(ratio: float) -> str:
    size = abs(ratio)
    if size >= 1000:
        return f"{ratio:,.0f}"
    return f"{ratio:.2f}" if size < 10 else f"{ratio:.1f}" if size < 100 else f"{ratio:.0f}"


def _line(title: str, cells: Iterable[str], goals: str = "") -> str:
    return f"{title:<{TITLE_WIDTH}}{''.join(cells)}  {goals}".rstrip()
