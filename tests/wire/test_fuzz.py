"""The fuzz target, briefly: what must hold of any bytes (run it longer by hand)."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from fuzz.fuzz_wire import CORPUS, MUTATIONS, one_input


@given(st.binary(max_size=200) | st.lists(st.sampled_from([b"\x00\x0a", *CORPUS])).map(b"".join))
def test_any_bytes(data: bytes) -> None:
    one_input(data)


def test_mutated_traffic() -> None:
    rng = random.Random(2026)
    for _ in range(2000):
        one_input(MUTATIONS(rng))
