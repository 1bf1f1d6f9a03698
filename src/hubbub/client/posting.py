"""What is to be said, over all connections to one server: kept, sent in order, and sent once.

Owns the order, what a cut means for what was under way, and that what is said is kept (`Keeper`)
before its first byte leaves, with the ids that make it the same message when it is sent again. What
was sent and not answered is said again by `irc.course`, out of the `Memory`; what was not sent yet
is said here. Its user is `reconnect`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotKeep, ConnectionLost, NotSpoken
from hubbub.client.events import CaughtUp, Settled
from hubbub.client.irc.capabilities import SEND_ONCE
from hubbub.client.outgoing import IN_DOUBT, Forgetful, Outgoing
from hubbub.client.pieces import Piece, Receipt, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hubbub.client.connection import Connection
    from hubbub.client.events import Event
    from hubbub.client.irc.memory import Memory
    from hubbub.client.outgoing import Keeper

KEPT_LIMIT = 1_000
"""Texts that wait for a connection, at most; and as many that have failed."""


class KeptFull(Exception):  # noqa: N818
    """So much waits to be said that no more is kept; the text was not taken."""


class Posting:
    """The texts of one person at one server. `said` is told of each piece that was said."""

    def __init__(
        self,
        memory: Memory,
        *,
        ids: Callable[[], str],
        keeper: Keeper | None = None,
        said: Callable[[Piece], None] = lambda _: None,
    ) -> None:
        self.failed: list[Outgoing] = []
        """What was not said, or may not have been; `retry` says it again, `discard` does not."""
        self._memory = memory
        self._ids = ids
        self._keeper = keeper or Forgetful()
        self._said = said
        self._open: list[Outgoing] = []
        self._in_hand: set[Outgoing] = set()
        """Being said by whoever typed it, who hears what becomes of it."""
        self._told: set[Piece] = set()
        self._nothing_left = asyncio.Event()
        self._nothing_left.set()

    @property
    def open(self) -> tuple[Outgoing, ...]:
        """What is not settled yet, in order."""
        return tuple(self._open)

    @property
    def left(self) -> tuple[str, ...]:
        """What a cut, or somebody's absence, has left unsaid, or not said for sure."""
        return tuple(text for one in self._open if one not in self._in_hand for text in one.unsaid)

    @property
    def waits(self) -> bool:
        """Whether something is to be said before anything new is."""
        return any(one not in self._in_hand and not one.settled for one in self._open)

    def restore(self, items: Iterable[Outgoing]) -> None:
        """Take over what an earlier run of the program has left, oldest first."""
        for item in items:
            for piece in item.pieces or ():
                if piece.state is State.SENT:
                    self._memory.in_doubt.append(piece)
                elif piece.state is State.WAITING:
                    self._memory.absent.append(piece)
            (self.failed if item.failure else self._open).append(item)
        self._look()

    async def add(
        self, text: str, to: str, *, action: bool, reply_to: str, key: str, now: int, in_hand: bool
    ) -> Outgoing:
        """Take a text that is to be said, and keep it. Raises KeptFull and CannotKeep.

        `in_hand`: it goes to `say` at once, which keeps it.
        """
        if not in_hand and len(self._open) >= KEPT_LIMIT:
            raise KeptFull(f"{KEPT_LIMIT} lines already wait for the connection")
        item = Outgoing(key or self._ids(), text, to, action, reply_to, now, bool(key))
        self._open.append(item)
        if in_hand:
            self._in_hand.add(item)
            return item
        self._look()
        try:
            await self._keeper.keep(item)
        except BaseException:
            self._close(item)
            raise
        return item

    async def say(self, connection: Connection, item: Outgoing, *, late: bool = False) -> Receipt:
        """Say what of it is to be said, and hear what becomes of all of it.

        Raises ConnectionLost: it is left then. Raises NotSpoken and CannotKeep: it is dropped.
        """
        try:
            await self._prepare(connection, item, late=late)
            assert item.pieces is not None
            await connection.finish([one for one in item.pieces if self._is_to_say(one)])
            if not await connection.until(lambda: item.settled or self._is_absent(item)):
                assert connection.ended is not None
                raise ConnectionLost(connection.ended.reason)
        except (NotSpoken, CannotKeep):
            self._close(item)
            await self._keeper.drop(item)
            raise
        finally:
            item.under_way = False
            self._in_hand.discard(item)
            self._look()
        await self.settle()
        return Receipt.of(item.pieces)

    async def say_rest(self, connection: Connection, now: int) -> list[Event]:
        """Say all that is left, in order; gives what there is to tell of it. Raises CannotKeep."""
        tried: set[Outgoing] = set()
        told: list[Event] = []
        said: list[tuple[str, str]] = []
        while (item := self._next(tried)) is not None:
            tried.add(item)
            try:
                receipt = await self.say(connection, item, late=True)
            except ConnectionLost:
                break
            except NotSpoken as no:
                told.append(await self._fail(item, str(no), now))
                continue
            if receipt.said:
                said.append((item.text, "".join(receipt.msgids[:1])))
        if said:
            texts, msgids = zip(*said, strict=True)
            told.append(CaughtUp(now, texts, msgids))
        return told

    def joined(self, connection: Connection, now: int) -> list[Settled]:
        """Hear of a new connection. What it cannot tell the fate of is in doubt for good."""
        if connection.can(SEND_ONCE):
            return []
        doubtful, self._memory.in_doubt[:] = list(self._memory.in_doubt), []
        return self._doubt(doubtful, now)

    def cut(self, now: int) -> list[Settled]:
        """Hear that the connection is over."""
        for item in self._open:
            item.under_way = False
        known = {*self._memory.in_doubt, *self._memory.absent}
        pieces = (piece for item in self._open for piece in item.pieces or ())
        lost = [one for one in pieces if one.state is State.SENT and one not in known]
        return self._doubt(lost, now)

    async def settle(self) -> None:
        """Put away what is settled, and keep what has changed."""
        for item in list(self._open):
            if item not in self._open:
                continue  # settled meanwhile
            news = [one for one in item.pieces or () if one.settled and one not in self._told]
            if not news:
                continue
            for piece in news:
                if piece.state is not State.WAITING:
                    self._told.add(piece)
                if not piece.failed and piece.state is not State.WAITING:
                    self._said(piece)
            if not item.settled or item.waits:
                await self._keeper.keep(item)
                continue
            self._close(item)
            if item.failure:
                self.failed = [*self.failed, item][-KEPT_LIMIT:]
                await self._keeper.keep(item)
            else:
                await self._keeper.drop(item)

    async def save(self) -> None:
        """Keep what is left as it is now."""
        for item in list(self._open):
            await self._keeper.keep(item)

    async def retry(self, key: str) -> bool:
        """Let what has failed be said again; False if there is no such thing."""
        item = self._take_failed(key)
        if item is None:
            return False
        item.pieces = [
            Piece(one.text, one.to, self._ids(), one.action, one.reply_to, one.key)
            if one.failed
            else one
            for one in item.pieces or ()
        ]
        self._open.append(item)
        self._look()
        await self._keeper.keep(item)
        return True

    async def discard(self, key: str) -> bool:
        """Forget what has failed, or was not sent yet; False if there is no such thing."""
        item = self._take_failed(key)
        if item is None:
            unsent = (one for one in self._open if one.key == key and one.pieces is None)
            item = next(unsent, None)
        if item is None:
            return False
        self._close(item)
        await self._keeper.drop(item)
        return True

    async def wait_nothing_left(self) -> None:
        """Wait until nothing is left but what waits for somebody."""
        await self._nothing_left.wait()

    # --- how

    async def _prepare(self, connection: Connection, item: Outgoing, *, late: bool) -> None:
        """See to it that what is to be said is in pieces that fit, and kept with their ids."""
        if item.pieces is None:
            item.pieces = self._pieces(connection, item, item.text, late=late)
        else:
            # What was not sent yet may be split otherwise by now: our name may be a longer one.
            item.pieces = [
                piece
                for one in item.pieces
                for piece in (
                    self._pieces(connection, item, one.text, late=late)
                    if self._is_to_say(one)
                    else [one]
                )
            ]
        item.under_way = True
        await self._keeper.keep(item)

    def _pieces(
        self, connection: Connection, item: Outgoing, text: str, *, late: bool
    ) -> list[Piece]:
        return connection.pieces(
            text,
            item.to,
            action=item.action,
            reply_to=item.reply_to,
            key=item.key if item.named else "",
            late=late,
        )

    def _is_to_say(self, piece: Piece) -> bool:
        return piece.state is State.NEW and piece not in self._memory.absent

    def _is_absent(self, item: Outgoing) -> bool:
        return all(one.settled or one in self._memory.absent for one in item.pieces or ())

    def _doubt(self, pieces: Iterable[Piece], now: int) -> list[Settled]:
        told: list[Settled] = []
        for piece in pieces:
            piece.state, piece.reason = State.DOUBTFUL, IN_DOUBT
            if piece.key:
                told.append(Settled(now, piece.key, piece.to, piece.text, refused=IN_DOUBT))
        self._look()
        return told

    def _next(self, tried: set[Outgoing]) -> Outgoing | None:
        left = (one for one in self._open if one not in self._in_hand and one not in tried)
        return next((one for one in left if not one.settled), None)

    async def _fail(self, item: Outgoing, reason: str, now: int) -> Settled:
        refused = Piece(item.text, item.to, state=State.REFUSED, reason=reason)
        item.pieces = [refused]
        self.failed.append(item)
        await self._keeper.keep(item)
        return Settled(now, item.key, item.to, item.text, refused=reason)

    def _take_failed(self, key: str) -> Outgoing | None:
        item = next((one for one in self.failed if one.key == key), None)
        if item is not None:
            self.failed.remove(item)
        return item

    def _close(self, item: Outgoing) -> None:
        if item in self._open:
            self._open.remove(item)
        self._in_hand.discard(item)
        self._told.difference_update(item.pieces or ())
        self._look()

    def _look(self) -> None:
        if self.waits:
            self._nothing_left.clear()
        else:
            self._nothing_left.set()
