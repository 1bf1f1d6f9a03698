"""A notebook: what one person keeps of one server, from one run of the client to the next.

Owns the putting together. `open` gives back who we are there (`memory`), where we are, how far we
have heard, and what was typed and not said; a `Reconnecting` that is given the notebook goes on
from there and writes it on. `pages` are what was seen, there before the network is; `earlier` asks
the server as well where they end. The parts are `seats`, `log`, `pages` and `outbox`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from hubbub.client.errors import CannotKeep, ConnectionLost, Declined, NotSpoken
from hubbub.client.events import (
    Arrived,
    Disconnected,
    Gap,
    Hint,
    Joined,
    Left,
    Message,
    RoomRenamed,
)
from hubbub.client.irc.capabilities import CHATHISTORY
from hubbub.client.irc.memory import Memory
from hubbub.client.local.database import Database
from hubbub.client.local.log import Log
from hubbub.client.local.outbox import Drafts, Outbox
from hubbub.client.local.pages import PAGE, Page, Pages
from hubbub.client.local.recalling import recall, recent_lines
from hubbub.client.local.seats import Seat
from hubbub.client.opening import system_time
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from hubbub.client.address import Address
    from hubbub.client.connection import Connection
    from hubbub.client.events import Event
    from hubbub.client.local.folder import ClientFolder
    from hubbub.client.local.pages import Mark
    from hubbub.client.local.writing import Bounds
    from hubbub.client.outgoing import Outgoing
    from hubbub.client.pieces import Piece
    from hubbub.client.shown import Shown

MOST_PAGES: Final = 10
"""Pages that may hold reactions and edits alone before we stop asking for what they are about."""

_WHERE: Final = (Joined, Arrived, Left, RoomRenamed, Disconnected)
"""What may have changed who we are, or where."""


class Notebook:
    """Made by `open`. Close it when the connection is closed. Waiting raises `CannotKeep`."""

    def __init__(
        self,
        database: Database,
        seat: Seat,
        *,
        log: Log | None,
        clock: Callable[[], int],
    ) -> None:
        self.memory = Memory()
        self.rooms: list[str] = []
        self._trouble = ""
        self.outbox = Outbox(database, seat.number, self.settled)
        self.drafts = Drafts(database, seat.number)
        self.pages = Pages(database, seat.number)
        self._database = database
        self._seat = seat
        self._log = log
        self._clock = clock
        self._unsaid: list[Outgoing] = []
        self._shown: list[tuple[str, str]] = []
        self._names_of_left: dict[str, str] = {}
        self._known: set[str] = set()
        self._kept: tuple[object, ...] = ()
        self._writing: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        folder: ClientFolder,
        address: Address,
        *,
        name: str,
        log: bool = True,
        bounds: Bounds | None = None,
        clock: Callable[[], int] = system_time,
    ) -> Self:
        """Open what `name` keeps of the server at `address`, or begin it.

        Without a `log` nothing that is seen is kept, and nothing that was is read; what is typed
        is, until it is said.
        """
        database = await Database.open(folder.prepare(folder.database(address)))
        try:
            seat = await Seat.take(folder, database, name)
        except BaseException:
            await database.close()
            raise
        notebook = cls(database, seat, log=None, clock=clock)
        try:
            if log:
                notebook._log = Log(database, seat.number, bounds, troubled=notebook._in_trouble)
                await notebook._log.begin(clock())
            await notebook._recall(log=log)
        except BaseException:
            await notebook.close()
            raise
        return notebook

    async def close(self) -> None:
        """Write what is to be written, and let go of the seat."""
        try:
            await self.settled()
        finally:
            self._seat.close()
            await self._database.close()

    async def settled(self) -> None:
        """Wait until all that has happened is on the disk."""
        while self._writing:
            await asyncio.gather(*self._writing)
        if self._log is not None:
            await self._log.settled()

    # --- reading on

    async def earlier(
        self,
        place: str,
        mark: Mark | None = None,
        *,
        connection: Connection | None = None,
        limit: int = PAGE,
    ) -> Page:
        """What was said before a mark, or the latest: what is kept, and else what the server tells.

        The server is asked where something is missing (`Page.hole`), as far as it can be; what it
        tells is kept. A page with a hole is where nobody knows more.
        """
        await self.settled()
        page = await self.pages.before(place, mark, limit)
        if connection is None or self._log is None:
            return page
        if not page.events and mark is None:
            await self._begin(connection, place, limit)
            return await self.pages.before(place, mark, limit)
        while page.hole and len(page.events) < limit:
            missing_before = page.first or mark
            if missing_before is None or not await self._ask(
                connection, place, missing_before, limit
            ):
                break
            page = await self.pages.before(place, mark, limit)
        return page

    async def _begin(self, connection: Connection, place: str, limit: int) -> None:
        """Keep the latest of a place of which nothing is kept."""
        assert self._log is not None
        try:
            told = await connection.history(place, limit=limit)
        except (NotSpoken, Declined, ConnectionLost):
            return
        for event in told:
            self._log.see(event)
        await self._log.settled()

    async def _ask(self, connection: Connection, place: str, mark: Mark, limit: int) -> bool:
        """Put in front of a mark what the server tells; False when it tells nothing."""
        assert self._log is not None
        before, time = mark.msgid, mark.time
        for _ in range(MOST_PAGES):
            try:
                told = await connection.history(place, before=before, time=time, limit=limit)
            except (NotSpoken, Declined, ConnectionLost):
                return False
            lines = [event for event in told if isinstance(event, Message)]
            if lines or not told:
                await self._log.fill(mark.line, lines)
            for event in told:
                if not isinstance(event, Message):
                    self._log.see(event)
            await self._log.settled()
            if lines or not told:
                return True
            # Only what became of messages: go on before that.
            before, time = getattr(told[0], "msgid", ""), told[0].time
            if not before:
                return False
        return False

    # --- as `Keeping` has it

    def take_unsaid(self) -> list[Outgoing]:
        """What was typed in an earlier run and not said; it is given once."""
        unsaid, self._unsaid = self._unsaid, []
        return unsaid

    def take_trouble(self) -> str:
        """Why something was not kept, "" if all was; it is given once."""
        trouble, self._trouble = self._trouble, ""
        return trouble

    def remind(self, shown: Shown) -> None:
        """Tell what of a classic server was shown before."""
        for sender, text in self._shown:
            shown.remind(sender, text)

    def heard(self, event: Event, connection: Connection) -> None:
        """Keep what has happened, a little later."""
        if self._log is not None:
            self._note_holes(event, connection)
            self._log.see(event)
        if isinstance(event, _WHERE):
            self._keep_where()
        if isinstance(event, Disconnected):
            self._known = set(self.memory.places)

    def said(self, piece: Piece, name: str, now: int) -> None:
        """Keep what we have said."""
        if self._log is None or (piece.id and not piece.msgid):
            return  # without a msgid a repeat was said before, and comes with the past
        self._log.said(
            Message(
                piece.time or now,
                name,
                piece.text,
                room=piece.to,
                direct=bool(piece.to) and not self._is_room(piece.to),
                msgid=piece.msgid,
                action=piece.action,
                reply_to=piece.reply_to,
            )
        )

    # --- how

    def _is_room(self, place: str) -> bool:
        known = self.memory.places.get(fold(place))
        return place[:1] in tuple("#&+!") if known is None else known.is_room

    def _note_holes(self, event: Event, connection: Connection) -> None:
        assert self._log is not None
        match event:
            case Gap():
                self._log.missing()
            case Hint(room=room) if room:
                self._log.missing_in([room])
            case Joined(rooms=rooms):
                if not connection.can(CHATHISTORY):
                    self._log.missing()
                else:
                    self._log.missing_in(room for room in rooms if fold(room) not in self._known)
            case Arrived(_, name, room) if fold(name) == fold(connection.name):
                self._log.missing_in([room])
            case _:
                pass

    def _keep_where(self) -> None:
        """Write who we are and where, if that has changed."""
        inside = tuple(place.name for place in self.memory.places.values() if place.is_room)
        for name in inside:
            self._names_of_left[fold(name)] = name
        left = {name: self._names_of_left.get(name, name) for name in self.memory.left}
        now = (self.memory.token, inside, tuple(left))
        if now != self._kept:
            self._kept = now
            self._later(self._seat.keep(self.memory.token, inside, left))

    def _later(self, work: Awaitable[None]) -> None:
        async def write() -> None:
            try:
                await work
            except CannotKeep as error:
                self._in_trouble(error)

        task = asyncio.get_running_loop().create_task(write())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def _in_trouble(self, error: CannotKeep) -> None:
        self._trouble = str(error)

    async def _recall(self, *, log: bool) -> None:
        self.memory.token = await self._seat.token()
        rooms = await self._seat.rooms()
        self.memory.left = {folded for folded, (_, inside) in rooms.items() if not inside}
        self._names_of_left = {folded: name for folded, (name, _) in rooms.items()}
        inside = {folded: name for folded, (name, is_in) in rooms.items() if is_in}
        if log:
            seat = self._seat.number
            await self._database.read(lambda db: recall(db, seat, inside, self.memory))
            self._shown = await self._database.read(recent_lines)
        self.rooms = [name for folded, name in inside.items() if folded not in self.memory.places]
        self._known = set(self.memory.places)
        self._unsaid = await self.outbox.unsaid(self._clock())
