"""Messages of several lines: sent, kept and heard as one, by who cannot line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from doors.irc.client import Client, said, session
from doors.peer import Peer, arrived
from hubbub.core.events import Said
from hubbub.wire.irc.multiline import CONCAT, Part, whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

PLAIN = ("message-tags", "batch", "server-time", "echo-message")
CAPS = (*PLAIN, "draft/multiline")
LABELLED = (*CAPS, "labeled-response")


class Together(NamedTuple):
    """A message of several lines as it was heard: how it began, its words, and its lines."""

    opening: Line
    text: str
    lines: list[Line]


def batch(target: str, *lines: str, tags: str = "", command: str = "PRIVMSG") -> list[str]:
    """The lines that say a message; one that begins with a plus goes on where the last ended."""
    begin = f"@{tags} BATCH +1" if tags else "BATCH +1"
    inside = [
        f"@batch=1;{CONCAT} {command} {target} :{one[1:]}"
        if one[:1] == "+"
        else f"@batch=1 {command} {target} :{one}"
        for one in lines
    ]
    return [f"{begin} draft/multiline {target}", *inside, "BATCH -1"]


def together(lines: list[Line], around: str | None = None) -> Together:
    """The one message that all lines are; `around` is the batch that it stands in."""
    opening, *inside, end = lines
    reference = opening.params[0][1:]
    assert opening.command == end.command == "BATCH"
    assert opening.params[:2] == [f"+{reference}", "draft/multiline"]
    assert end.params == [f"-{reference}"]
    assert opening.tags.get("batch") == end.tags.get("batch") == around
    for line in inside:
        assert line.source == opening.source
        assert line.params[0] == opening.params[2]
        assert line.tags.keys() - {CONCAT} == {"batch"}
        assert line.tags["batch"] == reference
    text, _ = whole(Part(line.params[1], CONCAT in line.tags) for line in inside)
    return Together(opening, text, inside)


def inside(lines: list[Line], kind: str) -> tuple[list[Line], str]:
    """What stands in the one batch of a kind that all lines are, and its reference."""
    begin, *found, end = lines
    assert begin.params[1] == kind
    assert end.params[0][1:] == begin.params[0][1:]
    return found, begin.params[0][1:]


async def both_in(stage: Stage, alice: Client, bob: Client, *caps: str) -> None:
    """Alice knows messages of several lines, bob has `caps`, and both are in #tea."""
    await alice.arrive("alice", *LABELLED)
    await bob.arrive("bob", *caps)
    for one in (alice, bob):
        one.send("JOIN #tea")
        await one.heard()
    await alice.heard()


# -- what is heard -----------------------------------------------------------------------------


async def test_it_is_one_message_in_the_lines_of_its_author(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, *CAPS)
        alice.send(*batch("#tea", "hello", "", "how is ", "+everyone?"))
        echo, heard = together(await alice.heard()), together(await bob.heard())
        assert echo.text == heard.text == "hello\n\nhow is everyone?"
        assert [line.params[1] for line in heard.lines] == ["hello", "", "how is ", "everyone?"]
        assert heard.opening.source == "alice!alice@127.0.0.1"
        assert heard.opening.tags.keys() == {"msgid", "time"}
        assert echo.opening.tags == heard.opening.tags


async def test_others_get_it_line_by_line_and_no_blank_one(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, *PLAIN)
        alice.send(*batch("#tea", "", "how is ", "+everyone?", "", tags="+x=1"))
        msgid = together(await alice.heard()).opening.tags["msgid"]
        first, second = await bob.heard()
        assert [line.params[1] for line in (first, second)] == ["how is ", "everyone?"]
        assert first.tags["msgid"] == msgid
        assert "msgid" not in second.tags
        assert first.tags["time"] == second.tags["time"]
        assert first.tags["+x"] == second.tags["+x"] == "1", "what is said of it is said of each"


async def test_the_capability_is_nothing_without_batch(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, "draft/multiline", "server-time")
        alice.send(*batch("#tea", "one", "two"))
        assert [one[-1] for one in said(await bob.heard())] == ["one", "two"]


async def test_a_line_that_goes_on_is_a_message_of_two(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, *CAPS)
        alice.send(*batch("#tea", "all ", "+in one"))
        assert [line.params[1] for line in together(await bob.heard()).lines] == ["all ", "in one"]
        alice.send(*batch("#tea", "alone"))
        assert said(await bob.heard()) == [("alice", "PRIVMSG", "#tea", "alone")]


async def test_to_whomever_one_can_say_something(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, *CAPS)
        alice.send("MODE #tea +o bob")
        await alice.heard()
        await bob.heard()
        for target in ("bob", "@#tea"):
            alice.send(*batch(target, "one", "two", command="NOTICE"))
            echo, heard = together(await alice.heard()), together(await bob.heard())
            assert echo.opening.params[2] == heard.opening.params[2] == target
            assert {line.command for line in heard.lines} == {"NOTICE"}


async def test_to_oneself_it_is_heard_twice(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *LABELLED)
        alice.send(*batch("alice", "one", "two", tags="label=x"))
        lines = await alice.heard()
        echo, copy = together(lines[:4]), together(lines[4:])
        assert echo.opening.tags["label"] == "x"
        assert "label" not in copy.opening.tags
        assert echo.text == copy.text == "one\ntwo"
        assert echo.opening.tags["msgid"] == copy.opening.tags["msgid"]


async def test_what_somebody_does_in_several_lines(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
    ):
        await both_in(stage, alice, bob, *CAPS)
        await carol.arrive("carol")
        carol.send("JOIN #tea")
        await carol.heard()
        alice.send(*batch("#tea", "\x01ACTION makes", "tea\x01"))
        lines = [line for line in await bob.heard() if line.command != "JOIN"]
        assert together(lines).text == "\x01ACTION makes\ntea\x01"
        assert [one[-1] for one in said(await carol.heard())] == [
            "\x01ACTION makes\x01",
            "\x01ACTION tea\x01",
        ]


async def test_no_line_of_it_passes_for_a_question_to_programs(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob, *PLAIN)
        alice.send("MODE #tea +C", *batch("#tea", "look:", "\x01VERSION\x01"))
        assert [one[-1] for one in said(await bob.heard(), "PRIVMSG")] == ["look:", "VERSION\x01"]


# -- what is said elsewhere --------------------------------------------------------------------


async def test_what_classic_users_say_in_several_lines_is_one_message(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Peer(stage.port) as klaus,
    ):
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *PLAIN)
        await arrived(klaus, "Klaus")
        for one in (alice, bob):
            one.send("JOIN #lobby")
            await one.heard()
        await alice.heard()
        long = "word " * 3000 + "end"
        for text in ("one\r\n\r\ntwo", long):
            await klaus.say(text)
            await klaus.until_answered()
            heard = together([line for line in await alice.heard() if line.command != "JOIN"])
            assert heard.text == text.replace("\r", "")
            first, *others = [line for line in await bob.heard() if line.command == "PRIVMSG"]
            assert first.tags["msgid"] == heard.opening.tags["msgid"]
            assert not any("msgid" in line.tags for line in others)
            words = [line.params[1] for line in (first, *others)]
            assert words == [line.params[1] for line in heard.lines if line.params[1]]


async def test_classic_users_hear_it_as_one_message(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as klaus:
        await arrived(klaus, "Klaus")
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #lobby", *batch("#lobby", "one ", "+and", "two"))
        await alice.heard()
        heard = await klaus.until_answered()
        assert [text for name, text in heard if name == "alice"] == ["one and", "two"]


# -- receipts ----------------------------------------------------------------------------------


async def test_the_label_of_its_beginning_is_answered_at_its_end(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *LABELLED)
        alice.send("JOIN #tea")
        await alice.heard()
        begin, *more = batch("#tea", "one", "two", tags="label=x")
        alice.send(begin)
        assert await alice.heard() == []
        alice.send(*more)
        echo = together(await alice.heard())
        assert echo.opening.tags["label"] == "x"
        assert not any("label" in line.tags for line in echo.lines)


async def test_without_echo_a_label_is_answered_with_ack(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", "draft/multiline", "batch", "labeled-response")
        alice.send("JOIN #tea")
        await alice.heard()
        alice.send(*batch("#tea", "one", "two", tags="label=x"))
        (ack,) = await alice.heard()
        assert (ack.command, ack.tags) == ("ACK", {"label": "x"})


async def test_an_answer_with_more_than_the_echo_holds_it_whole(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await both_in(stage, alice, bob)
        bob.send("AWAY :at lunch")
        await bob.heard()
        alice.send(*batch("bob", "one", "two", tags="label=x"))
        lines = await alice.heard()
        assert lines[0].tags["label"] == "x"
        (*echo, away), reference = inside(lines, "labeled-response")
        assert together(echo, reference).text == "one\ntwo"
        assert (away.command, away.tags) == ("301", {"batch": reference})


async def test_it_is_said_once_however_often_it_is_sent(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *LABELLED, "hubbub.chat/send-once")
        await bob.arrive("bob", *CAPS)
        for one in (alice, bob):
            one.send("JOIN #tea")
            await one.heard()
        await alice.heard()
        once = "hubbub.chat/send-once=0123456789abcdefghijkl"
        alice.send(*batch("#tea", "one ", "+and", "two", tags=once))
        alice.send(*batch("#tea", "one and", "two", tags=f"{once};label=x"))
        lines = await alice.heard()
        half = len(lines) - 4
        first, again = together(lines[:half]), together(lines[half:])
        assert first.opening.tags["msgid"] == again.opening.tags["msgid"]
        assert again.opening.tags["label"] == "x"
        assert together(await bob.heard()).text == "one and\ntwo"
        alice.send(*batch("#tea", "other", "words", tags=once))
        assert said(await alice.heard())[0][1:4] == ("FAIL", "PRIVMSG", "SEND_ONCE_CONFLICT")


# -- what is kept ------------------------------------------------------------------------------


@pytest.mark.parametrize("durability", ["full", "none"])
async def test_history_has_it_whole(durability: str, opened: Opened) -> None:
    stage = await opened({"durability": durability})
    caps = (*LABELLED, "draft/chathistory", "soju.im/search")
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *caps)
        alice.send("JOIN #tea", *batch("#tea", "hello", "how is ", "+everyone?", tags="+x=1"))
        lines = [line for line in await alice.heard() if not line.command.isdigit()]
        live = together([line for line in lines if line.command in ("BATCH", "PRIVMSG")])
        for question, kind in (
            ("@label=x CHATHISTORY LATEST #tea * 10", "chathistory"),
            ("@label=x SEARCH text=everyone", "soju.im/search"),
        ):
            alice.send(question)
            lines = await alice.heard()
            assert lines[0].tags == {"label": "x"}
            found = together(*inside(lines, kind))
            assert found.text == live.text
            assert [line.params for line in found.lines] == [line.params for line in live.lines]
            assert found.opening.tags == {**live.opening.tags, "batch": found.opening.tags["batch"]}
        await bob.arrive("bob", *PLAIN, "draft/chathistory")
        bob.send("JOIN #tea")
        await bob.heard()
        bob.send("CHATHISTORY LATEST #tea * 1")
        lines, _ = inside(await bob.heard(), "chathistory")
        assert [line.params[1] for line in lines] == ["hello", "how is ", "everyone?"]
        assert ["msgid" in line.tags for line in lines] == [True, False, False]


async def test_who_enters_is_shown_it_whole(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea", *batch("#tea", "one", "", "two"))
        await alice.heard()
        await bob.arrive("bob", *CAPS)
        bob.send("JOIN #tea")
        lines = await bob.heard()
        names = [line.command for line in lines].index("366")
        assert together(*inside(lines[names + 1 :], "chathistory")).text == "one\n\ntwo"


async def test_without_times_it_says_when_in_each_line(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea", *batch("#tea", "one ", "+and", "two"))
        await alice.heard()
        await bob.arrive("bob")
        bob.send("JOIN #tea")
        texts = [one[-1] for one in said(await bob.heard(), "PRIVMSG")]
        assert [text.partition("] ")[2] for text in texts] == ["one and", "two"]


async def test_it_is_one_entry(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea", *batch("#tea", "one ", "+and", "two"))
        await alice.heard()
        room = stage.hub.world.room("#tea")
        assert room is not None
        assert [event.text for event in room.recent if type(event) is Said] == ["one and\ntwo"]


# -- how much ----------------------------------------------------------------------------------


async def test_the_capability_says_how_much(opened: Opened) -> None:
    stage = await opened({"limits.message": 5000, "irc.message_lines": 7})
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        shown = " ".join(line.params[-1] for line in await alice.arrive("alice"))
        assert "draft/multiline=max-bytes=5000,max-lines=7" in shown.split()
        bob.send("CAP LS")
        assert "multiline" not in " ".join(line.params[-1] for line in await bob.heard())


async def test_clients_are_told_when_that_changes(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as old:
        await alice.arrive("alice", *CAPS)
        old.send("NICK old", "USER old 0 * :old")
        await old.heard()
        stage.rewrite({"irc.message_lines": 3})
        await stage.reload()
        (told,) = [line for line in await alice.heard() if line.command == "CAP"]
        assert told.params[1:] == ["NEW", "draft/multiline=max-bytes=16384,max-lines=3"]
        assert not any(line.command == "CAP" for line in await old.heard())
        alice.send("JOIN #tea", *batch("#tea", *"abcd"))
        assert said(await alice.heard(), "FAIL")[0][3:5] == ("MULTILINE_MAX_LINES", "3")


async def test_each_line_costs_what_a_line_costs(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send("JOIN #tea")
        await alice.heard()
        allowance = session(stage, "alice").reader._pacing.allowance  # type: ignore[attr-defined]
        allowance.rate, allowance._level = 1e-9, allowance.burst
        alice.send(*batch("#tea", *"abcdefgh"))
        await alice.heard()
        spent = allowance.burst - allowance._level
        assert spent == pytest.approx(8 + 2, abs=0.5), "the lines and both ends; a PING is cheap"
