"""The command run inside the test's own process, which is quick. Next: `program`, the real one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from click.testing import CliRunner

from cli.program import Outcome
from hubbub.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str | Path, given: str = "", **changed: str) -> Outcome:
    """Run the command to its end, with this on standard input and these variables."""
    plain: dict[str, str | None] = {n: None for n in os.environ if n.startswith("HUBBUB_")}
    done = CliRunner().invoke(
        main,
        [str(argument) for argument in arguments],
        input=given,
        env=plain | {"LANG": "C.UTF-8"} | changed,
        prog_name="hubbub",
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Outcome(done.exit_code, done.stdout, done.stderr)
