"""The gate bears anything: strangers send what they like, and two innocents go on talking."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_gate
from fuzz.driver import Length
from fuzz.strangers import STRANGERS, WORDS
from hubbub.doors.irc.dispatch import COMMANDS

WORD = st.sampled_from([word.decode() for word in WORDS]) | st.text(max_size=30)
LINE = st.builds(
    lambda tags, command, words: f"{tags}{command} {' '.join(words)}",
    st.sampled_from(
        ["", "@label=x ", "@+typing=active;label=é ", "@time=1;a;b= ", "@batch=1 ", ":x!y@z "]
    ),
    st.sampled_from(sorted(COMMANDS)) | st.text(max_size=8),
    st.lists(WORD, max_size=5),
)
"""A line as a hostile reader of the documentation writes it."""


@pytest.mark.parametrize("seed", [1, 2026])
async def test_mutated_lines(seed: int) -> None:
    await fuzz_gate.fuzz(Length(lines=30_000), seed)


@given(st.lists(st.tuples(st.integers(0, STRANGERS - 1), LINE), max_size=20))
@settings(max_examples=60, deadline=None)
async def test_any_lines(lines: list[tuple[int, str]]) -> None:
    async with fuzz_gate.Gate(seed=0) as gate:
        for number in range(STRANGERS):
            gate.send(number, gate.hello(number))
        gate.send(0, b"OPER root secret\r\n")
        for number, line in lines:
            gate.send(number, line.encode("utf-8", "surrogatepass") + b"\r\n")
            await gate.settle()
        await gate.talk()
