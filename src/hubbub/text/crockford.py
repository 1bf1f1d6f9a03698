"""Crockford's base32: digits and letters that cannot be taken for each other, in order of value.

Message ids are made of it (core.ports.Ids). Of equal length, such texts sort as their numbers do.
"""

from __future__ import annotations

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def crockford(number: int, length: int) -> str:
    """The lowest `5 * length` bits of a number, the highest first."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1))
