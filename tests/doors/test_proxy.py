"""Proxies and gateways: those who are trusted say for whom they connect, others are refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from doors.peer import Peer
from doors.secured import Secured
from hubbub.doors.networks import Networks
from hubbub.wire.classic import frame
from hubbub.wire.proxy import V2_SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

V1 = b"PROXY TCP4 1.1.1.1 127.0.0.1 65533 6667\r\n"
MAPPED = b"PROXY TCP6 ::ffff:192.0.2.7 ::1 5 6667\r\n"
V2 = V2_SIGNATURE + b"\x21\x11\x00\x0c" + bytes((8, 8, 4, 4, 127, 0, 0, 1, 0, 9, 4, 210))
HELLO = b"NICK alice\r\nUSER a 0 * :Alice\r\nPING :there\r\n"


@pytest.fixture
async def trusting_stage(opened: Opened) -> Stage:
    """A server that takes the word of this machine."""
    return await opened(
        {
            "tls": "auto",
            "gateways.trusted": ("127.0.0.0/8", "::1"),
            "gateways.webirc_password": "hunter2",
        }
    )


async def until(peer: Peer, wanted: bytes) -> bytes:
    while wanted not in b"".join(peer.segments):
        assert await peer.receive(), f"no {wanted!r} in {peer.segments!r}"
    return b"".join(peer.segments)


def address(stage: Stage, nick: str = "alice") -> str:
    session = stage.hub.world.session(nick)
    assert session is not None
    return str(session.address)


# -- PROXY -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "shown"), [(V1, "1.1.1.1:65533"), (V2, "8.8.4.4:9"), (MAPPED, "192.0.2.7:5")]
)
@pytest.mark.parametrize("together", [True, False])
async def test_a_trusted_proxy_is_believed(
    trusting_stage: Stage, header: bytes, shown: str, *, together: bool
) -> None:
    async with Peer(trusting_stage.port) as peer:
        if together:
            await peer.send(header + HELLO)
        else:
            for byte in header + HELLO[:3]:
                await peer.send(bytes([byte]))
            await peer.send(HELLO[3:])
        await until(peer, b"PONG")
        assert address(trusting_stage) == shown


async def test_what_comes_behind_it_may_be_anything(trusting_stage: Stage) -> None:
    async with Peer(trusting_stage.port) as browser:
        await browser.send(V1 + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await until(browser, b"ok\n")).startswith(b"HTTP/1.1 200")
    async with Peer(trusting_stage.port) as classic:
        await classic.send(V2 + frame(b"bob"))
        await classic.until_answered()
        assert address(trusting_stage, "bob") == "8.8.4.4:9"
    async with Secured(trusting_stage.port, before=V2) as client:
        await client.send(HELLO)
        await client.until(b"PONG")
        assert address(trusting_stage) == "8.8.4.4:9"


async def test_a_proxy_that_connects_for_itself_is_itself(trusting_stage: Stage) -> None:
    async with Peer(trusting_stage.port) as peer:
        await peer.send(b"PROXY UNKNOWN\r\n" + HELLO)
        await until(peer, b"PONG")
        assert address(trusting_stage).startswith("127.0.0.1:")


async def test_only_the_first_word_is_heard(trusting_stage: Stage) -> None:
    async with Peer(trusting_stage.port) as peer:
        await peer.send(V1 + V1)
        assert b"accepted from trusted addresses only" in await until(peer, b"\r\n")


async def test_a_bad_header_is_logged_and_ends_it(
    trusting_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Peer(trusting_stage.port) as peer:
        await peer.send(b"PROXY TCP4 here there 1 2\r\n")
        await until(peer, b"error: ")
    (reason,) = [r.__dict__["fields"]["reason"] for r in caplog.records if r.message == "dropped"]
    assert reason == "bad PROXY header: its address is none"


async def test_strangers_are_counted_where_they_come_from(opened: Opened) -> None:
    stage = await opened({"gateways.trusted": "127.0.0.1", "limits.connections_per_address": 1})
    async with Peer(stage.port) as one, Peer(stage.port) as two, Peer(stage.port) as other:
        for peer, header in ((one, V1), (other, V2)):
            await peer.send(header + HELLO.replace(b"alice", b"n%d" % id(peer)))
            await until(peer, b" 001 ")
        await two.send(V1 + HELLO)
        assert b" 001 " not in await until(two, b"ERROR")
    async with Peer(stage.port) as again:
        await again.send(V1 + HELLO)
        await until(again, b" 001 ")


async def test_from_others_it_is_refused(opened: Opened) -> None:
    stage = await opened({"gateways.trusted": "192.0.2.0/24"})
    for header in (V1, V2):
        async with Peer(stage.port) as peer:
            await peer.send(header + HELLO)
            assert b"accepted from trusted addresses only" in await until(peer, b"\r\n")


# -- WEBIRC ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (b"hunter2 web host.example 198.51.100.3", "198.51.100.3:0"),
        (b"hunter2 web x 198.51.100.3 :secure remote-port=21726 new=thing", "198.51.100.3:21726"),
        (b"hunter2 web x 0::7", "[::7]:0"),
    ],
)
async def test_a_trusted_gateway_is_believed(
    trusting_stage: Stage, words: bytes, shown: str
) -> None:
    async with Peer(trusting_stage.port) as peer:
        await peer.send(b"WEBIRC " + words + b"\r\n" + HELLO)
        await until(peer, b"PONG")
        assert address(trusting_stage) == shown
        session = trusting_stage.hub.world.session("alice")
        assert session is not None
        assert not session.secure, "the gateway itself came without TLS"


@pytest.mark.parametrize(("options", "secure"), [(b"", False), (b" :secure=x", True)])
async def test_secure_is_who_is_so_on_both_ways(
    trusting_stage: Stage, options: bytes, caplog: pytest.LogCaptureFixture, *, secure: bool
) -> None:
    async with Secured(trusting_stage.port) as client:
        await client.send(b"WEBIRC hunter2 web x 198.51.100.3" + options + b"\r\n" + HELLO)
        await client.until(b"PONG")
        session = trusting_stage.hub.world.session("alice")
        assert session is not None
        assert session.secure is secure
        await client.say_goodbye()
        await client.rest()
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (b"WEBIRC wrong web x 198.51.100.3\r\n", b"Invalid WebIRC password"),
        (b"WEBIRC hunter2 web x nowhere\r\n", b"no address"),
        (b"CAP LS 302\r\nWEBIRC hunter2 web x 198.51.100.3\r\n", b"comes first"),
        (b"NICK a\r\nWEBIRC hunter2 web x 198.51.100.3\r\n", b"comes first"),
    ],
)
async def test_a_gateway_that_does_it_wrong_is_closed(
    trusting_stage: Stage, lines: bytes, error: bytes
) -> None:
    async with Peer(trusting_stage.port) as peer:
        await peer.send(lines)
        heard = await until(peer, b"ERROR")
        assert error in heard


@pytest.mark.parametrize(
    "settings",
    [
        {"gateways.webirc_password": "hunter2"},
        {"gateways.trusted": "192.0.2.1", "gateways.webirc_password": "hunter2"},
        {"gateways.trusted": "127.0.0.1"},
    ],
)
async def test_others_are_no_gateways(opened: Opened, settings: dict[str, str]) -> None:
    stage = await opened(settings)
    for password in (b"hunter2", b":"):
        async with Peer(stage.port) as peer:
            await peer.send(b"WEBIRC " + password + b" web x 198.51.100.3\r\n")
            heard = await until(peer, b"\r\n")
            assert b"no gateway" in heard or b" 461 " in heard


def test_networks() -> None:
    trusted = Networks(["127.0.0.0/8", "2001:db8::/32", "192.0.2.1"])
    for host in ("127.0.0.1", "127.9.9.9", "2001:db8::5", "192.0.2.1"):
        assert host in trusted
    for host in ("192.0.2.2", "::1", "fe80::1%eth0", "local", ""):
        assert host not in trusted
    assert "127.0.0.1" not in Networks()
    with pytest.raises(ValueError, match="chat"):
        Networks(["chat.example"])
