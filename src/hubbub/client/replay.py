"""Which lines are the past, told again to who arrives (docs/protocols/classic.md §3.12).

Our server puts the time at which it was said before each such line. Owns what those times look
like and where the past ends: a text that somebody begins with a time later is left as it is.
Pure. Its users are `classic`, which marks the lines, and `shown`, which leaves out known ones.
"""

from __future__ import annotations

import re

STAMP = re.compile(r"\[((?:\d{4}-\d\d-\d\d |\d\d \S{1,12} )?\d\d:\d\d)\] ")

LONG = 600
"""Bytes. A pair of a message that goes on in the next one has more (`split_utf8`)."""

LATEST = 10_000
"""Milliseconds after the name within which the past begins, if it comes at all."""

PAUSE = 500
"""Milliseconds between two of its lines, at most: they are sent at once."""

MOST = 100
"""Lines that a server tells again, at most."""


class ReplayWatch:
    """Looks at what people say on a new connection until it is of now. Times are milliseconds."""

    def __init__(self, joined: int) -> None:
        self._until = joined + LATEST
        self._left = MOST
        self._goes_on: str | None = None  # who said a message that may have another pair

    def stamp(self, sender: str, text: str, now: int) -> str:
        """The time a line was said if it is one of the past, as the server wrote it; else ""."""
        if now > self._until or not self._left:
            self.end()
            return ""
        stamp = STAMP.match(text)
        if stamp is None and sender != self._goes_on:
            self.end()
            return ""
        self._until = now + PAUSE
        self._left -= stamp is not None
        self._goes_on = sender if len(text.encode("utf-8", "replace")) >= LONG else None
        return stamp[1] if stamp is not None else ""

    def end(self) -> None:
        """Hear that what comes now is of now."""
        self._left = 0


def without_stamp(text: str) -> str:
    """The words of a line of the past."""
    return STAMP.sub("", text, count=1)
