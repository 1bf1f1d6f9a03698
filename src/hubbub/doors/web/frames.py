"""WebSocket frames of what a door sends: each line becomes a message without its line end.

What one kind of reader is sent is one bytes object for all of them, so the frames of the last one
are kept: a room of a thousand is framed once. A server's frames bear no mask (RFC 6455 §5.1).
"""

from __future__ import annotations

TEXT, BINARY = 0x1, 0x2
_FINAL = 0x80


class Framer:
    """Frames lines for all connections that use one kind of message."""

    def __init__(self, opcode: int) -> None:
        self._opcode = opcode
        self._payload = b""
        self._frames = b""

    def frames(self, payload: bytes) -> bytes:
        """Whole lines, each as one message."""
        if payload is not self._payload:
            self._frames = self._framed(payload)
            self._payload = payload
        return self._frames

    def _framed(self, payload: bytes) -> bytes:
        # "websocket": "Servers MUST NOT relay non-UTF-8 content to clients using text messages".
        if self._opcode == TEXT and not _is_utf8(payload):
            payload = payload.decode("utf-8", "replace").encode()
        lines = payload.removesuffix(b"\r\n").split(b"\r\n")
        return b"".join(frame(line, self._opcode) for line in lines)


def frame(message: bytes, opcode: int) -> bytes:
    """One message in one frame (RFC 6455 §5.2)."""
    size = len(message)
    if size < 126:
        return bytes((_FINAL | opcode, size)) + message
    if size < 1 << 16:
        return bytes((_FINAL | opcode, 126)) + size.to_bytes(2, "big") + message
    return bytes((_FINAL | opcode, 127)) + size.to_bytes(8, "big") + message


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
