"""Where a server is, in every form people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.address import Address, BadAddress, Scheme
from hubbub.client.dialect import Dialect

CLASSIC, IRC = Scheme.CLASSIC, Scheme.IRC


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("localhost", Address("localhost")),
        ("localhost:4321", Address("localhost", 4321)),
        (" 192.168.1.20:1234 ", Address("192.168.1.20")),
        ("[::1]:1234", Address("::1")),
        ("[::1]", Address("::1")),
        ("fe80::1%eth0", Address("fe80::1%eth0")),
        ("::1", Address("::1")),
        (":4321", Address("localhost", 4321)),
        ("classic://ship", Address("ship", scheme=CLASSIC)),
        ("classic://ship:5050/?header=64", Address("ship", 5050, Dialect(width=64), CLASSIC)),
        ("CLASSIC://[::1]:9?frames=3&ack=yes", Address("::1", 9, Dialect(10, 3, True), CLASSIC)),
        ("irc://ship", Address("ship", 6667, scheme=IRC)),
        ("irc://ship:1234/", Address("ship", 1234, scheme=IRC)),
        ("ircs://ship", Address("ship", 6697, scheme=IRC, tls=True)),
        ("irc://ship/#tea", Address("ship", 6667, scheme=IRC, room="#tea")),
        ("irc://ship/%23tea", Address("ship", 6667, scheme=IRC, room="#tea")),
        ("ircs://[::1]:1234/tea", Address("::1", 1234, scheme=IRC, tls=True, room="#tea")),
    ],
)
def test_a_written_address_is_understood(written: str, address: Address) -> None:
    assert Address.parse(written) == address


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("ship:", "ends before the port"),
        ("ship:http", "'http' is no port"),
        ("ship:0", "'0' is no port"),
        ("ship:70000", "1 to 65535"),
        ("ship:١٢", "is no port"),
        ("[::1", "is no address"),
        ("[::1]1234", "is no address"),
        ("my ship", "is no host"),
        ("http://ship", "http:// is not spoken here"),
        ("irc://ship/#tea,#cake", "is no room"),
        ("irc://ship?header=64", "more in it than a host"),
        ("classic://bob@ship", "more in it than a host"),
        ("classic://ship/room", "more in it than a host"),
        ("classic://ship?width=3", "unknown option 'width'"),
        ("classic://ship?header=wide", "header=wide in the address makes no sense"),
        ("classic://ship?header=0", "must be 1 to 8192"),
        ("classic://ship?frames=4", "must be 1, 2 or 3"),
        ("classic://ship?ack=maybe", "ack=maybe"),
    ],
)
def test_a_mistake_is_named(written: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says.replace("?", r"\?")):
        Address.parse(written)


@given(st.text())
def test_whatever_is_written_is_an_address_or_a_mistake(written: str) -> None:
    try:
        address = Address.parse(written)
    except BadAddress:
        return
    assert 1 <= address.port <= 65535
    assert address.host


def test_what_is_shown_can_be_written() -> None:
    for address in (Address("ship", 5050), Address("::1")):
        assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "written",
    [
        "ship:1234",
        "[::1]:1234",
        "[fe80::1%eth0]:1234",
        "irc://ship:6667",
        "ircs://[::1]:6697/#tea",
        "irc://ship:6667/%23caf%C3%A9",
        "classic://ship:5050?header=64&frames=1&ack=1",
        "classic://ship:1234",
    ],
)
def test_an_address_is_written_whole(written: str) -> None:
    assert Address.parse(written).written == written


@given(
    st.builds(
        Address,
        st.sampled_from(["ship", "::1", "192.0.2.7"]),
        st.integers(1, 65535),
        scheme=st.just(IRC),
        tls=st.booleans(),
        room=st.text(st.characters(exclude_categories=["Z", "C"]), max_size=8).map(
            lambda text: f"#{text.replace(',', '')}" if text else ""
        ),
    )
    | st.builds(
        Address,
        st.sampled_from(["ship", "::1"]),
        st.integers(1, 65535),
        st.builds(Dialect, st.integers(1, 8192), st.integers(1, 3), st.booleans()),
        scheme=st.just(CLASSIC),
    )
)
def test_what_is_written_is_read_again(address: Address) -> None:
    assert Address.parse(address.written) == address
