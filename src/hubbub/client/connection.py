"""A connection to a server, for asyncio programs: say things, read what happens, leave well.

Owns what is said and settled, what is heard, and the order of leaving. Questions are in `asking`,
the socket and the timers beneath in `shell`. How one is made is in `opening`, how it comes back in
`reconnect`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hubbub.client.asking import Asking
from hubbub.client.errors import ConnectionLost
from hubbub.client.events import Disconnected, Event, Message
from hubbub.client.irc.capabilities import SEND_ONCE
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.client.pieces import Receipt
from hubbub.client.shell import reason_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from typing import Unpack

    from hubbub.client.address import Address
    from hubbub.client.dialogue import Dialogue
    from hubbub.client.irc.rooms import Room
    from hubbub.client.opening import Options
    from hubbub.client.pieces import Piece
    from hubbub.client.shell import Carrier
    from hubbub.client.trusting import Certificate

LEAVE_TIMEOUT = 1.0  # seconds


class Connection(Asking):
    """One connection, from the name to the end. Made by `connect` or `Connection.open`."""

    def __init__(
        self, address: Address, dialogue: Dialogue, stream: Carrier, clock: Callable[[], int]
    ) -> None:
        super().__init__(address, dialogue, stream, clock)
        self.certificate: Certificate | None = None
        """What the server has shown, and why it is believed; None where nothing is encrypted."""
        self._saying = asyncio.Lock()

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

    async def say(
        self, text: str, to: str = "", *, action: bool = False, reply_to: str = "", key: str = ""
    ) -> Receipt:
        """Say it: as one message where the server takes several lines in one ("multiline"), else
        each line is a message, and a long one becomes several.

        `to` is a room or a person, "" where we are; `reply_to` the msgid of what it answers. With
        an IRC server this returns when the server has answered for all of it (with ours: saved, or
        refused), and with a `key` each message is told of in a `Settled` event, too. The classic
        protocol confirms nothing, there it returns when the system has taken all. Raises
        ConnectionLost with what was not sent; what was sent and not answered is in the
        `Disconnected` event. Raises NotSpoken for what the protocol has no word for.
        """
        pieces = self.pieces(text, to, action=action, reply_to=reply_to, key=key)
        await self.finish(pieces)
        return Receipt.of(pieces)

    def pieces(
        self,
        text: str,
        to: str = "",
        *,
        action: bool = False,
        reply_to: str = "",
        key: str = "",
        late: bool = False,
    ) -> list[Piece]:
        """The messages that a text becomes here, to be kept before they go to `finish`.

        `late`: it comes after a cut, and what is to somebody who is not back yet waits for them in
        the `memory` of the connection. Raises NotSpoken.
        """
        pieces = self._dialogue.pieces(text, to, action=action, reply_to=reply_to)
        for piece in pieces:
            piece.key, piece.late = key, late
            if not self.can(SEND_ONCE):
                piece.id = ""  # the server forgets it: to say it again would be to say it twice
        return pieces

    async def finish(self, pieces: Sequence[Piece]) -> None:
        """Say messages, and wait until the server has answered for all. Raises ConnectionLost."""
        async with self._saying:
            for index, piece in enumerate(pieces):
                await self._say(piece, tuple(one.text for one in pieces[index:]))
        await self._until(lambda: all(piece.settled for piece in pieces))
        if not all(piece.settled for piece in pieces):
            assert self._end is not None
            raise ConnectionLost(self._end.reason)

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
