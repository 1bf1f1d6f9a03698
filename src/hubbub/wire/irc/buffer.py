"""Bytes of an IRC peer in, lines out.

Owns where a line ends, how long it may be and how much a peer may send without ending one. It
looks into no line further than to find its tags: `line.py` takes lines apart. Nothing is decoded,
nothing is answered: what is too long is told, once per line, and input goes on behind it.
"""

from __future__ import annotations

import enum

from hubbub.wire.irc.line import MAX_LINE
from hubbub.wire.irc.tags import MAX_CLIENT_TAGS

MAX_UNENDED = 16 * 1024
"""Bytes of a line, ended or not, after which a peer is not worth listening to."""


class TooLong(enum.Enum):
    """Stands where a line stood that is longer than allowed: answer 417."""

    TOO_LONG = "too long"


TOO_LONG = TooLong.TOO_LONG


class LineBuffer:
    """Bytes in by `feed`, lines out by `next_line` until it gives None.

    `max_tags`: bytes of a tag section with its `@` and space; what clients may send unless said
    otherwise (a client gives MAX_TAGS). `max_body`: bytes of the rest with its CR LF.
    """

    __slots__ = ("_begun", "_lines", "_surely_fits", "max_body", "max_tags", "overflow")

    overflow: bool
    """Whether a line went on for more than MAX_UNENDED bytes: close. What comes is ignored."""

    def __init__(self, max_tags: int = MAX_CLIENT_TAGS, max_body: int = MAX_LINE) -> None:
        self.max_tags = max_tags
        self.max_body = max_body
        self.overflow = False
        self._surely_fits = min(max_body - 2, max_tags)
        self._lines: list[bytes] = []  # without LF, the next one last
        self._begun = bytearray()

    @property
    def pending(self) -> int:
        """Bytes held. Feed no more while this is too much: ended lines are not bounded here."""
        return len(self._begun) + sum(map(len, self._lines)) + len(self._lines)

    def feed(self, data: bytes) -> None:
        """Take what the peer sent, in pieces of any size."""
        if self.overflow:
            return
        if b"\n" not in data:
            self._begun += data
        elif not self._begun and data[-1] == 10:  # LF: whole lines, as nearly always
            self._add(data[:-1].split(b"\n"))
        elif self._begun:
            self._begun += data
            *lines, begun = bytes(self._begun).split(b"\n")
            self._add(lines)
            self._begun[:] = begun
        else:
            *lines, begun = data.split(b"\n")
            self._add(lines)
            self._begun += begun
        if len(self._begun) > MAX_UNENDED:
            self._overflow()

    def next_line(self) -> bytes | TooLong | None:
        """The next line without its end, TOO_LONG in place of one, None when there is none yet."""
        lines = self._lines
        while lines:
            raw = lines.pop()
            # Modern, "Compatibility": LF alone ends a line too, and empty ones are nothing.
            line = raw.rstrip(b"\r")
            size = len(raw)
            if size > MAX_UNENDED:
                lines.clear()
                self._overflow()
            elif line:
                return line if size <= self._surely_fits or self.fits(line) else TOO_LONG
        return None

    def fits(self, line: bytes) -> bool:
        """Whether a line, given without its end, keeps both limits.

        For transports that bring whole lines, as WebSocket does.
        """
        size = len(line) + 2
        if line[:1] != b"@":
            return size <= self.max_body
        tags = line.find(b" ") + 1 or len(line)
        return tags <= self.max_tags and size - tags <= self.max_body

    def _add(self, lines: list[bytes]) -> None:
        lines.reverse()
        self._lines = lines + self._lines if self._lines else lines

    def _overflow(self) -> None:
        self.overflow = True
        self._begun.clear()
