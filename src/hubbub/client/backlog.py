"""How much of what we said the server may still have before it, and how long to wait for that.

A classic server confirms nothing, and ours reads a fast talker slowly; all that can be known is
when things were said. Pure: `now` is handed in. Its users are `connection` and whoever leaves.
"""

from __future__ import annotations

PATIENCE = 10.0
"""Seconds that a server gets to close after we have said that this was all."""

PATIENCE_PER_LINE = 0.25
"""Seconds more for each line; our server reads ten lines a second of who talks fast."""

_LINE = int(PATIENCE_PER_LINE * 1000)


class Backlog:
    """Lines said and perhaps not read yet. Times are int milliseconds."""

    def __init__(self) -> None:
        self._busy_until = 0

    def said(self, now: int) -> None:
        """Hear that a line was sent."""
        self._busy_until = max(self._busy_until, now) + _LINE

    def lines(self, now: int) -> int:
        """How many lines may wait for the server, at most."""
        return -(min(0, now - self._busy_until) // _LINE)


def patience(lines: int) -> float:
    """Seconds to wait for a server that has so many lines before it."""
    return PATIENCE + PATIENCE_PER_LINE * lines
