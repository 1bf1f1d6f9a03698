"""What a text is found by, and that SQLite's FTS5 and our own scan never disagree about it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.tokens import (
    FTS5_TOKENIZER,
    MAX_TOKEN,
    Phrase,
    has_link,
    index_text,
    matches,
    normalised,
    phrase,
    tokens,
)

# Short alphabets collide often: that is where two engines would differ.
LETTERS = "aAbé1_ \n'\"*+#-.:ßIİı東京で가각ｶﾞกาहि👍🏽🇩🇪\u0301\u200d\u3099\x00\ud800"
anything = st.text(st.sampled_from(LETTERS), max_size=24) | st.text(st.characters(), max_size=24)
unspaced = st.text(st.sampled_from("東京都でがカ가각"), min_size=1, max_size=8)


def fts5(row: str, expression: str) -> bool:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f'CREATE VIRTUAL TABLE t USING fts5(words, tokenize="{FTS5_TOKENIZER}")')
        connection.execute("INSERT INTO t VALUES (?)", (row,))
        found = connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (expression,)).fetchall()
    connection.close()
    return bool(found)


def finds(wanted: str, text: str, *, prefix: bool = False) -> bool:
    found = phrase(wanted, prefix=prefix)
    assert found is not None
    return matches([found], text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", "hello world"),
        ("foo_bar user@host 10:41 v1.2.3", "foo bar user host 10 41 v1 2 3"),
        ("don't / don’t", "don t don t"),
        ("C++, C++11 and C#; i++ #lobby a#b", "c ++ c ++ 11 and c # i ++ lobby a b"),
        ("ＡＢＣ Ｃ＋＋ ①", "abc c ++ 1"),
        ("café cafe\u0301 CAFÉ", "cafe cafe cafe"),
        ("straße STRASSE ΣΟΦΟΣ σοφος Ω Ω", "strasse strasse σοφοσ σοφοσ ω ω"),
        ("Łódź Diyarbakır İstanbul København œuvre", "lodz diyarbakir istanbul kobenhavn oeuvre"),
        ("Windows™ 1½ 5㎏", "windows tm 1 1 2 5kg"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
        ("हिन्दी में", "हिन्दी में"),
        ("東京で", "東京 京で で"),
        ("Python3で書く", "python3 で書 書く く"),
        ("ﾊﾟｿｺﾝ", "パソ ソコ コン ン"),
        ("👍🏽 👩‍💻 🇩🇪🇫🇷 ❤️ 1️⃣", "👍 👩 💻 🇩🇪 🇫🇷 ❤ 1"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("\x00 \ud800 …!?", ""),
    ],
)
def test_texts_and_their_tokens(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("東京", "東京で会いましょう"),
        ("京", "東京で会いましょう"),
        ("う", "東京で会いましょう"),
        ("東京で", "明日、東京で会いましょう"),
        ("で hello", "東京でhello"),
        ("カ", "ｶﾅ"),
        ("학교", "학교에서"),
        ("ไทย", "ภาษาไทยง่าย"),
        ("cafe", "Un café, s'il vous plaît"),
        ("C++", "in C++11"),
        ("c", "in C++11"),
        ("💻", "👩‍💻 at work"),
        ("user@host", "write to user@host.example"),
    ],
)
def test_what_people_search_is_found(wanted: str, text: str) -> None:
    assert finds(wanted, text)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("東京", "京東"),
        ("東京", "東 京"),
        ("東京 タワー", "東京とタワー"),
        ("か", "が"),
        ("C++", "vitamin c"),
        ("C#", "c #lobby"),
        ("foo", "foobar"),
        ("हि", "हा"),
        ("10:41", "41:10"),
    ],
)
def test_what_people_do_not_mean_is_not_found(wanted: str, text: str) -> None:
    assert not finds(wanted, text)


def test_a_prefix_finds_the_words_that_begin_so_and_signs_have_none() -> None:
    assert finds("conf", "the configuration", prefix=True)
    assert not finds("fig", "the configuration", prefix=True)
    assert finds("हि", "हिन्दी", prefix=True)
    assert phrase("c#", prefix=True) == Phrase(("c", "#"))
    assert phrase("👍", prefix=True) == Phrase(("👍",))


def test_nothing_to_find_is_no_phrase() -> None:
    assert phrase("?!") is None
    assert matches([], "anything")


def test_a_long_word_is_cut_and_still_found() -> None:
    word = "z" * (MAX_TOKEN + 5)
    assert tokens(f"a {word}") == ["a", "z" * MAX_TOKEN, "zzzzz"]
    assert tokens(f"é {word}") == ["e", "z" * MAX_TOKEN, "zzzzz"]
    assert tokens(f"東 {word}") == ["東", "z" * MAX_TOKEN, "zzzzz"]
    assert finds(word, f"see {word}.")
    assert finds("z" * (MAX_TOKEN + 2), word, prefix=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see http://example.org", True),
        ("IRC://host", True),
        ("www.example.org", True),
        ("a://", False),
        ("awww.cute", False),
        ("and/or: 10://", False),
    ],
)
def test_links_are_seen(text: str, *, expected: bool) -> None:
    assert has_link(text) is expected


def test_no_word_finds_the_marks_of_links_and_files() -> None:
    row = index_text("read C http://c", file=True)
    assert row == "read c http c #link #file"
    assert fts5(row, '"#link" AND "#file"')
    for wanted in ("#link", "link", "c#", "c# link", "file"):
        assert not finds(wanted, "read C http://c")


@given(anything)
def test_no_text_is_refused_and_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert tokens(once) == tokens(text)
    assert index_text(text) == " ".join(index_text(text).split())


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_the_quick_way_of_ascii_is_the_way_of_all(text: str) -> None:
    assert tokens(text) == tokens(f"{text}\u3000…"), "the same, though not ASCII any more"
    assert tokens(text) == tokens(f"{text} ω")[:-1]


@given(anything, anything, st.booleans())
def test_fts5_and_the_scan_agree(text: str, wanted: str, prefix: bool) -> None:
    found = phrase(wanted, prefix=prefix)
    if found is not None:
        expression = f'"{" ".join(found.tokens)}"' + ("*" if found.prefix else "")
        assert fts5(index_text(text), expression) == matches([found], text)


@given(anything, st.data())
def test_every_text_is_found_by_its_own_words(text: str, data: st.DataObject) -> None:
    whole = phrase(text)
    assert whole is None or matches([whole], text)
    word = data.draw(st.sampled_from(text.split() or [""]))
    part = phrase(word)
    assert part is None or matches([part], text)


@given(unspaced, unspaced, unspaced)
def test_every_substring_of_an_unspaced_text_is_found(before: str, part: str, after: str) -> None:
    assert finds(part, before + part + after)


@given(unspaced, unspaced)
def test_and_nothing_but_substrings(text: str, wanted: str) -> None:
    assert finds(wanted, text) == (normalised(wanted) in normalised(text))
