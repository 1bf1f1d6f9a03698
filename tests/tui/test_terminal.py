"""The client in a real terminal, at three sizes, with servers of two kinds at once."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from cli.program import hubbub
from cli.terminal import TMUX, Terminal, sized
from client.servers import select_server
from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(TMUX is None, reason="needs tmux for a terminal"),
    pytest.mark.timeout(180),
]


@asynccontextmanager
async def chat(
    folder: Path, address: str, *flags: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Terminal]:
    """`hubbub chat` on the whole of a terminal, with a home of its own."""
    arguments = ("chat", address, "--name", "ada", *flags)
    home = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    home |= {"COLUMNS": "99", "LINES": "9"}  # what a shell may say; the terminal knows better
    async with sized(folder, size, *arguments, **home) as pane:
        await pane.until("Message ")
        yield pane


async def quits(pane: Terminal) -> None:
    await pane.press("C-q")
    await pane.until("status 0")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (45, 20)], ids=str)
async def test_one_comes_in_talks_and_leaves(tmp_path: Path, size: tuple[int, int]) -> None:
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        address = f"127.0.0.1:{server.port}"
        async with chat(tmp_path, address, size=size) as pane:
            await pane.until("Message #lobby")
            await pane.type("green tea is ready")
            await pane.press("Enter")
            await pane.until(re.compile(r"ada green tea is ready ✓"))
            said = await hubbub("say", address, "ada: thank you", "--name", "bob")
            assert said.status == 0
            screen = await pane.until(re.compile(r"┃.*bob ada: thank you"))
            assert ("1 #lobby" in screen) == (size[0] >= 60)
            assert all(len(line) <= size[0] for line in screen.splitlines())
            await quits(pane)


async def test_three_servers_in_one_session(tmp_path: Path) -> None:
    with (
        start_server(tmp_path / "one", env=UNLIMITED) as one,
        start_server(tmp_path / "two", env=UNLIMITED) as two,
    ):
        async with (
            select_server() as (classic, output),
            chat(tmp_path, f"127.0.0.1:{one.port}", size=(100, 30)) as pane,
        ):
            await pane.until("Message #lobby")
            await pane.type(f"/connect 127.0.0.1:{two.port}")
            await pane.press("Enter")
            await pane.until(re.compile(rf"● 127.0.0.1:{two.port}"))
            await pane.type(f"/connect {classic}")
            await pane.press("Enter")
            await pane.until(re.compile(r"Message 127.0.0.1:\d+"))
            await pane.type("ahoy")
            await pane.press("Enter")
            await pane.until("ada ahoy")
            while b"ahoy" not in await output.readline():
                pass
            two.kill()
            await pane.until(re.compile(rf"○ 127.0.0.1:{two.port}"))
            said = await hubbub("say", f"127.0.0.1:{one.port}", "ada: there?", "--name", "bob")
            assert said.status == 0
            await pane.until("@1")
            await pane.press("M-a")
            await pane.until("bob ada: there?")
            await pane.type(f"/disconnect {classic.removeprefix('classic://')}")
            await pane.press("Enter")
            await pane.until("left 127.0.0.1")
            await quits(pane)


async def test_after_a_kill_everything_is_where_it_was(tmp_path: Path) -> None:
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        address = f"127.0.0.1:{server.port}"
        async with chat(tmp_path, address) as pane:
            await pane.until("Message #lobby")
            await pane.type("/join #tea")
            await pane.press("Enter")
            await pane.until("Message #tea")
            await pane.type("oolong")
            await pane.press("Enter")
            await pane.until("oolong ✓")
        said = await hubbub("say", address, "missed", "--name", "bob", "--room", "#tea")
        assert said.status == 0
        async with chat(tmp_path, address) as pane:
            await pane.until(re.compile(r"#tea +1 "))
            await pane.press("M-a")
            screen = await pane.until("bob missed")
            assert screen.count("oolong") == 1
            await quits(pane)


async def test_a_name_is_asked_once(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        arguments = ("chat", f"127.0.0.1:{server.port}")
        async with sized(tmp_path, (80, 24), *arguments, **home) as pane:
            await pane.until("Your name")
            await pane.press("C-u")
            await pane.type("dora")
            await pane.press("Enter")
            await pane.until("Message #lobby")
            await quits(pane)
        async with sized(tmp_path, (80, 24), *arguments, **home) as pane:
            screen = await pane.until("Message #lobby")
            assert "Your name" not in screen
            await pane.type("hello")
            await pane.press("Enter")
            await pane.until("dora hello ✓")
            await quits(pane)


async def test_what_is_typed_while_nobody_is_there_is_said_once(tmp_path: Path) -> None:
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        port = server.port
        async with chat(tmp_path, f"127.0.0.1:{port}") as pane:
            await pane.until("Message #lobby")
            await pane.type("before")
            await pane.press("Enter")
            await pane.until("before ✓")
            server.kill()
            await pane.until("○ ")
            await pane.type("meanwhile")
            await pane.press("Enter")
            await pane.until("kept until there is a connection")
            with start_server(tmp_path / "data", "--port", str(port), env=UNLIMITED):
                screen = await pane.until("meanwhile ✓")
                assert screen.count("meanwhile") == 1
                assert screen.index("before") < screen.index("meanwhile")
                await quits(pane)


async def test_a_pipe_has_no_screen(tmp_path: Path) -> None:
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        outcome = await hubbub(
            "chat", f"127.0.0.1:{server.port}", "--name", "ada", given=b"hello\n"
        )
    assert (outcome.status, "\x1b" in outcome.out) == (0, False)
