"""What we send to classic peers: whole pairs, small enough, in headers of their own width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.classic import (
    SEGMENT_LIMIT,
    Decoder,
    frame,
    pack,
    pairs,
)
from hubbub.wire.width import KNOWN_WIDTHS
from wire.peer import frames_of

NAME = st.text(max_size=16)
WIDTH = st.sampled_from(KNOWN_WIDTHS)


def bodies(data: bytes, width: int = 10) -> list[bytes]:
    """The frames of what we wrote, all of it."""
    decoder = Decoder(width=width)
    decoder.feed(data)
    decoder.eof()
    frames = frames_of(decoder)
    assert decoder.pending == 0
    return frames


def test_a_frame_is_left_justified() -> None:
    assert frame(b"alice") == b"5         alice"
    assert frame(b"") == b"0         "
    assert frame("é".encode(), 3) == b"2  \xc3\xa9"


def test_a_narrow_header_cannot_count_further_than_its_digits() -> None:
    assert frame(b"x" * 999, 3) == b"999" + b"x" * 999
    with pytest.raises(ValueError, match="3 bytes cannot count a body of 1000 bytes"):
        frame(b"x" * 1000, 3)


def test_an_ordinary_message_is_one_pair() -> None:
    assert pairs("bob", "hi") == (b"3         bob2         hi",)
    assert pairs("", "") == (b"0         0         ",)
    assert pairs("bob", "hi", 3) == (b"3  bob2  hi",)


@pytest.mark.parametrize(("length", "texts"), [(999, [999]), (1000, [999, 1])])
def test_three_digits(length: int, texts: list[int]) -> None:
    sent = pairs("bob", "x" * length, 3)
    assert [len(bodies(pair, 3)[1]) for pair in sent] == texts


def test_a_name_too_long_for_its_header_is_cut() -> None:
    (sent,) = pairs("é" * 600, "hi", 3)
    assert bodies(sent, 3) == [("é" * 499).encode(), b"hi"]


def test_half_characters_do_not_stop_a_message() -> None:
    assert pairs("b\ud83d", "\udcff!") == (b"2         b?2         ?!",)


@given(NAME, st.text(max_size=3000), WIDTH)
def test_nothing_of_a_text_is_lost(name: str, text: str, width: int) -> None:
    sent = [bodies(pair, width) for pair in pairs(name, text, width)]
    assert all(len(pair) == 2 for pair in sent)
    assert {pair[0] for pair in sent} == {name.encode()}
    assert b"".join(pair[1] for pair in sent) == text.encode()
    assert all(pair[1].decode() for pair in sent) or not text


@given(NAME, st.text("abé東🎉 ", min_size=1000, max_size=3000), WIDTH)
def test_a_pair_fits_a_segment_unless_its_headers_do_not(name: str, text: str, width: int) -> None:
    for pair in pairs(name, text, width):
        assert len(pair) <= (SEGMENT_LIMIT if width <= 512 else SEGMENT_LIMIT + 2 * width + 64)


@given(st.lists(st.binary(min_size=1, max_size=40)), st.integers(10, 100))
def test_segments_hold_whole_pairs(packed: list[bytes], limit: int) -> None:
    segments = pack(packed, limit)
    assert b"".join(segments) == b"".join(packed)
    ends = {sum(map(len, packed[:count])) for count in range(len(packed) + 1)}
    at = 0
    for segment in segments:
        at += len(segment)
        assert at in ends
        assert len(segment) <= limit or segment in packed


def test_segments_are_filled() -> None:
    assert pack([b"aa", b"bb", b"cc", b"dddddd", b"ee"], 4) == [b"aabb", b"cc", b"dddddd", b"ee"]
    assert pack([]) == []
    assert pack(pair for pair in [b"a"] * 3) == [b"aaa"]
