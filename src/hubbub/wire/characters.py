"""Counting UTF-8 characters in a buffer, for peers whose headers count those instead of bytes.

Owns only the counting; when to count so is decided in `classic.py` and `width.py`.
"""

from __future__ import annotations

import codecs
import enum


class Counting(enum.Enum):
    """What a peer's headers count."""

    UNKNOWN = "unknown"
    BYTES = "bytes"
    CHARACTERS = "characters"


def find_end(buffer: bytes | bytearray, start: int, count: int) -> tuple[int, int]:
    """Where `count` characters from `start` on end, and how many of them are still missing.

    With any missing, the end is that of the last whole character. A byte that is not UTF-8 counts
    as one character.
    """
    window = buffer[start : start + 4 * count]
    text, consumed = codecs.utf_8_decode(window, "surrogateescape", False)  # noqa: FBT003
    if len(text) <= count:
        return start + consumed, count - len(text)
    return start + len(text[:count].encode("utf-8", "surrogateescape")), 0


def is_utf8(data: bytes | bytearray, *, cut: bool = False) -> bool:
    """Whether the data is UTF-8; with `cut` it may end inside a character."""
    try:
        codecs.utf_8_decode(data, "strict", not cut)
    except UnicodeDecodeError:
        return False
    return True
