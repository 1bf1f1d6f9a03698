"""The plan holds what the project promised to measure, and measures it with nothing else lifted."""

from __future__ import annotations

import tomllib

from bench.__main__ import choose
from bench.load.__main__ import build_parser, read_options
from bench.plan import FULL_PACE, QUICK_PACE, REFERENCE, experiments
from bench.subjects import BENCH, Server

LIFTED = {
    "connections",
    "connections_per_address",
    "half_open",
    "messages_per_second",
    "message_burst",
    "flood_seconds",
}


def goals() -> dict[str, list[str]]:
    """Every row that has goals, with the reference they are held against."""
    return {
        f"{row.title} / {experiment.subjects[REFERENCE].name}": [str(goal) for goal in row.goals]
        for experiment in experiments(FULL_PACE)
        for row in experiment.rows
        if row.goals
    }


def test_the_goals_are_those_that_were_promised() -> None:
    assert goals() == {
        "10 receivers, window 1 / select_server": ["none ≤ 1.1"],
        "100 receivers, window 1 / select_server": ["none ≤ 1.1"],
        "900 receivers, window 1 / select_server": ["none ≤ 1.1"],
        "10 receivers, window 64 / select_server": ["none ≤ 0.5"],
        "100 receivers, window 64 / select_server": ["none ≤ 0.5", "full ≤ 0.5"],
        "900 receivers, window 64 / select_server": ["none ≤ 0.5", "full ≤ 0.5"],
        "10 receivers, window 1 / select_nodelay": ["none ≤ 1.1"],
        "100 receivers, window 1 / select_nodelay": ["none ≤ 1.1"],
        "900 receivers, window 1 / select_nodelay": ["none ≤ 1.1"],
        "at the timeline, 64 callers / fdatasync": ["full ≥ 10"],
        "through the port, 64 writers in one room / fdatasync": ["full ≥ 2"],
    }


def test_our_configuration_lifts_flood_control_and_connection_limits_and_nothing_else() -> None:
    configuration = tomllib.loads((BENCH / "hubbub.toml").read_text())
    assert set(configuration) == {"limits"}
    assert set(configuration["limits"]) == LIFTED


def test_the_generator_understands_every_load_of_the_plan() -> None:
    parser = build_parser()
    for pace in (FULL_PACE, QUICK_PACE):
        for experiment in experiments(pace):
            for column, subject in experiment.subjects.items():
                if isinstance(subject, Server):
                    line = [*experiment.load_of(column), "--wire", subject.wire, "--port", "1"]
                    read_options(parser, parser.parse_args(line))


def test_rows_can_be_chosen_by_a_word() -> None:
    chosen = choose(FULL_PACE, "900 receivers, window 64")
    assert [experiment.rows[0].title for experiment in chosen] == ["900 receivers, window 64"]
    assert choose(FULL_PACE, "no such row") == []
