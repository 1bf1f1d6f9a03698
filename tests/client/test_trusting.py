"""A certificate that nobody vouches for is believed once, remembered, and no other after it."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from hubbub import client
from hubbub.client import FirstUse
from hubbub.client.events import Hint, Joined
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.trusted import TrustedServers
from hubbub.client.trusting import Why
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

    from running.server import Server

NOW = 1_790_000_000_000


@pytest.fixture
def pins(tmp_path: Path) -> TrustedServers:
    return TrustedServers(ClientFolder(tmp_path / "state"), clock=lambda: NOW)


def words_shown(server: Server) -> str:
    """What people can read where the server was started."""
    (shown,) = [line for line in server.lines if " certificate " in line]
    return shown.partition("words=")[2].split(" ")[0]


async def hints(chat: client.Connection) -> list[str]:
    """What is told before we are in."""
    told = []
    async for event in chat.events():
        if isinstance(event, Hint):
            told.append(event.text)
        elif isinstance(event, Joined):
            break
    return told


async def test_it_is_believed_once_and_told_in_the_words_of_the_server(
    tmp_path: Path, pins: TrustedServers
) -> None:
    with start_server(tmp_path / "data", "--tls", "auto") as server:
        address, trust = f"ircs://127.0.0.1:{server.port}", FirstUse(pins)
        async with client.connect(address, name="ada", trust=trust) as chat:
            (hint,) = await hints(chat)
            assert words_shown(server) in hint
            assert chat.certificate is not None
            assert (chat.certificate.why, chat.certificate.words) == (
                Why.FIRST,
                words_shown(server),
            )
        async with client.connect(address, name="ada", trust=trust) as chat:
            assert await hints(chat) == []
            assert chat.certificate is not None
            assert chat.certificate.why is Why.REMEMBERED
    mode = stat.S_IMODE((tmp_path / "state" / "trusted.json").stat().st_mode)
    assert mode == 0o600


async def test_another_certificate_is_refused_until_somebody_says_that_it_is_meant(
    tmp_path: Path, pins: TrustedServers
) -> None:
    trust = FirstUse(pins)
    with start_server(tmp_path / "data", "--tls", "auto") as server:
        port, before = server.port, words_shown(server)
        address = f"ircs://127.0.0.1:{port}"
        async with client.connect(address, name="ada", trust=trust):
            pass
    shutil.rmtree(tmp_path / "data")
    with start_server(tmp_path / "data", "--tls", "auto", "--port", str(port)) as server:
        after = words_shown(server)
        with pytest.raises(client.CertificateChanged) as caught:
            await client.Connection.open(address, name="ada", trust=trust, password="secret")
        said = str(caught.value)
        assert said.startswith(f"THE CERTIFICATE OF 127.0.0.1:{port} HAS CHANGED")
        assert "Since 2026-09-2" in said
        assert before in said
        assert after in said
        assert f"hubbub trust forget 127.0.0.1:{port}" in said
        assert caught.value.words == after
        assert pins.forget("127.0.0.1", port)
        async with client.connect(address, name="ada", trust=trust) as chat:
            assert chat.certificate is not None
            assert chat.certificate.why is Why.FIRST


async def test_it_does_not_ask_for_encryption(tmp_path: Path, pins: TrustedServers) -> None:
    with start_server(tmp_path / "data", "--tls", "auto") as server:
        address = f"127.0.0.1:{server.port}"
        async with client.connect(address, name="ada", trust=FirstUse(pins)) as chat:
            assert chat.certificate is None
    assert pins.all() == {}


async def test_what_cannot_be_remembered_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    pins = TrustedServers(ClientFolder(tmp_path / "state"))
    with start_server(tmp_path / "data", "--tls", "auto") as server:
        address = f"ircs://127.0.0.1:{server.port}"
        with pytest.raises(client.CannotConnect, match="no certificate can be remembered"):
            await client.Connection.open(address, name="ada", trust=FirstUse(pins))


def test_the_file_is_read_by_everybody_and_each_writes_its_own(
    tmp_path: Path, pins: TrustedServers
) -> None:
    other = TrustedServers(ClientFolder(tmp_path / "state"))
    pins.remember("Ship", 1234, "00" * 32)
    other.remember("::1", 1234, "11" * 32)
    assert list(pins.all()) == ["[::1]:1234", "ship:1234"]
    assert pins.known("SHIP.", 1234) == other.known("ship", 1234) is not None
    assert pins.known("ship", 4321) is None
    assert not pins.forget("nowhere", 1)


def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, pins: TrustedServers) -> None:
    pins.remember("ship", 1234, "00" * 32)
    file = tmp_path / "state" / "trusted.json"
    file.write_text("{")
    with pytest.raises(client.CannotKeep, match="it is damaged; mend it, or move it away"):
        pins.remember("ship", 1, "00" * 32)
    assert file.read_text() == "{"
