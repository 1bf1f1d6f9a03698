"""A connection to a server, for asyncio programs: say things, read what happens, leave well.

Owns the meeting of `classic` (what the bytes mean), `stream` (how they travel) and `inbox` (what
waits to be read): timers, and the order of leaving. It decides nothing about the protocol and
does not reconnect; that is `reconnect`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hubbub.client.address import Address
from hubbub.client.backlog import Backlog
from hubbub.client.classic import ClassicProtocol
from hubbub.client.errors import ConnectionLost
from hubbub.client.events import Disconnected, Event, Joined, Message
from hubbub.client.inbox import Inbox
from hubbub.client.stream import Stream, open_stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

CONNECT_TIMEOUT = 10.0  # seconds
LEAVE_TIMEOUT = 1.0  # seconds
DOUBT_WINDOW = 2_000  # ms


def system_time() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


class Connection:
    """One connection, from the name to the end. Made by `connect` or `Connection.open`."""

    def __init__(
        self, address: Address, protocol: ClassicProtocol, stream: Stream, clock: Callable[[], int]
    ) -> None:
        self.address = address
        self._protocol = protocol
        self._stream = stream
        self._clock = clock
        self._inbox = Inbox()
        self._saying = asyncio.Lock()
        self._said: deque[tuple[int, str]] = deque(maxlen=100)
        self._backlog = Backlog()
        self._leaving = False
        self._over = asyncio.Event()
        self._end: Disconnected | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls,
        address: Address | str,
        *,
        name: str,
        connect_timeout: float = CONNECT_TIMEOUT,
        clock: Callable[[], int] = system_time,
    ) -> Connection:
        """Connect and say our name. Raises BadAddress, BadName or CannotConnect."""
        where = Address.parse(address) if isinstance(address, str) else address
        protocol = ClassicProtocol(name, where.dialect)
        stream = await open_stream(where.host, where.port, timeout=connect_timeout)
        connection = cls(where, protocol, stream, clock)
        await connection._join()
        return connection

    @property
    def name(self) -> str:
        """The name we gave, or the one our server then gave us; others may know us by another."""
        return self._protocol.name

    @property
    def ended(self) -> Disconnected | None:
        """How the connection ended; None while it stands."""
        return self._end

    @property
    def outstanding(self) -> int:
        """How many lines that we said the server may not have read yet, at most."""
        return self._backlog.lines(self._clock()) if self._end is None else 0

    async def say(self, text: str) -> None:
        """Say it: each line is a message, a long one becomes several.

        Returns when the system has taken all of it; the classic protocol confirms nothing. Raises
        ConnectionLost with what was not sent.
        """
        async with self._saying:
            pieces = self._protocol.pieces(text)
            for index, piece in enumerate(pieces):
                unsent = tuple(pieces[index:])
                if self._end is not None:
                    raise ConnectionLost(self._end.reason, unsent)
                if self._leaving:
                    raise ConnectionLost("we have said that we would say no more", unsent)
                now = self._clock()
                try:
                    await self._stream.send(self._protocol.encode(piece, now))
                except OSError as error:
                    raise ConnectionLost(_reason(error), unsent) from error
                self._said.append((now, piece))
                self._backlog.said(now)

    async def __aiter__(self) -> AsyncIterator[Message]:
        """What people say, until the server closes. Raises ConnectionLost if it does not end well.

        `events` has everything else too. One reader at a time, of either.
        """
        async for event in self.events():
            if isinstance(event, Message):
                yield event
            elif isinstance(event, Disconnected) and not event.clean:
                raise ConnectionLost(event.reason)

    async def events(self) -> AsyncIterator[Event]:
        """Everything that happens, in order, to the `Disconnected` that ends it."""
        while (event := await self._inbox.get()) is not None:
            yield event

    async def half_close(self) -> None:
        """Say that we will say no more. The server answers what it has, then closes."""
        async with self._saying:
            self._leaving = True
            if self._end is None:
                self._stream.half_close()

    async def wait_closed(self) -> Disconnected:
        """Wait until the connection is over, and tell how it ended."""
        await self._over.wait()
        assert self._end is not None
        return self._end

    async def close(self, within: float = LEAVE_TIMEOUT) -> None:
        """Leave: half-close, hear the server out for `within` seconds, close. What came is kept."""
        # classic.md §4.8: unread data would turn our close into a reset, and there are servers
        # that fall over one. A line still being said is cut off: its server does not read.
        try:
            async with asyncio.timeout(within):
                await self.half_close()
                await self._over.wait()
        except TimeoutError:
            self._finish("we left; the server did not close", clean=True)
        finally:
            self.abort()

    def abort(self, reason: str = "we left at once") -> None:
        """Close now, whatever is under way."""
        self._leaving = True
        self._finish(reason, clean=False)

    async def _join(self) -> None:
        try:
            await self._stream.send(self._protocol.hello(self._clock()))
        except OSError as error:
            self._stream.close()
            raise ConnectionLost(_reason(error)) from error
        except BaseException:
            self._stream.close()
            raise
        self._inbox.put([Joined(self._clock(), self.name, str(self.address))])
        self._stream.start(self._receive, self._receive_end)
        self._set_timer()

    def _receive(self, data: bytes) -> None:
        self._take(self._protocol.receive(data, self._clock()))

    def _tick(self) -> None:
        self._take(self._protocol.tick(self._clock()))

    def _take(self, events: Iterable[Event]) -> None:
        self._inbox.put(events)
        if self._protocol.failure is not None:
            self._finish(self._protocol.failure, clean=False)
        else:
            self._set_timer()

    def _receive_end(self, error: OSError | None) -> None:
        self._inbox.put(self._protocol.receive_eof(self._clock()))
        failure = self._protocol.failure
        if error is not None:
            self._finish(_reason(error), clean=False)
        elif failure is not None:
            self._finish(failure, clean=False)
        else:
            self._finish("we left" if self._leaving else "the server closed", clean=True)

    def _finish(self, reason: str, *, clean: bool) -> None:
        if self._end is not None:
            return
        now = self._clock()
        recent = (
            () if self._leaving else (text for at, text in self._said if now - at < DOUBT_WINDOW)
        )
        retry = not self._protocol.wrong_width
        self._end = Disconnected(now, reason, clean, retry=retry, doubtful=tuple(recent))
        if self._timer is not None:
            self._timer.cancel()
        self._stream.close()
        self._inbox.put([self._end])
        self._inbox.end()
        self._over.set()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._protocol.deadline
        if deadline is not None:
            delay = max(0, deadline - self._clock()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)


@asynccontextmanager
async def connect(
    address: Address | str,
    *,
    name: str,
    connect_timeout: float = CONNECT_TIMEOUT,
    clock: Callable[[], int] = system_time,
) -> AsyncIterator[Connection]:
    """Connect for the length of an `async with`, and leave well at its end.

    `address` is written as `Address.parse` reads it. Raises BadAddress, BadName or CannotConnect.
    """
    connection = await Connection.open(
        address, name=name, connect_timeout=connect_timeout, clock=clock
    )
    try:
        yield connection
    finally:
        await connection.close()


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the server cut the connection"
    return f"the connection broke ({error.strerror or error})"
