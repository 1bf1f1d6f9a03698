"""What an IRC client is shown of the past when it enters a room, without having asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.irc.test_chathistory import page
from doors.peer import Peer, arrived
from hubbub.doors.irc.playback import time_of_day

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

STAMP = re.compile(r"\[\d\d:\d\d\] ")
BEFORE, AFTER = "--- said earlier: ---", "--- that was said earlier ---"


@pytest.fixture
async def talked(stage: Stage) -> AsyncIterator[Stage]:
    """A server where alice, who is still there, has said something in #tea."""
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send("JOIN #tea", "PRIVMSG #tea :hi", "PRIVMSG #tea :\x01ACTION waves\x01")
        alice.send("PRIVMSG #tea :\x01VERSION\x01", "PRIVMSG @#tea :operators")
        await alice.heard()
        yield stage


async def entered(client: Client, nick: str, *caps: str) -> list[Line]:
    """Arrive and enter #tea; what is heard after the names."""
    await client.arrive(nick, *caps)
    client.send("JOIN #tea")
    lines = await client.heard()
    names = [line.command for line in lines].index("366")
    return lines[names + 1 :]


def unstamped(lines: list[Line]) -> list[tuple[str, ...]]:
    assert all(STAMP.search(line.params[-1]) for line in lines)
    return [
        (who, command, to, STAMP.sub("", text, count=1)) for who, command, to, text in said(lines)
    ]


SAID = [
    ("alice", "PRIVMSG", "#tea", "hi"),
    ("alice", "PRIVMSG", "#tea", "\x01ACTION waves\x01"),
]


async def test_in_a_batch_with_times(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        inside = page(await entered(bob, "bob", "batch", "server-time", "message-tags"), "#tea")
        assert said(inside) == SAID
        assert all(line.tags.keys() == {"batch", "time", "msgid"} for line in inside)


async def test_with_times_alone_it_is_framed(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        first, *inside, last = await entered(bob, "bob", "server-time")
        assert [line.params[-1] for line in (first, last)] == [BEFORE, AFTER]
        assert said(inside) == SAID
        assert all(line.tags.keys() == {"time"} for line in inside)


async def test_for_who_knows_neither_it_is_framed_and_says_when(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        first, *inside, last = await entered(bob, "bob")
        assert said([first, last]) == [
            ("hubbub.local", "NOTICE", "#tea", BEFORE),
            ("hubbub.local", "NOTICE", "#tea", AFTER),
        ]
        assert unstamped(inside) == SAID
        assert all(line.source == "alice!alice@127.0.0.1" for line in inside)


async def test_in_a_batch_without_times_it_says_when(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        assert unstamped(page(await entered(bob, "bob", "batch"), "#tea")) == SAID


async def test_not_for_those_who_can_ask_nor_for_programs(talked: Stage) -> None:
    async with Client(talked.port) as bob, Client(talked.port) as robot:
        assert await entered(bob, "bob", "draft/chathistory") == []
        await robot.arrive("robot")
        robot.send("MODE robot +B", "JOIN #tea")
        assert said(await robot.heard(), "PRIVMSG", "NOTICE") == []


async def test_once_for_each_room_and_only_the_last(opened: Opened) -> None:
    stage = await opened({"history.replay": 2})
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        alice.send("JOIN #tea", *(f"PRIVMSG #tea :{number}" for number in range(5)))
        await alice.heard()
        lines = await entered(bob, "bob", "server-time")
        assert [line.params[-1] for line in lines] == [BEFORE, "3", "4", AFTER]
        bob.send("JOIN #tea", "JOIN #silent")
        assert said(await bob.heard(), "PRIVMSG", "NOTICE") == []


async def test_walls_of_text_are_left_for_those_who_ask(stage: Stage) -> None:
    async with Peer(stage.port) as klaus, Client(stage.port) as bob:
        await arrived(klaus, "Klaus")
        for _ in range(3):
            await klaus.say("x" * 6000)
        await klaus.until_answered()
        await bob.arrive("bob", "batch", "server-time")
        bob.send("JOIN #lobby")
        words = [text for _, command, *_, text in said(await bob.heard(), "PRIVMSG")]
        assert len("".join(words)) == 12_000


async def test_none_when_none_is_configured_or_allowed(opened: Opened) -> None:
    for settings in ({"history.replay": 0}, {"history.visible": "since-join"}):
        stage = await opened(settings)
        async with Client(stage.port) as alice, Client(stage.port) as bob:
            await alice.arrive("alice")
            alice.send("JOIN #tea", "PRIVMSG #tea :hi")
            await alice.heard()
            assert await entered(bob, "bob") == []


async def test_a_label_holds_it_together_with_the_names(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        await bob.arrive("bob", "batch", "labeled-response", "server-time")
        bob.send("@label=x JOIN #tea")
        outer, *lines, end = await bob.heard()
        assert outer.tags["label"] == "x"
        reference = outer.params[0][1:]
        (begin,) = (line for line in lines if line.params[0][:1] == "+")
        assert begin.tags["batch"] == reference
        inner = [line for line in lines if line.tags["batch"] == begin.params[0][1:]]
        assert said(inner) == SAID
        assert end.params == [f"-{reference}"]


async def test_after_a_restart_and_with_classic_words(opened: Opened) -> None:
    stage = await opened({"durability": "full"})
    async with Peer(stage.port) as klaus:
        await arrived(klaus, "Klaus")
        await klaus.say("one\ntwo")
        await klaus.until_answered()
    await stage.restart()
    async with Client(stage.port) as bob:
        await bob.arrive("bob")
        bob.send("JOIN #lobby")
        lines = (await bob.heard())[-3:-1]
        assert unstamped(lines) == [
            ("Klaus", "PRIVMSG", "#lobby", "one"),
            ("Klaus", "PRIVMSG", "#lobby", "two"),
        ]
        assert {line.source for line in lines} == {"Klaus!guest@history"}


async def test_who_asks_by_hand_can_tell_it_from_what_is_said_now(talked: Stage) -> None:
    async with Client(talked.port) as bob:
        await entered(bob, "bob")
        bob.send("CHATHISTORY LATEST #tea * 9", "CHATHISTORY LATEST bob * 5")
        lines = said(await bob.heard())
        assert lines[0][2:] == ("#tea", BEFORE)
        assert lines[-2][2:] == ("#tea", AFTER)
        assert lines[-1][1:] == ("NOTICE", "bob", "--- nothing was said earlier ---")


def test_a_time_has_its_day_unless_that_is_today() -> None:
    now = 1_790_000_000_000
    assert re.fullmatch(r"\d\d:\d\d", time_of_day(now - 1000, now))
    assert re.fullmatch(r"2026-09-\d\d \d\d:\d\d", time_of_day(now - 3 * 86_400_000, now))
