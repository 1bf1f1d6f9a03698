"""A connection to a server, for asyncio programs: say things, read what happens, leave well.

Owns the meeting of a `dialogue` (what the bytes mean), a stream (how they travel) and `inbox`
(what waits to be read): timers, what is said and settled, and the order of leaving. It decides
nothing about the protocol. How one is made is in `opening`, how it comes back in `reconnect`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from hubbub.client.errors import ConnectionLost, NotSpoken
from hubbub.client.events import Disconnected, Event, Message
from hubbub.client.inbox import Inbox
from hubbub.client.irc.capabilities import SEARCH
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.client.pieces import SAID, Piece, Receipt
from hubbub.text.sanitise import one_line
from hubbub.wire.irc.tags import escape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from typing import Unpack

    from hubbub.client.address import Address
    from hubbub.client.dialogue import Dialogue
    from hubbub.client.irc.rooms import Room
    from hubbub.client.opening import Options
    from hubbub.wire.irc.line import Line

LEAVE_TIMEOUT = 1.0  # seconds


class Carrier(Protocol):
    """What carries bytes: a `Stream`, or one with TLS inside."""

    def start(
        self, on_data: Callable[[bytes], None], on_end: Callable[[OSError | None], None]
    ) -> None:
        """Call `on_data` with what comes, then `on_end` once."""
        ...

    async def send(self, data: bytes) -> None:
        """Hand it to the system in one piece. Raises OSError."""
        ...

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Connection:
    """One connection, from the name to the end. Made by `connect` or `Connection.open`."""

    def __init__(
        self, address: Address, dialogue: Dialogue, stream: Carrier, clock: Callable[[], int]
    ) -> None:
        self.address = address
        """Where the server is, with how it speaks as far as that was found out."""
        self._dialogue = dialogue
        self._stream = stream
        self._clock = clock
        self._inbox = Inbox()
        self._saying = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None
        self._news: set[asyncio.Future[None]] = set()
        self._leaving = False
        self._over = asyncio.Event()
        self._end: Disconnected | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls, address: Address | str, *, name: str, **options: Unpack[Options]
    ) -> Connection:
        """Connect, find out what is spoken, and get in; options as `opening.Options` has them.

        Raises BadAddress, BadName or CannotConnect.
        """
        # `opening` makes connections, so it is above this module.
        from hubbub.client.opening import open_connection  # noqa: PLC0415

        return await open_connection(address, name=name, **options)

    @property
    def name(self) -> str:
        """What we are called here; on classic servers others may know us by another name."""
        return self._dialogue.name

    @property
    def ended(self) -> Disconnected | None:
        """How the connection ended; None while it stands."""
        return self._end

    @property
    def outstanding(self) -> int:
        """How many lines that we said the server may not have read yet, at most."""
        return self._dialogue.outstanding(self._clock()) if self._end is None else 0

    @property
    def confirms(self) -> bool:
        """Whether the server tells what became of what is said, which classic ones do not."""
        return isinstance(self._dialogue, IrcProtocol)

    @property
    def rooms(self) -> Mapping[str, Room]:
        """The rooms we are in, by name, with topic and members; none on classic servers."""
        if not isinstance(self._dialogue, IrcProtocol):
            return {}
        return {room.name: room for room in self._dialogue.rooms}

    # --- saying

    async def say(self, text: str, to: str = "", *, action: bool = False) -> Receipt:
        """Say it: each line is a message, a long one becomes several.

        `to` is a room or a person, "" where we are. With an IRC server this returns when the server
        has answered for all of it (with ours: saved, or refused); the classic protocol confirms
        nothing, there it returns when the system has taken all. Raises ConnectionLost with what was
        not sent; what was sent and not answered is in the `Disconnected` event. Raises NotSpoken
        for what the protocol has no word for.
        """
        return Receipt.of(await self._say_all(self._dialogue.pieces(text, to, action=action)))

    async def say_late(self, text: str, to: str = "") -> bool:
        """Say what was kept over a cut, as `reconnect` does; whether all of it was said.

        What is to somebody who is not back yet waits for them in the `memory` of the connection.
        Raises ConnectionLost, as `say`.
        """
        pieces = self._dialogue.pieces(text, to)
        for piece in pieces:
            piece.late = True
        return all(piece.state in SAID for piece in await self._say_all(pieces))

    async def _say_all(self, pieces: list[Piece]) -> list[Piece]:
        async with self._saying:
            for index, piece in enumerate(pieces):
                await self._say(piece, tuple(one.text for one in pieces[index:]))
        await self._until(lambda: all(piece.settled for piece in pieces))
        if not all(piece.settled for piece in pieces):
            assert self._end is not None
            raise ConnectionLost(self._end.reason)
        return pieces

    async def _say(self, piece: Piece, unsent: tuple[str, ...]) -> None:
        await self._until(lambda: self._dialogue.may_say or self._leaving)
        if self._end is not None:
            raise ConnectionLost(self._end.reason, unsent)
        if self._leaving:
            raise ConnectionLost("we have said that we would say no more", unsent)
        self._dialogue.say(piece, self._clock())
        try:
            await self._flush()
        except OSError as error:
            self._dialogue.withdraw(piece)
            raise ConnectionLost(reason_of(error), unsent) from error

    async def ask(self, command: str, *params: str) -> list[Line]:
        """Ask an IRC server something, as `ask("WHOIS", "ada")`; gives the lines of its answer.

        Raises NotSpoken on classic servers, ConnectionLost.
        """
        if not isinstance(self._dialogue, IrcProtocol):
            raise NotSpoken("classic servers answer no questions")
        answers: list[list[Line]] = []
        self._dialogue.ask(self._clock(), command, *params, done=answers.append)
        with suppress(OSError):  # the end is heard by the reader
            await self._flush()
        await self._until(lambda: bool(answers))
        if not answers:
            assert self._end is not None
            raise ConnectionLost(self._end.reason)
        return answers[0]

    async def search(self, words: str) -> list[Message]:
        """What was said with these words where we may read, oldest first, by our server's grammar.

        Raises NotSpoken where there is no search, or it makes no sense of the words;
        ConnectionLost.
        """
        dialogue = self._dialogue
        if not (isinstance(dialogue, IrcProtocol) and dialogue.holds(SEARCH)):
            raise NotSpoken("this server has no search")
        answer = await self.ask("SEARCH", f"text={escape(words)}")
        for line in answer:
            if line.command == "FAIL":
                raise NotSpoken(one_line(line.params[-1]) if line.params else "no search")
        return dialogue.messages(answer)

    # --- hearing

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

    def tell(self, event: Event) -> None:
        """Add an event to those that are read here, as `reconnect` does."""
        if self._end is None:
            self._inbox.put([event])

    # --- leaving

    async def half_close(self) -> None:
        """Say that we will say no more. The server answers what it has, then closes."""
        async with self._saying:
            self._leaving = True
            self._wake()
            if self._end is not None:
                return
            self._dialogue.leave()
            with suppress(OSError):  # it is over already, as the reader will find
                await self._flush()
            if self._dialogue.half_closes:
                self._stream.half_close()

    async def wait_closed(self) -> Disconnected:
        """Wait until the connection is over, and tell how it ended."""
        await self._over.wait()
        assert self._end is not None
        return self._end

    async def close(self, within: float = LEAVE_TIMEOUT) -> None:
        """Leave: say so, hear the server out for `within` seconds, close. What came is kept."""
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

    # --- beginning, as `opening` does it

    async def begin(self) -> None:
        """Say the first words and listen. Raises ConnectionLost."""
        try:
            events = self._dialogue.begin(self._clock())
            await self._flush()
        except OSError as error:
            self._stream.close()
            raise ConnectionLost(reason_of(error)) from error
        except BaseException:
            self._stream.close()
            raise
        self._inbox.put(events)
        self._stream.start(self._receive, self._receive_end)
        if self._end is None:
            self._set_timer()

    def take_back(self) -> None:
        """End a try that was none of this server's, so that it harms nobody: our side first."""
        self._stream.half_close()
        self.abort()

    async def until(self, condition: Callable[[], bool]) -> bool:
        """Wait until something is so, or the connection is over; whether it is so."""
        await self._until(condition)
        return condition()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition() and self._end is None:
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._news.add(news)
            try:
                await news
            finally:
                self._news.discard(news)

    def _wake(self) -> None:
        for news in self._news:
            if not news.done():
                news.set_result(None)

    # --- the socket and the clock

    async def _flush(self) -> None:
        """Send what is to be sent, one after the other. Raises OSError."""
        async with self._sending:
            for chunk in self._dialogue.outgoing():
                await self._stream.send(chunk)

    def _flush_soon(self) -> None:
        """Send what answers the server, if there is something."""
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(self._flush_all())

    async def _flush_all(self) -> None:
        with suppress(OSError):  # the end is heard by the reader
            await self._flush()

    def _receive(self, data: bytes) -> None:
        self._take(self._dialogue.receive(data, self._clock()))

    def _tick(self) -> None:
        self._take(self._dialogue.tick(self._clock()))

    def _take(self, events: Iterable[Event]) -> None:
        self._inbox.put(events)
        if self._dialogue.failure is not None:
            self._finish(self._dialogue.failure, clean=False)
            return
        self._set_timer()
        self._wake()
        if not self._dialogue.half_closes:  # a classic client has nothing to answer
            self._flush_soon()

    def _receive_end(self, error: OSError | None) -> None:
        self._inbox.put(self._dialogue.receive_eof(self._clock()))
        failure = self._dialogue.failure
        if error is not None:
            self._finish(reason_of(error), clean=False)
        elif failure is not None:
            self._finish(failure, clean=False)
        else:
            reason = "we left" if self._leaving else self._dialogue.closing_words
            self._finish(reason, clean=self._dialogue.clean)

    def _finish(self, reason: str, *, clean: bool) -> None:
        if self._end is not None:
            return
        now = self._clock()
        doubtful = self._dialogue.cut(now)
        self._end = Disconnected(
            now,
            reason,
            clean,
            retry=self._dialogue.retry,
            doubtful=() if self._leaving else doubtful,
        )
        if self._timer is not None:
            self._timer.cancel()
        if self._flushing is not None:
            self._flushing.cancel()
        self._stream.close()
        self._inbox.put([self._end])
        self._inbox.end()
        self._over.set()
        self._wake()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._dialogue.deadline
        if deadline is not None and self._end is None:
            delay = max(0, deadline - self._clock()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)


def reason_of(error: OSError) -> str:
    """Why a connection broke, for people."""
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the server cut the connection"
    return f"the connection broke ({error.strerror or error})"
