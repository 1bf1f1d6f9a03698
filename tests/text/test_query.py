"""What people type to find a message, and that the index and the scan read it alike."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import FrozenInstanceError
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.query import MAX_QUERY, Query, QueryError, parse_query
from hubbub.text.times import parse_rfc3339
from hubbub.text.tokens import FTS5_TOKENIZER, Phrase, index_text

BERLIN = ZoneInfo("Europe/Berlin")
NOW = parse_rfc3339("2026-11-03T15:20:00+01:00")


def parse(text: str) -> Query:
    return parse_query(text, now=NOW, zone=BERLIN)


def finds(query: str, text: str = "", sender: str = "ann", room: str = "#lobby") -> bool:
    return parse(query).matches(text=text, sender=sender, room=room, time=NOW)


def test_words_are_all_wanted_and_phrases_stand_together() -> None:
    query = parse('Blue "café au lait" “big cup” foo_bar')
    assert query.terms == (
        Phrase(("blue",)),
        Phrase(("cafe", "au", "lait")),
        Phrase(("big", "cup")),
        Phrase(("foo", "bar")),
    )
    assert finds("lait blue", "Blue: café au LAIT")
    assert not finds('"lait blue"', "Blue: café au LAIT")


def test_stars_and_minuses() -> None:
    assert parse("conf*").terms == (Phrase(("conf",), prefix=True),)
    assert finds("conf*", "configuration")
    assert finds("tea -coffee", "tea please")
    assert not finds("tea -coffee", "tea or coffee")
    assert finds('tea -"with milk"', "tea, milk with it")
    assert parse("**bold** --help a-b - *").terms == (
        Phrase(("bold",)),
        Phrase(("help",)),
        Phrase(("a", "b")),
    )
    assert parse('"-word" "word*"').terms == (Phrase(("word",)),)


def test_an_unknown_operator_is_ordinary_text() -> None:
    assert parse("http://example.org 10:41 note:x").terms == (
        Phrase(("http", "example", "org")),
        Phrase(("10", "41")),
        Phrase(("note", "x")),
    )


def test_who_and_where_are_compared_as_names_are() -> None:
    query = parse("from:Ann FROM:@bob in:Lobby in:&local")
    assert query.senders == {"ann", "bob"}
    assert query.rooms == {"#lobby", "&local"}
    assert finds("from:JOSE\u0301", sender="josÉ")
    assert not finds("from:josé", sender="jose"), "names differ by accents, words do not"
    assert finds("from:ann in:#LOBBY")
    assert not finds("from:ann in:#tea")


def test_after_a_day_includes_it_and_before_a_day_does_not() -> None:
    query = parse("after:2026-11-01 before:2026-11-03")
    assert query.after == parse_rfc3339("2026-11-01T00:00:00+01:00")
    assert query.before == parse_rfc3339("2026-11-03T00:00:00+01:00")
    for time, found in [
        ("2026-10-31T23:59:59.999+01:00", False),
        ("2026-11-01T00:00:00+01:00", True),
        ("2026-11-02T23:59:59.999+01:00", True),
        ("2026-11-03T00:00:00+01:00", False),
    ]:
        at = parse_rfc3339(time)
        assert query.matches(text="", sender="ann", room="#lobby", time=at) is found


def test_dates_may_be_quoted_and_the_narrowest_counts() -> None:
    query = parse('after:yesterday after:"2026-11-03 09:30" before:1h before:5m')
    assert query.after == parse_rfc3339("2026-11-03T09:30:00+01:00")
    assert query.before == NOW - 3_600_000


def test_what_a_message_has() -> None:
    assert finds("has:link", "see https://example.org")
    assert not finds("has:link", "see example")
    with_file = parse("Has:File")
    assert with_file.matches(text="", sender="ann", room="#lobby", time=NOW, file=True)
    assert not with_file.matches(text="file", sender="ann", room="#lobby", time=NOW)


def test_a_query_without_words_needs_no_index() -> None:
    assert parse("from:ann").fts() is None
    assert parse("b a").fts() == '"b" AND "a"'
    assert parse('東京 conf* has:link -"x y" -z').fts() == (
        '("東京" AND "conf"* AND "#link") NOT ("x y" OR "z")'
    )


def test_a_query_does_not_change() -> None:
    query = parse("a")
    with pytest.raises(FrozenInstanceError):
        query.before = 1  # type: ignore[misc]
    assert query == parse(" a  A")
    assert hash(query) == hash(parse("a"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no word to look for"),
        ("?! -", "has no word to look for"),
        ("-word", "a word to leave out and none to look for"),
        ("from:ann -word", "a word to leave out and none to look for"),
        ("from: ann", "Nothing follows from: .* from:alice"),
        ("from:@", "Nothing follows from:"),
        ('in:" "', "Nothing follows in:"),
        ("-from:ann tea", "'-from:ann' cannot be left out"),
        ("has:cheese", "'cheese' .* use has:link or has:file"),
        ("before:soon", "before: needs a date, but 'soon' .* 2026-11-03"),
        ("after:2026-02-30", "after: needs a date, but '2026-02-30' is no time: day is out of"),
        ("after:today before:today", "after: is not earlier than before:"),
        ("x" * (MAX_QUERY + 1), "too long: it has 1001 characters and may have 1000"),
    ],
)
def test_what_cannot_be_meant_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(QueryError, match=sentence):
        parse(text)


PARTS = (
    *("a", "b", "ab", "a*", "-a", "-b*", '"a b"', '"b', "-“a 東”", "a.b", "é", "C++", "c#*", "++"),
    *(
        "東",
        "東京",
        "京*",
        "-京",
        "で a",
        "👍",
        "has:link",
        "has:file",
        "-",
        "*",
        'a"b',
        "a)OR(b",
        "NOT",
    ),
    *(
        "AND",
        "NEAR(a b)",
        "words:a",
        "^a",
        "'",
        "\x00",
        "\ud800",
        "{a}:b",
        "#link",
        "หก",
        "가",
        "각",
    ),
)
WORDS = (
    "a",
    "b",
    "ab",
    "É",
    "c++",
    "c#",
    "東京で",
    "京",
    "👍🏽",
    "http://a",
    "not",
    "or",
    "#link",
    "หกก",
    "각",
)


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5),
    st.lists(st.sampled_from(WORDS), max_size=6),
    st.sampled_from(["", " ", ", "]),
    st.booleans(),
)
def test_the_index_and_the_scan_agree(
    parts: list[str], words: list[str], between: str, file: bool
) -> None:
    text = between.join(words)
    try:
        query = parse(" ".join(parts))
    except QueryError:
        return
    expression = query.fts()
    assert expression is not None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE t USING fts5(words, tokenize="{FTS5_TOKENIZER}")')
        connection.execute("INSERT INTO t VALUES (?)", (index_text(text, file=file),))
        found = connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (expression,)).fetchone()
    seen = query.matches(text=text, sender="ann", room="#lobby", time=NOW, file=file)
    assert seen is (found is not None)


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from((*PARTS, "from:", "in:", "before:", "after:"))).map("".join)
)
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        sentence = str(error)
        assert sentence.endswith((".", '".'))
        return
    for name in (*query.senders, *query.rooms, query.fts() or ""):
        name.encode("utf-8")


def test_the_longest_query_is_no_trouble_to_fts5() -> None:
    many = parse(" ".join(f"-{chr(97 + number % 26)}{number}" for number in range(160)) + " tea")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f'CREATE VIRTUAL TABLE t USING fts5(words, tokenize="{FTS5_TOKENIZER}")')
        connection.execute("INSERT INTO t VALUES ('tea')")
        assert connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (many.fts(),)).fetchone()
