"""The header of a classic frame: a byte count in ASCII decimal, padded to a fixed width.

Owns what is a legal header and how a bad one is described. The width is the caller's to know;
how it is found out is in `width.py`, frames are in `classic.py`.
"""

from __future__ import annotations

import re

DEFAULT_WIDTH = 10

# classic.md §3.1: leading spaces, right-justified, zero-padded and signed plus are all legal. Read
# by our own pattern because int() also takes "1_0", "-1", Arabic digits and newlines. Possessive,
# so that the widest header (8192 bytes) is read in one pass.
_HEADER = re.compile(rb" *+\+?(?=[0-9])0*+([0-9]{0,9}) *+")
_HEADER_BEGUN = re.compile(rb" *+(?:\+?[0-9]++ *+|\+?)")
_SHOWN = 24


class BadFrame(Exception):  # noqa: N818  (it is the frame that is bad, as everywhere in the docs)
    """The bytes are not classic frames. `reason` is short, printable and safe to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_header(raw: bytes | bytearray) -> int:
    """The count that a whole header gives; raises BadFrame when it is none.

    At most nine digits count, leading zeros apart, so the result is below 10**9.
    """
    digits = raw.strip(b" ")
    if digits.isdigit() and len(digits) < 10:  # of bytes, so 0 to 9 only
        return int(digits)
    legal = _HEADER.fullmatch(raw)
    if legal is None:
        raise BadFrame(f"{_shown(raw)} is not a header: a byte count padded with spaces")
    return int(legal[1] or b"0")


def may_be_header(begun: bytes | bytearray, width: int) -> bool:
    """Whether these bytes are a legal header of `width` bytes or can still become one."""
    if len(begun) >= width:
        return _HEADER.fullmatch(begun, 0, width) is not None
    return _HEADER_BEGUN.fullmatch(begun) is not None


def _shown(raw: bytes | bytearray) -> str:
    shown = repr(bytes(raw[:_SHOWN]))
    return shown if len(raw) <= _SHOWN else f"{shown}…"
