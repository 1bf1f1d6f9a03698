"""What a received stream betrays about a server that was spoken to in the wrong dialect.

Owns the guesses, and that they stay guesses: each is a sentence for a person, given once, and
changes nothing about how the stream is read (classic.md §4.4, §4.6, §4.7).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hubbub.wire.classic import BadFrame, Decoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.client.dialect import Dialect

TIME_OF_DAY = re.compile(rb"\s*[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?\s*")
"""A frame that is a time, as servers with three frames send it."""

_ACK = re.compile(rb"(?i)\s*(?:user|nick)?\s*name\b.*\b(?:assigned|accepted|taken|occupied|use)\b")

_COMMON_WIDTHS = (10, 64, 16, 8, 3)


def nothing_heard(width: int) -> str:
    """What to say when `width` was tried and nothing came back."""
    *others, last = (str(other) for other in _COMMON_WIDTHS if other != width)
    return (
        "nothing heard from the server yet. In a quiet room that is normal; if others are talking, "
        f"its headers are of another length: try --header-length {', '.join(others)} or {last}"
    )


def find_width(heard: bytes, width: int) -> int | None:
    """The header length that explains all of `heard`, the beginning of a stream.

    None when none does, or when it is `width`, which was tried.
    """
    decoder = Decoder(width=None)
    decoder.feed(heard)
    decoder.eof()
    frames = 0
    try:
        while decoder.next_frame() is not None:
            frames += 1
    except BadFrame:
        return None
    return decoder.width if frames and decoder.width != width else None


class BurstWatch:
    """Watches how many frames come together; most servers send an event in one piece."""

    ENOUGH = 3

    def __init__(self, dialect: Dialect) -> None:
        self._usual = dialect.frames == 2
        self._ack = dialect.ack
        self._bursts = 0
        self._timed = 0
        self._single = 0

    def look(self, frames: Sequence[bytes], *, whole: bool) -> str | None:
        """Take one burst of frames (`whole`: nothing was left over); a hint, or None."""
        if not self._usual or not frames:
            return None
        self._bursts += 1
        if self._bursts == 1 and len(frames) % 2 and not self._ack and _ACK.match(frames[0]):
            return "the server answers a name with a frame of its own: try --expect-ack"
        self._timed += TIME_OF_DAY.fullmatch(frames[0]) is not None
        self._single += whole and len(frames) == 1
        if self._bursts != self.ENOUGH:
            return None
        if self._timed == self.ENOUGH:
            return "each message begins with a time: try --frames 3"
        if self._single == self.ENOUGH:
            return "messages come as one frame, not as name and text: try --frames 1"
        return None
