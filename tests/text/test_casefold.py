"""Which names are equal: one rule in the whole house."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core import names
from hubbub.text.casefold import fold
from hubbub.wire.irc import casemap


def test_it_is_one_rule_for_the_chat_and_the_wire() -> None:
    assert names.fold is casemap.fold is fold


@given(st.text(st.characters(max_codepoint=127)))
def test_of_ascii_the_short_way_is_the_long_one(name: str) -> None:
    assert fold(name) + "É" == fold(f"{name}É")
