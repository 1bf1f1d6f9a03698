"""The greeting: what every client waits for, and the parts of it that can be asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said
from hubbub.doors.irc.capabilities import TABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

MOTD = "Welcome.\n\nBe kind."


async def test_it_comes_in_the_order_that_clients_count_on(opened: Opened) -> None:
    stage = await opened({"irc.motd": MOTD, "network": "Wonderland"})
    async with Client(stage.port) as alice:
        heard = [words for words in said(await alice.arrive("alice")) if words[1] != "CAP"]
        numerics = list(dict.fromkeys(words[1] for words in heard))
        assert numerics == [
            *("001", "002", "003", "004", "005"),
            *("251", "254", "255", "265", "266"),
            *("375", "372", "376"),
        ]
        assert heard[0] == ("hubbub.local", "001", "alice", "Welcome to Wonderland, alice")
        assert [words[3] for words in heard if words[1] == "372"] == [
            "- Welcome.",
            "- ",
            "- Be kind.",
        ]


async def test_a_long_line_of_it_is_told_whole(opened: Opened) -> None:
    text = "дождь " * 300
    stage = await opened({"irc.motd": text, "irc.name": "x" * 63})
    async with Client(stage.port) as alice:
        lines = said(await alice.arrive("a" * 64), "372")
        assert "".join(words[3].removeprefix("- ") for words in lines) == text


async def test_nothing_is_cut_when_names_are_as_long_as_they_may_be(opened: Opened) -> None:
    stage = await opened({"irc.name": "x" * 63, "limits.message_burst": 1000})
    async with Client(stage.port) as alice:
        heard = said(await alice.arrive("a" * 64))
        tokens = [token for words in heard if words[1] == "005" for token in words[3:-1]]
        assert tokens == stage.doors.irc.isupport
        assert {words[-1] for words in heard if words[1] == "005"} == {
            "are supported by this server"
        }
        alice.send("CAP LS 302")
        listed = " ".join(words[-1] for words in said(await alice.heard(), "CAP"))
        assert [one.partition("=")[0] for one in listed.split()] == list(TABLE)
        nicks = [f"{number:b>20}" for number in range(60)]
        alice.send(f"MONITOR + {','.join(nicks[:20])}", f"MONITOR + {','.join(nicks[20:40])}")
        assert len(await alice.heard()) == 4
        alice.send("MONITOR L")
        listed = ",".join(words[3] for words in said(await alice.heard(), "732"))
        assert listed.split(",") == nicks[:40]


async def test_without_a_message_of_the_day_it_says_so(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        assert said(await alice.arrive("alice"))[-1][1] == "422"
        alice.send("MOTD")
        assert [words[1] for words in said(await alice.heard())] == ["422"]


async def test_it_counts_who_is_here(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob, Client(stage.port) as new:
        await alice.arrive("alice")
        await bob.arrive("bob")
        bob.send("MODE bob +i", "JOIN #tea")
        await bob.heard()
        new.send("CAP LS")
        assert await new.line() is not None
        alice.send("LUSERS")
        assert [words[1:2] + words[3:] for words in said(await alice.heard())] == [
            ("251", "There are 1 users and 1 invisible on 1 servers"),
            ("253", "1", "unknown connections"),
            ("254", "2", "channels formed"),
            ("255", "I have 2 clients and 0 servers"),
            ("265", "2", "2", "Current local users 2, max 2"),
            ("266", "2", "2", "Current global users 2, max 2"),
        ]


async def test_tokens_are_a_batch_for_those_who_know_it(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", "batch", "draft/extended-isupport")
        alice.send("ISUPPORT")
        first, *tokens, last = await alice.heard()
        assert (first.command, first.params[1:]) == ("BATCH", ["draft/isupport"])
        assert {line.tags["batch"] for line in tokens} == {first.params[0][1:]}
        assert last.params == [f"-{first.params[0][1:]}"]
        await bob.arrive("bob")
        bob.send("ISUPPORT")
        assert {words[1] for words in said(await bob.heard())} == {"005"}


async def test_tokens_before_a_name_are_for_those_who_know_that_they_can(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        alice.send("CAP REQ draft/extended-isupport", "ISUPPORT")
        heard = said(await alice.heard())
        assert heard[0][1] == "CAP"
        assert {words[1:3] for words in heard[1:]} == {("005", "*")}
    async with Client(stage.port) as bob:
        bob.send("CAP LS", "ISUPPORT")
        assert said(await bob.heard())[-1][1] == "451"


async def test_capabilities_are_one_line_for_those_who_know_no_more(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        alice.send(f"NICK {'a' * 64}", "USER a 0 * :A")
        await alice.heard()
        alice.send("CAP LS")
        ((_, _, _, subcommand, words),) = said(await alice.heard())
        assert subcommand == "LS"
        assert {"server-time", "message-tags", "standard-replies"} < set(words.split())
        assert not set("=/") & set(words)
        alice.send("CAP LS 302")
        assert "draft/chathistory" in " ".join(words[-1] for words in said(await alice.heard()))
