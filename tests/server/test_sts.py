"""STS: told only under names that clients can verify, and to each client what is for it ("sts")."""

from __future__ import annotations

import logging
import struct
import sys
from typing import TYPE_CHECKING

import pytest

from conversations.stage import Stage, configured
from doors.conftest import opened
from doors.irc.client import Client
from doors.peer import Peer
from doors.secured import Secured
from hubbub.doors.irc.sts import Policy
from hubbub.server import logs
from hubbub.server.ids import SystemClock
from hubbub.server.sts import Bound
from hubbub.server.tls import Certificate, open_certificate
from server.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    Opened = Callable[..., Awaitable[Stage]]

__all__ = ["opened"]

HOST = "chat.example"
NOW = SystemClock().now()
DAY = 86_400_000
FROM_ELSEWHERE = b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 1234\r\n"


class Clock:
    """One that the test sets, in milliseconds."""

    time = NOW

    def now(self) -> int:
        return self.time


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Somebody whom this system trusts to say who is who."""
    authority = Authority(tmp_path / "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    return authority


@pytest.fixture
async def bound(opened: Opened, authority: Authority) -> Stage:
    """A server that clients are bound to for a minute."""
    return await opened(
        {
            "tls": authority.issue(HOST),
            "sts.hosts": HOST,
            "sts.duration": 60,
            "gateways.trusted": "127.0.0.1",
        }
    )


async def inside(stage: Stage, name: str | None, hello: bytes = b"CAP LS 302\r\n") -> bytes:
    """What a client is offered that calls the server so, inside TLS."""
    async with Secured(stage.port, server_name=name) as client:
        await client.send(hello + b"PING x\r\n")
        return await client.until(b"PONG")


async def outside(stage: Stage, before: bytes = FROM_ELSEWHERE) -> bytes:
    """What a client is offered that comes from elsewhere without TLS."""
    async with Peer(stage.port) as client:
        await client.send(before + b"CAP LS 302\r\nPING x\r\n")
        heard = b""
        while b"PONG" not in heard:
            heard += await client.receive()
        return heard


def sts(offered: bytes) -> list[bytes]:
    return [word.lstrip(b":") for word in offered.split() if word.lstrip(b":").startswith(b"sts")]


# -- who is told what --------------------------------------------------------------------------


async def test_inside_tls_by_that_name_it_is_for_how_long(bound: Stage) -> None:
    assert sts(await inside(bound, HOST)) == [b"sts=duration=60"]
    assert sts(await inside(bound, "CHAT.example")) == [b"sts=duration=60"]


@pytest.mark.parametrize("name", [None, "other.example"])
async def test_inside_tls_by_no_or_another_name_nothing(bound: Stage, name: str | None) -> None:
    assert sts(await inside(bound, name)) == []


async def test_outside_it_is_where_to_come_instead(bound: Stage, authority: Authority) -> None:
    assert sts(await outside(bound)) == [b"sts=port=%d" % bound.port]
    bound.rewrite({"tls": bound.config.tls, "sts.port": 6697})
    await bound.reload()
    assert sts(await outside(bound)) == [b"sts=port=6697"]


async def test_who_is_on_this_machine_stays(bound: Stage) -> None:
    assert sts(await outside(bound, before=b"")) == []


async def test_without_values_there_is_none(bound: Stage) -> None:
    assert sts(await inside(bound, HOST, b"CAP LS\r\n")) == []


async def test_it_cannot_be_asked_for(bound: Stage) -> None:
    async with Secured(bound.port, server_name=HOST) as client:
        await client.send(b"CAP REQ :sts\r\n")
        await client.until(b"CAP * NAK :sts\r\n")


async def test_taken_back_it_lasts_no_time(bound: Stage) -> None:
    bound.rewrite({"sts.duration": 0})
    await bound.reload()
    assert sts(await inside(bound, HOST)) == [b"sts=duration=0"]
    assert sts(await outside(bound)) == []


async def test_who_asks_for_it_is_told_why_not(bound: Stage) -> None:
    bound.rewrite({"sts.hosts": "other.example"})
    changed, trouble = (await bound.reload()).changes
    assert changed == 'sts.hosts: "chat.example" becomes "other.example"'
    assert trouble.startswith("no STS for other.example: clients cannot verify the certificate: Ho")
    bound.rewrite({"sts.hosts": "other.example", "irc.motd": "hi"})
    assert len((await bound.reload()).changes) == 1, "the trouble is no news"


async def test_who_is_inside_hears_of_a_change_and_never_of_an_end(bound: Stage) -> None:
    async with Secured(bound.port, server_name=HOST) as alice, Client(bound.port) as bob:
        await alice.send(b"CAP LS 302\r\nNICK alice\r\nUSER a 0 * :A\r\nCAP END\r\n")
        await alice.until(b" 001 alice ")
        await bob.arrive("bob")
        bound.rewrite({"sts.duration": 120})
        await bound.reload()
        await alice.until(b":hubbub.local CAP alice NEW :sts=duration=120\r\n")
        assert await bob.heard() == []
        bound.rewrite({"sts.hosts": ""})
        await bound.reload()
        await alice.send(b"PING end\r\n")
        assert b"CAP" not in await alice.until(b"PONG")
    assert sts(await inside(bound, HOST)) == []


# -- what clients can verify -------------------------------------------------------------------


def policy(certificate: Certificate | None, clock: Clock | None = None) -> Policy | None:
    config = configured({"sts.hosts": f"{HOST}, irc.example", "sts.duration": 60})
    return Bound(config, certificate, clock or Clock())()


def test_only_under_names_that_the_certificate_is_good_for(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    assert policy(authority.open(HOST)) == Policy(frozenset({HOST}), 60)
    assert policy(authority.open(HOST, "irc.example")) == Policy(
        frozenset({HOST, "irc.example"}), 60
    )
    (warning,) = (one for one in caplog.records if one.levelno == logging.WARNING)
    assert (
        "no STS for irc.example: clients cannot verify the certificate: Hostname" in warning.message
    )


@pytest.mark.parametrize("how", ["own", "stranger", "too old", "none"])
def test_never_under_others(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    certificate = None
    if how == "own":
        certificate = open_certificate("auto", [HOST], tmp_path, now=NOW)
    elif how == "stranger":
        certificate = Authority(tmp_path / "A Stranger").open(HOST, "irc.example")
    elif how == "too old":
        certificate = authority.open(HOST, "irc.example", until=NOW - DAY)
    found = policy(certificate)
    assert found is None or not found.hosts
    why = {"own": "self-signed", "stranger": "local issuer", "too old": "expired", "none": ""}[how]
    assert [why in line for line in caplog.messages] == [True] * (2 if why else 0)


def test_not_after_the_certificates_end(authority: Authority) -> None:
    clock = Clock()
    bound = Bound(configured({"sts.hosts": HOST}), authority.open(HOST, until=NOW + 2 * DAY), clock)
    assert bound() is not None
    clock.time = NOW + 3 * DAY
    assert bound() is None


def test_a_new_certificate_is_tried_anew(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    certificate = authority.open("other.example")
    bound = Bound(configured({"sts.hosts": HOST}), certificate, Clock())
    for _ in range(3):
        found = bound()
        assert found is None or not found.hosts
    assert len(caplog.messages) == 1, "it is said once"
    authority.issue(HOST)
    certificate.refresh()
    found = bound()
    assert found is not None
    assert found.hosts == {HOST}


def test_not_when_only_this_machine_can_connect(authority: Authority) -> None:
    config = configured({"host": "127.0.0.1", "sts.hosts": HOST})
    assert Bound(config, authority.open(HOST), Clock())() is None


@pytest.mark.parametrize("name", ["..", "a" * 300, "ü..x"])
def test_what_is_no_name_is_one_warning(
    authority: Authority, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    found = Bound(configured({"sts.hosts": name}), authority.open(HOST), Clock())()
    assert found is None or not found.hosts
    assert len(caplog.messages) <= 1


# -- what strangers call us --------------------------------------------------------------------


async def test_a_name_that_is_no_text_ends_that_connection_alone(
    bound: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", logs._log_unraisable)
    async with Peer(bound.port) as stranger:
        await stranger.send(hello_to(b"\xff\xfe"))
        heard = b""
        while received := await stranger.receive():
            heard += received
    assert heard[:1] in (b"\x15", b"")  # an alert
    assert "Traceback" not in caplog.text
    assert sts(await inside(bound, HOST)) == [b"sts=duration=60"]


def hello_to(name: bytes) -> bytes:
    """A ClientHello (RFC 5246 §7.4.1.2) with a server's name (RFC 6066 §3)."""
    listed = b"\x00" + struct.pack("!H", len(name)) + name
    extensions = b"".join(
        struct.pack("!HH", kind, len(body)) + body
        for kind, body in (
            (0, struct.pack("!H", len(listed)) + listed),
            (10, b"\x00\x02\x00\x17"),  # secp256r1
            (13, b"\x00\x02\x04\x03"),  # ecdsa_secp256r1_sha256
        )
    )
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\xc0\x2b" + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake
