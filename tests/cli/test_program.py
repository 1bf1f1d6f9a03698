"""The command that newcomers are told is one that they can type."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hubbub.cli.program import program

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_what_was_started(tmp_path: Path) -> None:
    ours, another = tmp_path / "hubbub", tmp_path / "another"
    ours.touch()
    another.touch()
    assert program(str(ours), str(ours)) == "hubbub"
    assert program(str(ours), None) == str(ours)
    assert program(str(ours), str(another)) == str(ours)
    assert program(".venv/bin/hubbub", None) == ".venv/bin/hubbub"
    assert program("my room/hubbub", None) == "'my room/hubbub'"


def test_a_module_is_run_by_its_python() -> None:
    assert program("/x/hubbub/__main__.py", None) == f"{sys.executable} -m hubbub"
