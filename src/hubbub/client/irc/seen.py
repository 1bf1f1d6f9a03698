"""Which lines of talk were shown, so that none is shown twice however it comes again.

Owns what is known by message ids. One message may be several lines, of which only the first has
the msgid, and a connection may be cut between them: so what is remembered is how many lines of
each message were shown. Lines of servers without ids are always new. Pure.
"""

from __future__ import annotations

from collections import OrderedDict

LIMIT = 10_000
"""Messages remembered; the oldest are forgotten."""


class Seen:
    """Counts the lines of each message, over all connections to one server."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._shown: OrderedDict[str, int] = OrderedDict()
        self._current: tuple[str, str, str] | None = None  # msgid, who, where
        self._line = 0

    def __contains__(self, msgid: str) -> bool:
        return msgid in self._shown

    def begin(self) -> None:
        """Hear that another stream begins: what comes goes on with nothing."""
        self._current = None

    def is_new(self, msgid: str, who: str, where: str) -> bool:
        """Whether to show the next line, said by `who` in `where`; it counts as shown then."""
        if msgid:
            self._current, self._line = (msgid, who, where), 0
        elif self._current is None or self._current[1:] != (who, where):
            self._current = None
            return True
        self._line += 1
        first = self._current[0]
        if self._line <= self._shown.get(first, 0):
            return False
        self._shown[first] = self._line
        self._shown.move_to_end(first)
        if len(self._shown) > self._limit:
            self._shown.popitem(last=False)
        return True

    def known(self, msgid: str, lines: int) -> None:
        """Hear that so many lines of a message were shown in an earlier run."""
        self._shown[msgid] = lines

    def ours(self, msgid: str) -> None:
        """Hear that a message is our own, shown when it was typed, however many lines it is."""
        if msgid:
            self._shown[msgid] = 1 << 30
