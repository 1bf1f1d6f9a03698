"""EDIT: what was said is put otherwise, and everybody is told in a way they understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.peer import Peer, arrived
from hubbub.doors.irc import edits
from hubbub.wire.irc.tags import escape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

TAGS = ("message-tags", "echo-message", "server-time", "batch", "labeled-response")
CAPS = (*TAGS, "hubbub.chat/edit", "draft/chathistory", "draft/message-redaction")
TARGET, TEXT = "hubbub.chat/target-msgid", "hubbub.chat/edit-text"


@pytest.fixture(params=["full", "none"])
async def stage(request: pytest.FixtureRequest, opened: Opened) -> Stage:
    """A server with each kind of store."""
    return await opened({"durability": request.param, "limits.messages_per_second": 0})


async def enter(client: Client, nick: str, *caps: str, room: str = "#tea") -> None:
    await client.arrive(nick, *caps)
    client.send(f"JOIN {room}")
    await client.heard()


async def say(client: Client, target: str, text: str, command: str = "PRIVMSG") -> str:
    """Say something; its msgid."""
    client.send(f"{command} {target} :{text}")
    (echo,) = [line for line in await client.heard() if line.command == command]
    return echo.tags["msgid"]


def edit(target: str, msgid: str, text: str, *more: str) -> str:
    """The line that edits, as clients write it."""
    tags = ";".join((f"{TARGET}={msgid}", f"{TEXT}={escape(text)}", *more))
    return f"@{tags} EDIT {target}"


def of_room(lines: list[Line], *commands: str) -> list[Line]:
    return [line for line in lines if line.command in (commands or ("EDIT", "PRIVMSG", "NOTICE"))]


async def test_each_is_told_in_their_way(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
        Client(stage.port) as erin,
        Peer(stage.port) as dave,
    ):
        await enter(alice, "alice", *CAPS, room="#lobby")
        await enter(bob, "bob", *CAPS, room="#lobby")
        await enter(carol, "carol", *TAGS, room="#lobby")
        # The capability alone has nothing to be told with.
        await enter(erin, "erin", "hubbub.chat/edit", room="#lobby")
        await arrived(dave, "dave")
        msgid = await say(bob, "#lobby", "wrong vords")
        for client in (alice, carol, erin):
            await client.heard()
        await dave.until_answered()

        bob.send(edit("#lobby", msgid, "right; words", "label=7", "+draft/reply=x"))

        (line,) = await bob.heard()
        assert said([line]) == [("bob", "EDIT", "#lobby")]
        assert (line.tags[TARGET], line.tags[TEXT]) == (msgid, "right; words")
        assert line.tags["label"] == "7"
        assert line.tags["msgid"] != msgid
        assert line.tags.keys() == {"label", "time", "msgid", TARGET, TEXT}
        (heard,) = await alice.heard()
        assert heard.tags == {key: line.tags[key] for key in line.tags.keys() - {"label"}}
        for client in (carol, erin):
            (told,) = await client.heard()
            assert said([told]) == [("bob", "PRIVMSG", "#lobby", "* edited: right; words")]
        (pair,) = [text for name, text in await dave.until_answered() if name == "server"]
        assert pair.startswith("bob changed what they said at ")
        assert pair.endswith(" to: right; words")


async def test_between_two(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
        Peer(stage.port) as dave,
    ):
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        await carol.arrive("carol")
        await arrived(dave, "dave")
        await alice.heard()
        for other in ("bob", "carol", "dave"):
            msgid = await say(alice, other, "psst")
            alice.send(edit(other, msgid, "pst"))
            (line,) = of_room(await alice.heard())
            assert said([line]) == [("alice", "EDIT", other)]
        assert said(of_room(await bob.heard()))[-1] == ("alice", "EDIT", "bob")
        plain = said(of_room(await carol.heard()))[-1]
        assert plain == ("alice", "PRIVMSG", "carol", "* edited: pst")
        _, told = (await dave.until_answered())[-1]
        assert told.startswith("(private) alice changed what they said at ")


async def test_who_typed_it_by_hand_is_told_that_it_was_done(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", *CAPS)
        await enter(bob, "bob")  # an old client: it does not even see what it said
        bob.send("PRIVMSG #tea :tvo", "PRIVMSG alice :psst")
        await bob.heard()
        public, private = (line.tags["msgid"] for line in of_room(await alice.heard()))
        bob.send(f"EDIT #tea {public} :two words", f"EDIT alice {private} :pst")
        told = of_room(await bob.heard())
        assert [(line.command, line.params[0]) for line in told] == [
            ("NOTICE", "#tea"),
            ("NOTICE", "bob"),
        ]
        assert told[0].params[1].startswith("bob changed what they said at ")
        assert told[0].params[1].endswith("to: two words")
        heard = of_room(await alice.heard())
        assert [line.tags[TEXT] for line in heard] == ["two words", "pst"]


async def test_as_it_was_said(stage: Stage) -> None:
    """An action stays one, a NOTICE too; and what was said to few is edited for few."""
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
    ):
        await enter(alice, "alice", *CAPS)
        await enter(bob, "bob", *TAGS)
        await enter(carol, "carol", *TAGS)
        alice.send("MODE #tea +o bob")
        action = await say(alice, "#tea", "\x01ACTION vaves\x01")
        notice = await say(alice, "#tea", "tvo", "NOTICE")
        some = await say(alice, "@#tea", "vhisper")
        for client in (bob, carol):
            await client.heard()
        alice.send(
            edit("#tea", action, "\x01ACTION waves\x01"),
            edit("#tea", notice, "two"),
            edit("@#tea", some, "whisper"),
        )
        assert [line.tags[TEXT] for line in await alice.heard()] == ["waves", "two", "whisper"]
        heard = said(await bob.heard())
        assert heard == [
            ("alice", "PRIVMSG", "#tea", "* edited: * alice waves"),
            ("alice", "NOTICE", "#tea", "* edited: two"),
            ("alice", "PRIVMSG", "@#tea", "* edited: whisper"),
        ]
        assert said(await carol.heard()) == heard[:2]
        carol.send("CHATHISTORY LATEST #tea * 2")
        shown = said(await carol.heard(), "PRIVMSG", "NOTICE")
        assert shown[-2:] == [
            ("alice", "PRIVMSG", "#tea", "\x01ACTION waves\x01"),
            ("alice", "NOTICE", "#tea", "two"),
        ]


async def test_the_past_has_the_text_of_now(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", *CAPS, "draft/event-playback", "soju.im/search")
        msgid = await say(alice, "#tea", "green tee")
        await say(alice, "#tea", "black")
        for text in ("green t", "green tea"):
            alice.send(edit("#tea", msgid, text))
        *_, last = await alice.heard()

        alice.send("CHATHISTORY LATEST #tea * 4")
        _, first, _, *played, _ = await alice.heard()
        assert first.params[1] == "green tea"
        assert first.tags["hubbub.chat/edited"] == last.tags["time"]
        assert first.tags["msgid"] == msgid
        assert first.tags["time"] <= last.tags["time"]
        shown = [(line.command, line.tags[TARGET], line.tags[TEXT]) for line in played]
        assert shown == [("EDIT", msgid, "green t"), ("EDIT", msgid, "green tea")]

        alice.send("SEARCH text=tea", "SEARCH text=tee")
        (found,) = of_room(await alice.heard(), "PRIVMSG")
        assert found.params[1] == "green tea"
        assert found.tags["hubbub.chat/edited"] == last.tags["time"]

        # Who comes, and does not know edits, is shown what is said now and nothing of them.
        await bob.arrive("bob", *TAGS, "draft/chathistory", "draft/event-playback")
        bob.send("JOIN #tea")
        await bob.heard()
        bob.send("CHATHISTORY LATEST #tea * 10")
        past = of_room(await bob.heard())
        assert [line.params[1] for line in past] == ["green tea", "black"]
        assert "hubbub.chat/edited" not in past[0].tags
        bob.send("PRIVMSG hubbub :search tea")
        answers = [line.params[1] for line in of_room(await bob.heard(), "NOTICE")]
        assert answers[0].endswith(" #tea <alice> green tea (edited)")

        alice.send(f"REDACT #tea {msgid}", "CHATHISTORY LATEST #tea * 10")
        assert said(await alice.heard(), "EDIT", "PRIVMSG") == [
            ("alice", "PRIVMSG", "#tea", "black")
        ]


async def test_what_cannot_be_edited(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", *CAPS)
        await enter(bob, "bob", *CAPS)
        hers = await say(alice, "#tea", "mine")
        await bob.heard()
        his = await say(bob, "#tea", "mine")
        for client in (alice, bob):
            await client.heard()

        async def answer(client: Client, line: str) -> list[str]:
            client.send(line)
            (one,) = await client.heard()
            return [one.command, *one.params[:-1]]

        fail = ["FAIL", "EDIT"]
        assert await answer(bob, "EDIT") == ["461", "bob", "EDIT"]
        assert await answer(bob, "EDIT #tea") == [*fail, "INVALID_EDIT", "#tea"]
        empty = [*fail, "INVALID_EDIT", "#tea", his]
        assert await answer(bob, edit("#tea", his, "")) == empty
        assert await answer(bob, edit("#tea", his, "\n \r\n")) == empty
        assert await answer(bob, edit("#tea", his, "\x01VERSION\x01")) == empty
        assert await answer(bob, edit("#tea", his, "x" * (edits.MOST_BYTES + 1))) == empty
        assert await answer(bob, edit("#tea", his, "x\n" * 100)) == empty
        assert await answer(bob, edit("#attic", his, "x")) == [*fail, "INVALID_TARGET", "#attic"]
        assert await answer(bob, edit("@", his, "x")) == [*fail, "INVALID_TARGET", "@"]
        assert await answer(bob, edit("nobody", his, "x")) == [*fail, "INVALID_TARGET", "nobody"]
        assert await answer(bob, edit("#TEA", "x", "x")) == [*fail, "UNKNOWN_MSGID", "#tea", "x"]
        forbidden = [*fail, "EDIT_FORBIDDEN", "#tea"]
        assert await answer(bob, edit("#tea", hers, "x")) == [*forbidden, hers]
        # She is operator there, and takes away what others said; she does not change it.
        assert await answer(alice, edit("#tea", his, "x")) == [*forbidden, his]
        alice.send("MODE #tea +m")
        await alice.heard()
        await bob.heard()
        assert await answer(bob, edit("#tea", his, "x")) == ["404", "bob", "#tea"]
        alice.send("MODE #tea -m", f"REDACT #tea {his}")
        await alice.heard()
        await bob.heard()
        gone = [*fail, "UNKNOWN_MSGID", "#tea", his]
        assert await answer(bob, edit("#tea", his, "x")) == gone


async def test_the_time_for_it_is_configured(opened: Opened) -> None:
    stage = await opened({"history.redact_own": 0})
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", *CAPS)
        await enter(bob, "bob", *CAPS)
        msgid = await say(bob, "#tea", "mine")
        bob.send(edit("#tea", msgid, "x"))
        (line,) = await bob.heard()
        assert line.params[:-1] == ["EDIT", "EDIT_WINDOW_EXPIRED", "#tea", msgid, "0"]


async def test_several_lines_and_long_ones(stage: Stage) -> None:
    words = "word " * 150
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", *CAPS)
        await enter(bob, "bob", *TAGS)
        await alice.heard()
        msgid = await say(alice, "#tea", "one")
        await bob.heard()
        alice.send(edit("#tea", msgid, f"one\r\n\ntwo\r{words}"))
        (line,) = await alice.heard()
        assert line.tags[TEXT] == f"one\n\ntwo\n{words}"
        heard = await bob.heard()
        texts = [line.params[1] for line in heard]
        assert texts[:2] == ["* edited: one", "* edited: two"]
        assert len(texts) > 3
        assert all(text.startswith("* edited: word") for text in texts[2:])
        joined = "".join(text.removeprefix("* edited: ") for text in texts[2:])
        assert joined.replace(" ", "") == words.replace(" ", "")
        # "message-ids": no two lines have one.
        assert [line for line in heard if "msgid" in line.tags] == heard[:1]
