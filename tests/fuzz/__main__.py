"""`make fuzz ARGS="gate --lines 10000000"`, or `PYTHONPATH=tests python -m fuzz …`."""

from __future__ import annotations

import argparse
import random
from typing import TYPE_CHECKING

from fuzz import fuzz_gate, fuzz_history, fuzz_irc, fuzz_wire
from fuzz.driver import Length

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS: dict[str, Callable[[Length, int], None]] = {
    "wire": fuzz_wire.run,
    "irc": fuzz_irc.run,
    "gate": fuzz_gate.run,
    "history": fuzz_history.run,
}


def main() -> None:
    """Run a target for long; what fails is shown with the seed that leads there again."""
    parser = argparse.ArgumentParser(description="Fuzz one target, or each in turn.")
    parser.add_argument("target", choices=[*TARGETS, "all"], nargs="?", default="all")
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--lines", type=int)
    how_long.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    length = Length(options.lines, options.seconds)
    for name in TARGETS if options.target == "all" else (options.target,):
        print(f"{name}: seed {options.seed}", flush=True)
        TARGETS[name](length, options.seed)


if __name__ == "__main__":
    main()
