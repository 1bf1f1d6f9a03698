"""What a door sends as WebSocket messages: each line becomes one, without its line end.

What one kind of reader is sent is one bytes object for all of them, so the frames of the last one
are kept: a room of a thousand is framed once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.wire.websocket import Opcode, frame, is_utf8

if TYPE_CHECKING:
    from typing import Literal


class Framer:
    """Frames lines for all connections that use one kind of message."""

    def __init__(self, opcode: Literal[Opcode.TEXT, Opcode.BINARY]) -> None:
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
        if self._opcode is Opcode.TEXT and not is_utf8(payload):
            payload = payload.decode("utf-8", "replace").encode()
        lines = payload.removesuffix(b"\r\n").split(b"\r\n")
        return b"".join(frame(line, self._opcode) for line in lines)
