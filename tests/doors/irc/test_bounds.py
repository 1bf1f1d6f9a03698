"""Bounds: who sends too much, who does not read; and those beside them, who notice nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.peer import Peer, arrived

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

SENDQ = 64 * 1024
IN_THE_SYSTEM = 512 * 1024
"""More than the system keeps for a reader whose buffers are as small as can be."""
LONG = "x" * 400


async def in_lobby(client: Client, nick: str) -> None:
    await client.arrive(nick)
    client.send("JOIN #lobby")
    await client.heard()


def words(lines: list[tuple[str, ...]], who: str) -> list[str]:
    return [line[3] for line in lines if line[:2] == (who, "PRIVMSG")]


# -- who sends too much ------------------------------------------------------------------------


async def test_who_is_too_fast_is_slowed_and_loses_nothing(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 100, "limits.message_burst": 20})
    async with Client(stage.port) as alice, Client(stage.port) as chatty:
        await in_lobby(alice, "alice")
        await in_lobby(chatty, "chatty")
        begun = asyncio.get_running_loop().time()
        chatty.send(*(f"PRIVMSG #lobby :{number}" for number in range(60)))
        await chatty.heard()
        assert asyncio.get_running_loop().time() - begun > 0.3, "40 too many, 100 a second"
        assert words(said(await alice.heard()), "chatty") == [str(number) for number in range(60)]


async def test_who_floods_on_is_closed_and_others_are_served_meanwhile(opened: Opened) -> None:
    stage = await opened(
        {
            "limits.messages_per_second": 50,
            "limits.message_burst": 20,
            "limits.flood_seconds": 0.3,
        }
    )
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as mallory,
    ):
        await in_lobby(alice, "alice")
        await in_lobby(bob, "bob")
        await in_lobby(mallory, "mallory")
        mallory.send(*(f"PRIVMSG #lobby :{number}" for number in range(5000)))
        heard: list[tuple[str, ...]] = []
        for number in range(5):
            alice.send(f"PRIVMSG #lobby :calm {number}")
            await alice.heard()
            heard += said(await bob.heard())
        assert words(heard, "alice") == [f"calm {number}" for number in range(5)]
        (*_, last) = await mallory.rest()
        assert (last.command, last.params) == ("ERROR", ["Excess flood"])
        heard += said(await bob.heard())
        assert heard[-1] == ("mallory", "QUIT", "Excess flood")
        spam = words(heard, "mallory")
        assert spam == [str(number) for number in range(len(spam))], "in order, none left out"
        assert 20 <= len(spam) < 100


async def test_a_refused_line_costs_as_well(opened: Opened) -> None:
    stage = await opened(
        {"limits.messages_per_second": 10, "limits.message_burst": 20, "limits.flood_seconds": 0}
    )
    async with Client(stage.port) as mallory:
        await mallory.arrive("mallory")
        mallory.send(*["NOSUCH"] * 1000)
        lines = await mallory.rest()
        assert said(lines, "ERROR") == [("", "ERROR", "Excess flood")]
        assert len(said(lines, "421")) < 50


@pytest.mark.parametrize("bad", [b"\xff", b"PRIVMSG mallory :\xe9", b"a\0b", b":", b"x" * 600])
async def test_a_line_that_is_none_costs_as_well(opened: Opened, bad: bytes) -> None:
    stage = await opened(
        {"limits.messages_per_second": 10, "limits.message_burst": 20, "limits.flood_seconds": 0}
    )
    async with Client(stage.port) as mallory:
        await mallory.arrive("mallory")
        mallory.send_bytes((bad + b"\r\n") * 1000)
        lines = await mallory.rest()
        assert said(lines, "ERROR") == [("", "ERROR", "Excess flood")]
        assert len(said(lines, "FAIL", "417")) < 50


async def test_before_there_is_a_name_there_is_a_bound_too(opened: Opened) -> None:
    stage = await opened(
        {"limits.messages_per_second": 10, "limits.message_burst": 20, "limits.flood_seconds": 0}
    )
    async with Client(stage.port) as mallory:
        mallory.send(*["CAP LS 302"] * 1000)
        lines = await mallory.rest()
        assert said(lines, "ERROR") == [("", "ERROR", "Excess flood")]
        assert len(said(lines, "CAP")) < 100


async def test_what_a_slowed_client_sends_waits_where_it_is(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 5, "limits.message_burst": 20})
    async with Client(stage.port) as alice, Peer(stage.port) as mallory:
        await in_lobby(alice, "alice")
        await mallory.send(b"NICK mallory\r\nUSER m 0 * :M\r\nJOIN #lobby\r\n")
        megabytes = f"PRIVMSG #lobby :{LONG}\r\n".encode() * 40_000
        sending = asyncio.create_task(mallory.send(megabytes))
        while not words(said(await alice.heard()), "mallory"):
            pass
        (door,) = (door for door in stage.doors.irc._open if door.nick == "mallory")
        for _ in range(20):
            await alice.heard()
            assert door._buffer.pending <= 512 * 1024, "reading has paused"
        assert not sending.done(), "it is in the system's buffers, and in the client's"
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


# -- who does not read -------------------------------------------------------------------------


async def test_who_reads_again_in_time_has_lost_nothing(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 0}, send_buffer=4096)
    async with Client(stage.port) as alice, Peer(stage.port, receive_buffer=4096) as slow:
        await in_lobby(alice, "alice")
        await slow.send(b"NICK slow\r\nUSER s 0 * :S\r\nJOIN #lobby\r\n")
        while not said(await alice.heard(), "JOIN"):
            pass
        alice.send(*(f"PRIVMSG #lobby :{number} {LONG}" for number in range(1000)))
        await alice.heard()
        await slow.send(b"PING :all of it?\r\n")
        while b"all of it?" not in b"".join(slow.segments[-2:]):
            assert await slow.receive()
        lines = b"".join(slow.segments).split(b"\r\n")
        talk = [line.split(b":")[2].split(b" ")[0] for line in lines if b" PRIVMSG " in line]
        assert talk == [b"%d" % number for number in range(1000)]


# -- who hears too much -------------------------------------------------------------------------


async def test_a_frame_of_thousands_of_lines_is_no_flood(stage: Stage) -> None:
    """It costs its sender one message, and must not cost every reader as many lines."""
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Peer(stage.port) as klaus,
    ):
        await alice.arrive("alice", "message-tags", "batch", "draft/multiline")
        await bob.arrive("bob")
        for one in (alice, bob):
            one.send("JOIN #lobby")
            await one.heard()
        await arrived(klaus, "Klaus")
        await klaus.say("\n".join(str(number) for number in range(3000)))
        await klaus.until_answered()
        for client, most in ((alice, 1000), (bob, 100)):
            lines = [one for one in await client.heard() if one.command == "PRIVMSG"]
            words = [word for one in lines for word in one.params[1].split()]
            assert words == [str(number) for number in range(3000)], "nothing is lost"
            assert [one.params[1] for one in lines[: most - 1]] == words[: most - 1]
            assert len(lines) < most + 50
