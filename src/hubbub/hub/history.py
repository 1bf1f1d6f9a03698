"""History: what was said, for those who ask, and what was said elsewhere, to be kept here.

What somebody said before they asked is in the answer: a question waits for the timeline.
Conversations between two are left out of what is made for others unless they are asked for.
Next: `past`, pages as somebody may read them; `transcript`, the record as files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.events import AMENDING
from hubbub.core.history import Question, Way
from hubbub.core.names import fold
from hubbub.core.people import Person, PersonKind
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room, RoomKind
from hubbub.hub.entries import is_for_all
from hubbub.hub.past import Readable, is_open, read_page
from hubbub.hub.restored import said_again
from hubbub.hub.rooms import open_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from hubbub.core.events import RoomEvent, Said
    from hubbub.core.ports import Found, Imported
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.text.query import Query

CHUNK: Final = 500
"""Entries that one transaction of an import takes at most."""

PAGE: Final = 200
"""Entries of the record that are handed on at once: while a page is rendered, the chat waits."""

MAX_FOUND: Final = 10_000
"""Messages that one search gives at most."""


def replay(hub: Hub, session: Session, room: Room) -> None:
    """Show an arrival the last messages of a room, up to this very moment of the timeline.

    Nothing where those who come may not read what was said before.
    """
    if hub.limits.replay and is_open(hub, room):
        hub.timeline.replay(session, room, hub.limits.replay)


async def recent(hub: Hub, session: Session, room: Room, count: int) -> list[RoomEvent]:
    """The last messages of a room that a member may read, oldest first, at most `limits.history`.

    Raises `StoreError`.
    """
    question = Question(Way.LATEST, (), count)
    return await read_page(hub, session, Readable(room.name, room), question)


def is_conversation(room: str) -> bool:
    """Whether the name is that of a conversation between two (core.world.direct_name)."""
    return room.startswith("@")


async def everything(
    hub: Hub, *, room: str | None = None, since: int | None = None, conversations: bool = False
) -> AsyncIterator[list[Found]]:
    """The whole record in pages, in the order of rooms and of what happened in them.

    `room` is a name, which rooms had that have ended; `since` is milliseconds. Raises `Refused`:
    NO_SUCH_ROOM; `StoreError`.
    """
    await hub.timeline.settled()
    folded = None if room is None else fold(room)
    conversations = conversations or (room is not None and is_conversation(room))
    is_known = False
    async for page in hub.archive.pages(
        room=folded, since=since, conversations=conversations, size=PAGE
    ):
        is_known = True
        yield page
    if room is None or folded is None or is_known:
        return
    if hub.world.room(room) is None and await hub.archive.room(folded) is None:
        raise Refused(Reason.NO_SUCH_ROOM, room)


async def search(hub: Hub, query: Query, limit: int, *, conversations: bool = False) -> list[Found]:
    """The last `limit` messages that match, oldest first. Raises `StoreError`."""
    await hub.timeline.settled()
    return (await hub.archive.search(query, limit, conversations=conversations))[::-1]


async def import_past(hub: Hub, past: Sequence[Found]) -> Imported:
    """Keep what was said elsewhere, at most `CHUNK` entries, in one transaction.

    Their rooms are opened by name and stay open; what the record knows by its msgid is left
    alone. Raises `StoreError`: nothing of it was kept.
    """
    rooms: dict[str, Room] = {}
    people: dict[int, Person] = {}
    for one in past:
        folded, entry = fold(one.room), one.entry
        if folded not in rooms:
            opened = _open_conversation if is_conversation(one.room) else open_room
            rooms[folded] = await opened(hub, one.room)
        entry.room_id = rooms[folded].id
        people[entry.person_id] = Person(entry.person_id, entry.nick, PersonKind.IMPORTED)
    try:
        entries = [one.entry for one in past]
        imported = await hub.archive.import_chunk(
            entries, list(people.values()), list(rooms.values())
        )
        amended = {entry.target or "" for entry in entries if entry.kind in AMENDING}
        for room in rooms.values():
            await _look_again(hub, room, amended)
            await _recall(hub, room)
    finally:
        _close_conversations(hub, rooms)
    return imported


async def _open_conversation(hub: Hub, name: str) -> Room:
    """The conversation of that name: open already, known to the store, or new."""
    await hub.timeline.settled()  # so that what the store answers is the last word
    row = await hub.retention.undisturbed(lambda: hub.archive.room(name))
    room = hub.world.room(name)
    if room is not None:
        return room
    room = Room(hub.ids.number() if row is None else row.id, name, name, RoomKind.DIRECT)
    if row is not None:
        room.last_seq, room.last_time, room.kept = row.last_seq, row.last_time, True
    hub.world.add_room(room)
    return room


async def _look_again(hub: Hub, room: Room, amended: set[str]) -> None:
    """Let what people said here be as imported edits and redactions have left it."""
    for msgid in amended & {said.msgid for said in room.recent}:
        now = await hub.archive.message(room.id, msgid)
        if now is None:
            room.forget(msgid)
        elif now.edited:
            room.reword(msgid, now.text, now.edited)
    for msgid in amended & room.amended.keys():
        del room.amended[msgid]  # the store knows better


async def _recall(hub: Hub, room: Room) -> None:
    """Let those who arrive see the imported past where there is not enough of the present."""
    wanted = hub.limits.replay
    if room.kind is RoomKind.DIRECT or len(_present(room)) >= wanted:
        return
    latest = await hub.archive.latest(room.id, wanted)
    past = [
        said_again(hub.world, entry, room, to=room.name)
        for entry in latest
        if entry.seq < 0 and is_for_all(entry)
    ]
    now = [*past, *_present(room)]
    room.recent.clear()
    room.recent.extend(now)


def _present(room: Room) -> list[Said]:
    return [entry for entry in room.recent if entry.seq >= 0]


def _close_conversations(hub: Hub, rooms: dict[str, Room]) -> None:
    """Forget conversations that were opened for the import and that nobody here is part of."""
    in_use = {room for session in hub.world.sessions for room in session.conversations}
    for room in rooms.values():
        if room.kind is RoomKind.DIRECT and room not in in_use:
            hub.world.close_room(room)
