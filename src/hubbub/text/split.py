"""Long text in pieces that fit a byte limit, cut where a reader minds least.

Owns where to cut: at a space, else between graphemes, else between code points. Nothing is
trimmed or added. It knows no protocol; the codecs of `hubbub.wire` say how much fits.
Graphemes are those of UAX #29 as far as chat needs them; the standard library has no segmenter.
"""

from __future__ import annotations

import unicodedata

_ZERO_WIDTH_JOINER = "\u200d"
# UTF-8 that can measure a lone surrogate too, so that every str can be split.
_UTF8 = ("utf-8", "surrogatepass")


def split_utf8(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` bytes of UTF-8 each; joined they are the text again.

    A piece ends after a space when there is one in its last quarter. Empty text is one empty piece.
    Raises ValueError when `limit` is below 4, the bytes of the longest character.
    """
    if limit < 4:
        raise ValueError(f"cannot split text into pieces of {limit} bytes: at least 4 are needed")
    if len(text) * 4 <= limit:
        return [text]
    data = text.encode(*_UTF8)
    pieces = []
    start = 0  # in text
    byte = 0  # in data: where text[start] begins
    while len(data) - byte > limit:
        fits = len(data[byte : _whole(data, byte + limit)].decode(*_UTF8))
        cut = _cut(text, start, start + fits)
        pieces.append(text[start:cut])
        byte += len(pieces[-1].encode(*_UTF8))
        start = cut
    pieces.append(text[start:])
    return pieces


def _whole(data: bytes, end: int) -> int:
    """The last position up to `end` that is not inside a character."""
    while data[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _cut(text: str, start: int, end: int) -> int:
    """Where to end the piece of `text` that begins at `start` and may reach to `end`."""
    last_quarter = end - (end - start) // 4
    space = text.rfind(" ", last_quarter, end) + 1
    if space and _is_boundary(text, start, space):
        return space
    for position in range(end, start, -1):
        if _is_boundary(text, start, position):
            return position
    return end  # one grapheme longer than a piece: a character is all that can be kept whole


def _is_boundary(text: str, start: int, position: int) -> bool:
    """Whether a grapheme ends before `position`, given that one begins at `start`."""
    before, after = text[position - 1], text[position]
    if after < "\u0300":  # nothing below joins, but the second half of a newline
        return before + after != "\r\n"
    if before == _ZERO_WIDTH_JOINER or _extends(after):
        return False
    if _is_regional(before) and _is_regional(after):  # flags are pairs of these
        return _regionals_before(text, start, position) % 2 == 0
    return True


def _extends(char: str) -> bool:
    """Whether the character belongs to the one before it (UAX #29, GB6 to GB9a)."""
    return (
        unicodedata.category(char).startswith("M")  # combining marks, variation selectors
        or char in "\u200c\u200d\uff9e\uff9f"  # joiners, halfwidth voicing marks
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags: the flag of Scotland
        or "\u1160" <= char <= "\u11ff"  # Hangul vowels and final consonants
    )


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _regionals_before(text: str, start: int, position: int) -> int:
    first = position
    while first > start and _is_regional(text[first - 1]):
        first -= 1
    return position - first
