"""Long texts and long lists, in as many lines as they need."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.line import MAX_LINE, head, line, parse, room, with_text
from hubbub.wire.irc.split import ISUPPORT_TOKENS, fill, groups, split_text

WORDS = st.lists(st.text("aé東🎉", min_size=1, max_size=12))


@given(
    st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=2000)
)
def test_a_split_text_arrives_whole(text: str) -> None:
    prepared = head("PRIVMSG", "#room", source="alice!~alice@192.0.2.1")
    said = ""
    for piece in split_text(text, room=room(prepared)):
        sent = with_text(prepared, piece)
        assert len(sent) <= MAX_LINE
        said += parse(sent[:-2]).params[1]
    assert said == text


def test_text_that_fits_is_one_piece() -> None:
    assert split_text("", room=400) == [""]
    assert split_text("hi there", room=8) == ["hi there"]
    assert split_text("hi there", room=7) == ["hi ther", "e"]
    assert split_text("hello there", room=6) == ["hello ", "there"]
    with pytest.raises(ValueError, match="at least 4"):
        split_text("hi", room=3)


@given(WORDS, st.integers(1, 40), st.sampled_from([" ", ",", ", "]))
def test_lists_are_filled_in_order(words: list[str], limit: int, separator: str) -> None:
    lines = fill(words, limit, separator)
    assert [word for line in lines for word in line.split(separator)] == words
    for filled in lines:
        assert len(filled.encode()) <= limit or separator not in filled
    for filled, after in itertools.pairwise(lines):
        joined = separator.join([filled, after.split(separator)[0]])
        assert len(joined.encode()) > limit


def test_names_and_targets() -> None:
    assert fill(["@alice", "bob", "+carol"], 10) == ["@alice bob", "+carol"]
    assert fill(["a", "b", "c"], 3, ",") == ["a,b", "c"]
    assert fill(["muchtoolong", "b"], 5) == ["muchtoolong", "b"]
    assert fill([], 5) == []


def test_isupport_has_thirteen_tokens_a_line() -> None:
    tokens = [f"TOKEN{number}" for number in range(30)]
    lines = groups(tokens, 400, most=ISUPPORT_TOKENS)
    assert [len(words) for words in lines] == [13, 13, 4]
    sent = line("005", "alice", *lines[0], "are supported by this server")
    assert len(parse(sent[:-2]).params) == 15
