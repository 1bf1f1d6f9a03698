"""Masks: how a typed one is completed, and whom it means."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.masks import complete, matches, parse
from hubbub.core.people import Person
from hubbub.core.sessions import Address, Session


def session(nick: str = "Bob", account: str | None = None) -> Session:
    address = Address("192.0.2.1", 5)
    somebody = Session(Person(1, nick), nick, nick, "test", address, 0, None, "bobby")  # type: ignore[arg-type]  # nobody listens here
    somebody.account = account
    return somebody


@pytest.mark.parametrize(
    ("typed", "mask"),
    [
        ("bob", "bob!*@*"),
        ("bob!", "bob!*@*"),
        ("bob!bobby", "bob!bobby@*"),
        ("bobby@host", "*!bobby@host"),
        ("@host", "*!*@host"),
        ("a.host", "*!*@a.host"),
        ("2001:db8::1", "*!*@2001:db8::1"),
        ("bob!bobby@host", "bob!bobby@host"),
        ("!@", "*!*@*"),
        ("", "*!*@*"),
    ],
)
def test_a_mask_is_completed(typed: str, mask: str) -> None:
    assert complete(typed) == mask
    assert complete(mask) == mask


@pytest.mark.parametrize(
    ("pattern", "text", "is_meant"),
    [
        ("*", "", True),
        ("?", "", False),
        ("?", "x", True),
        ("b*b", "bb", True),
        ("b*b", "b", False),
        ("BOB", "bob", True),
        ("*ob*", "bobby", True),
        ("a*b*c", "aXbYbZc", True),
        ("a*b*c", "acb", False),
        ("*a*a*", "a", False),
        ("[a]", "a", False),
        ("a.c", "abc", False),
        ("Jose\u0301", "josé", True),
        ("*\n*", "a\nb", True),
    ],
)
def test_a_pattern(pattern: str, text: str, is_meant: bool) -> None:
    assert matches(pattern, text) is is_meant


def naive(pattern: str, text: str) -> bool:
    """The textbook's matching, slow and plain."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return naive(pattern[1:], text) or (bool(text) and naive(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and naive(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_means_what_the_textbook_says(pattern: str, text: str) -> None:
    assert matches(pattern, text) is naive(pattern, text)


def test_a_hostile_pattern_costs_no_more_than_others() -> None:
    begin = time.process_time()
    assert not matches("*a" * 200 + "b", "a" * 500)
    assert time.process_time() - begin < 1


# -- extended ones -----------------------------------------------------------------------------


def test_a_mute_is_a_mask_that_says_so() -> None:
    mask = parse("m:bob")
    assert (mask.text, mask.mutes) == ("m:bob!*@*", True)
    assert mask.matches(session())
    assert not mask.matches(session("alice"))


def test_an_account_is_meant_and_never_a_nick() -> None:
    mask = parse("a:bob")
    assert mask.text == "a:bob"
    assert not mask.matches(session("bob"))
    assert mask.matches(session("alice", account="BOB"))


def test_an_account_can_be_muted() -> None:
    mask = parse("m:a:bob")
    assert (mask.text, mask.mutes, mask.account) == ("m:a:bob", True, "bob")
    assert mask.matches(session("alice", account="bob"))


def test_equal_masks_have_one_folded_form() -> None:
    assert parse("BOB").folded == parse("bob!*@*").folded


def test_a_whole_mask_means_a_session() -> None:
    assert parse("b*!bob?y@192.0.2.*").matches(session())
    assert not parse("*!root@*").matches(session())
