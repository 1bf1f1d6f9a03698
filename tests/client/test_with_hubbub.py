"""Our clients with our server by the classic protocol, each a process of its own, as people run
them. By IRC: `test_irc_with_hubbub`.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cli.program import hubbub, running
from hubbub import client
from hubbub.client.events import Event, Joined, Message, Notice, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def house(data: Path, port: int = 0) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """`hubbub serve`; gives its classic address and the process."""
    options = ("--host", "127.0.0.1", "--port", str(port), "--data", str(data))
    async with running("serve", *options) as process:
        found = re.search(r"\bport=(\d+)", await _first_line(process))
        assert found is not None
        yield f"classic://127.0.0.1:{found[1]}", process


async def _first_line(process: asyncio.subprocess.Process) -> str:
    """What the log begins with: where the server is, or why it is not."""
    assert process.stderr is not None
    async with asyncio.timeout(20):
        return (await process.stderr.readline()).decode()


async def test_what_say_called_saved_survives_kill_9(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, process):
        given = b"".join(b"line %d\n" % number for number in range(5))
        assert await hubbub("say", address, "--name", "ada", given=given) == (0, "", "")
        process.kill()
        await process.wait()
    async with house(tmp_path) as (address, _), client.connect(address, name="bob") as chat:
        heard: list[str] = []
        async for message in chat:
            assert message.sender == "ada"
            heard.append(message.text.partition("] ")[2])
            if len(heard) == 5:
                break
        assert heard == [f"line {number}" for number in range(5)]


async def test_tail_hears_what_say_and_a_pipe_say(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as (address, _),
        running("tail", address, "--json", "--name", "ear") as process,
        client.connect(address, name="ada") as chat,
    ):
        async for event in chat.events():
            if isinstance(event, Notice):
                await chat.say("are you there, ear?")
                await chat.say("/msg ear psst")
                break
        assert process.stdout is not None
        said = []
        async for line in process.stdout:
            record = json.loads(line)
            if "psst" in record["text"]:
                break
            said.append((record["kind"], record["sender"], record["text"]))
        assert ("message", "ada", "are you there, ear?") in said


async def test_a_pipe_gets_its_answers_before_it_leaves(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _):
        outcome = await hubbub("chat", address, "--name", "ada", given=b"/who\nbye\n")
    assert outcome.status == 0
    assert "server: " in outcome.out
    assert "ada" in outcome.out


async def test_an_unknown_command_is_status_1(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _):
        status, _, err = await hubbub("say", address, "/nope", "--name", "ada")
    assert status == 1
    assert err.startswith("hubbub: the server refused it: ")


async def test_the_library_tells_people_from_the_house(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, _), client.connect(address, name="ada") as ada:
        async with client.connect(address, name="bob") as bob:
            await bob.say("x" * 5_000)
            await bob.say("/nope")
            await bob.half_close()
            end = await asyncio.wait_for(bob.wait_closed(), 10)
            assert end.clean
            assert any([isinstance(event, Refused) async for event in bob.events()])
        heard = ""
        async for event in ada.events():
            if isinstance(event, Message):
                assert event.sender == "bob"
                heard += event.text
            elif isinstance(event, Notice) and "bob left" in event.text:
                break
        assert heard == "x" * 5_000


async def test_chat_comes_back_after_the_server_was_killed(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, server):
        port = int(address.rpartition(":")[2])
        link = client.Reconnecting(lambda: client.Connection.open(address, name="ada"))
        await link.open()
        events = link.events()
        assert isinstance(await anext(events), client.Joined)
        server.kill()
        await server.wait()
        while not isinstance(await anext(events), client.Waiting):
            pass
        assert not await link.say("said while nobody was there")
    async with house(tmp_path, port), client.connect(address, name="bob") as bob:
        while not isinstance(event := await anext(events), client.CaughtUp):
            pass
        assert event.texts == ("said while nobody was there",)
        async for message in bob:
            if message.text.endswith("said while nobody was there"):
                break
        await link.close()


async def test_coming_back_shows_what_was_missed_and_nothing_twice(tmp_path: Path) -> None:
    back = asyncio.Event()

    async def sleep(_: float) -> None:
        await back.wait()

    async with house(tmp_path) as (address, server):
        port = int(address.rpartition(":")[2])
        link = client.Reconnecting(lambda: client.Connection.open(address, name="ada"), sleep=sleep)
        await link.open()
        events = link.events()
        async with client.connect(address, name="bob") as bob:
            await bob.say("two\tdoors: " + "left, right, " * 200)
            await bob.say("his")
            await shown(events, "his")
            await link.say("mine\nand mine")
            await shown(bob, "and mine")  # who saw it knows that it is saved
            server.kill()
            await server.wait()
    for missed in ("missed", "missed again"):
        back.clear()
        async with house(tmp_path, port) as (address, server):
            said = await hubbub("say", address, missed, "yes", "--name", "bob")
            assert said.status == 0
            back.set()
            async with client.connect(address, name="carol") as carol:
                assert (await shown(carol, f"{missed} yes"))[-1].endswith("yes")
                await until_joined(events)
                await carol.say("welcome back")
                seen = await shown(events, "welcome back")
                assert [re.sub(r"^\[.*?\] ", "", text) for text in seen] == [
                    f"{missed} yes",
                    "welcome back",
                ]
            server.kill()
            await server.wait()
    await link.close()


async def shown(source: AsyncIterable[Event], last: str) -> list[str]:
    """What people say, as it comes, up to a text with this end."""
    texts = []
    async with asyncio.timeout(20):
        async for event in source:
            if isinstance(event, Message):
                texts.append(event.text)
                if event.text.endswith(last):
                    break
    return texts


async def until_joined(events: AsyncIterator[Event]) -> None:
    async with asyncio.timeout(20):
        while not isinstance(await anext(events), Joined):
            pass


async def test_a_pipe_leaves_when_all_it_said_is_saved_while_others_talk(tmp_path: Path) -> None:
    async with house(tmp_path) as (address, process), client.connect(address, name="ada") as ada:

        async def chatter() -> None:
            # Unread at the pipe's end, this would turn its close into a reset.
            async for message in ada:
                await ada.say(f"heard {message.text}")

        chattering = asyncio.create_task(chatter())
        given = b"".join(b"line %d\n" % number for number in range(60))
        piped = await hubbub("chat", address, "--name", "bob", given=given)
        assert (piped.status, piped.err) == (0, "")
        chattering.cancel()
        process.kill()
        await process.wait()
    kept = await hubbub("history", "export", "--data", str(tmp_path))
    records = [json.loads(line) for line in kept.out.splitlines()]
    said = [one["text"] for one in records if one["sender"] == "bob" and one["kind"] == "message"]
    assert said == [f"line {number}" for number in range(60)]
