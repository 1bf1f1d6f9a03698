"""When a verb may use colour, and what it costs to ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hubbub.cli.colour import wants_colour


@pytest.mark.parametrize(
    ("environ", "terminal", "wanted"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({}, True, False),
    ],
)
def test_on_a_terminal_that_has_some(
    environ: dict[str, str], *, terminal: bool, wanted: bool
) -> None:
    assert wants_colour(environ, terminal=terminal) is wanted


def test_the_history_loads_no_client() -> None:
    script = "import sys, hubbub.cli.history; sys.exit('hubbub.client' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
