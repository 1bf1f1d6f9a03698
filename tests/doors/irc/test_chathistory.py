"""CHATHISTORY: what IRC clients read of the past, from both kinds of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.peer import Peer, arrived

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

CAPS = ("draft/chathistory", "batch", "server-time", "message-tags", "echo-message")
PLAYED = (*CAPS, "draft/event-playback")
LABELLED = (*CAPS, "labeled-response")


@pytest.fixture(params=["full", "none"])
async def stage(request: pytest.FixtureRequest, opened: Opened) -> Stage:
    """A server with each kind of store."""
    return await opened({"durability": request.param, "limits.messages_per_second": 0})


def page(lines: list[Line], target: str) -> list[Line]:
    """The lines of the one batch that all of them are."""
    begin, *inside, end = lines
    assert begin.command == end.command == "BATCH"
    assert begin.params[1:] == ["chathistory", target]
    assert [end.params[0][1:]] == [begin.params[0][1:]]
    assert {line.tags["batch"] for line in inside} <= {begin.params[0][1:]}
    return inside


async def ask(client: Client, question: str, target: str = "") -> list[Line]:
    client.send(f"CHATHISTORY {question}")
    return page(await client.heard(), target or question.split(" ")[1])


def texts(lines: list[Line]) -> str:
    return "".join(line.params[-1] for line in lines)


async def talk(client: Client, target: str, words: str) -> list[Line]:
    """Say the words, one a line; the echoes."""
    client.send(*(f"PRIVMSG {target} :{word}" for word in words))
    return [line for line in await client.heard() if line.command == "PRIVMSG"]


# -- questions ---------------------------------------------------------------------------------


async def test_each_subcommand(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea")
        await alice.heard()
        echoes = await talk(alice, "#tea", "0123456789")
        at = [f"msgid={echo.tags['msgid']}" for echo in echoes]

        every = await ask(alice, "LATEST #tea * 50")
        assert [line.tags["msgid"] for line in every] == [echo.tags["msgid"] for echo in echoes]
        assert [line.tags["time"] for line in every] == [echo.tags["time"] for echo in echoes]
        assert said(every) == said(echoes)
        assert [line.source for line in every] == [echo.source for echo in echoes]

        assert texts(await ask(alice, "LATEST #TEA * 3", "#tea")) == "789"
        assert texts(await ask(alice, f"LATEST #tea {at[4]} 3")) == "789"
        assert texts(await ask(alice, f"BEFORE #tea {at[4]} 3")) == "123"
        assert texts(await ask(alice, f"AFTER #tea {at[4]} 3")) == "567"
        assert texts(await ask(alice, f"AROUND #tea {at[4]} 3")) == "345"
        assert texts(await ask(alice, f"BETWEEN #tea {at[2]} {at[7]} 3")) == "345"
        assert texts(await ask(alice, f"between #tea {at[7]} {at[2]} 3")) == "456"
        last = f"timestamp={echoes[-1].tags['time']}"
        assert texts(await ask(alice, f"AFTER #tea {last} 3")) == ""
        assert texts(await ask(alice, "BEFORE #tea timestamp=2262-01-01T00:00:00.000Z 2")) == "89"


async def test_isupport_says_how_much_one_may_ask_for(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        tokens = [word for line in await alice.arrive("alice") for word in line.params]
        assert "CHATHISTORY=200" in tokens
        assert "MSGREFTYPES=msgid,timestamp" in tokens


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("NOTHING #lobby * 50", "INVALID_PARAMS NOTHING"),
        ("LATEST", "INVALID_PARAMS LATEST"),
        ("LATEST #lobby *", "INVALID_PARAMS LATEST"),
        ("LATEST #lobby * 5 6", "INVALID_PARAMS LATEST"),
        ("LATEST #lobby * 0", "INVALID_PARAMS LATEST 0"),
        ("LATEST #lobby * -1", "INVALID_PARAMS LATEST -1"),
        ("LATEST #lobby * many", "INVALID_PARAMS LATEST many"),
        ("LATEST #lobby * 5٣", "INVALID_PARAMS LATEST 5٣"),
        ("BEFORE #lobby * 5", "INVALID_PARAMS BEFORE *"),
        ("BEFORE #lobby msgid= 5", "INVALID_PARAMS BEFORE msgid="),
        ("BEFORE #lobby timestamp=now 5", "INVALID_PARAMS BEFORE timestamp=now"),
        ("BEFORE #lobby id=1 5", "INVALID_MSGREFTYPE BEFORE #lobby"),
        ("BETWEEN #lobby msgid=x 5", "INVALID_PARAMS BETWEEN"),
        ("TARGETS msgid=x msgid=y 5", "INVALID_PARAMS TARGETS msgid=x"),
        ("TARGETS timestamp=2026-01-01T00:00:00.000Z 5", "INVALID_PARAMS TARGETS"),
        ("AFTER #lobby msgid=torn 5", "MESSAGE_ERROR AFTER #lobby"),
        ("LATEST #nowhere * 5", "INVALID_TARGET LATEST #nowhere"),
        ("LATEST #away * 5", "INVALID_TARGET LATEST #away"),
        ("LATEST nobody * 5", "INVALID_TARGET LATEST nobody"),
        ("LATEST @#lobby * 5", "INVALID_TARGET LATEST @#lobby"),
    ],
)
async def test_questions_that_cannot_be_answered(opened: Opened, question: str, code: str) -> None:
    stage = await opened()
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await bob.arrive("bob")
        bob.send("JOIN #away")
        await bob.heard()
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #lobby")
        await alice.heard()
        alice.send(f"CHATHISTORY {question}")
        (line,) = await alice.heard()
        assert (line.command, line.params[0]) == ("FAIL", "CHATHISTORY")
        assert " ".join(line.params[1:-1]) == code


async def test_answers_come_in_the_order_of_questions(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea", "PRIVMSG #tea :a", "CHATHISTORY LATEST #tea * 5", "PING 1")
        alice.send("PRIVMSG #tea :b", "CHATHISTORY LATEST #tea * 5", "PING 2")
        lines = await alice.heard()
        answered = [line for line in lines if line.command in ("PONG", "PRIVMSG", "BATCH")]
        order = [line.params[-1] for line in answered if line.params[0][0] != "-"]
        assert order == ["a", "#tea", "a", "1", "b", "#tea", "a", "b", "2"]


async def test_a_batch_bears_the_label_of_its_question(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *LABELLED)
        alice.send("JOIN #tea", "PRIVMSG #tea :a")
        await alice.heard()
        for question in ("LATEST #tea * 5", "LATEST alice * 5"):
            alice.send(f"@label=x CHATHISTORY {question}")
            begin, *inside = await alice.heard()
            assert begin.tags["label"] == "x"
            assert begin.params[1] == "chathistory"
            assert not any("label" in line.tags for line in inside)
        alice.send("@label=y CHATHISTORY LATEST nobody * 5")
        (line,) = await alice.heard()
        assert (line.command, line.tags["label"]) == ("FAIL", "y")


# -- what is in a page -------------------------------------------------------------------------


async def test_events_for_those_who_want_them(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *PLAYED, "extended-join")
        await bob.arrive("bob", *CAPS)
        alice.send("JOIN #tea", "MODE #tea +k word")
        await alice.heard()
        bob.send("JOIN #tea word")
        await bob.heard()
        alice.send("TOPIC #tea :green", "PRIVMSG #tea :hi", "MODE #tea +v-k bob word")
        await alice.heard()
        bob.send("NICK robert", "TAGMSG #tea")
        await bob.heard()
        alice.send("KICK #tea robert :enough")
        await alice.heard()

        assert said(await ask(alice, "LATEST #tea * 50")) == [
            ("alice", "JOIN", "#tea", "*", "alice the tester"),
            ("alice", "MODE", "#tea", "+k", "*"),
            ("bob", "JOIN", "#tea", "*", "bob the tester"),
            ("alice", "TOPIC", "#tea", "green"),
            ("alice", "PRIVMSG", "#tea", "hi"),
            ("alice", "MODE", "#tea", "+v-k", "bob", "*"),
            ("bob", "NICK", "robert"),
            ("alice", "KICK", "#tea", "robert", "enough"),
        ]
        alice.send("CAP REQ :-draft/event-playback")
        await alice.heard()
        assert said(await ask(alice, "LATEST #tea * 50")) == [("alice", "PRIVMSG", "#tea", "hi")]


async def test_words_keep_their_form(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea", "@+reply=x PRIVMSG #tea :\x01ACTION waves\x01", "NOTICE #tea :psst")
        alice.send("@+a=1;+b PRIVMSG @#tea :operators")
        echoes = [line for line in await alice.heard() if line.command in ("PRIVMSG", "NOTICE")]
        again = await ask(alice, "LATEST #tea * 50")
        assert said(again) == said(echoes)
        assert [line.params[0] for line in again] == ["#tea", "#tea", "@#tea"]
        for echo, line in zip(echoes, again, strict=True):
            assert dict(line.tags) == {"batch": line.tags["batch"]} | dict(echo.tags)


async def test_what_classic_users_say_is_there_in_as_many_lines(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as klaus:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #lobby")
        await alice.heard()
        await arrived(klaus, "Klaus")
        await klaus.say("one\n" + "word " * 200)
        await klaus.say("two")
        await klaus.until_answered()
        live = [line for line in await alice.heard() if line.command == "PRIVMSG"]
        again = await ask(alice, "LATEST #lobby * 2")
        assert said(again) == said(live)
        assert len(again) > 4
        assert [line.tags.get("msgid") for line in again] == [
            line.tags.get("msgid") for line in live
        ]
        assert texts(await ask(alice, "LATEST #lobby * 1")) == "two"


async def test_it_is_there_after_a_restart(opened: Opened) -> None:
    stage = await opened({"durability": "full"})
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *PLAYED)
        alice.send("JOIN #tea", "@+reply=x PRIVMSG #tea :hi")
        before = await alice.heard()
        (echo,) = (line for line in before if line.command == "PRIVMSG")
    await stage.restart()
    async with Client(stage.port) as bob:
        await bob.arrive("bob", *PLAYED)
        bob.send("JOIN #tea")
        await bob.heard()
        every = await ask(bob, "LATEST #tea * 50")
        assert said(every) == [
            ("alice", "JOIN", "#tea"),
            ("alice", "PRIVMSG", "#tea", "hi"),
            ("alice", "QUIT", every[2].params[0]),
            ("bob", "JOIN", "#tea"),
        ]
        assert every[1].source == "alice!guest@history"
        assert dict(every[1].tags) == dict(echo.tags) | {"batch": every[1].tags["batch"]}
        after = f"msgid={echo.tags['msgid']}"
        assert said(await ask(bob, f"AFTER #tea {after} 50"))[-1:] == [("bob", "JOIN", "#tea")]


async def test_pages_put_together_are_the_whole(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *PLAYED)
        alice.send("JOIN #tea")
        await talk(alice, "#tea", "abcdefghijklmnopqrstuvw")
        whole = [line.tags["msgid"] for line in await ask(alice, "LATEST #tea * 200")]
        assert len(whole) == 24

        back: list[str] = []
        at = "LATEST #tea *"
        while found := [line.tags["msgid"] for line in await ask(alice, f"{at} 5")]:
            back = found + back
            at = f"BEFORE #tea msgid={back[0]}"
        assert back == whole

        ahead: list[str] = []
        at = "AFTER #tea timestamp=2020-01-01T00:00:00.000Z"
        while found := [line.tags["msgid"] for line in await ask(alice, f"{at} 5")]:
            ahead += found
            at = f"AFTER #tea msgid={ahead[-1]}"
        assert ahead == whole


# -- conversations, and where there is something -----------------------------------------------


async def test_a_conversation_is_read_by_its_two_persons(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        await talk(alice, "bob", "1")
        await talk(bob, "alice", "2")
        await alice.heard()
        expected = [("alice", "PRIVMSG", "bob", "1"), ("bob", "PRIVMSG", "alice", "2")]
        assert said(await ask(alice, "LATEST bob * 50")) == expected
        assert said(await ask(bob, "LATEST ALICE * 50", "ALICE")) == expected
        alice.send("QUIT")
        await alice.rest()
        assert said(await ask(bob, "LATEST alice * 50")) == expected
        async with Client(stage.port) as mallory:
            await mallory.arrive("alice", *CAPS)
            assert await ask(mallory, "LATEST bob * 50") == []
            assert await ask(bob, "LATEST alice * 50") == []


async def test_what_one_says_to_oneself_is_there_once(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        await talk(alice, "alice", "1")
        assert said(await ask(alice, "LATEST alice * 50")) == [("alice", "PRIVMSG", "alice", "1")]


async def test_where_something_was_said(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        alice.send("JOIN #tea", "JOIN #silent")
        await alice.heard()
        times = [(await talk(alice, target, "x"))[0].tags["time"] for target in ("#tea", "bob")]

        async def targets(one: str, other: str, limit: int) -> list[tuple[str, ...]]:
            alice.send(f"CHATHISTORY TARGETS timestamp={one} timestamp={other} {limit}")
            begin, *inside, end = await alice.heard()
            assert begin.params[1:] == ["draft/chathistory-targets"]
            assert end.params == [f"-{begin.params[0][1:]}"]
            assert {line.command for line in inside} <= {"CHATHISTORY"}
            return [tuple(line.params) for line in inside]

        early, late = "2020-01-01T00:00:00.000Z", "2262-01-01T00:00:00.000Z"
        rows = [("TARGETS", "#tea", times[0]), ("TARGETS", "bob", times[1])]
        assert sorted(await targets(early, late, 9)) == sorted(rows)
        assert len(await targets(late, early, 1)) == 1
        assert await targets(times[1], late, 9) == []


async def test_what_a_client_cannot_be_shown_takes_no_place_in_a_page(stage: Stage) -> None:
    """A page that is empty says that there is nothing more."""
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *PLAYED, "draft/message-redaction")
        alice.send("JOIN #tea", "PRIVMSG #tea :this stays")
        await alice.heard()
        for line in await talk(alice, "#tea", "abcdefghijklmno"):
            alice.send(f"REDACT #tea {line.tags['msgid']}")
        await alice.heard()
        alice.send("CAP REQ :-draft/message-redaction")
        await alice.heard()
        assert texts(await ask(alice, "LATEST #tea * 1")) == "this stays"
