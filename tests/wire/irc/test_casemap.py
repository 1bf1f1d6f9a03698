"""Which names are equal: one rule in the whole house, and those of strangers."""

from __future__ import annotations

import pytest

from hubbub.wire.irc.casemap import CASEMAPPING, fold, folding


def test_ascii_over_nfc() -> None:
    assert fold("Alice[]") == "alice[]"
    assert fold("E\u0301ric") == fold("Éric") == "Éric"
    assert folding(CASEMAPPING) is fold


@pytest.mark.parametrize(
    ("casemapping", "folded"),
    [
        ("ascii", "a[]\\~^ß"),
        ("rfc1459", "a{}|^^ß"),
        ("rfc1459-strict", "a{}|~^ß"),
        ("strict-rfc1459", "a{}|~^ß"),
        ("precis", "a[]\\~^ß"),
    ],
)
def test_the_mappings_of_other_servers(casemapping: str, folded: str) -> None:
    assert folding(casemapping)("A[]\\~^ß") == folded


def test_rfc1459_thinks_of_scandinavia() -> None:
    # RFC 1459 §2.2, and its tilde, which servers have as the upper case of the circumflex.
    assert folding("rfc1459")("~") == folding("rfc1459")("^")
    assert folding("rfc1459-strict")("~") != folding("rfc1459-strict")("^")
