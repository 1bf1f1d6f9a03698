"""The set of servers comes back at the next start."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hubbub.client import Address
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.servers import MOST, Servers

if TYPE_CHECKING:
    from pathlib import Path


def servers(folder: Path) -> Servers:
    return Servers(ClientFolder(folder), clock=count(1000).__next__)


def test_what_was_joined_comes_back_and_what_was_left_does_not(tmp_path: Path) -> None:
    ship, tea = Address.parse("ship"), Address.parse("ircs://tea.example/#tea")
    old = Address.parse("classic://old:5050?header=64")
    known = servers(tmp_path)
    for address in (ship, tea, old):
        known.joined(address, "ada")
    known.left(ship)
    known.left(Address.parse("nowhere"))
    again = servers(tmp_path).all()
    assert [(str(one.address), one.name, one.comes_back) for one in again] == [
        ("ship:1234", "ada", False),
        ("old:5050", "ada", True),
        ("tea.example:6697", "ada", True),
    ]
    assert again[1].address == old
    assert again[2].address.tls
    known.forget(old)
    assert len(servers(tmp_path).all()) == 2


def test_joined_again_under_another_name_it_is_one_server(tmp_path: Path) -> None:
    known = servers(tmp_path)
    known.joined(Address.parse("irc://ship/#tea"), "ada")
    known.joined(Address.parse("irc://ship/#cake"), "ben")
    (one,) = known.all()
    assert (one.name, one.address.room) == ("ben", "")


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    known = servers(tmp_path)
    for number in range(MOST + 5):
        known.joined(Address(f"host{number}"), "ada")
    hosts = [one.address.host for one in known.all()]
    assert len(hosts) == MOST
    assert hosts[0] == f"host{MOST + 4}"


def test_the_folder_is_where_the_standard_has_it() -> None:
    assert str(ClientFolder.of({"HOME": "/home/ada"}).path) == "/home/ada/.local/state/hubbub"
    absolute = {"HOME": "/home/ada", "XDG_STATE_HOME": "/var/ada"}
    assert str(ClientFolder.of(absolute).path) == "/var/ada/hubbub"
    relative = {"HOME": "/home/ada", "XDG_STATE_HOME": "state"}
    assert str(ClientFolder.of(relative).path) == "/home/ada/.local/state/hubbub"
