"""The client is killed while it sends, again and again: the server holds each message once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from client.cutting import cut_line
from client.local.keeper import keeping
from client.local.typist import line
from hubbub import client
from hubbub.client import Message
from running.server import UNLIMITED, environment, start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KILLS = 20
LINES = 400
TYPIST = Path(__file__).with_name("typist.py")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def run_until(state: Path, port: int, printed: int) -> int:
    """One run of the typist, killed after so many lines; its exit status, or -9."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, TYPIST, state, f"irc://127.0.0.1:{port}", "ada", str(LINES)),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async for _ in process.stdout:
            printed -= 1
            if printed == 0:
                break
    finally:
        if printed == 0:
            process.kill()
    return await process.wait()


async def history(port: int) -> AsyncIterator[str]:
    """All that ada has said, as the server keeps it, the latest first."""
    async with client.connect(f"irc://127.0.0.1:{port}", name="eve", everything=True) as eve:
        before = ""
        while page := await eve.history("#lobby", before=before):
            said = [event for event in page if isinstance(event, Message)]
            for message in reversed(said):
                if message.sender == "ada":
                    yield message.text
            before = said[0].msgid


@pytest.mark.parametrize("seed", [1, 2])
async def test_twenty_kills_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        # The line is cut as well, so that some is typed while there is none.
        async with cut_line(server.port, random, every=(2_000, 30_000)) as cut:
            for _ in range(KILLS):
                assert await run_until(tmp_path / "state", cut.port, random.randint(1, 15)) == -9
            cut.whole = True
            assert await run_until(tmp_path / "state", cut.port, -1) == 0
        found = [text async for text in history(server.port)]
        async with keeping(
            tmp_path / "state", f"irc://127.0.0.1:{cut.port}", "ada", connected=False
        ) as ada:
            kept = await ada.kept("#lobby")
    # A text of several lines is one message or several, as the server can.
    assert "\n".join(found[::-1]) == "\n".join(line("ada", number) for number in range(LINES))
    assert kept == found[::-1]
