"""Crockford's base32: what message ids are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.crockford import ALPHABET, crockford

MOMENTS = st.integers(0, 2**50 - 1)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0000"), (31, "000Z"), (32, "0010"), (2**20 - 1, "ZZZZ"), (2**20, "0000")],
)
def test_the_lowest_bits(number: int, text: str) -> None:
    assert crockford(number, 4) == text


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_their_numbers(one: int, other: int) -> None:
    assert (crockford(one, 10) < crockford(other, 10)) == (one < other)


def test_no_two_digits_look_alike() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")
