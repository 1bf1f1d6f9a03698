"""Where a dialogue meets a socket and a clock: what carries a connection, whatever it is used for.

Owns the meeting of a `dialogue` (what the bytes mean), a stream (how they travel) and `inbox`
(what waits to be read): timers, sending in order, the end and its one reason. It decides nothing
about the protocol, and knows no verb: what people do over it is in `connection`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from hubbub.client.errors import ConnectionLost
from hubbub.client.events import Disconnected
from hubbub.client.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hubbub.client.address import Address
    from hubbub.client.dialogue import Dialogue
    from hubbub.client.events import Event


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


class Shell:
    """A dialogue on its socket, from the first words to the end."""

    def __init__(
        self, address: Address, dialogue: Dialogue, stream: Carrier, clock: Callable[[], int]
    ) -> None:
        self.address = address
        """Where the server is, with how it speaks as far as that was found out."""
        self._dialogue = dialogue
        self._stream = stream
        self._clock = clock
        self._inbox = Inbox()
        self._sending = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None
        self._news: set[asyncio.Future[None]] = set()
        self._leaving = False
        self._over = asyncio.Event()
        self._end: Disconnected | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ended(self) -> Disconnected | None:
        """How the connection ended; None while it stands."""
        return self._end

    def tell(self, event: Event) -> None:
        """Add an event to those that are read here, as `reconnect` does."""
        if self._end is None:
            self._inbox.put([event])

    async def wait_closed(self) -> Disconnected:
        """Wait until the connection is over, and tell how it ended."""
        await self._over.wait()
        assert self._end is not None
        return self._end

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
