"""TLS on the one port: what is inside is told apart as it is outside."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
from typing import TYPE_CHECKING, Any, cast

import pytest

from doors.peer import Peer
from doors.secured import Secured, trusting
from hubbub.server.selfsigned import make
from hubbub.wire.classic import Decoder, frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from conversations.stage import Stage
    from hubbub.doors.irc.door import IrcDoor

    Opened = Callable[..., Awaitable[Stage]]

IRC_HELLO = b"NICK alice\r\nUSER a 0 * :Alice\r\n"


@pytest.fixture
async def secure(opened: Opened) -> Stage:
    """A server with a certificate of its own."""
    return await opened({"tls": "auto"})


def frames(data: bytes) -> list[str]:
    decoder = Decoder(width=10)
    decoder.feed(data)
    found = []
    while (body := decoder.next_frame()) is not None:
        found.append(body.decode())
    return found


# -- all protocols inside ----------------------------------------------------------------------


async def test_http_inside(secure: Stage) -> None:
    async with Secured(secure.port) as browser:
        await browser.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await browser.rest()).endswith(b"\r\n\r\nok\n")


async def test_irc_inside(secure: Stage) -> None:
    async with Secured(secure.port) as client:
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")
        session = secure.hub.world.session("alice")
        assert session is not None
        assert session.secure


async def test_classic_inside_and_outside_hear_each_other(secure: Stage) -> None:
    async with Secured(secure.port) as alice, Peer(secure.port) as bob:
        await alice.send(frame(b"alice"))
        await bob.arrive("bob")
        await alice.until(b"bob joined")
        await alice.send(frame("привет".encode()))
        assert ("alice", "привет") in await bob.until_answered()
        await bob.say("hello")
        await alice.until(b"hello")
    # Programs of the family take one `recv` for one pair: so does every record hold whole ones.
    for record in alice.records:
        assert len(frames(record)) % 2 == 0
        assert len(record) <= 1400


async def test_what_is_not_spoken_inside_either(
    secure: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with Secured(secure.port) as peer:
        await peer.send(b"SSH-2.0-OpenSSH\r\n")
        assert (await peer.rest()).startswith(b"error: this port speaks")


async def test_tls_inside_tls_is_nothing_we_speak(secure: Stage) -> None:
    async with Secured(secure.port) as peer:
        await peer.send(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
        assert (await peer.rest()).startswith(b"error: this port speaks")


async def test_without_a_certificate_tls_is_refused_with_an_alert(opened: Opened) -> None:
    stage = await opened({"tls": "off"})
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        async with Secured(stage.port):
            pass


# -- the handshake -----------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [1, 7, 200])
async def test_a_hello_in_any_pieces(secure: Stage, pieces: int) -> None:
    async with Secured(secure.port, pieces=pieces) as client:
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")


async def test_many_at_once(secure: Stage) -> None:
    async def visit(number: int) -> bytes:
        async with Secured(secure.port) as client:
            await client.send(b"NICK n%d\r\nUSER n 0 * :N\r\nPING :%d\r\n" % (number, number))
            return await client.until(b"PONG")

    answers = await asyncio.gather(*(visit(number) for number in range(30)))
    assert all(b" 001 n%d " % number in answer for number, answer in enumerate(answers))


async def test_a_client_that_speaks_before_it_has_heard_the_end(secure: Stage) -> None:
    """With TLS 1.3 a client may send its first words together with its last of the handshake."""
    client = Secured(secure.port)
    client._reader, client._writer = await asyncio.open_connection("127.0.0.1", secure.port)
    while True:
        try:
            client._tls.do_handshake()
        except ssl.SSLWantReadError:
            await client._flush()
            await client._fill()
        else:
            break
    client._tls.write(IRC_HELLO)
    await client._flush()  # Finished and the first lines in one
    await client.until(b" 001 alice ")
    client._writer.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_versions_that_are_spoken(secure: Stage, version: ssl.TLSVersion) -> None:
    context = trusting(minimum_version=version, maximum_version=version)
    async with Secured(secure.port, context) as client:
        assert client.version == version.name.replace("_", ".")
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
async def test_an_old_version_is_refused(
    secure: Stage, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    caplog.set_level(logging.INFO)
    context = trusting(maximum_version=ssl.TLSVersion[version])
    context.minimum_version = ssl.TLSVersion[version]
    context.set_ciphers("ALL:@SECLEVEL=0")  # without it OpenSSL would not even offer one
    with pytest.raises((ssl.SSLError, ConnectionError)):
        async with Secured(secure.port, context):
            pass
    await counted_out(secure)
    assert reasons(caplog) == ["TLS: unsupported protocol"]


@pytest.mark.parametrize(("offered", "chosen"), [(["irc"], "irc"), (["h2"], None), ([], None)])
async def test_alpn_is_a_hint(secure: Stage, offered: list[str], chosen: str | None) -> None:
    context = trusting()
    if offered:
        context.set_alpn_protocols(offered)
    async with Secured(secure.port, context) as client:
        assert client.protocol == chosen
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")


@pytest.mark.parametrize("how", ["nothing more", "a close", "rubbish"])
async def test_a_handshake_that_fails_costs_nothing(
    opened: Opened, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    caplog.set_level(logging.INFO)
    stage = await opened({"tls": "auto", "limits.login_timeout": 0.2})
    async with Peer(stage.port) as peer:
        await peer.send(b"\x16\x03\x01\x00\x20\x01\x00\x00")
        if how == "a close":
            peer.close()
        else:
            await peer.send(b"\xff" * 100 if how == "rubbish" else b"")
            assert await peer.receive() == b""
        await counted_out(stage)
    (why,) = reasons(caplog)[:1]
    assert why.startswith("TLS: ") or why == "did not say who they are in time"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_who_leaves_politely_leaves(secure: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with Secured(secure.port) as alice, Secured(secure.port) as bob:
        await alice.send(IRC_HELLO + b"JOIN #lobby\r\n")
        await alice.until(b" 366 ")
        await bob.send(frame(b"bob"))
        await alice.until(b"JOIN")
        await bob.send(frame(b"last words"))
        await bob.say_goodbye()
        heard = await alice.until(b"QUIT")
        assert b"last words" in heard
    await counted_out(secure)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_slow_classic_reader_is_told_of_the_gap(opened: Opened) -> None:
    stage = await opened(
        {"tls": "auto", "limits.outbox": 64 * 1024, "limits.message_burst": 1000}, send_buffer=4096
    )
    async with Secured(stage.port) as slow, Peer(stage.port) as talker:
        await slow.send(frame(b"slow"))
        await talker.arrive("talker")
        await slow.until(b"talker joined")
        for number in range(800):
            await talker.say(f"{number:04d}" + "x" * 4000)
        await talker.until_answered()
        await talker.say("the end")
        heard = await slow.until(b"the end")
    assert b"you read too slowly: some messages were left out" in heard
    assert b"0799xxx" in heard
    assert b"0400xxx" not in heard


# -- the certificate ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shows", [True, False])
async def test_a_clients_certificate_is_seen(
    secure: Stage, tmp_path: Path, version: ssl.TLSVersion, *, shows: bool
) -> None:
    make(tmp_path / "mine" / "cert.pem", [], 1_790_000_000_000)
    context = trusting(minimum_version=version, maximum_version=version)
    if shows:
        context.load_cert_chain(tmp_path / "mine" / "cert.pem")
    async with Secured(secure.port, context) as client:
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")
        session = secure.hub.world.session("alice")
        assert session is not None
        seen = cast("IrcDoor", session.reader).link.certificate
    mine = (tmp_path / "mine" / "cert.pem").read_text().partition("-----BEGIN CERT")
    assert seen == (ssl.PEM_cert_to_DER_cert("".join(mine[1:])) if shows else None)


async def test_a_browser_is_not_asked_for_one(secure: Stage, tmp_path: Path) -> None:
    """It would ask its user which of theirs to show."""
    make(tmp_path / "mine" / "cert.pem", [], 1_790_000_000_000)
    context = trusting()
    context.load_cert_chain(tmp_path / "mine" / "cert.pem")
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with Secured(secure.port, context) as client:
        await client.send(IRC_HELLO)
        await client.until(b" 001 alice ")
        session = secure.hub.world.session("alice")
        assert session is not None
        assert cast("IrcDoor", session.reader).link.certificate is None


async def test_everybody_is_shown_the_certificate_whose_fingerprint_is_announced(
    secure: Stage,
) -> None:
    assert secure.certificate is not None
    async with Secured(secure.port) as client:
        assert hashlib.sha256(client.certificate).hexdigest() == secure.certificate.sha256


async def test_new_connections_get_a_new_certificate_and_old_ones_go_on(
    opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "yours" / "both.pem"
    make(file, [], 1_790_000_000_000)
    stage = await opened({"tls": f"{file},{file}"})
    async with Secured(stage.port) as alice:
        await alice.send(IRC_HELLO)
        await alice.until(b" 001 alice ")

        make(file, [], 1_790_000_000_000)
        async with Secured(stage.port) as bob:
            assert bob.certificate != alice.certificate
            file.write_text("half of a")
            for _ in range(2):
                async with Secured(stage.port) as carol:
                    assert carol.certificate == bob.certificate
        await alice.send(b"PING still\r\n")
        await alice.until(b"still")
    found = [record for record in caplog.records if record.name == "hubbub.server.tls"]
    assert [record.levelname for record in found] == ["INFO", "WARNING"]
    assert found[1].getMessage().startswith("the certificate stays as it was: ")


async def counted_out(stage: Stage) -> None:
    """Some turns of another connection, until it is the only one that is left."""
    async with Peer(stage.port) as peer:
        await peer.arrive("barrier")
        for _ in range(100):
            await peer.until_answered()
            if stage.doors.front.connections == 1:
                return
    raise AssertionError("a connection was never counted out")


def reasons(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [
        record.__dict__["fields"]["reason"]
        for record in caplog.records
        if record.getMessage() == "dropped"
    ]
