"""WebSocket frames (RFC 6455 §5), as a server writes and reads them. Pure.

Messages come out whole, whatever pieces they were sent in; control frames come out between the
pieces of others, as they may. The handshake is HTTP's and not here. Next: `doors/web/websocket`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

_FINAL = 0x80
_RESERVED = 0x70
_MASKED = 0x80
_CONTROL = 0x8
MAX_CONTROL = 125
"""Bytes in a control frame (§5.5)."""


class Opcode(IntEnum):
    """What a frame is (§5.2)."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_KNOWN = frozenset(map(int, Opcode))


class Code(IntEnum):
    """Why a connection is closed (§7.4.1)."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    INVALID_TEXT = 1007
    TOO_BIG = 1009


class Message(NamedTuple):
    """A whole message, or a control frame."""

    opcode: Opcode
    data: bytes


class BadFrame(Exception):  # noqa: N818 (what it is)
    """The peer breaks the protocol; `code` is what to close with."""

    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code = code


def frame(data: bytes, opcode: int) -> bytes:
    """A message in one frame; a server's bears no mask (§5.1)."""
    size = len(data)
    if size < 126:
        return bytes((_FINAL | opcode, size)) + data
    if size < 1 << 16:
        return bytes((_FINAL | opcode, 126)) + size.to_bytes(2, "big") + data
    return bytes((_FINAL | opcode, 127)) + size.to_bytes(8, "big") + data


def closing(code: Code) -> bytes:
    """The frame that says goodbye."""
    return frame(code.to_bytes(2, "big"), Opcode.CLOSE)


class _Head(NamedTuple):
    """A frame's head: where its data begins and how long it is."""

    first: int
    start: int
    size: int


class Decoder:
    """Bytes in, messages out. `limit` is the size of a message in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._opcode: Opcode | None = None  # of the message of which pieces are here
        self._pieces = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes of any size."""
        self._buffer += data

    def next_message(self) -> Message | None:
        """The next message, None when there is none whole. Raises `BadFrame`."""
        while (head := self._head()) is not None:
            end = head.start + head.size
            if len(self._buffer) < end:
                return None
            mask = bytes(self._buffer[head.start - 4 : head.start])
            data = unmasked(bytes(self._buffer[head.start : end]), mask)
            del self._buffer[:end]
            message = self._taken(head.first, data)
            if message is not None:
                return message
        return None

    def _head(self) -> _Head | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, size, start = buffer[0], buffer[1] & 0x7F, 2
        if first & _RESERVED or first & 0xF not in _KNOWN:
            raise BadFrame(Code.PROTOCOL_ERROR, "a frame of no kind that is known")
        if not buffer[1] & _MASKED:
            raise BadFrame(Code.PROTOCOL_ERROR, "a client's frame without a mask")
        is_control = first & _CONTROL
        if is_control and (size > MAX_CONTROL or not first & _FINAL):
            raise BadFrame(Code.PROTOCOL_ERROR, "a control frame that is long or in pieces")
        if size >= 126:
            start += 2 if size == 126 else 8
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if not is_control and size + len(self._pieces) > self._limit:
            raise BadFrame(Code.TOO_BIG, "a message that is too long")
        return _Head(first, start + 4, size)

    def _taken(self, first: int, data: bytes) -> Message | None:
        """A frame's data as a message, None when more of it is to come."""
        opcode = Opcode(first & 0xF)
        if opcode & _CONTROL:
            return Message(opcode, data)
        if (opcode is Opcode.CONTINUATION) is (self._opcode is None):
            raise BadFrame(Code.PROTOCOL_ERROR, "a piece of no message, or in another's place")
        self._opcode = self._opcode or opcode
        self._pieces += data
        if not first & _FINAL:
            return None
        message = Message(self._opcode, bytes(self._pieces))
        self._opcode = None
        self._pieces.clear()
        if message.opcode is Opcode.TEXT and not is_utf8(message.data):
            raise BadFrame(Code.INVALID_TEXT, "a text that is no UTF-8")
        return message


def unmasked(data: bytes, mask: bytes) -> bytes:
    """Data without its mask, or with it (§5.3). Numbers of any size make it one operation."""
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def is_utf8(data: bytes) -> bool:
    """Whether it is text."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
