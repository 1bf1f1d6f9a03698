"""The rules of keys and values."""

from __future__ import annotations

import pytest

from hubbub.core import metadata
from hubbub.core.metadata import MAX_KEY, PRIVATE, Change
from hubbub.core.people import Person


@pytest.mark.parametrize("key", ["a", "display-name", "im.xmpp", "a.example/b_2", "a" * MAX_KEY])
def test_what_can_be_a_key(key: str) -> None:
    assert metadata.is_key(key)


@pytest.mark.parametrize(
    "key", ["", "Avatar", "$url$", "a b", ": hi!", "é", "a:b", "*", "a\n", "a" * (MAX_KEY + 1)]
)
def test_what_cannot(key: str) -> None:
    assert not metadata.is_key(key)


def test_a_value_is_one_line_without_what_turns_a_screen_around() -> None:
    assert metadata.cleaned("status", "tea\x02 time\x1b[31m \N{GREEN HEART}\u202e") == (
        "tea time \N{GREEN HEART}"
    )
    assert metadata.cleaned(f"{PRIVATE}_23lobby", "\x02tea") == "\x02tea", "nobody else sees it"


def test_others_do_not_see_what_is_private() -> None:
    every = {"status": "here", f"{PRIVATE}bob": "psst", "hubbub.chat/drafts": "seen"}
    assert metadata.public(every) == {"status": "here", "hubbub.chat/drafts": "seen"}


def test_changes_come_after_what_was() -> None:
    who = Person(1, "alice")
    changes = [Change(who, "a", "2"), Change(who, "b", None), Change(who, "c", None)]
    before = {"a": "1", "b": "1"}
    assert metadata.changed(before, changes) == {"a": "2"}
    assert before == {"a": "1", "b": "1"}
