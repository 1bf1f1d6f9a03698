"""Every play, through every door that can speak it, on every store that can keep it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conversations import play
from conversations.casting import DOORS, Casting
from conversations.stage import Stage

PLAYS = [play.read(path) for path in sorted(Path(__file__).parent.glob("*.play"))]
SEND_BUFFER = 4096
"""Bytes the system keeps for one reader, so that a slow one is slow at once."""


def durabilities(script: play.Play, door: str) -> tuple[str, ...]:
    """The stores a play is performed on: other ways of carrying IRC make no difference there."""
    only_one = script.wants_a_disk or door in {"tls", "websocket", "mixed"}
    return ("full",) if only_one else ("full", "none")


PERFORMANCES = [
    pytest.param(script, door, durability, id=f"{script.path.stem}-{door}-{durability}")
    for script in PLAYS
    for door in sorted(script.doors or DOORS)
    for durability in durabilities(script, door)
]


@pytest.mark.parametrize(("script", "door", "durability"), PERFORMANCES)
async def test_play(script: play.Play, door: str, durability: str, tmp_path: Path) -> None:
    settings = {"durability": durability, "tls": "auto", **script.settings}
    async with Stage(tmp_path, settings, send_buffer=SEND_BUFFER) as stage:
        await play.Performance(script, stage, Casting(door)).perform()


def test_every_line_of_the_language_is_played() -> None:
    lines = [line for script in PLAYS for _, line in script.lines]
    assert not [form for form in play.LINES if not any(re.fullmatch(form, line) for line in lines)]
