"""`hubbub say`: what it says, and when it says that it worked."""

from __future__ import annotations

import asyncio
import os

import pytest

from cli.program import COMMAND, hubbub, running
from client.servers import Visitor, pair, select_server, serving


async def test_what_is_said_reaches_the_room_and_is_status_0() -> None:
    async with select_server() as (address, output):
        outcome = await hubbub("say", address, "tea", "is ready", "--name", "Zoë")
        assert outcome == (0, "", "")
        lines = [(await output.readline()).decode() for _ in range(3)]
        assert lines[0].endswith("username: Zoë\n")
        assert lines[1:] == [
            "Received message from Zoë: tea is ready\n",
            "Closed connection from: Zoë\n",
        ]


async def test_each_line_of_standard_input_is_a_message() -> None:
    heard: list[bytes] = []

    async def script(visitor: Visitor) -> None:
        heard.extend([await visitor.read_frame() for _ in range(4)])
        assert await visitor.read_to_end() == b""

    async with serving(script) as address:
        outcome = await hubbub("say", address, "--name", "ada", given=b"\none\n\ntwo\xff\r\nthree")
    assert outcome == (0, "", "")
    assert heard == [b"ada", b"one", "two\ufffd".encode(), b"three"]


async def test_a_line_is_said_as_soon_as_it_comes() -> None:
    heard = asyncio.Event()

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        assert await visitor.read_frame() == b"first"
        heard.set()
        await visitor.read_to_end()

    async with serving(script) as address, running("say", address, "--name", "a") as process:
        assert process.stdin is not None
        process.stdin.write(b"first\n")
        await heard.wait()
        process.stdin.write(b"second\n")
        process.stdin.close()
        assert await process.wait() == 0


async def test_no_line_is_no_connection() -> None:
    async with serving() as address:
        assert await hubbub("say", address, given=b"\n  \n") == (0, "", "")


async def test_an_error_pair_is_status_1_and_said() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("server", "error: not now") + pair("bob", "error: me neither"))
        await visitor.read_to_end()

    async with serving(script) as address:
        status, out, err = await hubbub("say", address, "hi", "--name", "ada")
    assert (status, out) == (1, "")
    assert err == "hubbub: the server refused it: not now\n"


async def test_what_others_say_is_not_an_answer() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("server", "bob joined") + pair("bob", "error: hello?"))
        await visitor.read_to_end()

    async with serving(script) as address:
        assert await hubbub("say", address, "hi", "--name", "ada") == (0, "", "")


async def test_a_reset_is_status_1() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.read_frame()
        visitor.reset()

    async with serving(script) as address:
        status, out, err = await hubbub("say", address, "hi", "--name", "ada")
    assert (status, out) == (1, "")
    assert err == "hubbub: the server cut the connection: what was said may not have arrived\n"


async def test_a_server_that_closes_before_all_is_said_is_status_1() -> None:
    gone = asyncio.Event()

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.read_frame()

    async with serving(script) as address, running("say", address, "--name", "a") as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"first\n")
        while not gone.is_set():  # lines go on until one of them finds the door closed
            process.stdin.write(b"more\n")
            try:
                await asyncio.wait_for(process.wait(), 0.01)
            except TimeoutError:
                continue
            gone.set()
        assert process.returncode == 1
        err = (await process.stderr.read()).decode()
        assert "before everything was said" in err or "may not have arrived" in err


async def test_a_server_that_does_not_close_is_status_1_when_time_is_up() -> None:
    ended = asyncio.Event()

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await ended.wait()

    async with serving(script) as address:
        status, _, err = await hubbub("say", address, "hi", "--name", "a", "--timeout", "0.2")
        ended.set()
    assert status == 1
    where = address.removeprefix("classic://")
    assert err.startswith(f"hubbub: {where} did not close within 0.2 s")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["localhost:1", "hi"], "nothing listens at localhost port 1: is the server running"),
        (["my host", "hi"], "is no host"),
        (["localhost", " "], "TEXT is empty"),
        (["localhost", "hi", "--name", "a\nb"], "several lines"),
        (["localhost", "hi", "--header-length", "0"], "--header-length"),
        (["localhost:1", "hi", "--trust", "nonsense"], "'nonsense' is no fingerprint"),
        (["irc://localhost:1", "hi", "--trust", "0" * 64], "in the clear (irc://)"),
        ([], "Missing argument"),
    ],
)
async def test_wrong_usage_and_nobody_there_are_status_2(arguments: list[str], says: str) -> None:
    status, out, err = await hubbub("say", *arguments)
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


async def test_the_dialect_can_be_given_as_options() -> None:
    async def script(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"
        assert await visitor.read_frame() == b"-v"

    async with serving(script, width=64) as address:
        outcome = await hubbub("say", "--name", "ada", "--header-length", "64", address, "--", "-v")
    assert outcome.status == 0


async def test_help_says_what_status_0_means() -> None:
    status, out, _ = await hubbub("say", "--help")
    assert status == 0
    assert "0 means saved" in " ".join(out.split())
    assert "there 0 means sent" in " ".join(out.split())


async def test_from_a_terminal_without_text_there_is_nothing_to_say() -> None:
    ours, theirs = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "say",
            "localhost",
            stdin=theirs,
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await process.communicate()
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 2
    assert b"nothing to say: give TEXT" in err
