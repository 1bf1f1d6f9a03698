"""The driver of the fuzz targets: makes inputs out of a corpus and runs a target with them.

A target is a function of bytes, `one_input`, that fails when something does not hold which must
hold of any bytes, and `MUTATIONS` that make these. `python -m fuzz` runs one for long, a test
beside the code that it fuzzes for a moment.
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Mutations:
    """How inputs are made: pieces of the corpus with some bytes changed, doubled, lost or inserted.

    `letters` are the bytes that mean something, `runs` what is sometimes put in whole; the first
    `head` bytes are random, for the target to be steered by.
    """

    corpus: Sequence[bytes]
    letters: bytes
    head: int = 0
    runs: Sequence[bytes] = ()

    def __call__(self, rng: random.Random) -> bytes:
        """One input."""
        data = bytearray(rng.randbytes(self.head))
        for _ in range(rng.randint(1, 4)):
            data += rng.choice(self.corpus) if rng.random() < 0.9 else rng.randbytes(40)
        if self.runs and rng.random() < 0.02:
            at = rng.randrange(len(data))
            data[at:at] = rng.choice(self.runs)
        for _ in range(rng.randint(0, 6)):
            self.mutate(rng, data)
        return bytes(data)

    def mutate(self, rng: random.Random, data: bytearray) -> None:
        """Change something."""
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[at] = rng.choice(self.letters)
            case 1:
                data[at:at] = data[at : at + rng.randint(1, 20)]
            case 2 if len(data) > 20:
                del data[at : at + rng.randint(1, 5)]
            case _:
                data[at:at] = rng.randbytes(rng.randint(1, 5))


@dataclass(frozen=True)
class Length:
    """How long to run: until so many lines, or seconds."""

    lines: int | None = None
    seconds: float | None = None

    def counter(self) -> Callable[[int], bool]:
        """Asked with the lines that were read, says whether to go on."""
        if self.lines is not None:
            most = self.lines
            return lambda lines: lines < most
        end = time.monotonic() + (self.seconds or 0)
        return lambda _: time.monotonic() < end


def fuzz(
    mutations: Mutations, one_input: Callable[[bytes], None], length: Length, seed: int
) -> None:
    """Run a target, under atheris when it is installed, until it fails or has run so long."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        _mutate_for(mutations, one_input, length, seed)
        return
    limits = [f"-runs={length.lines or -1}", f"-max_total_time={length.seconds or 0:.0f}"]
    atheris.Setup([sys.argv[0], *limits], one_input)
    atheris.Fuzz()


def _mutate_for(
    mutations: Mutations, one_input: Callable[[bytes], None], length: Length, seed: int
) -> None:
    """Run a target with mutated inputs, all of which follow from the seed."""
    rng = random.Random(seed)
    goes_on = length.counter()
    inputs = lines = 0
    while goes_on(lines):
        data = mutations(rng)
        try:
            one_input(data)
        except Exception:
            print(f"seed {seed}, input {inputs} fails: {data!r}")
            raise
        inputs += 1
        lines += data.count(b"\n")
    print(f"{inputs:,} inputs with {lines:,} lines, no failure")
