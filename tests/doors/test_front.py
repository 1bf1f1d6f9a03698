"""The front: who is admitted, for how long without a name, and who is handed to which door."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import ssl
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest

from doors.peer import Peer
from hubbub.doors import front
from hubbub.doors.front import Front, FrontLimits
from hubbub.doors.link import Link, peer_address
from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.doors.classic.door import ClassicDoor

    Opened = Callable[..., Awaitable[Stage]]

FULL = ("server", "error: the server is full. Please try again later")


async def everything(peer: Peer) -> bytes:
    """All bytes until the end."""
    while await peer.receive():
        pass
    return b"".join(peer.segments)


def dropped(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The facts of each line that tells of a dropped connection."""
    return [
        record.__dict__["fields"] for record in caplog.records if record.getMessage() == "dropped"
    ]


# -- telling protocols apart -------------------------------------------------------------------


async def test_a_request_may_come_in_any_pieces(stage: Stage) -> None:
    async with Peer(stage.port) as browser:
        for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
            await browser.send(bytes([byte]))
        assert (await everything(browser)).endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize("hello", [b"NICK alice\r\nUSER a 0 * :A\r\n", b"cap ls 302\r\n"])
async def test_irc_is_answered_in_its_own_words(stage: Stage, hello: bytes) -> None:
    async with Peer(stage.port) as peer:
        await peer.send(hello)
        assert (await peer.receive()).startswith(b":hubbub.local ")


async def test_tls_is_refused_with_an_alert(stage: Stage) -> None:
    context = ssl.create_default_context()
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        await asyncio.open_connection(
            "127.0.0.1", stage.port, ssl=context, server_hostname="chat.example"
        )


async def test_proxy_is_refused(stage: Stage) -> None:
    async with Peer(stage.port) as peer:
        await peer.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n")
        assert (await everything(peer)).startswith(b"error: PROXY is accepted from trusted")


async def test_what_nobody_speaks_gets_one_clear_line_and_is_logged_in_hex(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Peer(stage.port) as peer:
        await peer.send(b"SSH-2.0-OpenSSH\r\n")
        answer = await everything(peer)
    assert answer.startswith(b"error: this port speaks IRC, HTTP and the classic")
    assert answer.count(b"\n") == 1
    (line,) = dropped(caplog)
    assert line["reason"] == "unknown protocol"
    assert line["bytes"] == b"SSH-2.0-OpenSSH\r\n".hex(" ")


async def test_who_says_a_space_and_goes_was_nobody(stage: Stage) -> None:
    async with Peer(stage.port) as peer:
        await peer.send(b"   ")
        peer.half_close()
        assert await everything(peer) == b""


# -- limits ------------------------------------------------------------------------------------


async def test_above_the_limit_each_protocol_says_so(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stage = await opened({"limits.connections": 1})
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.until_answered()
        async with Peer(stage.port) as bob:
            await bob.arrive("bob")
            assert await bob.rest() == [FULL]
        async with Peer(stage.port) as browser:
            await browser.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await everything(browser)
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"\r\nRetry-After: 60\r\n" in answer
            assert answer.endswith(b"\r\n\r\nThe server is full. Please try again in a minute.\r\n")
        assert await alice.until_answered() == []
    assert [line["reason"] for line in dropped(caplog)] == ["full", "full"]
    full = [record for record in caplog.records if "the server is full" in record.getMessage()]
    assert len(full) == 1, "once a minute is enough"


async def test_a_place_that_is_left_is_free(opened: Opened) -> None:
    stage = await opened({"limits.connections": 2})
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.until_answered()
        for number in range(5):
            async with Peer(stage.port) as bob:
                await bob.arrive(f"bob{number}")
                await alice.pair()
                bob.half_close()
                await bob.rest()
            await alice.pair()
        assert stage.doors.front.accepted == 6


async def test_far_above_the_limit_there_is_no_room_even_to_refuse(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "SURPLUS", 1)
    stage = await opened({"limits.connections": 1})
    async with AsyncExitStack() as stack:
        _, _, third = [await stack.enter_async_context(Peer(stage.port)) for _ in range(3)]
        assert await third.receive() == b""


async def test_when_too_many_have_not_said_who_they_are_the_oldest_goes(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stage = await opened({"limits.half_open": 2})
    async with AsyncExitStack() as stack:
        oldest, middle = [await stack.enter_async_context(Peer(stage.port)) for _ in range(2)]
        await middle.arrive("middle")  # whoever has a name is safe
        await middle.until_answered()
        young, youngest = [await stack.enter_async_context(Peer(stage.port)) for _ in range(2)]
        assert await oldest.receive() == b""
        for peer, name in ((young, "young"), (youngest, "youngest")):
            await peer.arrive(name)
            await peer.until_answered()
        assert len(stage.hub.world) == 3
    assert dropped(caplog)[0]["reason"] == "too many connections have not said who they are"


async def test_who_does_not_say_who_they_are_in_time_is_told_where_that_is_possible(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stage = await opened({"limits.login_timeout": 0.1})
    async with Peer(stage.port) as silent, Peer(stage.port) as slow, Peer(stage.port) as browser:
        await slow.send(frame(b"alice")[:12])
        await browser.send(b"GET / HT")
        assert await slow.rest() == [("server", "error: you did not say who they are in time")]
        assert await everything(silent) == b""
        assert await everything(browser) == b""
    assert [line["reason"] for line in dropped(caplog)] == ["did not say who they are in time"] * 3


async def test_a_name_in_time_ends_the_waiting(opened: Opened) -> None:
    stage = await opened({"limits.login_timeout": 0.2})
    async with Peer(stage.port) as alice, Peer(stage.port) as silent:
        await alice.arrive("alice")
        await alice.until_answered()
        assert await silent.receive() == b"", "its time was later than alice's"
        assert await alice.until_answered() == []


async def test_a_peer_whose_machine_is_gone_is_found_out(stage: Stage) -> None:
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.until_answered()
        session = stage.hub.world.session("alice")
        assert session is not None
        connection = cast("ClassicDoor", session.reader)._link.socket
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 120


# -- a door that cannot take it ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words", "traces"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files", 0),
        (KeyError(), "KeyError", 1),
    ],
)
async def test_a_connection_that_no_door_can_take_is_dropped_and_counted_out(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    words: str,
    traces: int,
) -> None:
    caplog.set_level(logging.INFO)

    def dup(_descriptor: int) -> int:
        raise error

    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.until_answered()
        with monkeypatch.context() as short:
            short.setattr(os, "dup", dup)
            async with Peer(stage.port) as bob:
                await bob.arrive("bob")
                assert await everything(bob) == b""
        assert await alice.until_answered() == []
        assert stage.doors.front.connections == 1
        assert not stage.doors.front._half_open
        async with Peer(stage.port) as bob:
            await bob.arrive("bob")
            assert await bob.until_answered() == []
    assert [line["reason"] for line in dropped(caplog)] == [f"no door could take it: {words}"]
    assert len([record for record in caplog.records if record.exc_info]) == traces


# -- addresses ---------------------------------------------------------------------------------


class Wire:
    """A transport that only knows its peer."""

    def __init__(self, *peername: Any) -> None:
        self._peername = peername
        self.was_aborted = False

    def get_extra_info(self, name: str) -> Any:
        return self._peername if name == "peername" else None

    def abort(self) -> None:
        self.was_aborted = True


def linked(*peername: Any) -> Link:
    return Link(Wire(*peername))  # type: ignore[arg-type]  # no more than this is asked of it


async def test_strangers_who_share_an_address_are_limited_and_a_classroom_is_not() -> None:
    for host, is_limited in {
        "8.8.8.8": True,
        "2606:4700::1": True,
        "192.168.1.7": False,
        "10.0.0.1": False,
        "127.0.0.1": False,
        "fe80::1%eth0": False,
        "fd00::1": False,
        "::ffff:192.168.1.7": False,
        "::ffff:8.8.8.8": True,
    }.items():
        door = Front({}, FrontLimits(connections_per_address=2))
        links = [linked(host, port) for port in range(1, 4)]
        for link in links:
            assert door.admit(link)
        assert [link.surplus for link in links] == [False, False, is_limited], host
        for link in links:
            link.lost()
        assert not door._per_address
        assert door.connections == 0
        again = linked(host, 4)
        door.admit(again)
        assert not again.surplus
        door.close()
        assert again.transport.was_aborted  # type: ignore[attr-defined]


async def test_a_stranger_who_says_nothing_cannot_take_every_place() -> None:
    door = Front({}, FrontLimits(connections_per_address=2))
    admitted = [door.admit(linked("8.8.8.8", port)) for port in range(2 + front.SURPLUS + 1)]
    assert admitted == [True] * (2 + front.SURPLUS) + [False]
    assert door.admit(linked("9.9.9.9", 1)), "others still come in"
    door.close()


async def test_no_limit_per_address_when_it_is_zero() -> None:
    door = Front({}, FrontLimits(connections_per_address=0))
    links = [linked("8.8.8.8", port) for port in range(50)]
    for link in links:
        door.admit(link)
    assert not any(link.surplus for link in links)
    door.close()


@pytest.mark.parametrize(
    ("peername", "shown"),
    [
        (("192.0.2.1", 5), "192.0.2.1:5"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1:5"),
        (("2001:db8::1", 5, 0, 0), "[2001:db8::1]:5"),
        ((), "local:0"),
    ],
)
def test_where_somebody_comes_from(peername: tuple[Any, ...], shown: str) -> None:
    assert str(peer_address(Wire(*peername))) == shown  # type: ignore[arg-type]
    assert str(linked(*peername).address) == shown


async def test_a_link_without_an_internet_address_is_no_stranger() -> None:
    door = Front({}, FrontLimits(connections_per_address=1))
    links = [linked(), linked()]
    for link in links:
        door.admit(link)
    assert not any(link.surplus for link in links)
    door.close()
