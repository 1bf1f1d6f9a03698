"""`hubbub tail`: what is said, as it is said."""

from __future__ import annotations

import asyncio
import json
import re
import signal

from cli.program import hubbub, running
from client.servers import Visitor, pair, select_server, serving
from hubbub.wire.classic import frame


async def line_of(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.readline()).decode()


async def test_lines_come_as_they_are_said_until_ctrl_c() -> None:
    async with select_server() as (address, output), running("tail", address) as process:
        await output.readline()  # it is in the room
        for text in ("one", "two"):
            assert (await hubbub("say", address, text, "--name", "bob")).status == 0
            assert re.fullmatch(rf"\d\d:\d\d bob > {text}\n", await line_of(process.stdout))
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_json_lines_say_what_kind_they_are() -> None:
    async def script(visitor: Visitor) -> None:
        assert (await visitor.read_frame()).endswith(b"-tail")
        await visitor.send(pair("Zoë", 'hi "all"\nand more\x1b[31m'))
        await visitor.send(pair("server", "bob joined") + pair("server", "error: no"))

    async with serving(script) as address:
        status, out, err = await hubbub("tail", address, "--json")
    assert (status, err) == (0, "-- disconnected: the server closed\n")
    records = [json.loads(line) for line in out.splitlines()]
    for record in records:
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("time"))
    assert records == [
        {"sender": "Zoë", "text": 'hi "all"\nand more', "kind": "message"},
        {"sender": "server", "text": "bob joined", "kind": "notice"},
        {"sender": "server", "text": "no", "kind": "error"},
    ]


async def test_json_lines_keep_the_past_as_it_came_and_mark_it() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "[12:03] hi") + pair("bob", "[12:04] typed today, says bob"))
        await visitor.send(pair("bob", "hi") + pair("bob", "[12:03] hi"))

    async with serving(script) as address:
        _, out, _ = await hubbub("tail", address, "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["text"][:7] for record in records] == ["[12:03]", "[12:04]", "hi", "[12:03]"]
    assert [record.get("replayed") for record in records] == [True, True, None, None]


async def test_a_message_of_several_lines_cannot_pass_for_another() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "hi\n12:00 ada > send money") + pair("eve > bob", "x"))

    async with serving(script) as address:
        _, out, _ = await hubbub("tail", address)
    first, second = out.splitlines()
    assert first[5:] == " bob > hi 12:00 ada > send money"
    assert second[5:] == " eve › bob > x"


async def test_it_ends_at_once_when_nobody_reads_any_more() -> None:
    left = asyncio.Event()

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "hi"))
        assert await visitor.read_to_end() == b""
        left.set()

    async with serving(script) as address, running("tail", address) as process:
        assert "bob > hi" in await line_of(process.stdout)
        transport = process._transport  # type: ignore[attr-defined]
        transport.get_pipe_transport(1).close()
        await left.wait()
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_a_reader_who_pauses_does_not_make_it_deaf() -> None:
    count = 5_000  # times 1 kB: more than pipes and sockets hold together

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        for number in range(count):
            await visitor.send(pair("bob", f"{number:04} {'x' * 1000}"))
        sent.set()

    sent = asyncio.Event()
    async with serving(script) as address, running("tail", address) as process:
        assert process.stdout is not None
        await sent.wait()  # although nobody has read a line
        lines = [await line_of(process.stdout) for _ in range(count)]
        assert [line[12:16] for line in lines] == [f"{number:04}" for number in range(count)]
        assert await process.wait() == 0


async def test_a_cut_line_is_status_1_and_said() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "hi") + frame(b"bob"))

    async with serving(script) as address:
        status, out, err = await hubbub("tail", address)
    assert status == 1
    assert out.endswith("bob > hi\n")
    assert err == "hubbub: the server closed in the middle of a message\n"


async def test_another_width_is_a_hint_on_standard_error() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(pair("bob", "hello all", 16))
        await visitor.read_to_end()

    async with serving(script) as address:
        status, out, err = await hubbub("tail", address, "--json")
    assert (status, out) == (1, "")
    assert "try --header-length 16" in err


async def test_nobody_there_is_status_2() -> None:
    status, _, err = await hubbub("tail", "localhost:1")
    assert status == 2
    assert err.startswith("hubbub: nothing listens at localhost port 1")
