"""Nothing a stranger types may act on a terminal, and nothing readable may get lost."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.sanitise import one_line, without_controls, without_nul

ANY_TEXT = st.text(st.characters(codec=None))
NASTY_TEXT = st.text(
    st.sampled_from(
        "\x1b\x9b\x9d\x90\x9c\x07[]P;0m\\ \t\r\n\x85\u2028ab\u202e\u202c\u2066\u2069é🎉"
    )
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("", ""),
        ("José, 東京 👩‍👩‍👧", "José, 東京 👩‍👩‍👧"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;2;1;2;3mred", "red"),
        ("\x9b31mred", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;new title\x07hi", "hi"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9d0;title\x9chi", "hi"),
        ("\x1bPq#0;2\x1b\\hi", "hi"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1bcreset", "reset"),
        ("\x1b(0lines\x1b(B", "lines"),
        ("lone \x1b", "lone "),
        ("\x1b\x1b[31mred", "red"),
        ("cut \x1b[31", "cut "),
        ("a\x00b\x08c\x7fd\x8de", "abcde"),
        ("one\ntwo\r\nthree\rfour\x85five\u2028six\u2029seven\veight\fnine\tten",
         "one two three four five six seven eight nine ten"),
        ("half \ud83d", "half \ufffd"),
    ],
)  # fmt: skip
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_several_lines_keep_newlines_and_tabs() -> None:
    assert without_controls("a\tb\r\nc\rd\x1b[1m\n\x00e") == "a\tb\nc\nd\ne"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
        ("\u2067\u202eabc\u2069", "\u2067abc\u2069"),
        ("\u202e\u2067abc\u202c\u2069", "\u2067abc\u2069"),
        ("a\u202cb\u2069c", "abc"),
        ("\u2066a\u2067b\u2069", "a\u2067b\u2069"),
    ],
)
def test_only_closed_direction_controls_stay(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_direction_is_closed_within_its_line() -> None:
    assert without_controls("\u202ea\nb\u202c") == "a\nb"


@given(ANY_TEXT | NASTY_TEXT)
def test_one_line_is_one_line_without_controls(text: str) -> None:
    shown = one_line(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
    assert one_line(shown) == shown
    assert without_controls(shown) == shown


@given(ANY_TEXT | NASTY_TEXT)
def test_several_lines_hold_no_other_control(text: str) -> None:
    shown = without_controls(text)
    assert {char for char in shown if unicodedata.category(char) == "Cc"} <= {"\n", "\t"}
    assert without_controls(shown) == shown


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_readable_text_is_untouched(text: str) -> None:
    assert one_line(text) == text
    assert without_controls(text) == text


@pytest.mark.parametrize("unit", ["\x1b]", "\x9d", "\x1b[", "\x1b]0;x", "\u202e", "\u2066\u202c"])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    began = time.process_time()
    one_line(unit * 200_000)
    assert time.process_time() - began < 5


@given(ANY_TEXT)
def test_what_is_kept_has_no_nul_and_lacks_nothing_else(text: str) -> None:
    kept = without_nul(text)
    assert "\0" not in kept
    assert len(kept) == len(text)
    assert all(new == old or (new, old) == ("␀", "\0") for new, old in zip(kept, text, strict=True))
