"""How a classic connection ends: docs/protocols/classic.md §3.15, the log, and the server's end.

Whatever the way, what came whole before is saved, and what was asked is answered if anybody reads.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from doors.peer import Peer, arrived
from hubbub.core.sessions import Operator, Privilege
from hubbub.hub import operations
from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]


def told(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """The facts of each line that tells this event."""
    return [record.__dict__["fields"] for record in caplog.records if record.getMessage() == event]


# -- 3.15 leaving ------------------------------------------------------------------------------


BAD = {
    "minus": b"-1        ",
    "underscore": b"1_0       ",
    "arabic digits": "٣        ".encode(),
    "ten spaces": b"          ",
    "nulls": b"\0" * 10,
    "http": b"GET / HTTP",
    "ten nines": b"9999999999",
    "words": b"hello, you",
}


@pytest.mark.parametrize("header", BAD.values(), ids=BAD.keys())
async def test_3_15_a_bad_header_is_answered_once_and_what_came_before_it_is_saved(
    stage: Stage, header: bytes
) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await bob.send(frame(b"bob") + frame(b"one") + frame(b"two") + header + b"three" + header)
        (error,) = await bob.rest()
        assert error[0] == "server"
        assert error[1].startswith("error: protocol error: ")
        assert error[1].isprintable()
        assert await alice.pairs(4) == [
            ("server", "bob joined"),
            ("bob", "one"),
            ("bob", "two"),
            ("server", "bob left"),
        ]
    latest = await stage.hub.archive.latest(stage.doors.classic.room.id, 5)
    assert [entry.text for entry in latest] == ["one", "two"]


async def test_3_15_a_bad_first_header_is_answered_too(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Peer(stage.port) as peer:
        await peer.send(b"1 2 3 4 5 6 7 8 9")
        (error,) = await peer.rest()
    assert error[1].startswith("error: protocol error: ")
    (dropped,) = told(caplog, "dropped")
    assert dropped["reason"] == "protocol error"


async def test_3_15_a_frame_may_not_announce_more_than_the_limit(opened: Opened) -> None:
    stage = await opened({"limits.frame": 2000})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.say("x" * 2000)
        assert "".join(text for _, text in await alice.pairs(2)) == "x" * 2000
        await bob.send(b"2001      x")
        assert await bob.rest() == [
            ("server", "error: protocol error: a frame of 2001 bytes is longer than 2000")
        ]
        assert await alice.pair() == ("server", "bob left")


async def test_3_15_a_torn_frame_at_the_end_is_discarded(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.send(frame(b"whole") + frame(b"torn off")[:-3])
        bob.half_close()
        assert await bob.rest() == []
        assert await alice.pairs(2) == [("bob", "whole"), ("server", "bob left")]
    assert told(caplog, "left")[0]["reason"] == "left in the middle of a frame"


@pytest.mark.parametrize("end", ["close", "reset", "half_close"])
async def test_3_15_every_way_to_leave_is_a_leave(stage: Stage, end: str) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        getattr(bob, end)()
        assert await alice.pair() == ("server", "bob left")
        assert stage.hub.world.session("bob") is None


async def test_3_15_quitting_and_closing_at_once_still_gets_the_answers(opened: Opened) -> None:
    stage = await opened({"durability": "full"})  # so that the answers have to wait
    async with Peer(stage.port) as peer:
        await peer.send(frame(b"bob") + frame(b"hi") + frame(b"/who") + frame(b"/quit"))
        peer.half_close()
        assert await peer.rest() == [("server", "1 here: bob")]


async def test_3_15_a_command_is_carried_out_though_its_asker_is_gone(opened: Opened) -> None:
    stage = await opened({"durability": "full"})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.send(frame(b"/msg alice bye") + frame(b"and all others"))
        bob.reset()
        heard = [await alice.pair()]
        while heard[-1] != ("server", "bob left"):
            heard.append(await alice.pair())
        # A reset may take what was sent with it; what was read is carried out, in order.
        assert heard in (
            [("server", "bob left")],
            [("bob", "(private) bye"), ("bob", "and all others"), ("server", "bob left")],
        )


async def test_3_15_two_leave_at_once(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob, Peer(stage.port) as carol:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await arrived(carol, "carol", alice, bob)
        bob.close()
        carol.close()
        assert set(await alice.pairs(2)) == {("server", "bob left"), ("server", "carol left")}


# -- the log -----------------------------------------------------------------------------------


async def test_the_log_has_who_came_and_went_and_never_a_text(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        for text in ("my secret", "/msg alice my secret", "/secret", "/quit my secret"):
            await bob.say(text)
        await bob.rest()
    where = {"address": "127.0.0.1", "name": "bob"}
    came, went = told(caplog, "arrived")[1], told(caplog, "left")[0]
    assert came == where | {"protocol": "classic", "port": came["port"]}
    assert went == where | {"reason": "left", "port": came["port"]}
    assert "secret" not in str([record.__dict__ for record in caplog.records])


# -- stopping ----------------------------------------------------------------------------------


async def test_stopping_ends_every_connection_and_settles_everything(opened: Opened) -> None:
    stage = await opened()
    async with Peer(stage.port) as alice, Peer(stage.port) as silent:
        await arrived(alice, "alice")
        await alice.until_answered()
        await alice.say("last")
        await alice.until_answered()
        stopping = asyncio.create_task(stage.stop())
        assert await alice.rest() == []
        alice.close()
        assert await silent.receive() == b""
        stopped = await stopping
    assert stopped is not None
    assert stopped.settled


async def test_who_talks_while_the_server_stops_is_told_that_it_was_not_sent(
    opened: Opened,
) -> None:
    stage = await opened()
    async with Peer(stage.port) as alice:
        await arrived(alice, "alice")
        await alice.until_answered()
        stopping = asyncio.create_task(stage.stop())
        await alice.say("wait")
        assert await alice.rest() in (
            [],
            [("server", "error: the server is about to stop. Please come back in a minute")],
        )
        alice.close()
        await stopping


async def test_stopping_cuts_who_does_not_let_go(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.server.run.OUTBOX_PATIENCE", 0.05)
    stage = await opened()
    async with Peer(stage.port) as alice:
        await arrived(alice, "alice")
        await alice.until_answered()
        assert (await stage.stop()) is not None


async def test_who_is_sent_away_is_told_why_and_then_closed(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob")
        await bob.until_answered()
        root = stage.hub.world.session("alice")
        assert root is not None
        root.operator = Operator("root", frozenset({Privilege.KILL}))
        await operations.kill(stage.hub, root, "bob", "spam\nserver > hello")
        assert (await bob.rest())[-1] == (
            "server",
            "error: you were sent away: killed by alice: spam server > hello",
        )
        assert await alice.pairs(2) == [("server", "bob joined"), ("server", "bob left")]
    assert stage.hub.world.session("bob") is None
