"""What the generator says on each wire: hello, join, message, and the answers it must give.

A wire turns intentions into bytes and reads the few replies of the set-up; it owns no socket
and counts nothing. `classic` follows docs/protocols/classic.md, `irc` the usual RFC 2812 lines,
`ircv3` is `irc` with the capabilities that the past is asked for with.
A new protocol is one more class in `WIRES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bench.load.connection import Connection, LoadError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED_NICK = (b"432", b"433", b"462", b"465")
END_OF_MOTD = (b"376", b"422")


class Wire(Protocol):
    """One protocol, seen from a client."""

    has_rooms: bool
    """Joining is a command that is acknowledged; without it, registering is joining."""
    ping: bytes | None
    """What a server's keep-alive looks like in the stream; None when there is none."""

    def room(self, number: int, /) -> bytes: ...
    def hello(self, number: int, /) -> bytes: ...
    def join(self, room: bytes, /) -> bytes: ...
    def part(self, room: bytes, /) -> bytes: ...
    def message(self, room: bytes, body: bytes, /) -> bytes: ...

    def settle(self, connection: Connection, data: bytes, /) -> bytes:
        """Read set-up replies, advance the connection's stage, return what to answer."""
        ...

    def answer(self, data: bytes, /) -> bytes:
        """What a server's keep-alive in `data` has to be answered with; b"" when nothing."""
        ...


class Classic:
    """Ten bytes of left-justified length, then the text; one room, no replies at all."""

    has_rooms: bool = False
    ping: bytes | None = None

    def room(self, _number: int, /) -> bytes:
        return b""

    def hello(self, number: int, /) -> bytes:
        return self.message(b"", b"b%d" % number)

    def join(self, _room: bytes, /) -> bytes:
        return b""

    def part(self, _room: bytes, /) -> bytes:
        return b""

    def message(self, _room: bytes, body: bytes, /) -> bytes:
        return b"%-10d%b" % (len(body), body)

    def settle(self, _connection: Connection, _data: bytes, /) -> bytes:
        return b""

    def answer(self, _data: bytes, /) -> bytes:
        return b""


class Irc:
    """Registered at the end of the MOTD (376, 422), joined at the end of NAMES (366)."""

    has_rooms: bool = True
    ping: bytes | None = b"PING"

    def room(self, number: int, /) -> bytes:
        return b"#b%d" % number

    def hello(self, number: int, /) -> bytes:
        return b"NICK b%d\r\nUSER u 0 * :load\r\n" % number

    def join(self, room: bytes, /) -> bytes:
        return b"JOIN " + room + b"\r\n"

    def part(self, room: bytes, /) -> bytes:
        return b"PART " + room + b"\r\n"

    def message(self, room: bytes, body: bytes, /) -> bytes:
        return b"PRIVMSG " + room + b" :" + body + b"\r\n"

    def settle(self, connection: Connection, data: bytes, /) -> bytes:
        data = connection.carry + data
        if connection.stage == Stage.CONNECTED:
            end = data.rfind(b"\n") + 1
            connection.carry = data[end:]
            return b"".join(self._register(connection, line) for line in data[:end].split(b"\n"))
        if b" 366 " in data:
            connection.stage, connection.carry = Stage.JOINED, b""
            return b""
        connection.carry = data[-5:]
        return self.answer(data)

    def _register(self, connection: Connection, line: bytes) -> bytes:
        words = line.split(b" ", 3)
        if words[0] == b"PING":
            return b"PONG " + words[1].strip() + b"\r\n"
        if words[0] == b"ERROR" or (len(words) > 1 and words[1] in REFUSED_NICK):
            raise LoadError("server: " + line.decode("latin-1").strip())
        if len(words) > 1 and words[1] in END_OF_MOTD:
            connection.stage = Stage.REGISTERED
        return b""

    def answer(self, data: bytes, /) -> bytes:
        if b"PING" not in data:
            return b""
        pings = (line for line in data.split(b"\n") if line.startswith(b"PING"))
        return b"".join(b"PONG" + line[4:].rstrip(b"\r") + b"\r\n" for line in pings)


class IrcV3(Irc):
    """The same, asking for what one pages and searches with; who lacks search is not asked for."""

    def hello(self, number: int, /) -> bytes:
        asked = (b"batch server-time message-tags draft/chathistory", b"soju.im/search")
        wanted = b"".join(b"CAP REQ :%b\r\n" % capabilities for capabilities in asked)
        return b"CAP LS 302\r\n" + wanted + super().hello(number) + b"CAP END\r\n"


WIRES: dict[str, Callable[[], Wire]] = {"classic": Classic, "irc": Irc, "ircv3": IrcV3}
