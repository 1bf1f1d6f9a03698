"""Docs cannot rot: what can be typed is told somewhere, and what is told is there.

The keys of the configuration are in `tests/server/test_config.py`, programs that pages print in
`tests/wire/test_tutorial.py` and `tests/client/test_docs.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from house import commands_page, terminal_page
from hubbub.cli import main
from hubbub.doors.classic.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.doors.classic.commands import Command

REPOSITORY = Path(__file__).parents[2]
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "bench/README.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
GOAL = re.compile(r"(?:`|^ *)make ([a-z]+)", re.MULTILINE)


def verbs(group: click.Group, *path: str) -> Iterator[str]:
    """Every verb as it is typed: `hubbub db check`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from verbs(command, *path, name)
        else:
            yield " ".join(("hubbub", *path, name))


def name(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@pytest.mark.parametrize("verb", sorted(verbs(main)))
def test_every_verb_is_told_of(verb: str) -> None:
    assert [page for page in PAGES if verb in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_every_command_is_told_of(command: Command) -> None:
    page = REPOSITORY / "docs" / "protocols" / "classic.md"
    (row,) = re.findall(
        rf"^\| `{re.escape(command.synopsis)}` \|.*$", page.read_text("utf-8"), re.MULTILINE
    )
    assert row.endswith(f" | {command.cost} |")


@pytest.mark.parametrize("area", commands_page.AREAS)
def test_the_areas_are_those_of_the_irc_door(area: str) -> None:
    folder = REPOSITORY / "src" / "hubbub" / "doors" / "irc" / "commands"
    assert (folder / f"{area}.py").exists()


def test_the_page_of_commands_is_current() -> None:
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page(), (
        "run: .venv/bin/python tests/house/commands_page.py"
    )


def test_the_page_of_the_terminal_client_is_current() -> None:
    page = terminal_page.PAGE.read_text(encoding="utf-8")
    assert page == terminal_page.made(page), "run: .venv/bin/python tests/house/terminal_page.py"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_everything_that_is_made_can_be_made() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    goals = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = {goal for page in PAGES for goal in GOAL.findall(page.read_text(encoding="utf-8"))}
    assert {"run", "test", "check", "bench"} <= told
    assert told <= goals
    for program in re.findall(r"\$\(BIN\)/python (\S+\.py)", makefile):
        assert (REPOSITORY / program).exists(), program
