"""The plans hold what the project promised to measure, and measure it with nothing else lifted."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from bench.__main__ import build_parser as build_bench_parser
from bench.__main__ import only, plan
from bench.irc_peers import ERGO, INSPIRCD, JOINED, NGIRCD, SINGLE, given_ergo, peers
from bench.load.__main__ import build_parser, read_options
from bench.plan import FULL, NONE, REFERENCE, Table
from bench.subjects import BENCH, Server

from bench import plan_classic, plan_history, plan_irc

LIFTED = {
    "connections",
    "connections_per_address",
    "half_open",
    "messages_per_second",
    "message_burst",
    "flood_seconds",
}
EVERYBODY = [replace(peer, program="true") for peer in peers({})]
NOBODY = [replace(peer, program="no such program") for peer in peers({})]
CLASSIC = plan_classic.table(plan_classic.FULL_PACE)
IRC = plan_irc.table(plan_irc.FULL_PACE, EVERYBODY)
HISTORY = plan_history.table(
    plan_history.FULL_PACE, replace(given_ergo({}, keeps=True), program="true")
)
QUICK = [plan_classic.QUICK_PACE, plan_irc.QUICK_PACE]


def goals(table: Table) -> dict[str, list[str]]:
    """Every row that has goals, with the reference they are held against or else its section."""
    return {
        f"{row.title} / {subjects[REFERENCE].name if REFERENCE in subjects else one.section}": [
            str(goal) for goal in row.goals
        ]
        for one in table.experiments
        for subjects in [one.subjects]
        for row in one.rows
        if row.goals
    }


def test_the_goals_of_the_classic_protocol_are_those_that_were_promised() -> None:
    assert goals(CLASSIC) == {
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


def test_the_goals_of_irc_are_those_that_were_promised() -> None:
    found = {title.partition(" / ")[0]: promised for title, promised in goals(IRC).items()}
    assert found == {
        "1000 members, 64 talk, window 64": [
            "none ≤ 0.75 × InspIRCd",
            "none ≤ 0.1 × Ergo",
            "full ≤ 1.25 × none",
        ],
        "1000 members, 4 talk, window 1": [
            "none ≤ 0.9 × InspIRCd",
            "none ≤ 0.9 × Ergo",
            "none ≤ 1.4 × C",
        ],
        "100 members, 4 talk, window 64": ["none ≤ 0.75 × InspIRCd", "none ≤ 2 × C"],
        "server CPU per delivery, µs": [
            "none ≤ 1 × InspIRCd",
            "none ≤ 0.4 × Ergo",
            "full ≤ 2.2 × none",
        ],
        "deliveries per second": ["none ≥ 1.2 × InspIRCd"],
        "messages per second": ["full ≥ 20,000"],
        "p50": ["none ≤ 1.3 × C", "none ≤ 1 × Ergo", "full ≤ none + 3 × fdatasync"],
        "p99": ["full ≤ none + 3 × fdatasync + 2"],
        "p50 until the last has it": ["none ≤ 1.3 × C", "none ≤ 0.33 × InspIRCd"],
        "memory per connection, KiB RSS": ["none ≤ 6", "none ≤ 0.25 × Ergo"],
        "connect and register, CPU µs": ["none ≤ 0.5 × Ergo"],
        "JOIN, the list of names included": ["none ≤ 0.5 × Ergo", "none ≤ 1 × InspIRCd"],
    }


def test_the_goals_of_history_are_those_that_were_promised() -> None:
    idle, busy = (one for one in HISTORY.experiments if one.load[:1] == ("ask",))
    pages = ["full ≤ 5", "full ≤ 1 × Ergo"]
    expected = {
        "the last 50, p99": pages,
        "50 from deep in a room, p99": pages,
        "between two, p99": pages,
        "two words, in 50 rooms, p99": ["full ≤ 50"],
        "two words, by one in 5, p99": ["full ≤ 50"],
        "two words, in one room, p99": ["full ≤ 50"],
    }
    found = {row.title: [str(goal) for goal in row.goals] for row in idle.rows if row.goals}
    assert found == expected
    found = {row.title: [str(goal) for goal in row.goals] for row in busy.rows if row.goals}
    assert found == expected | {"index behind the talk at most, s": ["full ≤ 2"]}
    assert busy.load_of(FULL)[-4:] == ("--rate", "1000", "--data", "{data}")
    (wear,) = (one for one in HISTORY.experiments if one.load[:1] == ("wear",))
    assert wear.load[-1] == "100000"
    pace = plan_history.FULL_PACE
    assert pace.messages == 1_000_000
    assert pace.limit <= 600


def test_history_without_ergo_is_ours_alone() -> None:
    alone = plan_history.table(plan_history.FULL_PACE, given_ergo({}, keeps=True))
    assert alone.columns == (FULL,)
    assert alone.notices == ("Ergo is left out, it is not here: make bench ERGO=path/to/ergo",)
    goals = [goal for one in alone.experiments for row in one.rows for goal in row.goals]
    assert all(goal.columns == {FULL} for goal in goals)


def test_rounds_enough_make_the_commits_that_percentiles_were_promised_of() -> None:
    pace = plan_irc.FULL_PACE
    assert pace.rounds * pace.commits * 20 >= 2000


def test_every_server_is_a_column_and_who_is_not_here_is_named_with_a_remedy() -> None:
    assert IRC.columns == (NONE, FULL, INSPIRCD, NGIRCD, ERGO, JOINED, SINGLE)
    assert IRC.notices == ()
    alone = plan_irc.table(plan_irc.FULL_PACE, NOBODY)
    assert alone.columns == (NONE, FULL)
    assert len(alone.notices) == len(NOBODY)
    assert alone.notices[0] == "InspIRCd is left out, it is not here: apt-get install inspircd"
    columns = {c for e in alone.experiments for row in e.rows for g in row.goals for c in g.columns}
    assert columns == {NONE, FULL, "fdatasync"}


def test_who_is_in_no_goal_is_measured_in_the_first_round_only() -> None:
    busiest = IRC.experiments[0]
    assert set(busiest.due(0)) == set(IRC.columns)
    assert set(busiest.due(1)) == {NONE, FULL, INSPIRCD, ERGO}
    idle = next(one for one in IRC.experiments if one.load[0] == "idle")
    assert JOINED not in idle.subjects
    assert not idle.due(3)
    for experiment in plan_irc.table(plan_irc.QUICK_PACE, EVERYBODY).experiments:
        assert not experiment.once


def test_ergo_is_the_binary_that_is_given() -> None:
    (given,) = (peer for peer in peers({"ERGO": "build/ergo"}) if peer.server.name == ERGO)
    assert given.program.endswith("/build/ergo")
    assert given.server.command[0] == given.program


def test_our_configuration_lifts_flood_control_and_connection_limits_and_nothing_else() -> None:
    configuration = tomllib.loads((BENCH / "hubbub.toml").read_text())
    assert set(configuration) == {"limits"}
    assert set(configuration["limits"]) == LIFTED


@pytest.mark.parametrize(
    "table",
    [
        CLASSIC,
        IRC,
        HISTORY,
        plan_classic.table(plan_classic.QUICK_PACE),
        plan_irc.table(plan_irc.QUICK_PACE, EVERYBODY),
    ],
)
def test_the_generator_understands_every_load_of_the_plan(table: Table) -> None:
    parser = build_parser()
    for experiment in table.experiments:
        for column, subject in experiment.subjects.items():
            if isinstance(subject, Server):
                line = [*experiment.load_of(column), "--wire", subject.wire, "--port", "1"]
                read_options(parser, parser.parse_args(line))


def test_rows_can_be_chosen_by_a_word() -> None:
    chosen = only(CLASSIC, "900 receivers, window 64")
    assert [one.rows[0].title for one in chosen.experiments] == ["900 receivers, window 64"]
    assert only(CLASSIC, "no such row").experiments == ()


def test_tables_and_rounds_can_be_chosen() -> None:
    parser = build_bench_parser()
    titles = [table.title for table in plan(parser.parse_args([]))]
    assert titles == [CLASSIC.title, IRC.title, HISTORY.title]
    (table,) = plan(parser.parse_args(["--table", "2", "--rounds", "9"]))
    assert (table.title, table.rounds) == (IRC.title, 9)
    (table,) = plan(parser.parse_args(["--only", "fdatasync"]))
    assert table.title == CLASSIC.title
    assert plan(parser.parse_args(["--only", "no such row"])) == []
