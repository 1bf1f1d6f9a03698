"""Long text is cut where it hurts least, and every byte of it arrives."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.split import split_utf8

FAMILY = "👩‍👩‍👧‍👦"  # 25 bytes
SCOTLAND = "🏴󠁧󠁢󠁳󠁣󠁴󠁿"  # 28 bytes

TEXT = st.text(st.characters(codec=None)) | st.lists(
    st.sampled_from(["a", " ", "é", "e\u0301", "東", "🎉", FAMILY, "👍🏽", "🇩🇪", "\r\n", "\u200d"])
).map("".join)


def size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@given(TEXT, st.integers(4, 60))
def test_nothing_is_lost_and_every_piece_fits(text: str, limit: int) -> None:
    pieces = split_utf8(text, limit)
    assert "".join(pieces) == text
    assert all(size(piece) <= limit for piece in pieces)
    assert all(pieces) or pieces == [""]


@given(st.text(st.sampled_from("ab \u0301é🏽👍")), st.integers(16, 60))
def test_no_piece_begins_with_a_mark_that_could_have_stayed(text: str, limit: int) -> None:
    pieces = split_utf8(text, limit)
    for before, piece in itertools.pairwise(pieces):
        if unicodedata.combining(piece[0]) or piece[0] == "🏽":
            # Only a grapheme that fills its whole piece is cut.
            assert all(unicodedata.combining(char) or char == "🏽" for char in before[1:])


def test_text_that_fits_is_one_piece() -> None:
    assert split_utf8("", 4) == [""]
    assert split_utf8("abcd", 4) == ["abcd"]
    assert split_utf8("🎉", 4) == ["🎉"]


def test_a_late_space_is_the_best_cut() -> None:
    assert split_utf8("the quick brown fox", 17) == ["the quick brown ", "fox"]
    assert split_utf8("aaaa bbbbbbbbbbbb", 8) == ["aaaa bbb", "bbbbbbbb", "b"]  # too early a space


def test_spaces_are_kept() -> None:
    assert split_utf8(" " * 10, 4) == ["    ", "    ", "  "]


@pytest.mark.parametrize(
    "grapheme", ["e\u0301", "👍🏽", "🇩🇪", FAMILY, SCOTLAND, "❤\ufe0f", "한", "ﾊﾞ", "\r\n", "க\u0bcd"]
)
def test_graphemes_stay_whole(grapheme: str) -> None:
    for lead in range(1, 40):
        text = "x" * lead + grapheme * 3
        for piece in split_utf8(text, 40):
            assert piece.strip("x") == grapheme * piece.count(grapheme)


def test_flags_are_cut_between_pairs() -> None:
    assert split_utf8("🇩🇪🇫🇷🇮🇹", 20) == ["🇩🇪🇫🇷", "🇮🇹"]
    assert split_utf8("🇩🇪🇫🇷", 4) == ["🇩", "🇪", "🇫", "🇷"]


def test_a_grapheme_longer_than_a_piece_is_cut_at_a_character() -> None:
    pieces = split_utf8("e" + "\u0301" * 20, 8)
    assert pieces[0] == "e" + "\u0301" * 3
    assert all(len(piece) == 4 for piece in pieces[1:-1])


def test_a_lone_surrogate_can_be_measured() -> None:
    assert split_utf8("ab\ud83dcd", 5) == ["ab\ud83d", "cd"]


def test_a_limit_no_character_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        split_utf8("abc", 3)
