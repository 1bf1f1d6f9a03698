"""An IRC client as the tests steer it: it does nothing that it was not told to."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from hubbub.wire.irc.line import Line, parse

if TYPE_CHECKING:
    from types import TracebackType

    from conversations.stage import Stage
    from hubbub.core.sessions import Session

PATIENCE = 10.0
"""Seconds after which a test has waited in vain. No test waits so long when all is well."""


class Client:
    """One connection to the port under test; `async with` closes it, whatever happened."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._asked = 0

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1 << 20
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        with suppress(OSError):  # the other side was faster
            await self._writer.wait_closed()

    # -- what it does --------------------------------------------------------------------------

    def send(self, *lines: str) -> None:
        """Send lines."""
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    async def arrive(self, nick: str, *capabilities: str) -> list[Line]:
        """Register, with capabilities; what was heard until all is said."""
        self.send("CAP LS 302", f"NICK {nick}", f"USER {nick} 0 * :{nick} the tester")
        if capabilities:
            self.send(f"CAP REQ :{' '.join(capabilities)}")
        self.send("CAP END")
        return await self.heard()

    def half_close(self) -> None:
        """Send no more."""
        self._writer.write_eof()

    def cut(self) -> None:
        """Lose the connection, with whatever was on its way to us."""
        self._writer.transport.abort()

    # -- what it hears -------------------------------------------------------------------------

    async def line(self) -> Line | None:
        """The next line, None at the end."""
        async with asyncio.timeout(PATIENCE):
            raw = await self._reader.readline()
        return parse(raw.removesuffix(b"\r\n")) if raw else None

    async def heard(self) -> list[Line]:
        """All that was caused before the answer to a PING sent now: the barrier."""
        self._asked += 1
        token = f"barrier-{self._asked}"
        self.send(f"PING {token}")
        lines: list[Line] = []
        while (one := await self.line()) is not None:
            if one.command == "PONG" and one.params[-1] == token:
                return lines
            lines.append(one)
        raise AssertionError(f"the connection is at its end, after {lines}")

    async def rest(self) -> list[Line]:
        """All lines until the server closes."""
        lines = []
        while (one := await self.line()) is not None:
            lines.append(one)
        return lines


def said(lines: list[Line], *commands: str) -> list[tuple[str, ...]]:
    """Lines of some commands (all when none is named) as tuples: who, the command, parameters."""
    return [
        (one.source.partition("!")[0], one.command, *one.params)
        for one in lines
        if not commands or one.command in commands
    ]


def session(stage: Stage, nick: str) -> Session:
    """The session of somebody who is here."""
    found = stage.hub.world.session(nick)
    assert found is not None, f"{nick} is not here"
    return found
