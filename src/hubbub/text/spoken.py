"""Fingerprints that can be said aloud, so that two people can compare them across a room.

Proquints (Wilkerson, 2009): sixteen bits are five letters, consonants and vowels in turn, so every
language can pronounce them and no list of words is needed. `lusab-babad` is 127.0.0.1.
"""

from __future__ import annotations

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aiou"


def spoken(data: bytes, *, words: int = 8) -> str:
    """The first `words` pairs of bytes as words with hyphens between them.

    Eight are 128 bits: nobody finds a second certificate that begins so.
    """
    pairs = [data[start : start + 2] for start in range(0, 2 * words, 2)]
    return "-".join(_word(int.from_bytes(pair, "big")) for pair in pairs)


def _word(number: int) -> str:
    return (
        CONSONANTS[number >> 12 & 15]
        + VOWELS[number >> 10 & 3]
        + CONSONANTS[number >> 6 & 15]
        + VOWELS[number >> 4 & 3]
        + CONSONANTS[number & 15]
    )
