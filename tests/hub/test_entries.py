"""Entries: what stands beside the text, and what becomes of nonsense there."""

from __future__ import annotations

import pytest

from hubbub.core.events import Entry, EntryKind, reworded
from hubbub.core.roles import Role
from hubbub.hub.entries import cuts_of, for_role, role_of, tags_of, with_cuts, with_tags


def entry(text: str, extra: str | None) -> Entry:
    return Entry(1, EntryKind.MESSAGE, "m1", 1, "alice", text, extra=extra)


def test_all_that_stands_there_is_found_again() -> None:
    extra = with_cuts(with_tags(for_role(Role.OPERATOR), {"+a": "é"}), "one two", (4,))
    found = entry("one two", extra)
    assert cuts_of(found) == (4,)
    assert tags_of(found) == {"+a": "é"}
    assert role_of(found) is Role.OPERATOR


def test_another_text_has_no_cuts() -> None:
    assert cuts_of(entry("one", with_cuts(None, "one two", (4,)))) == ()
    assert cuts_of(entry("one two", None)) == ()
    found = entry("one two", with_cuts(None, "one two", (4,)))
    assert cuts_of(reworded(found, "two one", 1)) == ()


@pytest.mark.parametrize(
    "extra",
    ["cuts", "[]", '{"cuts": 1}', '{"cuts": []}', '{"cuts": ["a", 7]}', '{"cuts": [5, 5, 7]}'],
)
def test_nonsense_of_an_import_cuts_nothing(extra: str) -> None:
    assert cuts_of(entry("one two", extra)) == ()
