"""The PROXY header, versions 1 and 2: what a proxy says first, on behalf of the real peer.

"The PROXY protocol", HAProxy, 2020 (§2.1 and §2.2 in comments). It reads who connects and how long
the header is, and leaves out the rest: where to, and what is appended. Whether the word of a proxy
is taken is not decided here. Next: `hubbub.doors.front`, which asks.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

V2_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
MAX_V1 = 107
"""Bytes of a version 1 header with its line end (§2.1)."""
MAX_V2 = 4096
"""Bytes of a version 2 header that we hold; what proxies append is a few hundred."""

_V1_FAMILIES = {b"TCP4": 4, b"TCP6": 6}
_V2_PROXY = 0x21
_V2_LOCAL = 0x20
_V2_FAMILIES = {0x11: 4, 0x21: 16}  # TCP over IPv4 and IPv6: bytes of an address


class BadHeader(Exception):  # noqa: N818 (as `BadFrame`: what it is)
    """Not a header, or one that nobody needs to send; the text says what is wrong."""


class Header(NamedTuple):
    """`size` is the header's length in bytes; `host` is None when the peer is the proxy itself."""

    size: int
    host: str | None = None
    port: int = 0


def parse(data: bytes) -> Header | None:
    """The header that `data` begins with, None when it is not whole yet. Raises `BadHeader`."""
    if V2_SIGNATURE.startswith(data[: len(V2_SIGNATURE)]):
        return _version_2(data)
    return _version_1(data)


def _version_1(data: bytes) -> Header | None:
    line, end, _ = data[:MAX_V1].partition(b"\r\n")
    if not end:
        if len(data) >= MAX_V1:
            raise BadHeader("its line does not end")
        return None
    size = len(line) + len(end)
    words = line.split(b" ")
    if words[:2] == [b"PROXY", b"UNKNOWN"]:
        # §2.1: "the receiver must ignore anything presented before the CRLF".
        return Header(size)
    if len(words) != 6 or words[0] != b"PROXY" or words[1] not in _V1_FAMILIES:
        raise BadHeader("it is not PROXY, TCP4 or TCP6, two addresses and two ports")
    try:
        host = ipaddress.ip_address(words[2].decode("ascii"))
        port = int(words[4]) if words[4].isdigit() else -1
    except ValueError:
        raise BadHeader("its address is none") from None
    if host.version != _V1_FAMILIES[words[1]] or not 0 <= port < 1 << 16:
        raise BadHeader("its address or port is none of its family")
    return Header(size, str(host), port)


def _version_2(data: bytes) -> Header | None:
    if len(data) < 16:
        return None
    command, family = data[12], data[13]
    size = 16 + int.from_bytes(data[14:16], "big")
    if command not in {_V2_PROXY, _V2_LOCAL}:
        raise BadHeader("its version or command is unknown")
    if size > MAX_V2:
        raise BadHeader("it is too long")
    if len(data) < size:
        return None
    width = _V2_FAMILIES.get(family)
    # §2.2: LOCAL is the proxy's own connection, and of other families there is no address for us.
    if command == _V2_LOCAL or width is None:
        return Header(size)
    if size < 16 + 2 * width + 4:
        raise BadHeader("its addresses are cut off")
    host = ipaddress.ip_address(data[16 : 16 + width])
    ports = 16 + 2 * width
    return Header(size, str(host), int.from_bytes(data[ports : ports + 2], "big"))
