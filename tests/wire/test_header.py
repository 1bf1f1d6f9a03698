"""Every header a real program sends is read; what int() would take beyond that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.header import BadFrame, may_be_header, parse_header


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"5         ", 5),
        (b" 5        ", 5),
        (b"         5", 5),
        (b"0000000005", 5),
        (b"+5        ", 5),
        (b"  +0005   ", 5),
        (b"0         ", 0),
        (b"0000000000", 0),
        (b"999999999 ", 999_999_999),
        (b"0999999999", 999_999_999),
        (b"5".rjust(8192), 5),
        (b"5".rjust(8192, b"0"), 5),
        (b"999", 999),
    ],
)
def test_legal(raw: bytes, count: int) -> None:
    assert parse_header(raw) == count


@pytest.mark.parametrize(
    "raw",
    [
        b"-1        ",
        b"1_0       ",
        "٣        ".encode(),
        b" " * 10,
        b"9" * 10,
        b"\0" * 10,
        b"GET / HTTP",
        b"1 2       ",
        b"+ 5       ",
        b"++5       ",
        b"+         ",
        b"\t5        ",
        b"5\n        ",
        b"0x10      ",
        b"5.0       ",
        b"1" * 8192,
        b"",
    ],
)
def test_illegal(raw: bytes) -> None:
    with pytest.raises(BadFrame) as caught:
        parse_header(raw)
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 160
    assert not may_be_header(raw, len(raw))


def test_the_reason_shows_the_beginning_of_the_header() -> None:
    with pytest.raises(BadFrame, match=r"^b'GET / HTT' is not a header"):
        parse_header(b"GET / HTT")
    with pytest.raises(BadFrame, match=r"^b'x{24}'… is not"):
        parse_header(b"x" * 64)


@given(st.text("0123456789+ -_\n", max_size=14).map(str.encode))
def test_what_is_legal_may_be_at_every_length(raw: bytes) -> None:
    try:
        count = parse_header(raw)
    except BadFrame:
        return
    assert count == int(raw)
    assert all(may_be_header(raw[:end], len(raw)) for end in range(len(raw) + 1))


@pytest.mark.parametrize("begun", [b"x", b"1x", b"1 2", b"+ ", b"-", b"\0"])
def test_what_can_never_be_a_header_shows_at_once(begun: bytes) -> None:
    assert not may_be_header(begun, 10)
