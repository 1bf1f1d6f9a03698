"""Messages of several lines ("multiline"): a text as lines, and lines as one text again.

Owns how a text with newlines, or one too long for a line, is laid out, and how a server writes its
limits. Servers and clients do both alike. The batch around the lines, its tags and who may send
one are for others: `doors.irc.batches` and `doors.irc.multiline`, `client.irc.multiline`. Where
a line that is too long is best cut is told in `split.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hubbub.wire.irc.split import split_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MULTILINE = "draft/multiline"
"""The name of the capability, and of the type of batch."""

CONCAT = "draft/multiline-concat"
"""The tag of a line that goes on where the one before ended."""


class Part(NamedTuple):
    """A line of a message. With `concat` no newline stands before it."""

    text: str
    concat: bool = False


class Limits(NamedTuple):
    """How much one message may be, in bytes of UTF-8 with its newlines, and in lines (0: any)."""

    max_bytes: int
    max_lines: int = 0

    @property
    def shown(self) -> str:
        """As the value of the capability."""
        lines = f",max-lines={self.max_lines}" if self.max_lines else ""
        return f"max-bytes={self.max_bytes}{lines}"

    @classmethod
    def read(cls, value: str) -> Limits | None:
        """Of the value of the capability; None when it does not hold the one that is required."""
        # "Clients MUST ignore every token with a key that they don't understand."
        words = dict(token.partition("=")[::2] for token in value.split(","))
        max_bytes, max_lines = _number(words.get("max-bytes")), _number(words.get("max-lines"))
        return cls(max_bytes, max_lines) if max_bytes else None


def bounded(text: str, most: int) -> str:
    """The text in at most `most` lines, as long as before: the rest of them stand on the last."""
    if text.count("\n") < most:
        return text
    *lines, rest = text.split("\n", most - 1)
    return "\n".join((*lines, rest.replace("\n", " ")))


def parts(text: str, room: int, cuts: Sequence[int] = ()) -> list[Part]:
    """The text as lines of at most `room` bytes; blank ones stay.

    `cuts` are the places, in characters, where the author's client went on in another line: there
    it is cut again, and elsewhere only where it is too long. Raises ValueError when `room` is
    below 4.
    """
    found: list[Part] = []
    begin = 0
    for line in text.split("\n"):
        end = begin + len(line)
        if cuts:
            inside = cuts[bisect_right(cuts, begin) : bisect_left(cuts, end)]
            pieces = [text[one:two] for one, two in pairwise((begin, *inside, end))]
        else:
            pieces = [line]
        pieces[-1] = pieces[-1].rstrip("\r")
        words = [one for piece in pieces for one in split_text(piece, room=room) if one] or [""]
        found += [Part(one, index > 0) for index, one in enumerate(words)]
        begin = end + 1
    return found


def whole(lines: Iterable[Part]) -> tuple[str, tuple[int, ...]]:
    """The text of lines, and its cuts, as `parts` takes them."""
    words: list[str] = []
    cuts: list[int] = []
    size = 0
    for text, concat in lines:
        if words and concat:
            cuts.append(size)
        elif words:
            words.append("\n")
            size += 1
        words.append(text)
        size += len(text)
    return "".join(words), tuple(cuts)


def _number(written: str | None) -> int:
    is_number = written is not None and written.isascii() and written.isdigit()
    return int(written or 0) if is_number else 0
