"""Streams into lines: however they arrive, whatever their length, never more than is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.buffer import MAX_UNENDED, TOO_LONG, LineBuffer, TooLong
from hubbub.wire.irc.tags import MAX_TAGS


def lines_of(buffer: LineBuffer) -> list[bytes | TooLong]:
    lines = []
    while (line := buffer.next_line()) is not None:
        lines.append(line)
    return lines


def test_lines_end_with_lf_and_perhaps_cr() -> None:
    buffer = LineBuffer()
    buffer.feed(b"NICK a\r\nUSER b\n\r\n\n\r\r\nJOIN #c\r\r\nQUI")
    assert lines_of(buffer) == [b"NICK a", b"USER b", b"JOIN #c"]
    assert buffer.pending == 3
    buffer.feed(b"T")
    assert buffer.next_line() is None
    buffer.feed(b"\r")
    assert buffer.next_line() is None
    buffer.feed(b"\n")
    assert lines_of(buffer) == [b"QUIT"]
    assert buffer.pending == 0


def test_a_lone_cr_is_left_for_the_parser_to_refuse() -> None:
    buffer = LineBuffer()
    buffer.feed(b"PING a\rPING b\r\n")
    assert lines_of(buffer) == [b"PING a\rPING b"]


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_512_bytes_and_no_more(end: bytes) -> None:
    buffer = LineBuffer()
    buffer.feed(b"x" * 510 + end + b"x" * 511 + end + b"PING" + end)
    assert lines_of(buffer) == [b"x" * 510, TOO_LONG, b"PING"]


@pytest.mark.parametrize(
    ("tags", "body", "fits"),
    [
        (4094, 510, True),
        (4095, 510, False),
        (4095, 4, False),
        (4094, 511, False),
        (0, 510, True),
        (0, 511, False),
        (600, 400, True),
    ],
)
def test_tags_have_a_limit_of_their_own(tags: int, body: int, fits: bool) -> None:
    line = b"@" + b"t" * tags + b" " + b"b" * body
    buffer = LineBuffer()
    buffer.feed(line + b"\r\nPING\r\n")
    assert lines_of(buffer) == [line if fits else TOO_LONG, b"PING"]
    assert buffer.fits(line) is fits


def test_tags_without_a_line() -> None:
    assert LineBuffer().fits(b"@" + b"t" * 4095)
    assert not LineBuffer().fits(b"@" + b"t" * 4096)


def test_a_client_reads_what_servers_may_send() -> None:
    buffer = LineBuffer(max_tags=MAX_TAGS)
    line = b"@" + b"t" * 8189 + b" " + b"b" * 510
    buffer.feed(line + b"\r\n@" + line + b"\r\n")
    assert lines_of(buffer) == [line, TOO_LONG]


def test_narrow_limits_hold_too() -> None:
    buffer = LineBuffer(max_tags=4, max_body=10)
    buffer.feed(b"@ab 12345678\r\n@abc 1\r\n123456789\r\n@a\r\n")
    assert lines_of(buffer) == [b"@ab 12345678", TOO_LONG, TOO_LONG, b"@a"]


@pytest.mark.parametrize("step", [1, 100, 4096, 65536])
@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_who_goes_on_without_an_end_is_told_apart(step: int, end: bytes) -> None:
    buffer = LineBuffer()
    data = b"PING 1\r\nPRIVMSG #a " + b"x" * MAX_UNENDED + end
    heard = []
    for at in range(0, len(data), step):
        buffer.feed(data[at : at + step])
        assert buffer.pending <= max(step, MAX_UNENDED) + step
        heard += lines_of(buffer)
    assert heard == [b"PING 1"]
    assert buffer.overflow
    assert buffer.pending == 0
    buffer.feed(b"PING 2\r\n")
    assert lines_of(buffer) == []


def test_just_not_too_much() -> None:
    buffer = LineBuffer()
    buffer.feed(b"x" * MAX_UNENDED)
    assert not buffer.overflow
    buffer.feed(b"\nPING\n")
    assert lines_of(buffer) == [TOO_LONG, b"PING"]
    assert not buffer.overflow


def test_pending_counts_what_has_not_been_taken() -> None:
    buffer = LineBuffer()
    buffer.feed(b"PING 1\r\nPING 2\r\nPI")
    assert buffer.pending == 18
    buffer.next_line()
    assert buffer.pending == 10


def test_what_came_before_the_flood_is_still_heard() -> None:
    buffer = LineBuffer()
    buffer.feed(b"PING 1\r\n" + b"x" * MAX_UNENDED + b"y")
    assert buffer.overflow
    assert buffer.pending == 8
    assert lines_of(buffer) == [b"PING 1"]
    assert buffer.pending == 0


@given(
    st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=8),
    st.lists(st.integers(1, 12), min_size=1),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_lines_do_not_depend_on_how_they_arrive(
    lines: list[bytes], steps: list[int], end: bytes
) -> None:
    data = b"".join(line + end for line in lines)
    buffer = LineBuffer()
    heard: list[bytes | TooLong] = []
    at = 0
    while at < len(data):
        step = steps[at % len(steps)]
        buffer.feed(data[at : at + step])
        heard += lines_of(buffer)
        at += step
    assert heard == [line.rstrip(b"\r") for line in lines if line.rstrip(b"\r")]
    assert buffer.pending == 0
