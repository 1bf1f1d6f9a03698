"""A connection that comes back, and what is said meanwhile is kept until it does.

Owns when to try again (`Backoff`, pure) and what is still to be said. Each connection itself is a
`Connection`; what was said over one and not answered goes from it to the next in their `memory`.
What a classic server tells again of the past is left out here (`shown`). What is made of the
events is the program's.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubbub.client.connection import Connection
from hubbub.client.errors import CannotConnect, ConnectionLost
from hubbub.client.events import (
    CaughtUp,
    Disconnected,
    Event,
    Joined,
    Message,
    Renamed,
    Waiting,
)
from hubbub.client.irc.memory import Memory
from hubbub.client.opening import system_time
from hubbub.client.shown import Shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Self, Unpack

    from hubbub.client.address import Address
    from hubbub.client.opening import Options
    from hubbub.client.pieces import Receipt

KEPT_LIMIT = 1_000  # texts


class Backoff:
    """How long to wait before the next attempt: longer each time, never quite the same.

    The jitter keeps a class of thirty from coming back in the same instant. `random` gives numbers
    from 0 to 1; delays are seconds.
    """

    def __init__(
        self,
        *,
        first: float = 0.5,
        longest: float = 30.0,
        steady: float = 10.0,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._first = first
        self._longest = longest
        self._steady = steady
        self._random = random
        self._attempts = 0

    def next_delay(self) -> float:
        """The delay before the next attempt: half to the whole of a span that doubles."""
        span = min(self._longest, self._first * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return span * (0.5 + self._random() / 2)

    def lasted(self, seconds: float) -> None:
        """Hear how long the last connection stood; one that stood for long starts anew."""
        # Not every one: a server that finds our old name occupied lets us in and closes.
        if seconds >= self._steady:
            self._attempts = 0


class KeptFull(Exception):  # noqa: N818
    """So much waits to be said that no more is kept; the text was not taken."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A text that waits for a connection."""

    text: str
    to: str
    reply_to: str
    key: str


class Reconnecting:
    """Connections to one server, one after the other.

    `events` drives it: nothing reconnects unless its events are being read. `attempts` in a row
    may fail before it gives up; None is forever. `to` makes one that is the same person each time;
    whoever gives a `connect` of their own gives the `memory` that its connections share.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        memory: Memory | None = None,
        backoff: Backoff | None = None,
        attempts: int | None = None,
        clock: Callable[[], int] = system_time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connect = connect
        self._memory = memory or Memory()
        self._backoff = backoff or Backoff()
        self._attempts = attempts
        self._clock = clock
        self._sleep = sleep
        self._connection: Connection | None = None
        self._is_irc = False
        self._kept: deque[_Kept] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._shown = Shown()
        self._nothing_kept = asyncio.Event()
        self._nothing_kept.set()
        self._leaving = asyncio.Event()

    @classmethod
    def to(
        cls,
        address: Address | str,
        *,
        name: str,
        backoff: Backoff | None = None,
        attempts: int | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """Connections to this address; options as `opening.Options` has them."""
        memory = options.get("memory") or Memory()
        options["memory"] = memory

        async def connect() -> Connection:
            return await Connection.open(address, name=name, **options)

        return cls(connect, memory=memory, backoff=backoff, attempts=attempts)

    @property
    def connection(self) -> Connection | None:
        """The one that stands now."""
        return self._connection

    @property
    def speaks_irc(self) -> bool:
        """Whether the server was found to speak IRC, at the last connection if there is none."""
        if self._connection is not None:
            self._is_irc = self._connection.confirms
        return self._is_irc

    @property
    def kept(self) -> tuple[str, ...]:
        """What was said and is not said for sure, oldest first."""
        pieces = [*self._memory.in_doubt, *self._memory.absent]
        return (*(piece.text for piece in pieces), *(one.text for one in self._kept))

    @property
    def outstanding(self) -> int:
        """How many lines were sent that the server may not have read yet, at most."""
        return 0 if self._connection is None else self._connection.outstanding

    async def open(self) -> None:
        """Connect for the first time. Raises CannotConnect: an address may be wrong."""
        self._connection = await self._connect()

    async def say(
        self, text: str, to: str = "", *, action: bool = False, reply_to: str = "", key: str = ""
    ) -> Receipt | None:
        """Say it now, or keep it for the next connection (None). Raises KeptFull.

        An action is not kept: it is of its moment.
        """
        if self._connection is None or self._kept:
            if len(self._kept) >= KEPT_LIMIT:
                raise KeptFull(f"{KEPT_LIMIT} lines already wait for the connection")
            self._shown.said(text)
            self._keep(_Kept(text, to, reply_to, key))
            return None
        self._shown.said(text)
        try:
            return await self._connection.say(text, to, action=action, reply_to=reply_to, key=key)
        except ConnectionLost as lost:
            self._keep(*(_Kept(rest, to, reply_to, key) for rest in lost.unsent))
            return None

    async def wait_sent(self) -> None:
        """Wait until nothing is kept, and nothing in doubt, but what waits for somebody."""
        await self._nothing_kept.wait()

    async def events(self) -> AsyncIterator[Event]:
        """Everything that happens, over all connections, until `close`, or there is no use.

        What was shown, or said, before a cut does not come again with the past that our server
        tells; what was missed does, behind the time it was said.
        """
        while self._connection is not None:
            connection = self._connection
            began = self._clock()
            async for event in connection.events():
                if isinstance(event, Disconnected):
                    self._connection = None
                if self._is_new(event):
                    yield event
                if isinstance(event, Joined):
                    self._sending = asyncio.create_task(self._send_kept(connection))
                self._settle()
            self._backoff.lasted((self._clock() - began) / 1000)
            end = connection.ended
            if self._leaving.is_set() or end is None or not end.retry:
                return
            async for waiting in self._come_back(end.reason):
                yield waiting

    async def close(self) -> None:
        """Leave the server for good; its last words are still in `events`."""
        self._leaving.set()
        if self._connection is not None:
            await self._connection.close()

    async def half_close(self) -> None:
        """Say that this was all; `events` ends when the server has answered."""
        self._leaving.set()
        if self._connection is not None:
            await self._connection.half_close()

    def _is_new(self, event: Event) -> bool:
        match event:
            case Joined(time, name):
                self._shown.joined(name, time)
            case Renamed(_, name):
                self._shown.renamed(name)
            case Message(room=""):  # with a room it comes by IRC, where msgids tell
                return self._shown.is_new(event)
            case _:
                pass
        return True

    async def _come_back(self, reason: str) -> AsyncIterator[Event]:
        failed = 0
        while not self._leaving.is_set() and (self._attempts is None or failed < self._attempts):
            delay = self._backoff.next_delay()
            yield Waiting(self._clock(), delay, reason)
            await self._pause(delay)
            if self._leaving.is_set():
                return
            try:
                self._connection = await self._connect()
            except (CannotConnect, ConnectionLost) as error:
                reason = str(error)
                failed += 1
            else:
                return

    async def _pause(self, delay: float) -> None:
        """Sleep, or hear that we are leaving."""
        sleeping = asyncio.ensure_future(self._sleep(delay))
        leaving = asyncio.ensure_future(self._leaving.wait())
        try:
            await asyncio.wait({sleeping, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            leaving.cancel()

    async def _send_kept(self, connection: Connection) -> None:
        sent: list[tuple[str, str]] = []
        while self._kept:
            one = self._kept[0]
            try:
                said = await connection.say_late(
                    one.text, one.to, reply_to=one.reply_to, key=one.key
                )
            except ConnectionLost as lost:
                self._kept.popleft()
                self._kept.extendleft(replace(one, text=rest) for rest in reversed(lost.unsent))
                break
            sent += [(one.text, "".join(said.msgids[:1]))] if said.said else []
            self._kept.popleft()
        self._settle()
        if sent:
            texts, msgids = zip(*sent, strict=True)
            connection.tell(CaughtUp(self._clock(), texts, msgids))

    def _keep(self, *kept: _Kept) -> None:
        self._kept.extend(kept)
        self._settle()

    def _settle(self) -> None:
        if self._kept or self._memory.in_doubt:
            self._nothing_kept.clear()
        else:
            self._nothing_kept.set()
