"""What a server says of itself on the local network, and how a client reads it (RFC 6763).

Owns the service's name and the words in its TXT record, for `hubbub.server.announce` and
`hubbub.client.lan`, which must agree. What is read was sent by strangers. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE: Final = "_hubbub._tcp.local."

LABEL: Final = 63
"""Bytes of an instance's name (RFC 6763 §4.1.1)."""

_LONGEST: Final = 64
"""Characters of a network's name that are read."""


def instance(network: str, host: str) -> str:
    """What a server is called among those nearby: `hubbub on ship`."""
    # A dot would end the label for some who read it.
    name = one_line(f"{network} on {host}").replace(".", "-")
    return name.encode()[:LABEL].decode("utf-8", "ignore").strip()


def properties(network: str, *, tls: bool) -> dict[str, str]:
    """The TXT record."""
    return {"v": "1", "network": network[:_LONGEST], "tls": "1" if tls else "0"}


def read_properties(record: Mapping[bytes, bytes | None]) -> tuple[str, bool]:
    """The network's name, safe to print, and whether the server takes TLS."""
    network = (record.get(b"network") or b"").decode("utf-8", "replace")
    return one_line(network).strip()[:_LONGEST], record.get(b"tls") == b"1"
