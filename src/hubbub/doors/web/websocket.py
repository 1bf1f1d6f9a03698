"""WebSocket: IRC in a browser ("websocket", an IRCv3 specification).

A WebSocket becomes a link whose transport takes whole lines, and the session factory that we were
handed puts its door on it as on any other link; which door that is, is not known here. HTTP ends
with the handshake: after it bytes become lines in the very call that brings them, so a browser's
words keep their place among those of others. Next: `handshake`, and `wire/websocket` for frames.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from hubbub.wire.websocket import BadFrame, Code, Decoder, Opcode, closing, frame

if TYPE_CHECKING:
    from hubbub.doors.web.frames import Framer

MAX_MESSAGE: Final = 16 * 1024
"""Bytes of a message: more than any line with all its tags. Whoever sends more is closed."""
CLOSE_PATIENCE: Final = 2.0
"""Seconds that a peer has to answer our goodbye."""


class WebSocketTransport(asyncio.Transport):
    """What a door reads its lines from and writes them to; `under` is what HTTP came on.

    It is between two protocols: what it is told by the web door it tells the door above.
    """

    def __init__(self, under: asyncio.Transport, framer: Framer) -> None:
        super().__init__()
        self._under = under
        self._framer = framer
        self._decoder = Decoder(MAX_MESSAGE)
        self._protocol = asyncio.Protocol()
        self._closing: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()
        """Set when the connection is gone."""

    # -- what the web door tells ---------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take bytes; what is whole goes on as lines."""
        self._decoder.feed(data)
        try:
            while (message := self._decoder.next_message()) is not None:
                self._take(message.opcode, message.data)
        except BadFrame as bad:
            self._decoder = Decoder(MAX_MESSAGE)
            self._say_goodbye(bad.code)

    def pause_writing(self) -> None:
        """Pass on."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on."""
        if self._closing is not None:
            self._closing.cancel()
        self.ended.set()
        self._protocol.connection_lost(exc)

    def _take(self, opcode: Opcode, data: bytes) -> None:
        if opcode is Opcode.PING:
            self._under.write(frame(data, Opcode.PONG))
        elif opcode is Opcode.CLOSE:
            # RFC 6455 §5.5.1: answered with the same; a server then closes the connection (§7.1.1).
            self._say_goodbye(Code.NORMAL)
            self._under.close()
        elif opcode is not Opcode.PONG and self._closing is None:
            self._take_line(data)

    def _take_line(self, data: bytes) -> None:
        # IRCv3 "WebSocket": a message is "a single IRC line". Were two taken, what somebody pastes
        # into a page would be commands from its second line on.
        line = data.rstrip(b"\r\n")
        if b"\n" in line or b"\r" in line:
            self._say_goodbye(Code.INVALID_TEXT)
        else:
            self._protocol.data_received(line + b"\r\n")

    def _say_goodbye(self, code: Code) -> None:
        if self._closing is None and not self._under.is_closing():
            self._under.write(closing(code))
            self._under.resume_reading()
            loop = asyncio.get_running_loop()
            self._closing = loop.call_later(CLOSE_PATIENCE, self._under.close)

    # -- asyncio.Transport, for the door above -------------------------------------------------

    def write(self, data: Any) -> None:
        """Send whole lines."""
        if self._closing is None:
            self._under.write(self._framer.frames(data))

    def close(self) -> None:
        """Say goodbye, and close when the peer has said so too or lets us wait."""
        self._say_goodbye(Code.NORMAL)

    def abort(self) -> None:
        """Close now."""
        self._under.abort()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closing is not None or self._under.is_closing()

    def pause_reading(self) -> None:
        """Take no more; what comes waits in the system."""
        self._under.pause_reading()

    def resume_reading(self) -> None:
        """Take more again."""
        self._under.resume_reading()

    def can_write_eof(self) -> bool:
        """A WebSocket has no half that could be closed."""
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Of the transport under it: what waits, waits there."""
        self._under.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Of the transport under it."""
        return self._under.get_write_buffer_size()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let a door have what comes."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The door that has what comes."""
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the transport under it: the peer, its certificate."""
        return self._under.get_extra_info(name, default)
