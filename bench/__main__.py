"""python -m bench: measure hubbub and its peers in turn, print one table of ratios.

Run it from the root of the repository (`make bench`). Each round measures every experiment's
subjects one after the other, each started anew in an empty folder, the server on one core and
the generator on another; figures are medians over the rounds. The table goes to standard
output, progress to standard error.

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

from bench.machine import describe_machine
from bench.plan import FULL_PACE, QUICK_PACE, Experiment, Pace, experiments
from bench.processes import MeasurementError, allow_many_files
from bench.results import Results
from bench.subjects import Workplace
from bench.table import as_data, render_table
from hubbub.server.config import data_folder


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
        "--rounds",
        type=int,
        metavar="N",
        help="as many, however long they take; default: "
        f"{FULL_PACE.rounds}, fewer when {FULL_PACE.limit / 60:.0f} minutes do not suffice",
    )
    add("--only", metavar="TEXT", default="", help="only rows whose title or section has TEXT")
    add("--folder", type=Path, help="where data folders are made; default: beside hubbub's own")
    add("--json", type=Path, metavar="FILE", help="also write everything that was measured")
    add("--strict", action="store_true", help="exit 1 when a goal is missed")
    return parser


def choose(pace: Pace, text: str) -> list[Experiment]:
    """The experiments, or those of them that have `text` in their section or titles."""
    wanted = text.casefold()
    return [
        experiment
        for experiment in experiments(pace)
        if any(wanted in f"{experiment.section} {row.title}".casefold() for row in experiment.rows)
    ]


def measure_all(chosen: list[Experiment], pace: Pace, workplace: Workplace) -> Results:
    """Round after round, until all are done, time is up, or Ctrl-C: what is there then counts."""
    results = Results(chosen)
    begin = time.monotonic()
    try:
        for turn in range(pace.rounds):
            taken = time.monotonic() - begin
            if turn and taken + taken / turn > pace.limit:
                _progress(taken, f"no time for round {turn + 1}")
                break
            for number, experiment in enumerate(chosen):
                if experiment.rounds is None or turn < experiment.rounds:
                    title = experiment.rows[0].title
                    _progress(time.monotonic() - begin, f"round {turn + 1}/{pace.rounds}: {title}")
                    measure_once(results, number, workplace)
    except KeyboardInterrupt:
        results.failures.append("interrupted: not everything is measured")
    return results


def measure_once(results: Results, number: int, workplace: Workplace) -> None:
    """One experiment's subjects in turn; a measurement that fails costs its own cell only."""
    experiment = results.experiments[number]
    for column, subject in experiment.subjects.items():
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


def report(results: Results, machine: dict[str, str], seconds: float) -> None:
    """Print the table under what it was measured on."""
    print("; ".join(f"{name} {value}" for name, value in machine.items()))
    day, rounds = time.strftime("%Y-%m-%d"), results.rounds()
    print(f"{day}; medians of {rounds} rounds; {seconds:.0f} s in all\n")
    print(render_table(results))
    if results.missed():
        print(f"\n{results.missed()} goals missed")
    for failure in results.failures:
        print(f"failed: {failure}")


def main() -> int:
    """Read the command line, measure, print; returns the exit status."""
    parser = build_parser()
    arguments = parser.parse_args()
    pace = QUICK_PACE if arguments.quick else FULL_PACE
    if arguments.rounds is not None:
        pace = replace(pace, rounds=arguments.rounds, limit=float("inf"))
    chosen = choose(pace, arguments.only)
    cores = sorted(os.sched_getaffinity(0))
    if not chosen or pace.rounds < 1:
        parser.error("nothing to measure")
    if len(cores) < 2:
        parser.error("two cores are needed, one for the server and one for the generator")
    allow_many_files()
    # Whoever ends the bench ends the servers it has started.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    parent = arguments.folder or existing_ancestor(data_folder(None, os.environ))
    begin = time.monotonic()
    machine = describe_machine(parent)
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-", dir=parent) as folder:
        results = measure_all(chosen, pace, Workplace(Path(folder), *cores[:2]))
    report(results, machine, time.monotonic() - begin)
    if arguments.json:
        document = {
            "machine": machine,
            "rounds": results.rounds(),
            "table": as_data(results),
            "outputs": results.outputs,
            "failures": results.failures,
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    return int(bool(results.failures) or (arguments.strict and results.missed() > 0))


if __name__ == "__main__":
    sys.exit(main())
