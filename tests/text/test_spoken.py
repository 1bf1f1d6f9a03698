"""Fingerprints that can be said: known words, and no two for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.spoken import spoken


@pytest.mark.parametrize(
    ("address", "words"),
    [
        # The examples of the article that proposes them.
        ((127, 0, 0, 1), "lusab-babad"),
        ((63, 84, 220, 193), "gutih-tugad"),
        ((140, 98, 193, 141), "mudof-sakat"),
        ((198, 81, 129, 136), "sinid-makam"),
    ],
)
def test_words_that_everybody_else_has_too(address: tuple[int, ...], words: str) -> None:
    assert spoken(bytes(address), words=2) == words


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_eight_words_are_the_first_128_bits(one: bytes, other: bytes) -> None:
    assert re.fullmatch(r"(?:[a-z]{5}-){7}[a-z]{5}", spoken(one))
    assert (spoken(one) == spoken(other)) is (one[:16] == other[:16])
