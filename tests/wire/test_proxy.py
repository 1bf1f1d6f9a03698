"""The PROXY header: what a proxy says, whole or in pieces, and what is not one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire import proxy
from hubbub.wire.proxy import BadHeader, Header, parse
from hubbub.wire.sniff import Protocol, sniff


def version_2(
    host: str, port: int, *, command: int = 0x21, family: int | None = None, more: bytes = b""
) -> bytes:
    """A header as HAProxy writes one; `more` stands for what it appends."""
    address = ipaddress.ip_address(host).packed
    kind = (0x11 if len(address) == 4 else 0x21) if family is None else family
    there = address + address + port.to_bytes(2, "big") + b"\x00\x50" + more
    return proxy.V2_SIGNATURE + bytes((command, kind)) + len(there).to_bytes(2, "big") + there


V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 65533 1234\r\n"
V1_6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 5 1234\r\n"


@pytest.mark.parametrize(
    ("header", "host", "port"),
    [
        (V1, "192.0.2.7", 65533),
        (V1_6, "2001:db8::7", 5),
        (b"PROXY UNKNOWN\r\n", None, 0),
        (b"PROXY UNKNOWN what ever it says\r\n", None, 0),
        (version_2("192.0.2.7", 5), "192.0.2.7", 5),
        (version_2("2001:db8::7", 65535), "2001:db8::7", 65535),
        (version_2("192.0.2.7", 5, more=b"\x02\x00\x03abc"), "192.0.2.7", 5),
        (version_2("192.0.2.7", 5, command=0x20), None, 0),
        (version_2("192.0.2.7", 5, family=0x31), None, 0),
        (proxy.V2_SIGNATURE + b"\x20\x00\x00\x00", None, 0),
    ],
)
def test_who_it_is_for(header: bytes, host: str | None, port: int) -> None:
    assert parse(header + b"NICK alice\r\n") == Header(len(header), host, port)
    for end in range(1, len(header)):
        assert parse(header[:end]) is None
        assert sniff(header[:end]) in {Protocol.MORE, Protocol.PROXY}
    assert sniff(header) is Protocol.PROXY


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY TCP4 192.0.2.7 192.0.2.1 5\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 5 6\r\n",
        b"PROXY TCP6 192.0.2.7 192.0.2.1 5 6\r\n",
        b"PROXY TCP4 chat.example 192.0.2.1 5 6\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 65536 6\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 -1 6\r\n",
        b"PROXY UDP4 192.0.2.7 192.0.2.1 5 6\r\n",
        b"PROXY \xff\xff\r\n",
        b"PROXY " + b"x" * 200,
        version_2("192.0.2.7", 5, command=0x31),
        version_2("192.0.2.7", 5, command=0x22),
        version_2("192.0.2.7", 5, family=0x21),
        proxy.V2_SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_what_is_none(header: bytes) -> None:
    with pytest.raises(BadHeader):
        parse(header)


@given(st.sampled_from([b"PROXY ", b"PROXY TCP4 ", proxy.V2_SIGNATURE]), st.binary(max_size=200))
def test_anything_is_a_header_or_a_bad_one(begin: bytes, rest: bytes) -> None:
    try:
        header = parse(begin + rest)
    except BadHeader:
        return
    assert header is None or header.size <= len(begin + rest)
