"""Names: which are equal, which are the house's, and what becomes of a typed one."""

from __future__ import annotations

import unicodedata
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.core.names import (
    MAX_NICK_BYTES,
    SUFFIXES,
    fold,
    is_reserved,
    is_room_name,
    nick_from,
    variations,
    why_no_nick,
)

TYPED = st.text(max_size=80)


@given(TYPED)
@example("a" + "\u0301" * 100)
@example("\u0301" * 5)
@example("0" * 70)
@example("\ud800half")
def test_a_nick_can_be_shown_in_every_protocol(typed: str) -> None:
    nick = nick_from(typed)
    assert nick.isprintable()
    assert not set(nick) & set(" ,*?!@:#&+%~$./\\")
    assert not nick[:1].isdigit() or ord(nick[0]) > 127
    assert not nick.startswith("-")
    assert len(nick.encode()) <= MAX_NICK_BYTES


@given(TYPED)
def test_a_nick_made_of_a_nick_is_the_same(typed: str) -> None:
    nick = nick_from(typed)
    assert nick_from(nick) == nick


@given(TYPED, st.integers(8, 64))
def test_a_nick_and_its_variations_are_as_short_as_they_have_to_be(typed: str, limit: int) -> None:
    nick = nick_from(typed, limit)
    for name in (nick, *variations(nick, limit)):
        assert len(name.encode()) <= limit


@given(TYPED)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("one", "other"), [("Alice", "aLICE"), ("Jose\u0301", "josé"), ("[x]", "[X]")]
)
def test_names_that_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Ä", "ä"), ("ß", "ss"), ("{x}", "[x]"), ("I", "ı")])
def test_names_that_are_not(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("typed", "nick"),
    [
        ("alice", "alice"),
        ("  Ada Lovelace\n", "Ada_Lovelace"),
        ("Jose\u0301", "José"),
        ("007", "_007"),
        ("-x-", "_-x-"),
        ("a@b!c", "a_b_c"),
        ("[color=ff0000]bob", "[color_ff0000]bob"),
        ("\x1b[31mred", "_[31mred"),
        ("eve\u202eevil", "eve_evil"),
        ("東京", "東京"),
        ("👩‍🚀", "👩_🚀"),
        ("❤️", "❤"),
        ("se\u034frver", "server"),
        ("a\u00a0b\u2003c", "a_b_c"),
    ],
)
def test_what_becomes_of_a_typed_name(typed: str, nick: str) -> None:
    assert nick_from(typed) == nick


@pytest.mark.parametrize("typed", ["", "   ", "\t\n", "___", "***", "\u3164\u3164", "\u2800", "\0"])
def test_nothing_to_make_a_name_of(typed: str) -> None:
    assert nick_from(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "server",
        "SERVER",
        " Server ",
        "#server#",
        "#_server_#",
        "ｓｅｒｖｅｒ",
        "＃Ｓｅｒｖｅｒ＃",
        "𝐬𝐞𝐫𝐯𝐞𝐫",
        "ѕerver",  # letters of another alphabet
        "hubbuЬ",
        "ſerver",
        "server\ufe0f",
        "\u3164server",
        "ser\u034fver",
        "*",
        "hubbub",
        "Hubbub_",
    ],
)
def test_the_house_s_names_in_all_disguises(typed: str) -> None:
    nick = nick_from(typed)
    assert not nick or is_reserved(nick)


@pytest.mark.parametrize(
    ("nick", "why"),
    [
        ("alice", ""),
        ("[a]|b^_{c}", ""),
        ("José", ""),
        ("東京", ""),
        ("", "it is empty"),
        ("x" * 65, "it is longer than 64 bytes"),
        ("東" * 22, "it is longer than 64 bytes"),
        ("a b", "it holds what a name may not hold"),
        ("1st", "it holds what a name may not hold"),
        ("server", "it is the server's own"),
        ("🙂", "it holds letters that a name may not hold"),
        ("ｂｏｂ", "it would be written bob"),
    ],
)
def test_why_a_name_that_is_asked_for_cannot_be_had(nick: str, why: str) -> None:
    assert why_no_nick(nick) == why


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("#tea", True),
        ("#東京", True),
        ("##", True),
        ("#", False),
        ("tea", False),
        ("", False),
        ("#a b", False),
        ("#a,b", False),
        ("#a\u202eb", False),
        ("#\ud800", False),
        ("#" + "x" * 63, True),
        ("#" + "x" * 64, False),
    ],
)
def test_what_a_room_can_be_called(name: str, is_one: bool) -> None:
    assert is_room_name(name, 64) is is_one


@pytest.mark.parametrize("name", ["alice", "servers", "observer", "server_2", "hub", "sérver"])
def test_names_that_are_anybody_s(name: str) -> None:
    assert not is_reserved(name)


def test_a_name_is_cut_between_characters_and_before_a_torn_mark() -> None:
    assert nick_from("é" * 40) == "é" * 32
    assert nick_from("x" * 63 + "é") == "x" * 63
    # q with a dot has no single character: the mark would not fit, so its letter goes with it.
    assert nick_from("x" * 62 + "q\u0307") == "x" * 62


def test_a_name_of_a_megabyte_costs_no_more_than_a_short_one() -> None:
    assert nick_from("x" * 1_000_000) == "x" * 64


def test_variations_are_counted_from_two() -> None:
    assert list(islice(variations("alice"), 3)) == ["alice_2", "alice_3", "alice_4"]
    assert len(set(variations("x" * 64))) == SUFFIXES - 1


@example("e\u034f\u0301")
@given(st.text(alphabet=st.characters(categories=["Mn", "Cf", "Cc", "Zs", "Lo"]), max_size=30))
def test_what_is_left_of_strange_letters_is_composed(typed: str) -> None:
    nick = nick_from(typed)
    assert unicodedata.is_normalized("NFC", nick)
