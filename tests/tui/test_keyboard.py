"""What terminals send for Alt and a key is the key that the registry has."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from hubbub.tui.keyboard import know_alt, sequences


def keys(sent: str) -> list[tuple[str, str | None]]:
    return [
        (event.key, event.character) for event in XTermParser().feed(sent) if isinstance(event, Key)
    ]


@pytest.mark.parametrize(("sent", "name"), sorted(set(sequences())), ids=str)
def test_alt_is_escape_and_then_the_key(sent: str, name: str) -> None:
    know_alt()
    assert keys(sent) == [(name, None)], "and nothing is typed"


def test_the_keys_that_textual_takes_for_others_are_among_them() -> None:
    assert {name for _, name in sequences()} >= {
        "alt+1",
        "alt+9",
        "alt+grave_accent",
        "alt+equals_sign",
        "alt+enter",
        "alt+a",
    }


def test_what_is_typed_without_alt_stays() -> None:
    know_alt()
    assert keys("¡") == [("inverted_exclamation_mark", "¡")]
    assert keys("\r") == [("enter", "\r")]
    assert keys("1") == [("1", "1")]
