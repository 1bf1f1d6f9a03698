"""Columns on a terminal, where not every character is one cell wide.

Owns how wide a text is shown: two cells for East Asian wide characters and most emoji, none for
what joins or marks the character before it (UAX #11). What terminals disagree about, such as
emoji that are joined, may stand askew; nothing is cut.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines with their cells under each other."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def padded(text: str, width: int) -> str:
    """The text with spaces after it, so that it takes `width` cells; it may be wider."""
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """How many cells of a terminal the text takes; it must hold no control characters."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
