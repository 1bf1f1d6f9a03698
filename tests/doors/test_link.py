"""A link: reading pauses while there is any reason to, and the operator hears once why it ended."""

from __future__ import annotations

import errno
import logging

import pytest

from hubbub.core.sessions import Address
from hubbub.doors.link import Link


class Transport:
    """Remembers whether it reads."""

    def __init__(self) -> None:
        self.reads = True
        self.closing = False
        self.is_reset = False

    def get_extra_info(self, name: str) -> object:
        return ("192.0.2.1", 5) if name == "peername" else None

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True

    def write_eof(self) -> None:
        if self.is_reset:
            raise OSError(errno.ENOTCONN, "not connected")


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def link(transport: Transport) -> Link:
    return Link(transport)  # type: ignore[arg-type]  # as much of one as a link needs


def test_reading_goes_on_when_the_last_reason_is_gone(link: Link, transport: Transport) -> None:
    link.hold("flood")
    link.hold("disk")
    link.release("flood")
    assert (link.held, transport.reads) == (True, False)
    link.release("nothing")
    link.release("disk")
    assert (link.held, transport.reads) == (False, True)


def test_draining_is_reading_whatever_the_reasons(link: Link, transport: Transport) -> None:
    link.hold("flood")
    link.drain()
    assert (link.held, transport.reads) == (False, True)
    link.drain()


@pytest.mark.parametrize("is_reset", [False, True])
def test_our_end_is_written_and_a_peer_that_is_gone_unnoticed_is_let_go(
    link: Link, transport: Transport, *, is_reset: bool
) -> None:
    transport.is_reset = is_reset
    link.hold("flood")
    link.write_end()
    assert (transport.closing, transport.reads) == (is_reset, not is_reset)


def test_a_closing_transport_is_left_alone(link: Link, transport: Transport) -> None:
    transport.closing = True
    link.hold("flood")
    assert transport.reads
    transport.reads = False
    link.release("flood")
    link.hold("disk")
    link.drain()
    assert not transport.reads


def test_dropping_tells_the_operator_why(
    link: Link, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    link.expire("did not say who they are in time")
    (record,) = caplog.records
    assert transport.closing
    assert record.__dict__["fields"] == {
        "address": "192.0.2.1",
        "port": 5,
        "reason": "did not say who they are in time",
    }


def test_before_anybody_listens_being_known_or_lost_means_nothing(link: Link) -> None:
    link.known()
    link.lost()


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7%eth0"),
        ("::ffff:0:0:1", "::ffff:0:0:1"),
    ],
)
def test_whoever_is_told_of_is_known_by_one_address(link: Link, given: str, known: str) -> None:
    link.move(Address(given, 5))
    assert link.address == Address(known, 5)
