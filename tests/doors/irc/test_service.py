"""The service: what the house answers those who write to it, from both kinds of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said
from doors.irc.test_chathistory import LABELLED
from doors.irc.test_search import come, stage, texts
from doors.peer import Peer, arrived
from hubbub.doors.irc.door import IrcDoor

if TYPE_CHECKING:
    import pytest

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

__all__ = ["stage"]


def told(lines: list[Line]) -> list[str]:
    """What the service says."""
    assert {(line.source.split("@")[0], line.command) for line in lines} == {
        ("hubbub!hubbub", "NOTICE")
    }
    return [line.params[-1] for line in lines]


async def ask(client: Client, words: str, *, to: str = "hubbub") -> list[str]:
    client.send(f"PRIVMSG {to} :{words}")
    return told(await client.heard())


async def test_the_house_searches_for_those_who_cannot(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await come(alice, "alice", "#tea", caps=())
        await come(bob, "bob", "#tea", caps=())
        alice.send("PRIVMSG #tea :東京で会いましょう", "PRIVMSG bob :green tea")
        alice.send("PRIVMSG #tea :\x01ACTION drinks tea\x01", "PRIVMSG @#tea :strong tea")
        await alice.heard()
        await bob.heard()

        (hit, count) = await ask(bob, "search 東京")
        assert hit.endswith("] #tea <alice> 東京で会いましょう")
        assert count == "Found: 1."
        *hits, count = await ask(alice, "Search tea", to="HubBub")
        assert sorted(hit.partition("] ")[2] for hit in hits) == [
            "#tea * alice drinks tea",
            "(to bob) <alice> green tea",
            "@#tea <alice> strong tea",
        ]
        assert count == "Found: 3."
        assert len(await ask(bob, "search tea")) == 3
        assert await ask(bob, "search coffee") == ["Nothing was found."]
        assert said(await alice.heard()) == []


async def test_it_shows_so_many_and_says_so(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea", caps=())
        alice.send(*(f"PRIVMSG #tea :tea {number}" for number in range(30)))
        await alice.heard()
        *hits, count = await ask(alice, "search tea")
        assert [hit.split()[-1] for hit in hits] == [str(number) for number in range(10, 30)]
        assert count.startswith("Shown: 20. There may be more")


async def test_it_shows_long_messages_in_one_line(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as klaus:
        await come(alice, "alice", "#lobby", caps=())
        await arrived(klaus, "Klaus")
        await klaus.say(f"cake\n{'é' * 600}")
        await klaus.until_answered()
        await alice.heard()
        long, count = await ask(alice, "search cake")
        assert "#lobby <Klaus> cake ééé" in long
        assert long.endswith("é…")
        assert count == "Found: 1."


async def test_it_helps_who_does_not_know_how(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", caps=())
        usage = await ask(alice, "help")
        assert usage[0].startswith("search WORDS - ")
        assert await ask(alice, "HELP me") == usage
        assert (await ask(alice, "hello?"))[1:] == usage
        (why,) = await ask(alice, "search")
        assert why.startswith("The search has no word to look for")
        (why,) = await ask(alice, "search before:never")
        assert why.startswith("before: needs a date")
        alice.send("PRIVMSG alice,hubbub :search tea")
        (why,) = told((await alice.heard())[1:])
        assert why == "Please ask me alone: /msg hubbub search WORDS"


async def test_programs_get_no_answer(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", caps=("message-tags",))
        alice.send("NOTICE hubbub :search tea", "PRIVMSG hubbub :\x01VERSION\x01")
        alice.send("@+typing=active TAGMSG hubbub")
        assert said(await alice.heard()) == []


async def test_what_it_is_told_is_kept_nowhere(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea", caps=(*LABELLED, "soju.im/search"))
        alice.send("@label=x;+draft/reply=y PRIVMSG hubbub :search tea")
        begin, echo, answer, _ = await alice.heard()
        assert begin.tags["label"] == "x"
        assert said([echo, answer]) == [
            ("alice", "PRIVMSG", "hubbub", "search tea"),
            ("hubbub", "NOTICE", "alice", "Nothing was found."),
        ]
        assert echo.tags["+draft/reply"] == "y"
        assert {"time", "msgid"} <= set(echo.tags)
        assert await texts(alice, "from=alice") == []
        alice.send("CHATHISTORY LATEST hubbub * 5")
        assert said(await alice.heard(), "FAIL")[0][2:5] == (
            "CHATHISTORY",
            "INVALID_TARGET",
            "LATEST",
        )


async def test_nobody_can_be_called_so(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", caps=())
        for nick in ("hubbub", "HUBBUB", "hubbub_"):
            alice.send(f"NICK {nick}")
            assert said(await alice.heard(), "432")
        alice.send("WHOIS Hubbub")
        lines = said(await alice.heard())
        assert [line[1] for line in lines] == ["311", "312", "318"]


async def test_it_is_always_there(stage: Stage) -> None:
    """Clients watch whom they write to."""
    async with Client(stage.port) as alice:
        await come(alice, "alice", caps=())
        alice.send("MONITOR + hubbub,bob", "MONITOR L")
        assert [line[1:] for line in said(await alice.heard())] == [
            ("730", "alice", "hubbub!hubbub@hubbub.local"),
            ("731", "alice", "bob"),
            ("732", "alice", "bob"),
            ("733", "alice", "End of MONITOR list"),
        ]


async def test_a_search_costs_more_than_a_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        spent: list[float] = []
        monkeypatch.setattr(IrcDoor, "charge", lambda _, cost: spent.append(cost))
        alice.send("SEARCH text=tea", "PRIVMSG hubbub :search tea", "PRIVMSG hubbub :help")
        await alice.heard()
        assert spent == [5.0, 1.0, 4.0, 1.0, 0.2]  # and the PING
