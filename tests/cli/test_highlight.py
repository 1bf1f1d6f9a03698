"""Where the words of a search stand in what was found."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.cli.highlight import highlighted, places, spans
from hubbub.text.query import parse_query
from hubbub.text.tokens import matches, phrase, tokens


def marked(words: str, text: str) -> str:
    """The text with [ ] around what is highlighted."""
    out, at = "", 0
    for start, end in spans(text, parse_query(words, now=0, zone=UTC).terms):
        out += f"{text[at:start]}[{text[start:end]}]"
        at = end
    return out + text[at:]


@pytest.mark.parametrize(
    ("words", "text", "shown"),
    [
        ("tea", "Tea, tea and teapots", "[Tea], [tea] and teapots"),
        ("tea*", "Tea, tea and teapots", "[Tea], [tea] and [tea]pots"),
        ("cafe", "the café’s door", "the [café]’s door"),
        ('"hot water"', "hot water, hot: water, water hot", "[hot water], [hot: water], water hot"),
        ("tea water", "water for tea", "[water] for [tea]"),
        ("東京", "東京で会いましょう", "[東京]で会いましょう"),
        ("京", "東京で会いましょう", "東[京]で会いましょう"),
        ("c++", "I like C++ and C", "I like [C++] and C"),
        ("C#", "C# or C", "[C#] or C"),
        ("tea", "食べるtea", "食べる[tea]"),
        ("👍", "yes 👍👍", "yes [👍👍]"),
        ("from:alice", "alice said so", "alice said so"),
        ("-coffee tea", "tea", "[tea]"),
        ("has:link", "https://example.org", "https://example.org"),
    ],
)
def test_what_was_searched_is_marked(words: str, text: str, shown: str) -> None:
    assert marked(words, text) == shown


def test_marking_adds_escape_sequences_and_nothing_else() -> None:
    found = highlighted("tea?", parse_query("tea", now=0, zone=UTC).terms)
    assert found == "\x1b[33m\x1b[1mtea\x1b[0m?"


@given(st.text(alphabet="aé9_ 東京で-'’👍\u0301", max_size=30))
def test_places_are_the_tokens_of_the_text(text: str) -> None:
    found = list(places(text))
    assert [place.token for place in found] == tokens(text)
    assert all(0 <= place.start < place.end <= len(text) for place in found)


@given(st.text(max_size=30), st.text(max_size=5))
def test_any_text_can_be_marked(text: str, words: str) -> None:
    wanted = phrase(words)
    if wanted is not None:
        found = spans(text, [wanted])
        assert found == sorted(found)
        assert not found or matches([wanted], text)
