"""The classic wire: frames of a padded byte count and a body, in pairs of name and text.

Owns how pairs are written and packed and how a stream is cut into frame bodies again, for every
width and for peers that count characters. It knows no socket and no clock (the caller tells when
a peer has been quiet), decodes no text and trusts no header: nothing is allocated from a count.
The rules are those of docs/protocols/classic.md; a legal header is defined in `header.py`, the
width of a stranger is found in `width.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hubbub.text.split import split_utf8
from hubbub.wire.characters import Counting, find_end, is_utf8
from hubbub.wire.header import DEFAULT_WIDTH, BadFrame, may_be_header, parse_header
from hubbub.wire.width import WidthDetector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "DEFAULT_WIDTH",
    "ERROR_PREFIX",
    "MAX_LENGTH",
    "QUIET",
    "SEGMENT_LIMIT",
    "SERVER_NAME",
    "BadFrame",
    "Decoder",
    "called",
    "frame",
    "nick_called",
    "pack",
    "pairs",
    "parse_header",
]

SEGMENT_LIMIT = 1200
"""Bytes that reach a classic peer in one piece; its readers never put pieces together."""

SERVER_NAME = "server"
"""Who speaks when the house does."""

ERROR_PREFIX = "error: "
"""How a text of the house begins that says no."""

_CALLED = "you are called {} here"

QUIET = 0.25
"""Seconds of silence after which a first flight, or a text of unclear length, is over."""

MAX_LENGTH = 1 << 20
"""The largest count a header may give, unless the caller says otherwise."""


def called(nick: str) -> str:
    """What the house tells a client that came in under another name than it gave."""
    return _CALLED.format(nick)


def nick_called(text: str) -> str | None:
    """The name in such a text; None when the house says something else."""
    before, after = _CALLED.split("{}")
    is_name = text.startswith(before) and text.endswith(after)
    nick = text[len(before) : -len(after)] if is_name else ""
    return nick if nick and not nick.isspace() else None


def frame(body: bytes, width: int = DEFAULT_WIDTH) -> bytes:
    """The body behind its header, left-justified. Raises ValueError when the count is too wide."""
    framed = b"%-*d%b" % (width, len(body), body)
    if len(framed) != width + len(body):
        raise ValueError(f"a header of {width} bytes cannot count a body of {len(body)} bytes")
    return framed


def pairs(name: str, text: str, width: int = DEFAULT_WIDTH) -> tuple[bytes, ...]:
    """What to send so that a peer shows `text` said by `name`: whole pairs, in order.

    Each is at most SEGMENT_LIMIT bytes if the width leaves room for that. The text is split, never
    trimmed; a name that the width cannot count is cut. Sanitising is the caller's.
    """
    sender = _sender(name, width)
    said = text.encode("utf-8", "replace")
    header = _header(len(said), width)
    if sender and header and len(sender) + width + len(said) <= SEGMENT_LIMIT:
        return (sender + header + said,)
    return _split_pairs(name, text, width)


@lru_cache(maxsize=4096)
def _header(count: int, width: int) -> bytes:
    """The header that gives a count, left-justified; empty when it is too narrow for it."""
    header = b"%-*d" % (width, count)
    return header if len(header) == width else b""


@lru_cache(maxsize=1024)
def _sender(name: str, width: int) -> bytes:
    """A name as the first frame of a pair; empty when the header is too narrow for it."""
    body = name.encode("utf-8", "replace")
    header = _header(len(body), width)
    return header and header + body


def _split_pairs(name: str, text: str, width: int) -> tuple[bytes, ...]:
    # classic.md §3.4: a narrow header cannot count further than its digits …
    countable = 10**width - 1
    sender = frame(split_utf8(name, countable)[0].encode("utf-8", "replace"), width)
    room = SEGMENT_LIMIT - len(sender) - width
    # … and two of the widest are longer than any segment, whatever they carry.
    limit = min(room if room >= 4 else SEGMENT_LIMIT, countable)
    pieces = split_utf8(text, limit)
    return tuple(sender + frame(piece.encode("utf-8", "replace"), width) for piece in pieces)


def pack(pairs: Iterable[bytes], limit: int = SEGMENT_LIMIT) -> list[bytes]:
    """Whole pairs joined into segments of at most `limit` bytes; a larger pair stands alone."""
    segments = []
    held: list[bytes] = []
    size = 0
    for pair in pairs:
        size += len(pair)
        if size > limit and held:
            segments.append(b"".join(held))
            held = []
            size = len(pair)
        held.append(pair)
    if held:
        segments.append(b"".join(held))
    return segments


@lru_cache(maxsize=1024)
def _plain_count(header: bytes) -> int:
    """The count of a header as nearly all are: digits, then spaces; -1 for any other."""
    digits = header.rstrip(b" ")
    return int(digits) if digits.isdigit() and len(digits) < 10 else -1


class Decoder:
    """Bytes of a classic peer in, frame bodies out.

    `feed` bytes, then take its `frames`, or call `next_frame` until it gives None. While
    `undecided`, tell it by `quiet` when nothing has come for QUIET seconds, and ask again; tell it
    by `eof` when nothing will.
    """

    __slots__ = (
        "_buffer",
        "_counting",
        "_detector",
        "_ended",
        "_failure",
        "_max_length",
        "_needed",
        "_owed",
        "_silent",
        "_undecided",
        "width",
    )

    width: int
    """Bytes of a header; DEFAULT_WIDTH until it is known."""

    def __init__(self, *, width: int | None = DEFAULT_WIDTH, max_length: int = MAX_LENGTH) -> None:
        """With `width` None it is detected. `max_length`: the largest count a header may give."""
        self.width = DEFAULT_WIDTH if width is None else width
        self._max_length = max_length
        self._buffer = bytearray()
        self._needed = 1 if width is None else self.width  # bytes worth looking at again
        self._detector = WidthDetector(max_length) if width is None else None
        self._counting = Counting.UNKNOWN
        self._owed = 0  # characters that the last body would lack, if the header counted those
        self._failure: str | None = None
        self._silent = False
        self._ended = False
        self._undecided = False

    @property
    def undecided(self) -> bool:
        """Whether silence would decide something: the caller then arms its timer."""
        return self._undecided

    @property
    def counts_characters(self) -> bool:
        """Whether this peer's headers were found to count characters."""
        return self._counting is Counting.CHARACTERS

    @property
    def pending(self) -> int:
        """Bytes not given out yet; 0 at a boundary, where the end is a clean one."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what the peer sent, in pieces of any size."""
        self._buffer += data
        self._silent = self._ended

    def quiet(self) -> None:
        """Hear that nothing has come for QUIET seconds."""
        self._silent = True

    def eof(self) -> None:
        """Hear that nothing more will come: what is open is decided with what is there."""
        self._silent = self._ended = True

    def frames(self) -> Iterator[bytes]:
        """The bodies of the whole frames there are; what is not taken of them stays.

        Raises BadFrame as `next_frame` does.
        """
        if self._detector is None and not self._owed and self._failure is None:
            yield from self._usual_frames()
        while (body := self.next_frame()) is not None:
            yield body

    def _usual_frames(self) -> Iterator[bytes]:
        """Those that need no thought: the count in plain digits, a body that reads one way."""
        data = bytes(self._buffer)
        width, limit, size = self.width, self._max_length, len(data)
        reads_one_way = self._counting is Counting.BYTES
        taken = 0
        try:
            while taken < size:
                start = taken + width
                count = _plain_count(data[taken:start])
                end = start + count
                if not 0 <= count <= limit or end > size:
                    return
                body = data[start:end]
                if not (reads_one_way or body.isascii()):
                    return
                taken = end
                yield body
        finally:
            if taken:
                del self._buffer[:taken]
                self._needed = width

    def next_frame(self) -> bytes | None:
        """The body of the next whole frame, raw; None when there is none yet.

        Raises BadFrame where the stream stops making sense, and from then on.
        """
        buffer = self._buffer
        if len(buffer) < self._needed:
            return None
        if self._detector is not None or self._owed or self._failure is not None:
            return self._next_unsettled()
        return self._next_settled()

    def _next_settled(self) -> bytes | None:
        width = self.width
        try:
            count = parse_header(self._buffer[:width])
        except BadFrame as bad:
            raise self._fail(bad.reason) from None
        return self._take(width, count)

    def _take(self, width: int, count: int) -> bytes | None:
        buffer = self._buffer
        if count > self._max_length:  # classic.md §3.15
            raise self._fail(f"a frame of {count} bytes is longer than {self._max_length}")
        end = width + count
        if len(buffer) < end:
            self._needed = end
            return None
        body = bytes(buffer[width:end])
        if self._counting is not Counting.BYTES and not body.isascii():
            return self._next_counted(body)
        del buffer[:end]
        self._needed = width
        return body

    def _next_unsettled(self) -> bytes | None:
        if self._failure is not None:
            raise self._fail(self._failure)
        if self._detector is None:
            return self._next_owed()
        width = self._detector.decide(self._buffer, silent=self._silent, ended=self._ended)
        # A silence that told nothing need not be waited for again.
        self._undecided = width is None and not self._silent
        if width is None:
            return None
        self._detector = None
        self.width = self._needed = width
        return self.next_frame()

    def _next_counted(self, body: bytes) -> bytes | None:
        """The frame that begins with `body`, which is not ASCII and may be too short."""
        if self._counting is Counting.UNKNOWN:
            verdict = self._judge(body)
            self._undecided = verdict is None
            if verdict is None:
                return None
            self._counting = verdict
        if self._counting is Counting.CHARACTERS:
            return self._take_characters(self.width, len(body))
        del self._buffer[: self.width + len(body)]
        self._needed = self.width
        if self._counting is Counting.UNKNOWN and is_utf8(body):
            self._owed = len(body) - len(body.decode())
            self._needed = 1
        return body

    def _judge(self, body: bytes) -> Counting | None:
        """What a header that says `len(body)` counts; None if silence may tell."""
        # classic.md §3.6
        start, end = self.width, self.width + len(body)
        left = self._buffer[end : end + self.width]
        inside_character = not is_utf8(body)
        if not is_utf8(body, cut=True) or not (left or inside_character):
            return Counting.UNKNOWN
        reach, missing = find_end(self._buffer, start, len(body))
        may_count_characters = is_utf8(self._buffer[start:reach])
        if left and (inside_character or not may_be_header(left, self.width)):
            return Counting.CHARACTERS if may_count_characters else Counting.UNKNOWN
        if len(left) == self.width:
            return Counting.BYTES
        if not self._silent:
            return None
        fits = may_count_characters and not missing and reach == len(self._buffer)
        return Counting.CHARACTERS if fits else Counting.UNKNOWN

    def _next_owed(self) -> bytes | None:
        """What follows a body of which it is not known whether it was whole."""
        header = self._buffer[: self.width]
        if not may_be_header(header, self.width):
            # The peer does count characters, and its frame was torn exactly at as many bytes. What
            # was given out cannot be taken back: the rest of it is a body of its own.
            self._counting = Counting.CHARACTERS
            return self._take_characters(0, self._owed)
        if len(header) < self.width:
            return None
        self._owed = 0
        self._counting = Counting.BYTES
        return self._next_settled()

    def _take_characters(self, start: int, count: int) -> bytes | None:
        end, missing = find_end(self._buffer, start, count)
        if missing:
            self._needed = max(end + missing, len(self._buffer) + 1)
            return None
        body = bytes(self._buffer[start:end])
        del self._buffer[:end]
        self._owed = 0
        self._needed = self.width
        return body

    def _fail(self, reason: str) -> BadFrame:
        self._failure = reason
        self._buffer.clear()
        self._needed = 0
        return BadFrame(reason)
