"""Which lines are the past, told again to who arrives (docs/protocols/classic.md §3.12).

Our server puts the time at which it was said before each such line, when somebody arrives and when
they ask (`/history`). Owns what those times look like and where the past ends: a text that somebody
begins with a time later is left as it is. Pure. Its users are `classic`, which marks the lines, and
`shown`, which leaves out known ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubbub.client.events import Message

STAMP = re.compile(r"\[((?:\d{4}-\d\d-\d\d |\d\d \S{1,12} )?\d\d:\d\d)\] ")

LONG = 600
"""Bytes. A pair of a message that goes on in the next one has more (`split_utf8`)."""

LATEST = 10_000
"""Milliseconds after the name or question within which the past begins, if it comes at all."""

PAUSE = 500
"""Milliseconds between two of its lines, at most: they are sent at once."""

MOST = 100
"""Lines that a server tells who arrives, at most."""

DEFAULT_HISTORY = 20
"""Lines that it tells who asks with `/history` and says no number."""


class ReplayWatch:
    """Looks at what people say to one who has arrived or asked, until it is of now.

    Times are milliseconds; `most` lines of the past are told.
    """

    def __init__(self, asked: int, most: int = MOST) -> None:
        self._until = asked + LATEST
        self._left = most
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


def without_stamp(message: Message) -> str:
    """The words of a message; those of the past may begin with the time, which is left out."""
    return message.text.removeprefix(f"[{message.replayed}] ") if message.replayed else message.text
