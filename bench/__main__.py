"""python -m bench: measure hubbub and its peers in turn, print what it comes to as tables.

Run it from the root of the repository (`make bench`). Table 1 is the classic protocol, table 2
IRC, table 3 history and search. Each round measures every experiment's subjects one after the
other, each started anew in a folder of its own, the server on one core and the generator on
another; figures are medians over the rounds. The tables go to standard output, progress to standard
error.

Exit status: 0 everything was measured; 1 a measurement failed, or, with --strict, a goal was
missed; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import irc_peers, plan_classic, plan_history, plan_irc
from bench.machine import describe_machine
from bench.processes import MeasurementError, allow_many_files
from bench.results import Results
from bench.subjects import Workplace
from bench.table import as_data, render_table
from hubbub.server.config import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.plan import Pace, Table


class Plan(NamedTuple):
    """How a table is made, and how long it may take."""

    full: Pace
    quick: Pace
    table: Callable[[Pace, Mapping[str, str]], Table]


PLANS: dict[int, Plan] = {
    1: Plan(
        plan_classic.FULL_PACE, plan_classic.QUICK_PACE, lambda pace, _: plan_classic.table(pace)
    ),
    2: Plan(
        plan_irc.FULL_PACE,
        plan_irc.QUICK_PACE,
        lambda pace, environment: plan_irc.table(pace, irc_peers.peers(environment)),
    ),
    3: Plan(
        plan_history.FULL_PACE,
        plan_history.QUICK_PACE,
        lambda pace, environment: plan_history.table(
            pace, irc_peers.given_ergo(environment, keeps=True)
        ),
    ),
}

INTERRUPTED = "interrupted: not everything is measured"


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="one short round: does it work, roughly how fast")
    add(
        "--table",
        type=int,
        choices=sorted(PLANS),
        help="1 classic, 2 IRC, 3 history and search; default: all",
    )
    add(
        "--rounds",
        type=int,
        metavar="N",
        help="as many, however long they take; default: "
        + "; ".join(
            f"{one.full.rounds} for table {number} in {one.full.limit / 60:.0f} minutes"
            for number, one in PLANS.items()
        ),
    )
    add("--only", metavar="TEXT", default="", help="only rows whose title or section has TEXT")
    add("--folder", type=Path, help="where data folders are made; default: beside hubbub's own")
    add("--json", type=Path, metavar="FILE", help="also write everything that was measured")
    add("--strict", action="store_true", help="exit 1 when a goal is missed")
    return parser


def plan(arguments: argparse.Namespace) -> list[Table]:
    """The tables that are asked for, with the rows that are asked for."""
    chosen = []
    for number, one in PLANS.items():
        whole = one.table(one.quick if arguments.quick else one.full, os.environ)
        table = only(whole, arguments.only)
        if arguments.rounds is not None:
            table = replace(table, rounds=arguments.rounds, limit=float("inf"))
        if table.experiments and arguments.table in (None, number):
            chosen.append(table)
    return chosen


def only(table: Table, text: str) -> Table:
    """The table with those experiments that have `text` in their section or titles."""
    wanted = text.casefold()
    experiments = tuple(
        experiment
        for experiment in table.experiments
        if any(wanted in f"{experiment.section} {row.title}".casefold() for row in experiment.rows)
    )
    return replace(table, experiments=experiments)


def measure_all(table: Table, workplace: Workplace) -> Results:
    """Round after round, until all are done, time is up, or Ctrl-C: what is there then counts."""
    results = Results(table)
    begin = time.monotonic()
    last = 0.0  # seconds that the last round took
    try:
        for turn in range(table.rounds):
            taken = time.monotonic() - begin
            if turn and taken + last > table.limit:
                _progress(taken, f"no time for round {turn + 1}")
                break
            for number, experiment in enumerate(table.experiments):
                title = f"{experiment.section}, {experiment.rows[0].title}"
                if experiment.due(turn):
                    _progress(time.monotonic() - begin, f"round {turn + 1}/{table.rounds}: {title}")
                    measure_once(results, number, turn, workplace)
            last = time.monotonic() - begin - taken
    except KeyboardInterrupt:
        results.failures.append(INTERRUPTED)
    return results


def measure_once(results: Results, number: int, turn: int, workplace: Workplace) -> None:
    """One experiment's subjects in turn; a measurement that fails costs its own cell only."""
    experiment = results.table.experiments[number]
    for column, subject in experiment.due(turn).items():
        try:
            figures = subject.measure(experiment.load_of(column), workplace)
        except MeasurementError as error:
            figures = {"ok": False, "error": str(error)}
        results.add(number, column, figures)


def _progress(seconds: float, what: str) -> None:
    print(f"[{seconds:4.0f} s] {what}", file=sys.stderr, flush=True)


def existing_ancestor(folder: Path) -> Path:
    """`folder`, or the nearest folder above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def report(results: Results, seconds: float) -> None:
    """Print one table."""
    print(f"{results.table.title}; medians of up to {results.rounds()} rounds; {seconds:.0f} s\n")
    print(render_table(results))
    if results.missed():
        print(f"\n{results.missed()} goals missed")
    for notice in results.table.notices:
        print(notice)
    for failure in results.failures:
        print(f"failed: {failure}")
    print(flush=True)


def measure_tables(tables: list[Table], workplace: Workplace) -> list[Results]:
    """Measure and print one after the other; Ctrl-C ends all of it."""
    measured: list[Results] = []
    for table in tables:
        begin = time.monotonic()
        results = measure_all(table, workplace)
        measured.append(results)
        report(results, time.monotonic() - begin)
        if INTERRUPTED in results.failures:
            break
    return measured


def as_document(machine: dict[str, str], measured: list[Results]) -> dict[str, object]:
    """Everything that was measured, for JSON."""
    tables = [
        {
            "title": results.table.title,
            "rounds": results.rounds(),
            "rows": as_data(results),
            "outputs": results.outputs,
            "notices": results.table.notices,
            "failures": results.failures,
        }
        for results in measured
    ]
    return {"machine": machine, "tables": tables}


def main() -> int:
    """Read the command line, measure, print; returns the exit status."""
    parser = build_parser()
    arguments = parser.parse_args()
    tables = plan(arguments)
    cores = sorted(os.sched_getaffinity(0))
    if not tables or tables[0].rounds < 1:
        parser.error("nothing to measure")
    if len(cores) < 2:
        parser.error("two cores are needed, one for the server and one for the generator")
    allow_many_files()
    # Whoever ends the bench ends the servers it has started.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    parent = arguments.folder or existing_ancestor(data_folder(None, os.environ))
    machine = describe_machine(parent) | irc_peers.versions(os.environ)
    print("; ".join(f"{name} {value}" for name, value in machine.items()))
    print(time.strftime("%Y-%m-%d"), flush=True)
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-", dir=parent) as folder:
        measured = measure_tables(tables, Workplace(Path(folder), *cores[:2]))
    if arguments.json:
        arguments.json.write_text(json.dumps(as_document(machine, measured), indent=1) + "\n")
    failed = any(results.failures for results in measured)
    missed = any(results.missed() for results in measured)
    return int(failed or (arguments.strict and missed))


if __name__ == "__main__":
    sys.exit(main())
