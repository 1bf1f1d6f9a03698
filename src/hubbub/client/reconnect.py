"""A connection that comes back, and what is said meanwhile is kept until it does.

Owns when to try again (`Backoff`, pure), and what a classic server tells again of the past and is
left out here (`shown`). Each connection itself is a `Connection`; what is to be said over all of
them is `posting`, and who we are goes from one to the next in their `memory`. What is kept beyond
the end of the program is in a notebook (`keeping`). What is made of the events is the program's.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from hubbub.client.connection import Connection
from hubbub.client.errors import CannotConnect, CannotKeep, ConnectionLost
from hubbub.client.events import (
    Disconnected,
    Event,
    Hint,
    Joined,
    Message,
    Renamed,
    Waiting,
)
from hubbub.client.irc.memory import Memory
from hubbub.client.opening import LOBBY, new_id, system_time
from hubbub.client.posting import Posting
from hubbub.client.shown import Shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Self, Unpack

    from hubbub.client.address import Address
    from hubbub.client.keeping import Keeping
    from hubbub.client.opening import Options
    from hubbub.client.pieces import Piece, Receipt


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


class Reconnecting:
    """Connections to one server, one after the other.

    `events` drives it: nothing reconnects unless its events are being read. `attempts` in a row
    may fail before it gives up; None is forever. `to` makes one that is the same person each time;
    whoever gives a `connect` of their own gives the `memory` that its connections share. With a
    `notebook` the next run of the program goes on where this one ends, however it ends.
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
        ids: Callable[[], str] = new_id,
        notebook: Keeping | None = None,
    ) -> None:
        self.posting = Posting(
            memory or Memory(),
            ids=ids,
            keeper=None if notebook is None else notebook.outbox,
            said=self._said,
        )
        """What we say: what is not said yet, and what has failed."""
        self._connect = connect
        self._notebook = notebook
        self._backoff = backoff or Backoff()
        self._attempts = attempts
        self._clock = clock
        self._sleep = sleep
        self._connection: Connection | None = None
        self._is_irc = False
        self._joined: Connection | None = None
        self._sending: asyncio.Task[None] | None = None
        self._shown = Shown()
        self._leaving = asyncio.Event()
        if notebook is not None:
            self.posting.restore(notebook.take_unsaid())
            notebook.remind(self._shown)

    @classmethod
    def to(
        cls,
        address: Address | str,
        *,
        name: str,
        backoff: Backoff | None = None,
        attempts: int | None = None,
        notebook: Keeping | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """Connections to this address; options as `opening.Options` has them."""
        memory = options.get("memory") or (Memory() if notebook is None else notebook.memory)
        options["memory"] = memory
        if notebook is not None:
            options["rooms"] = [*options.get("rooms", [LOBBY]), *notebook.rooms]

        async def connect() -> Connection:
            return await Connection.open(address, name=name, **options)

        return cls(
            connect,
            memory=memory,
            backoff=backoff,
            attempts=attempts,
            ids=options.get("ids", new_id),
            notebook=notebook,
        )

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
        return self.posting.left

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

        With a notebook it is on the disk before anything else, or CannotKeep is raised.
        """
        connection = self._connection
        waits = connection is None or self.posting.waits
        self._shown.said(text)
        item = await self.posting.add(
            text,
            to,
            action=action,
            reply_to=reply_to,
            key=key,
            now=self._clock(),
            in_hand=not waits,
        )
        try:
            if not waits and connection is not None:
                return await self.posting.say(connection, item)
        except ConnectionLost:
            pass  # it is left, for the next one
        self._send_soon()
        return None

    async def retry(self, key: str) -> bool:
        """Say once more what has failed; False if there is no such thing."""
        found = await self.posting.retry(key)
        self._send_soon()
        return found

    async def wait_sent(self) -> None:
        """Wait until nothing is kept, and nothing in doubt, but what waits for somebody."""
        await self.posting.wait_nothing_left()

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
                    self._connection = self._joined = None
                if self._is_new(event):
                    if self._notebook is not None:
                        self._notebook.heard(event, connection)
                    yield event
                for news in await self._follow(event, connection):
                    yield news
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

    async def _follow(self, event: Event, connection: Connection) -> list[Event]:
        """See to what is to be said after something has happened; gives what there is to tell."""
        told: list[Event] = []
        if isinstance(event, Joined):
            told += self.posting.joined(connection, event.time)
            self._joined = connection
            self._send_soon()
        elif isinstance(event, Disconnected):
            told += self.posting.cut(event.time)
        try:
            await self.posting.settle()
            if isinstance(event, Disconnected):
                await self.posting.save()
        except CannotKeep as error:
            told.append(Hint(event.time, str(error)))
        if self._notebook is not None and (trouble := self._notebook.take_trouble()):
            told.append(Hint(event.time, trouble))
        return told

    def _send_soon(self) -> None:
        """Say what is left, if there is a connection and it is not being said."""
        connection = self._joined
        if connection is not None and (self._sending is None or self._sending.done()):
            self._sending = asyncio.create_task(self._send_left(connection))

    async def _send_left(self, connection: Connection) -> None:
        try:
            told = await self.posting.say_rest(connection, self._clock())
        except CannotKeep as error:
            told = [Hint(self._clock(), str(error))]
        for event in told:
            connection.tell(event)

    def _said(self, piece: Piece) -> None:
        if self._notebook is not None:
            name = "" if self._connection is None else self._connection.name
            self._notebook.said(piece, name, self._clock())
