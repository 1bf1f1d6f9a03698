"""A batch: what was decided in one go, in the order it was decided.

It owns the order and, for each room, the part of the room's log that falls into it. It does not
know how anything is saved (`timeline`) or rendered (`delivery`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hubbub.core.events import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.events import PrivateEvent, RoomEvent
    from hubbub.core.ports import Kind, Piece
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


@dataclass(slots=True, eq=False)
class Reply:
    """A direct reply, rendered already by the door that answers."""

    session: Session
    piece: Piece


@dataclass(slots=True, eq=False)
class Private:
    """An event for one session alone."""

    session: Session
    event: PrivateEvent


@dataclass(slots=True, eq=False)
class ReplayRequest:
    """The last `count` messages of a room as they will be when this item is delivered."""

    session: Session
    room: Room
    count: int


Item: TypeAlias = "RoomEvent | Reply | Private | ReplayRequest"


class RoomLog:
    """The part of a room's log that is in one batch: positions `start` to `end`, exclusive.

    An event that was refused when it was to be saved leaves None at its place: positions hold.
    """

    __slots__ = ("_pieces", "events", "room", "start")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.start = room.position
        self.events: list[RoomEvent | None] = []
        self._pieces: dict[Kind, list[Piece]] = {}

    @property
    def end(self) -> int:
        """The first position after this part."""
        return self.start + len(self.events)

    def pieces(self, kind: Kind) -> list[Piece]:
        """The events rendered once for all readers of a kind, None where nothing happened."""
        pieces = self._pieces.get(kind)
        if pieces is None:
            render = kind.render
            pieces = [None if event is None else render(event) for event in self.events]
            self._pieces[kind] = pieces
        return pieces


class Batch:
    """Items in decision order, the rooms' logs, and who has something of its own in it.

    `individuals` are the sessions whose stream must be joined one by one: authors (who see their
    own differently) and those who are replied to. `callbacks` run when all is delivered.
    """

    __slots__ = ("callbacks", "events", "individuals", "items", "logs")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.events: list[RoomEvent] = []
        self.logs: dict[Room, RoomLog] = {}
        self.individuals: set[Session] = set()
        self.callbacks: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self.items or self.callbacks)

    def add_event(self, event: RoomEvent) -> None:
        """Append what happened in a room."""
        self.items.append(event)
        self.events.append(event)
        self.individuals.add(event.session)
        if type(event) is Said and event.audience is not None:
            self.individuals.update(event.audience)
            return
        room = event.room
        log = self.logs.get(room)
        if log is None:
            log = self.logs[room] = RoomLog(room)
        log.events.append(event)
        room.position += 1

    def add_private(self, item: Reply | Private | ReplayRequest) -> None:
        """Append what one session alone will hear."""
        self.items.append(item)
        self.individuals.add(item.session)

    def replace(self, verdict: Callable[[RoomEvent], PrivateEvent | None]) -> None:
        """Take back what was not saved; its author hears what `verdict` gives instead."""
        verdicts = {event: instead for event in self.events if (instead := verdict(event))}
        self.items = [
            Private(item.session, verdicts[item]) if item in verdicts else item
            for item in self.items
        ]
        for log in self.logs.values():
            log.events = [None if event in verdicts else event for event in log.events]
