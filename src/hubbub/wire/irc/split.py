"""What is too long for one line, as several: text, and lists of words.

Owns how much goes into each line; where text is best cut is told in `hubbub.text.split`. It
builds no line: `line.room` says how much fits behind a head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.text.split import split_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

LIST_ROOM = 350
"""Bytes of names in one line of an answer, whatever stands before them."""
ISUPPORT_TOKENS = 13
"""Tokens in one 005: with the nick before and the text behind, the 15 parameters of old."""


def split_text(text: str, *, room: int) -> list[str]:
    """The text in pieces of at most `room` bytes of UTF-8; joined they are the text again.

    Raises ValueError when `room` is below 4, the bytes of the longest character.
    """
    return split_utf8(text, room)


def groups(
    words: Iterable[str], room: int, *, separator: str = " ", most: int | None = None
) -> list[list[str]]:
    """The words in order, so many to a line as fit `room` bytes when joined, and at most `most`.

    A word longer than `room` stands alone. No words are no lines.
    """
    lines: list[list[str]] = []
    line: list[str] = []
    between = len(separator.encode())
    size = room + 1  # as if the line before were full
    for word in words:
        length = len(word) if word.isascii() else len(word.encode("utf-8", "replace"))
        size += between + length
        if size > room or len(line) == most:
            line = []
            lines.append(line)
            size = length
        line.append(word)
    return lines


def fill(words: Iterable[str], room: int, separator: str = " ") -> list[str]:
    """As `groups`, each line joined: the names of a NAMES reply, the targets of MONITOR.

    No word may hold the separator: all are joined at once, and cut where a line is full.
    """
    data, between = separator.join(words).encode("utf-8", "replace"), separator.encode()
    lines, begin = [], 0
    while len(data) - begin > room:
        end = data.rfind(between, begin, begin + room + len(between))
        if end < 0:  # a word longer than that stands alone
            end = data.find(between, begin)
            if end < 0:
                break
        lines.append(data[begin:end].decode())
        begin = end + len(between)
    return [*lines, data[begin:].decode()] if data else []
