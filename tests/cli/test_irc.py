"""`hubbub say`, `tail` and `chat` by IRC, with our server."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from cli.program import hubbub, running
from cli.terminal import TMUX, terminal
from client.servers import Visitor, serving
from hubbub import client
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from running.server import Server


@asynccontextmanager
async def house(data: Path, *flags: str) -> AsyncIterator[Server]:
    with await asyncio.to_thread(start_server, data, *flags) as server:
        yield server


async def test_what_say_called_saved_survives_kill_9(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        given = b"".join(b"line %d\n" % number for number in range(5))
        address = f"localhost:{server.port}"
        assert await hubbub("say", address, "--name", "ada", given=given) == (0, "", "")
        server.kill()
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(address, name="bob", recent=20) as bob:
            heard = []
            async for message in bob:
                assert message.replayed
                heard.append((message.sender, message.text))
                if len(heard) == 5:
                    break
        assert heard == [("ada", f"line {number}") for number in range(5)]


async def test_what_the_server_refuses_is_status_1(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(f"irc://{address}/#quiet", name="ada") as ada:
            await ada.ask("MODE", "#quiet", "+m")
            status, _, err = await hubbub("say", address, "hi", "--room", "#quiet", "--name", "bob")
    assert status == 1
    assert err.startswith("hubbub: the server refused it: ")


async def test_a_server_that_says_nothing_of_it_is_status_1() -> None:
    async def mute(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(b":s 001 a :Welcome\r\n:s 422 a :No MOTD\r\n")
        await visitor.read()
        await visitor.send(b":a!u@h JOIN #lobby\r\n:s PONG s hubbub-1\r\n")
        await visitor.read_to_end()

    async with serving(mute) as address:
        where = address.replace("classic://", "irc://")
        status, _, err = await hubbub("say", where, "hi", "--name", "a", "--timeout", "0.2")
    assert status == 1
    assert "said nothing of it within 0.2 s" in err


async def test_say_with_tls_trusts_the_words_that_the_server_shows(tmp_path: Path) -> None:
    async with house(tmp_path / "data", "--tls", "auto") as server:
        (shown,) = [line for line in server.lines if " certificate " in line]
        words = shown.partition("words=")[2].split(" ")[0]
        address = f"ircs://localhost:{server.port}"
        assert (await hubbub("say", address, "hi", "--name", "ada", "--trust", words)).status == 0
        # Or it is believed at first sight, in words that can be compared, and remembered.
        status, _, err = await hubbub("say", address, "hi", "--name", "ada")
        assert status == 0
        assert f"is believed from now on: {words}" in err
        assert await hubbub("say", address, "hi", "--name", "ada") == (0, "", "")
        status, out, _ = await hubbub("trust", "list")
        assert out.startswith(f"localhost:{server.port}  {words}  20")
        assert (await hubbub("trust", "forget", f"localhost:{server.port}")).status == 0
        assert await hubbub("trust", "list") == (0, "", "")
        status, _, err = await hubbub("trust", "forget", "localhost")
        assert status == 1
        assert "of localhost:1234 no certificate was remembered" in err


async def test_tail_tells_who_says_what_where(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        assert (await hubbub("say", address, "before", "--name", "bob")).status == 0
        async with running("tail", address, "--json", "--name", "ear") as tail:
            assert tail.stdout is not None
            past = json.loads(await tail.stdout.readline())
            assert (past["text"], past["replayed"], past["room"]) == ("before", True, "#lobby")
            assert (await hubbub("say", address, "now", "--name", "bob")).status == 0
            came, said, went = [json.loads(await tail.stdout.readline()) for _ in range(3)]
        assert (came["kind"], came["text"]) == ("notice", "bob joined #lobby")
        assert (said["kind"], said["sender"], said["text"]) == ("message", "bob", "now")
        assert "replayed" not in said
        assert said["msgid"]
        assert went["text"].startswith("bob left #lobby")


async def test_a_pipe_has_commands_and_their_answers(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(address, name="ada") as ada:
            given = b"hi\n/me waves\n//slash\n/who\n/msg ada psst\n/join #tea\nin there\n"
            outcome = await hubbub("chat", address, "--name", "bob", given=given)
            assert outcome.status == 0, outcome.err
            assert "-- 2 in #lobby: ada, bob\n" in outcome.out
            assert "-- you talk in #tea now\n" in outcome.out
            heard = []
            async for message in ada:
                heard.append((message.text, message.action, message.direct))
                if message.direct:
                    break
        assert heard == [
            ("hi", False, False),
            ("waves", True, False),
            ("/slash", False, False),
            ("psst", False, True),
        ]


async def test_a_name_that_is_changed_is_said(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(address, name="ben"):
            outcome = await hubbub("say", address, "hi", "--name", "ben")
            assert outcome == (0, "", "hint: ben is taken, you are ben_2\n")
            outcome = await hubbub("say", address, "hi", "--name", "Ben Ada")
            assert outcome == (0, "", "hint: Ben Ada is no name there, you are Ben_Ada\n")
            outcome = await hubbub("chat", address, "--name", "ben", given=b"hi\n")
            assert (outcome.status, outcome.err) == (0, "hint: ben is taken, you are ben_2\n")


async def test_a_room_may_be_named_without_its_sign(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        given = b"/join tea\n/who tea\n"
        outcome = await hubbub("chat", address, "--name", "bob", "--room", "den", given=given)
    assert outcome.status == 0, outcome.err
    assert "-- you talk in #tea now\n" in outcome.out
    assert "-- 1 in #tea: @bob\n" in outcome.out


async def test_what_was_said_is_searched_for(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        assert (await hubbub("say", address, "green tea; hot", "--name", "ada")).status == 0
        given = b"/search tea; from:ada\n/search coffee\n/msg hubbub search tea\n"
        outcome = await hubbub("chat", address, "--name", "bob", given=given)
        assert outcome.status == 0, outcome.err
        assert "ada > green tea; hot\n-- found: 1\n" in outcome.out
        assert "-- nothing was found\n" in outcome.out
        assert "-- hubbub: Found: 1.\n" in outcome.out, "what the house says to us alone"
        refused = await hubbub("chat", address, "--name", "bob", given=b"/search after:never\n")
    assert refused.status == 1
    assert "error: " in refused.err


async def test_in_no_room_there_is_nowhere_to_talk(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        given = b"/part\nhello?\n/me waves\n/who\n/topic\n/part\n"
        outcome = await hubbub("chat", address, "--name", "bob", given=given)
    assert outcome.status == 1
    assert "-- you are in no room\n" in outcome.out
    assert outcome.err.count("!! error: you are in no room: /join #ROOM\n") == 5


async def test_a_refusal_names_what_it_is_about(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(address, name="ada"):
            given = b"/msg nobody hi\n/nick ada\n"
            outcome = await hubbub("chat", address, "--name", "bob", given=given)
    assert outcome.status == 1
    assert "error: nobody: No such nick\n" in outcome.out
    assert "error: ada: " in outcome.err


async def test_a_command_that_is_none_is_status_1(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        status, _, err = await hubbub("chat", address, "--name", "bob", given=b"/nope\n")
    assert status == 1
    assert "there is no command /nope; /help lists them, // says a /" in err


async def test_help_lists_every_command(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as server:
        outcome = await hubbub("chat", f"localhost:{server.port}", "--name", "a", given=b"/help\n")
    for command in ("/me", "/msg", "/who", "/join", "/part", "/nick", "/topic", "/quit"):
        assert f"-- {command}" in outcome.out


@pytest.mark.skipif(TMUX is None, reason="needs tmux for a terminal")
async def test_on_a_terminal_it_comes_back_as_before_when_the_server_was_killed(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as terminals:
        async with house(tmp_path / "data") as server:
            chat = terminal(
                tmp_path, "chat", "--plain", f"localhost:{server.port}", "--name", "ada"
            )
            pane = await terminals.enter_async_context(chat)
            await pane.until("as ada in #lobby")
            await pane.type("/me waves")
            await pane.press("Enter")
            await pane.until("* ada waves")
            port = str(server.port)
        await pane.until("nothing listens")
        await pane.type("are you there?")
        await pane.press("Enter")
        await pane.until("ada > are you there? (not sent yet)")
        async with house(tmp_path / "data", "--port", port):
            screen = await pane.until("sent what was kept: 1 line")
            assert "as ada in #lobby, as before" in screen
            await pane.press("C-d")
            await pane.until("status 0")


@pytest.mark.skipif(TMUX is None, reason="needs tmux for a terminal")
async def test_on_a_terminal_the_room_one_talks_in_is_the_one_without_a_mark(
    tmp_path: Path,
) -> None:
    async with house(tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with (
            client.connect(address, name="bob", rooms=["#lobby", "#tea"]) as bob,
            terminal(tmp_path, "chat", "--plain", address, "--name", "bob") as pane,
        ):
            await pane.until("-- bob is taken, you are bob_2: /nick changes it")
            await pane.type("/nick ada")
            await pane.press("Enter")
            await pane.until(re.compile("^#lobby ada >", re.MULTILINE))
            await pane.type("/join #tea")
            await pane.press("Enter")
            await pane.until(re.compile("^#tea ada >", re.MULTILINE))
            await bob.say("here", "#tea")
            await bob.say("there", "#lobby")
            screen = await pane.until("there")
            assert re.search(r"^\d\d:\d\d bob > here$", screen, re.MULTILINE)
            assert re.search(r"^\d\d:\d\d \[#lobby\] bob > there$", screen, re.MULTILINE)
            await pane.type("/msg nobody hi")
            await pane.press("Enter")
            await pane.until("ada > to nobody: hi (not said)")
            await pane.press("C-d")
            await pane.until("status 0")
