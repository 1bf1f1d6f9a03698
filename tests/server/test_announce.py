"""Servers are found on the local network, if they want to be: real multicast, on loopback."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from hubbub.client import Address
from hubbub.client.lan import CannotLook, Nearby, hears_itself, listens_here, servers_nearby
from hubbub.server.announce import Announcement, announced, outward
from hubbub.text.nearby import instance, properties, read_properties
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

HERE = ["127.0.0.1"]
PATIENCE = 10.0

pytest.importorskip("zeroconf", reason="the extra `lan` is not installed (`make install` does)")


async def found(name: str) -> Nearby | None:
    """The server of this name, as soon as it is found."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for server in await servers_nearby(0.5, interfaces=HERE):
                if server.name.startswith(name):
                    return server


async def test_a_server_is_found_with_its_addresses_and_goes_with_its_end() -> None:
    what = Announcement("physics", 4321, tls=True, addresses=lambda: HERE)
    async with announced(what):
        server = await found("physics on ")
        assert server is not None
        assert server.address == Address("127.0.0.1", 4321)
        assert (server.network, server.tls) == ("physics", True)
    async with asyncio.timeout(PATIENCE):
        while any(one.network == "physics" for one in await servers_nearby(0.5, interfaces=HERE)):
            pass


async def test_two_of_one_name_are_told_apart() -> None:
    one = Announcement("twins", 4321, tls=False, addresses=lambda: HERE)
    two = Announcement("twins", 4322, tls=False, addresses=lambda: HERE)
    async with announced(one), asyncio.timeout(PATIENCE):
        await found("twins")
        async with announced(two):
            while True:
                servers = await servers_nearby(0.5, interfaces=HERE)
                ports = {server.address.port for server in servers if server.network == "twins"}
                if ports == {4321, 4322}:
                    break


async def test_it_follows_the_addresses_of_the_machine() -> None:
    addresses: list[str] = []
    what = Announcement("laptop", 4321, tls=False, addresses=lambda: list(addresses))
    async with announced(what, look_every=0.05):
        await asyncio.sleep(0)  # there is no network yet
        addresses.append("127.0.0.1")
        assert await found("laptop") is not None


async def test_without_the_extra_it_serves_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    monkeypatch.setitem(sys.modules, "zeroconf.asyncio", None)
    what = Announcement("mute", 4321, tls=False, addresses=lambda: HERE)
    with caplog.at_level(logging.WARNING):
        async with announced(what):
            while not caplog.messages:  # noqa: ASYNC110 (a log tells nobody)
                await asyncio.sleep(0.01)
    assert "pip install 'hubbub[lan]'" in caplog.text
    with pytest.raises(CannotLook, match=r"pip install 'hubbub\[lan\]'"):
        await servers_nearby(0.1)


async def test_where_multicast_is_blocked_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(*_: object, **__: object) -> bool:
        return False

    assert await hears_itself(HERE)
    monkeypatch.setattr("hubbub.client.lan.hears_itself", deaf)
    with pytest.raises(CannotLook, match=r"a firewall \(UDP port 5353\)"):
        await servers_nearby(0.1, interfaces=HERE)


async def test_nobody_hears_where_there_is_no_network() -> None:
    assert not await hears_itself(["192.0.2.77"])


def test_a_server_on_this_machine_is_found_without_a_connection(tmp_path: Path) -> None:
    with start_server(tmp_path / "data") as server:
        assert listens_here(server.port)
        assert server.stop() == 0
        assert not listens_here(server.port)
        assert not any("connection" in line for line in server.lines)


def test_loopback_is_nothing_to_announce() -> None:
    assert outward(["127.0.0.1", "::1"]) == []
    assert outward(["192.0.2.7"]) == ["192.0.2.7"]


def test_a_server_that_announces_itself_says_so(tmp_path: Path) -> None:
    (tmp_path / "hubbub.toml").write_text("[lan]\nannounce = true\n")
    with start_server(tmp_path / "data", "--config", str(tmp_path / "hubbub.toml")) as server:
        assert server.stop() == 0  # on loopback there is nothing to say, and nothing goes wrong


def test_what_strangers_say_is_safe_to_print() -> None:
    assert read_properties({b"network": b"a\x1b[31m\nb", b"tls": b"1"}) == ("a b", True)
    assert read_properties({b"network": None}) == ("", False)
    assert properties("x" * 100, tls=False)["network"] == "x" * 64
    assert instance("a.b", "ship") == "a-b on ship"
    assert len(instance("é" * 60, "ship").encode()) <= 63
