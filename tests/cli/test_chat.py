"""`hubbub chat`: in a pipe, and on a real terminal."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from cli.program import hubbub, running
from cli.terminal import TMUX, Terminal, terminal
from client.servers import Visitor, pair, select_server, serving

if TYPE_CHECKING:
    from pathlib import Path

on_a_terminal = pytest.mark.skipif(TMUX is None, reason="needs tmux for a terminal")


# --- in a pipe


async def test_a_pipe_is_sent_line_by_line_and_answers_are_printed() -> None:
    async def script(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"bot"
        assert await visitor.read_frame() == b"one"
        assert await visitor.read_frame() == b"/who"
        assert await visitor.read_to_end() == b""
        await visitor.send(pair("server", "2 here: ada, bot") + pair("ada", "hi bot"))

    async with serving(script) as address:
        status, out, err = await hubbub("chat", address, "--name", "bot", given=b"one\n\n/who\n")
    assert (status, err) == (0, "")
    assert re.sub(r"\d\d:\d\d", "12:03", out) == (
        "12:03 -- server: 2 here: ada, bot\n12:03 ada > hi bot\n"
    )


async def test_quit_in_a_pipe_leaves_and_is_not_said() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        assert await visitor.read_to_end() == b"2         hi"

    async with serving(script) as address:
        outcome = await hubbub("chat", address, "--name", "bot", given=b"hi\n/quit\nnot this\n")
    assert outcome == (0, "", "")


async def test_ctrl_c_in_a_pipe_leaves_well() -> None:
    async with select_server() as (address, output):
        async with running("chat", address, "--name", "bot") as process:
            assert b"username: bot" in await output.readline()
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
            assert process.stderr is not None
            assert await process.stderr.read() == b""
        assert await output.readline() == b"Closed connection from: bot\n"


async def test_a_pipe_comes_back_when_the_line_is_cut() -> None:
    async def first(visitor: Visitor) -> None:
        await visitor.read_frame()
        visitor.reset()
        cut.set()

    async def second(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"bot"
        assert await visitor.read_frame() == b"still here"
        assert await visitor.read_to_end() == b""

    cut = asyncio.Event()
    async with (
        serving(first, second) as address,
        running("chat", address, "--name", "bot") as process,
    ):
        assert process.stdin is not None
        assert process.stderr is not None
        await cut.wait()
        said = await process.stderr.readline()
        assert b"trying again (the server cut the connection)" in said
        process.stdin.write(b"still here\n")
        process.stdin.close()
        assert await process.wait() == 0


async def test_a_server_of_another_width_ends_it_with_what_to_try() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(pair("ada", "hello all", 8))
        await visitor.read_to_end()

    async with serving(script) as address, running("chat", address, "--name", "bot") as process:
        assert await process.wait() == 1
        assert process.stderr is not None
        assert b"try --header-length 8" in await process.stderr.read()


async def test_nobody_there_is_status_2() -> None:
    status, out, err = await hubbub("chat", "localhost:1", "--name", "ada")
    assert (status, out) == (2, "")
    assert err.startswith("hubbub: nothing listens at localhost port 1")


async def test_a_bad_name_is_status_2_before_any_connection() -> None:
    async with serving() as address:
        status, _, err = await hubbub("chat", address, "--name", "x" * 201)
    assert status == 2
    assert "longer than 200 bytes" in err


# --- on a terminal


@on_a_terminal
async def test_a_message_does_not_tear_the_line_being_typed(tmp_path: Path) -> None:
    async with (
        select_server() as (address, output),
        terminal(tmp_path, "chat", "--plain", address, "--name", "ada") as pane,
    ):
        assert b"username: ada" in await output.readline()
        await pane.until("ada >")
        await pane.type("half a li")
        await pane.until("ada > half a li")
        assert (await hubbub("say", address, "hello ada", "--name", "bob")).status == 0
        # Above the line, which is whole and the last thing on the screen.
        whole = r"^\d\d:\d\d bob > hello ada\nada > half a li\n*\Z"
        await pane.until(re.compile(whole, re.MULTILINE))
        await pane.type("ne")
        await pane.press("Enter")
        shown_once = r"bob > hello ada\n\d\d:\d\d ada > half a line\nada >\n*\Z"
        await pane.until(re.compile(shown_once))
        for _ in range(3):
            await output.readline()  # bob comes, speaks and goes
        assert await output.readline() == b"Received message from ada: half a line\n"
        await leave(pane, "C-d")
        assert await output.readline() == b"Closed connection from: ada\n"


async def leave(pane: Terminal, key: str) -> None:
    await pane.press(key)
    await pane.until("status 0")


@on_a_terminal
async def test_a_paste_waits_for_enter_and_is_shown_as_the_lines_it_becomes(tmp_path: Path) -> None:
    async with (
        select_server() as (address, output),
        terminal(tmp_path, "chat", "--plain", address, "--name", "ada") as pane,
    ):
        assert b"username: ada" in await output.readline()
        await pane.until("ada >")
        pasted = "\r".join(f"line {number}" for number in range(40))
        await pane.type(f"\x1b[200~{pasted}\x1b[201~")
        screen = await pane.until("Enter sends these 40 lines")
        assert "joined" in screen, "the conversation is still to be seen"
        await pane.press("C-u")
        for _ in range(39):
            await pane.press("BSpace")
            await pane.press("C-u")
        await pane.type("\x1b[200~one\rtwo\x1b[201~")
        await pane.until("Enter sends these 2 lines")
        await pane.press("Enter")
        await pane.until(re.compile(r"\d\d:\d\d ada > one\n\d\d:\d\d ada > two\nada >\n*\Z"))
        for text in (b"one", b"two"):
            assert await output.readline() == b"Received message from ada: " + text + b"\n"
        await leave(pane, "C-d")


@on_a_terminal
@pytest.mark.parametrize("reads_on", [True, False], ids=["it takes all", "ctrl-c"])
async def test_quit_behind_a_paste_waits_for_the_server(tmp_path: Path, reads_on: bool) -> None:
    told, left = asyncio.Event(), asyncio.Event()

    async def script(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"
        await told.wait()
        if reads_on:
            assert (await visitor.read_to_end()).count(b"line") == 40
        else:
            await left.wait()

    async with (
        serving(script) as address,
        terminal(tmp_path, "chat", "--plain", address, "--name", "ada") as pane,
    ):
        await pane.until("ada >")
        pasted = "\r".join(f"line {number}" for number in range(40))
        await pane.type(f"\x1b[200~{pasted}\x1b[201~")
        await pane.until("Enter sends these 40 lines")
        await pane.press("Enter")
        await pane.until(re.compile("ada > line 39\nada >"))
        await pane.type("/quit")
        await pane.press("Enter")
        await pane.until(re.compile(r"waiting for the server to take \d+ lines; Ctrl-C leaves now"))
        told.set()
        if reads_on:
            await pane.until("status 0")
        else:
            await pane.press("C-c")
            await pane.until("hubbub: left at once: what was said last may not have arrived")
            await pane.until("status 1")
        left.set()


@on_a_terminal
async def test_the_name_is_asked_for_before_connecting(tmp_path: Path) -> None:
    async with (
        select_server() as (address, output),
        terminal(tmp_path, "chat", "--plain", address) as pane,
    ):
        await pane.until("Your name [")
        # Nobody is connected yet: another client is served.
        assert (await hubbub("say", address, "hi", "--name", "bob")).status == 0
        await pane.type(" ")
        await pane.press("Enter")
        await pane.until("The name is empty; please type another.")
        await pane.type("Zoë")
        await pane.press("Enter")
        await pane.until("as Zoë")
        for _ in range(3):
            assert b"bob" in await output.readline()
        assert "username: Zoë" in (await output.readline()).decode()
        await pane.type("/quit")
        await leave(pane, "Enter")


@on_a_terminal
async def test_earlier_lines_come_back_with_the_arrow_keys(tmp_path: Path) -> None:
    async with (
        select_server() as (address, _),
        terminal(tmp_path, "chat", "--plain", address, "--name", "ada") as pane,
    ):
        await pane.until("ada >")
        await pane.type("again")
        await pane.press("Enter")
        await pane.until(re.compile(r"\d\d:\d\d ada > again"))
        await pane.press("Up")
        await pane.until(re.compile(r"^ada > again", re.MULTILINE))
        await leave(pane, "C-c")


@on_a_terminal
async def test_what_is_typed_while_the_line_is_cut_is_kept_and_sent(tmp_path: Path) -> None:
    async def first(visitor: Visitor) -> None:
        await visitor.read_frame()
        visitor.reset()

    async def second(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"
        await visitor.send(pair("bob", "welcome back"))
        assert await visitor.read_to_end() == b"7         are you"

    async with AsyncExitStack() as terminals:
        async with serving(first) as address:
            chat = terminal(tmp_path, "chat", "--plain", address, "--name", "ada")
            pane = await terminals.enter_async_context(chat)
            await pane.until("disconnected: the server cut the connection")
        screen = await pane.until("nothing listens")
        assert "what you type is kept" in screen.replace("\n", "")
        await pane.type("are you")
        await pane.press("Enter")
        await pane.until("ada > are you (not sent yet)")
        async with serving(second, port=int(address.rpartition(":")[2])):
            assert "-- sent what was kept: 1 line" in await pane.until("bob > welcome back")
            await leave(pane, "C-d")


@on_a_terminal
@pytest.mark.parametrize("changed", [{}, {"NO_COLOR": "1"}], ids=["colour", "NO_COLOR"])
async def test_colour_is_never_the_only_carrier_and_can_be_off(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "hi") + pair("server", "error: no"))
        await visitor.read_to_end()

    async with (
        serving(script) as address,
        terminal(tmp_path, "chat", "--plain", address, "--name", "ada", **changed) as pane,
    ):
        screen = await pane.until("!! server: error: no")
        assert "bob > hi" in screen
        coloured = re.search("\x1b\\[3[1-7]m", await pane.screen(colours=True)) is not None
        assert coloured == (not changed)
        await leave(pane, "C-d")


@on_a_terminal
async def test_a_dumb_terminal_is_served_line_by_line(tmp_path: Path) -> None:
    async with (
        select_server() as (address, output),
        terminal(tmp_path, "chat", address, "--name", "ada", TERM="dumb") as pane,
    ):
        assert b"username: ada" in await output.readline()
        assert (await hubbub("say", address, "hello", "--name", "bob")).status == 0
        await pane.until("bob > hello")
        await pane.type("hi bob")
        await pane.press("Enter")
        for _ in range(3):
            await output.readline()  # bob comes, speaks and goes
        assert await output.readline() == b"Received message from ada: hi bob\n"
        await leave(pane, "C-d")
