"""A batch: what was decided in one go, in the order it was decided.

It owns that order: each room's part of its log, what single sessions are to hear beside it, and
where each of these stands (`index`) among all. It does not know how anything is saved
(`timeline`) or rendered (`delivery`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hubbub.core.events import Entry, Live, Said, Tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubbub.core.events import Event, PassingEvent, PrivateEvent, RoomEvent
    from hubbub.core.metadata import Change
    from hubbub.core.ports import Kind, Piece
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


@dataclass(slots=True, eq=False)
class Reply:
    """A direct reply, rendered already by the door that answers."""

    piece: Piece


@dataclass(slots=True, eq=False)
class ReplayRequest:
    """The last `count` messages of a room as they are at this point of the order."""

    room: Room
    count: int


Happening: TypeAlias = "RoomEvent | PassingEvent"
"""What joins the log of a room."""

PrivateItem: TypeAlias = "Event | Reply | ReplayRequest"
"""What a single session hears beside its rooms; an event with an audience is one of these."""


class RoomLog:
    """The part of a room's log that is in one batch: positions `start` to `end`, exclusive.

    `order` holds each event's index in the batch, `own` the offsets of each author's events. An
    event that was refused when it was to be saved leaves None at its place: positions hold.
    """

    __slots__ = ("_pieces", "events", "order", "own", "room", "start")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.start = room.position
        self.events: list[Happening | None] = []
        self.order: list[int] = []
        self.own: dict[Session, list[int]] = {}
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

    def shown(self, kind: Kind) -> list[Piece]:
        """What of the whole part shows anything to readers of a kind."""
        return [piece for piece in self.pieces(kind) if piece]


class Batch:
    """The logs of rooms, the items of single sessions (with their index), and the order of all.

    `metadata` is what is saved with it, and who changed it; `callbacks` run when everything is
    delivered.
    """

    __slots__ = ("callbacks", "events", "logs", "metadata", "private", "size")

    def __init__(self) -> None:
        self.size = 0
        self.events: list[RoomEvent] = []
        self.logs: dict[Room, RoomLog] = {}
        self.private: dict[Session, list[tuple[int, PrivateItem]]] = {}
        self.metadata: list[tuple[Session, Change]] = []
        self.callbacks: list[Callable[[], None]] = []

    def __bool__(self) -> bool:
        return bool(self.size or self.callbacks or self.metadata)

    def add_event(self, event: RoomEvent) -> None:
        """Append what happened in a room, or was said to some alone."""
        self.events.append(event)
        if event.audience is not None:
            self._add_direct(event, event.audience)
            return
        self._append(event.room, event)
        if type(event) is Said and event.session not in event.room.members:
            self._echo(event)
        self.size += 1

    def add_everywhere(self, happenings: Sequence[tuple[Room, Happening]]) -> None:
        """Append what happens in several rooms at once: at one index, to be heard once."""
        heard: set[Session] = set()
        for room, event in happenings:
            if len(happenings) > 1:
                for session in heard & room.members.keys():
                    self.private.setdefault(session, [])  # an individual now: its stream is joined
                heard |= room.members.keys()
            self._append(room, event)
            if isinstance(event, Entry):
                self.events.append(event)
            elif type(event) is Tagged and event.session not in room.members:
                self._echo(event)
        self.size += 1

    def add_private(self, session: Session, item: PrivateItem) -> None:
        """Append what one session alone will hear."""
        self.private.setdefault(session, []).append((self.size, item))
        self.size += 1

    def involves(self, session: Session) -> bool:
        """Whether a session did some of it, or will hear some of it alone."""
        return session in self.private or any(session in log.own for log in self.logs.values())

    def replace(self, verdict: Callable[[RoomEvent], PrivateEvent | None]) -> None:
        """Take back what was not saved; its author hears what `verdict` gives instead."""
        verdicts = {event: instead for event in self.events if (instead := verdict(event))}
        for session, items in self.private.items():
            self.private[session] = [
                (index, verdicts[item] if isinstance(item, Live) and item in verdicts else item)
                for index, item in items
                if not (isinstance(item, Live) and item in verdicts and item.session is not session)
            ]
        for log in self.logs.values():
            for offset, event in enumerate(log.events):
                if event in verdicts:
                    log.events[offset] = None
                    items = self.private.setdefault(event.session, [])
                    items.append((log.order[offset], verdicts[event]))

    def _append(self, room: Room, event: Happening) -> None:
        log = self.logs.get(room)
        if log is None:
            log = self.logs[room] = RoomLog(room)
        offsets = log.own.get(event.session)
        if offsets is None:
            offsets = log.own[event.session] = []
        offsets.append(len(log.events))
        log.events.append(event)
        log.order.append(self.size)
        room.position += 1

    def _echo(self, event: Said | Tagged) -> None:
        """Let an author who talks from outside hear it all the same, at the place of the event."""
        self.private.setdefault(event.session, []).append((self.size, event))

    def _add_direct(self, event: RoomEvent, audience: tuple[Session, ...]) -> None:
        for session in dict.fromkeys((*audience, event.session)):
            self.private.setdefault(session, []).append((self.size, event))
        self.size += 1
