"""`hubbub servers` lists where one could go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from hubbub.cli import servers as verb
from hubbub.client import Address
from hubbub.client.lan import CannotLook, Nearby
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.servers import Servers

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(autouse=True)
def _nobody_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "listens_here", lambda port: False)
    _nearby(monkeypatch, [])


def _nearby(monkeypatch: pytest.MonkeyPatch, found: Sequence[Nearby]) -> None:
    async def servers_nearby(within: float) -> list[Nearby]:
        return list(found)

    monkeypatch.setattr(verb, "servers_nearby", servers_nearby)


def test_all_kinds_stand_in_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    _nearby(monkeypatch, [Nearby("physics on ship", Address("192.0.2.7", 4321))])
    monkeypatch.setattr(verb, "listens_here", lambda port: port == 1234)
    known = Servers(ClientFolder.of(os.environ), clock=lambda: 1_790_000_000_000)
    known.joined(Address.parse("classic://old?header=64"), "ada")
    lines = CliRunner().invoke(verb.servers, []).output.splitlines()
    assert lines[0] == "nearby        physics on ship  192.0.2.7:4321"
    assert lines[1] == "this machine                   localhost:1234"
    assert lines[2].startswith("2026-09-2")
    assert lines[2].endswith("as ada           classic://old:1234?header=64")


def test_no_server_is_no_mistake() -> None:
    result = CliRunner().invoke(verb.servers, [])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "`hubbub serve` opens one" in result.stderr


def test_a_network_that_cannot_be_searched_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def blocked(within: float) -> list[Nearby]:
        raise CannotLook("a firewall keeps it away")

    monkeypatch.setattr(verb, "servers_nearby", blocked)
    result = CliRunner().invoke(verb.servers, ["--timeout", "0.1"])
    assert result.exit_code == 0
    assert "hint: a firewall keeps it away" in result.stderr
