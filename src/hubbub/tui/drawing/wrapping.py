"""Breaking a text into rows of a width: at spaces where there are any, else where it is full.

Owns the arithmetic, in cells: 東 takes two. The usual line, ASCII and short, costs next to nothing,
for a hundred thousand of them are measured when a room is opened. Pure.
"""

from __future__ import annotations

from rich.cells import cell_len


def breaks(text: str, width: int, first: int | None = None) -> list[tuple[int, int]]:
    """Start and end of each row of one line of text; spaces at a break belong to neither.

    `first` is the width of the first row, where it is another. Widths are 2 cells at least.
    """
    found: list[tuple[int, int]] = []
    start, room = 0, width if first is None else first
    is_ascii = text.isascii()
    while True:
        full = start + room if is_ascii else _full(text, start, room)
        if full >= len(text):
            return [*found, (start, len(text))]
        end = text.rfind(" ", start, full + 1)
        if end <= start:
            end = following = full  # a word longer than the row
        else:
            following = end + 1
            while text[end - 1] == " " and end > start:
                end -= 1
            while following < len(text) and text[following] == " ":
                following += 1
        found.append((start, end))
        if following >= len(text):
            return found
        start, room = following, width


def _full(text: str, start: int, room: int) -> int:
    """Where a row that begins at `start` is full."""
    used = 0
    for index in range(start, len(text)):
        used += cell_len(text[index])
        if used > room:
            return index
    return len(text)


def height(text: str, width: int, first: int | None = None) -> int:
    """How many rows `breaks` gives."""
    if text.isascii() and len(text) <= (width if first is None else first):
        return 1
    return len(breaks(text, width, first))
