"""`hubbub config`, and how the command line as a whole behaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hubbub import __version__
from hubbub.cli import VERBS, main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBBUB_CONFIG", raising=False)
    monkeypatch.delenv("HUBBUB_DATA", raising=False)


def hubbub(*args: str | Path, **environ: str) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], env=environ, prog_name="hubbub")


def test_check_says_ok(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text("port = 4321")
    result = hubbub("config", "check", "--config", file)
    assert (result.exit_code, result.stdout) == (0, "ok\n")


def test_check_ends_in_one_line_and_status_2(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text("prot = 4321")
    result = hubbub("config", "check", HUBBUB_CONFIG=str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"hubbub: {file}: there is no key prot; did you mean port?\n"


def test_a_file_name_cannot_write_control_characters_to_the_terminal(tmp_path: Path) -> None:
    result = hubbub("config", "check", "--config", tmp_path / "a\x1b[31m\nb.toml")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr


def test_show_names_the_origin_of_each_value(tmp_path: Path) -> None:
    result = hubbub("config", "show", "--data", tmp_path, HUBBUB_HISTORY__REPLAY="5")
    assert result.exit_code == 0
    assert f"# data folder: {tmp_path}" in result.stdout
    lines = [
        line.split("#")[0].split() + line.split("# ")[1:] for line in result.stdout.split("\n")
    ]
    assert ["replay", "=", "5", "HUBBUB_HISTORY__REPLAY"] in lines


def test_example_is_a_file_to_start_from(tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text(hubbub("config", "example").stdout)
    assert hubbub("config", "check", "--config", file).exit_code == 0


def test_version_and_help() -> None:
    assert hubbub("--version").stdout == f"hubbub {__version__}\n"
    shown = hubbub("--help").stdout
    assert "Examples:" in shown
    assert VERBS["config"] in shown
    assert hubbub().exit_code == 2


@pytest.mark.parametrize("args", [["nonsense"], ["config", "check", "--nonsense"], ["--config"]])
def test_bad_usage_is_one_line_that_points_at_the_help(args: list[str]) -> None:
    result = hubbub(*args)
    assert result.exit_code == 2
    assert result.stderr.startswith("hubbub: ")
    assert result.stderr.count("\n") == 1
    assert "--help`" in result.stderr


def test_every_verb_that_exists_can_explain_itself() -> None:
    for verb in main.list_commands(main.make_context("hubbub", [], resilient_parsing=True)):
        result = hubbub(verb, "--help")
        assert result.exit_code == 0, verb
        assert f"Usage: hubbub {verb}" in result.stdout
