"""What the server says when it opens, and how it knows where it can be reached."""

from __future__ import annotations

import io
import ipaddress
import logging
import socket
from typing import TYPE_CHECKING

from hubbub.server.addresses import (
    Interface,
    interfaces,
    is_private_to_machine,
    local_addresses,
    reachable,
)
from hubbub.server.banner import announce, page

if TYPE_CHECKING:
    import pytest


def interface(name: str, address: str) -> Interface:
    return Interface(name, ipaddress.ip_address(address))


HOME = [
    interface("lo", "127.0.0.1"),
    interface("lo", "::1"),
    interface("docker0", "172.17.0.1"),
    interface("wan", "1.2.3.4"),
    interface("wlan0", "192.168.1.20"),
    interface("wlan0", "fe80::1"),
    interface("wlan0", "fd00::20"),
]


class Terminal(io.StringIO):
    """A terminal's stream with an encoding of its own."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def told(*addresses: str, port: int = 1234, columns: int = 80, encoding: str = "utf-8") -> str:
    stream = Terminal(encoding)
    announce(addresses, port, stream, room="#lobby", is_terminal=True, columns=columns)
    return stream.getvalue()


def test_a_person_reads_four_ways_to_join() -> None:
    page = told("192.168.1.20", "fd00::20")
    assert "hubbub chat 192.168.1.20\n" in page
    assert "in a browser    http://192.168.1.20:1234/ tells how to join\n" in page
    assert "any client: 192.168.1.20 port 1234, then /join #lobby" in page
    assert "any length-prefixed client: 192.168.1.20 port 1234" in page
    assert "also at         fd00::20" in page


def test_another_port_and_ipv6_are_written_so_that_they_can_be_typed() -> None:
    page = told("fd00::20", port=4000)
    assert "hubbub chat [fd00::20]:4000\n" in page
    assert "http://[fd00::20]:4000/" in page


def test_the_command_is_named_as_it_can_be_typed() -> None:
    shown = page(["::1"], 1234, "#lobby", ".venv/bin/hubbub")
    assert "  in a terminal   .venv/bin/hubbub chat [::1]\n" in shown


def test_the_qr_code_is_for_phones_on_terminals_that_can_show_it() -> None:
    assert "▄" in told("192.168.1.20")
    assert "▄" not in told("127.0.0.1"), "no phone can open loopback"
    assert "▄" not in told("192.168.1.20", columns=20)
    assert "▄" not in told("192.168.1.20", encoding="ascii")


def test_a_server_on_loopback_says_that_only_this_machine_can_join() -> None:
    shown = page(["127.0.0.1"], 1234, "#lobby", on_loopback=True)
    assert "Only this machine can join: the server listens on loopback.\n" in shown


def test_a_server_without_a_network_says_so() -> None:
    shown = told("127.0.0.1")
    assert "Only this machine can join: there is no network yet. Once there is" in shown
    assert "loopback" not in shown


def test_a_host_says_whether_others_could_ever_join() -> None:
    for host in ("127.0.0.1", "localhost, ::1", ["127.0.0.1"]):
        assert is_private_to_machine(host)
    for host in ("", "0.0.0.0", "127.0.0.1, 192.0.2.1"):
        assert not is_private_to_machine(host)
    assert not is_private_to_machine(())


def test_without_a_terminal_each_address_is_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = io.StringIO()
    with caplog.at_level(logging.INFO):
        announce(["192.0.2.1", "fd00::1"], 4000, stream, room="#lobby", is_terminal=False)
    assert stream.getvalue() == ""
    assert [record.getMessage() for record in caplog.records] == ["open", "open"]
    assert [vars(record)["fields"]["url"] for record in caplog.records] == [
        "http://192.0.2.1:4000/",
        "http://[fd00::1]:4000/",
    ]


def test_people_are_sent_to_the_address_they_share() -> None:
    everywhere = ["0.0.0.0", "::"]
    assert reachable(everywhere, HOME) == ["192.168.1.20", "1.2.3.4", "fd00::20"]
    assert reachable(["0.0.0.0"], HOME) == ["192.168.1.20", "1.2.3.4"]
    assert reachable(["127.0.0.1", "1.2.3.4"], HOME) == ["1.2.3.4"]


def test_loopback_and_containers_are_named_when_there_is_nothing_else() -> None:
    assert reachable(["0.0.0.0", "::"], HOME[:2]) == ["127.0.0.1", "::1"]
    assert reachable(["0.0.0.0"], HOME[:3]) == ["127.0.0.1"]
    assert reachable(["0.0.0.0"], HOME[2:3]) == ["172.17.0.1"]
    assert reachable(["0.0.0.0"], []) == ["127.0.0.1"]


def test_the_host_is_read_as_the_configuration_writes_it() -> None:
    assert local_addresses("127.0.0.1") == ["127.0.0.1"]
    assert local_addresses("192.0.2.1, 192.0.2.2") == ["192.0.2.1", "192.0.2.2"]
    assert local_addresses(["192.0.2.1"]) == ["192.0.2.1"]


def test_the_interfaces_are_the_kernels_and_no_socket_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket or a look-up")

    for name in ("socket", "getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    assert ipaddress.ip_address("127.0.0.1") in {one.address for one in interfaces()}
    assert local_addresses("") != []
