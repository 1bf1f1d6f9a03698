"""A scene for stores: people in rooms, events sealed as the timeline seals them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeVar

from hubbub.core.events import Entry, EntryKind, Joined, Quit, RoomEvent, RoomRenamed, Said
from hubbub.core.names import fold
from hubbub.core.people import Person, PersonKind
from hubbub.core.ports import Archive, Commit, Journal
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.sessions import Address, Session
from hubbub.core.settings import Settings
from hubbub.core.world import direct_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.ports import Found, Kind, Payload, RoomRow, StoreError

SECOND = 1000
DAY = 24 * 3600 * SECOND

NOON = 1_790_000_000_000
"""Some moment, in milliseconds."""

Event = TypeVar("Event", bound=RoomEvent)


class Store(Journal, Archive, Protocol):
    """Both ports in one, as every store is."""

    def close(self) -> None: ...


class Nobody:
    """A reader where nobody listens."""

    @property
    def kind(self) -> Kind:
        raise NotImplementedError

    def send(self, payload: Payload) -> None:
        raise NotImplementedError

    def moved(self, event: RoomRenamed) -> None:
        raise NotImplementedError

    def end(self, reason: str) -> None:
        raise NotImplementedError


class Scene:
    """Makes people, rooms and what happens; numbers count up, the clock is set by hand."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now
        self._number = 0

    def number(self) -> int:
        self._number += 1
        return self._number

    def msgid(self) -> str:
        return f"{self.number():026d}"

    def arrives(self, nick: str) -> Session:
        return Session(
            person=Person(id=self.number(), nick=nick),
            nick=nick,
            real_name=nick,
            protocol="classic",
            address=Address("127.0.0.1", 4000),
            since=self.now,
            reader=Nobody(),
        )

    def room(self, name: str) -> Room:
        return Room(id=self.number(), name=name, folded=fold(name), created=self.now)

    def direct(self, one: Session, other: Session) -> Room:
        name = direct_name(one.person.id, other.person.id)
        return Room(id=self.number(), name=name, folded=fold(name), kind=RoomKind.DIRECT)

    def says(self, who: Session, room: Room, text: str, send_id: str | None = None) -> Said:
        event = Said(who, room, text, self.msgid(), send_id=send_id)
        return self.sealed(event)

    def tells(self, who: Session, other: Session, text: str, send_id: str | None = None) -> Said:
        room = self.direct(who, other)
        msgid, hears = self.msgid(), (other,)
        return self.sealed(
            Said(who, room, text, msgid, to=other.nick, audience=hears, send_id=send_id)
        )

    def joins(self, who: Session, room: Room) -> Joined:
        event = Joined(
            room_id=room.id,
            kind=EntryKind.JOIN,
            msgid=self.msgid(),
            person_id=who.person.id,
            nick=who.nick,
            room=room,
            where=room.name,
            session=who,
        )
        return self.sealed(event)

    def quits(self, who: Session, room: Room, why: str) -> Quit:
        event = Quit(
            room_id=room.id,
            kind=EntryKind.QUIT,
            msgid=self.msgid(),
            person_id=who.person.id,
            nick=who.nick,
            text=why,
            room=room,
            where=room.name,
            session=who,
        )
        return self.sealed(event)

    def sealed(self, event: Event) -> Event:
        """Give seq and time, as the timeline does."""
        room = event.room
        room.last_seq += 1
        room.last_time = max(room.last_time, self.now)
        event.seq, event.time = room.last_seq, room.last_time
        return event

    def past(self, room: Room, who: Person, text: str, time: int, msgid: str = "") -> Entry:
        """An entry to import."""
        return Entry(
            room_id=room.id,
            kind=EntryKind.MESSAGE,
            msgid=msgid or self.msgid(),
            person_id=who.id,
            nick=who.nick,
            text=text,
            time=time,
        )

    def imported(self, nick: str) -> Person:
        return Person(id=self.number(), nick=nick, kind=PersonKind.IMPORTED)


async def commit(store: Journal, *events: RoomEvent, rooms: Sequence[Room] = ()) -> Commit:
    """Write a batch and wait for what became of it."""
    answer: asyncio.Future[Commit] = asyncio.get_running_loop().create_future()
    store.write(events, answer.set_result, rooms)
    return await answer


async def saved(store: Journal, *events: RoomEvent, rooms: Sequence[Room] = ()) -> None:
    """Write a batch that must succeed."""
    assert await commit(store, *events, rooms=rooms) == Commit()


async def probe(store: Journal) -> StoreError | None:
    answer: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
    store.probe(answer.set_result)
    return await answer


async def everything(
    store: Archive, *, room: str | None = None, since: int | None = None, size: int = 500
) -> list[Found]:
    """All pages in one."""
    return [
        found async for page in store.pages(room=room, since=since, size=size) for found in page
    ]


def told(room: Room | RoomRow) -> tuple[object, ...]:
    """A room's state, which must be the same after it was saved, its lists in their order."""
    now = room.settings or Settings()
    lists = {kind: list(entries.items()) for kind, entries in now.lists.items()}
    return (now.flags, now.key, now.limit, now.topic, lists, dict(room.roles))


def texts(entries: list[Entry]) -> list[str]:
    return [entry.text for entry in entries]


def found_texts(found: list[Found]) -> list[str]:
    return [one.entry.text for one in found]


def facts(found: list[Found]) -> list[tuple[object, ...]]:
    """What must be equal in every store."""
    return [
        (
            one.room,
            one.entry.kind,
            one.entry.msgid,
            one.entry.person_id,
            one.entry.nick,
            one.entry.text,
            one.entry.seq,
            one.entry.time,
        )
        for one in found
    ]
