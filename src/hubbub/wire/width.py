"""Finding out how wide a classic peer's headers are, from the first bytes it sends.

Owns the known widths and the rule of classic.md §3.7. Every known width is tried on the same bytes
and dropped as soon as they contradict it; what is left, or the silence after a first flight,
decides. It keeps no bytes of its own: `classic.Decoder` hands it the same growing buffer.
"""

from __future__ import annotations

from hubbub.wire.characters import find_end, is_utf8
from hubbub.wire.header import DEFAULT_WIDTH, BadFrame, may_be_header, parse_header

KNOWN_WIDTHS = (10, 64, 16, 8, 20, 4, 3, 5, 12, 32, 100, 128, 256, 512, 1024, 2048, 4096, 8192)
"""Every width seen in a real program, the likely ones first."""

FLIGHT_LIMIT = 1 << 16
"""Bytes of a first flight after which silence is not waited for."""


class WidthDetector:
    """The widths that the bytes so far allow. Ask `decide` with all of them, each time."""

    def __init__(self, max_length: int) -> None:
        self._max_length = max_length
        self._trials = self._begin(characters=False)
        self._count_characters = False

    def _begin(self, *, characters: bool) -> list[_Trial]:
        return [_Trial(width, self._max_length, characters=characters) for width in KNOWN_WIDTHS]

    def decide(self, flight: bytes | bytearray, *, silent: bool, ended: bool = False) -> int | None:
        """The width, or None while it is open.

        `silent`: nothing has come for a while; `ended`: nothing more will come.
        """
        self._trials = [trial for trial in self._trials if trial.follow(flight)]
        if not self._trials and not self._count_characters:
            # classic.md §3.6: no width explains these bytes, so perhaps they count characters.
            self._count_characters = True
            self._trials = self._begin(characters=True)
            self._trials = [trial for trial in self._trials if trial.follow(flight)]
        if not self._trials:
            return DEFAULT_WIDTH
        likely = self._trials[0]
        if len(self._trials) == 1 or likely.is_plain_name(flight):
            return likely.width
        ended = ended or len(flight) >= FLIGHT_LIMIT
        if not (silent or ended):
            return None
        whole = [trial for trial in self._trials if trial.is_whole(flight)]
        if ended:
            return min(whole or self._trials, key=_Trial.oddity).width
        # Of a header whose body comes in a later send silence says nothing. Nor of "5         al":
        # eight bytes and "  al", or the usual ten and a torn "alice"?
        if not whole and _is_blank_name(flight):
            return DEFAULT_WIDTH  # classic.md §3.11: a name of spaces is one too
        if not whole and _counts_beyond(flight, self._max_length):
            return DEFAULT_WIDTH  # classic.md §3.15: it is answered, not taken for a narrower one
        if not whole or (likely.is_torn_name(flight) and all(trial.spaced for trial in whole)):
            return None
        return min(whole, key=_Trial.oddity).width


def _is_blank_name(flight: bytes | bytearray) -> bool:
    """Whether the flight is one frame of the usual width that holds nothing but spaces."""
    body = bytes(flight[DEFAULT_WIDTH:])
    try:
        count = parse_header(flight[:DEFAULT_WIDTH])
    except BadFrame:
        return False
    return count == len(body) and not body.strip(b" ")


def _counts_beyond(flight: bytes | bytearray, limit: int) -> bool:
    """Whether the flight begins with a header of the usual width that announces too much."""
    digits = bytes(flight[:DEFAULT_WIDTH]).strip(b" ").removeprefix(b"+")
    return len(flight) >= DEFAULT_WIDTH and digits.isdigit() and int(digits) > limit


class _Trial:
    """One width followed through the flight, frame by frame, until something contradicts it."""

    __slots__ = (
        "_characters",
        "_end",
        "_max_length",
        "_name",
        "_start",
        "frames",
        "spaced",
        "width",
    )

    def __init__(self, width: int, max_length: int, *, characters: bool) -> None:
        self.width = width
        self.frames = 0
        self._max_length = max_length
        self._characters = characters
        self._start = 0  # of the frame that is not whole yet
        self._end = width  # bytes below which there is nothing new to read
        self._name = b""
        self.spaced = False  # some frame begins with a space

    def follow(self, flight: bytes | bytearray) -> bool:
        """Read on; False when the bytes contradict this width."""
        try:
            while len(flight) >= self._end:
                if not self._read_frame(flight):
                    return True
        except BadFrame:
            return False
        return may_be_header(flight[self._start : self._start + self.width], self.width)

    def _read_frame(self, flight: bytes | bytearray) -> bool:
        body = self._start + self.width
        count = parse_header(flight[self._start : body])
        if count > self._max_length:
            raise BadFrame("too long")
        end, missing = body + count, 0
        if self._characters and len(flight) >= end:
            end, missing = find_end(flight, body, count)
        self._end = end + missing
        if missing or len(flight) < end:
            return False
        self._accept(bytes(flight[body:end]))
        self._start, self._end = end, end + self.width
        return True

    def _accept(self, body: bytes) -> None:
        if not self.frames:
            if not is_utf8(body) or (body and not body.strip(b" ")):
                raise BadFrame("not a name")
            self._name = body
        self.frames += 1
        self.spaced = self.spaced or body.startswith(b" ")

    def is_whole(self, flight: bytes | bytearray) -> bool:
        """Whether the flight splits into frames with nothing left over."""
        return self.frames > 0 and len(flight) == self._start

    def is_plain_name(self, flight: bytes | bytearray) -> bool:
        """Whether the flight is one frame of the usual width that holds an ordinary name."""
        alone = self.frames == 1 and self.is_whole(flight)
        return self.width == DEFAULT_WIDTH and alone and self.oddity() == (False, False)

    def is_torn_name(self, flight: bytes | bytearray) -> bool:
        """Whether the flight is the beginning of one frame of the usual width, header and more."""
        return self.width == DEFAULT_WIDTH and not self.frames and len(flight) > self.width

    def oddity(self) -> tuple[bool, bool]:
        """What speaks against this width among others as possible; the least odd is taken."""
        return not self._name, self.spaced
