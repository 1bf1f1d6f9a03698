"""Marks: how far somebody has read, in rooms and in conversations.

A mark belongs to a person and goes forward only; nobody else hears of it. It is in memory with the
person, and in the store for those who can come back. What is set while one write is in flight goes
with the next, as in the timeline: a room of a thousand who all read the same costs a few
transactions. How much there is to read is `past`'s.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.core.names import fold
from hubbub.core.people import Mark
from hubbub.core.refusals import Reason, Refused
from hubbub.hub import past

if TYPE_CHECKING:
    from hubbub.core.people import Person
    from hubbub.core.ports import Archive
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


class Marks:
    """Brings marks to the store, and back."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._waiting: dict[tuple[int, int], int] = {}
        self._next: asyncio.Task[None] | None = None
        self._last: asyncio.Task[None] | None = None

    async def keep(self, mark: Mark) -> None:
        """Save a mark. Raises `StoreError`."""
        where = (mark.person_id, mark.target_id)
        self._waiting[where] = max(mark.time, self._waiting.get(where, mark.time))
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._write(self._last))
        await asyncio.shield(self._next)

    async def of(self, person: Person) -> dict[int, int]:
        """What the store knows of a person, when all is there that was set. Raises `StoreError`."""
        writing = self._next or self._last
        if writing is not None:
            await asyncio.wait([writing])
        return await self._archive.marks(person.id)

    async def _write(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._last, self._next = self._next, None
        waiting, self._waiting = self._waiting, {}
        await self._archive.keep_marks([Mark(*where, time) for where, time in waiting.items()])


async def read_until(hub: Hub, session: Session, name: str) -> int | None:
    """Up to when somebody has read a room or a conversation, None when that is not known.

    Raises `StoreError`.
    """
    try:
        target = await _target(hub, session, name)
    except Refused:
        return None
    return session.person.marks.get(target)


async def mark(hub: Hub, session: Session, name: str, time: int) -> int:
    """Have read a room or a conversation up to a moment; up to when somebody has then.

    It is in force, and saved when this returns. Nobody has read what is to come. Raises `Refused`:
    NO_SUCH_ROOM, NOT_IN_ROOM, NO_SUCH_NICK; `StoreError`, when it is in force and may not last.
    """
    if name.startswith("#"):
        await past.readable(hub, session, name)
    target = await _target(hub, session, name)
    person = session.person
    before = person.marks.get(target)
    now = person.mark(target, max(0, min(time, hub.clock.now())))
    # Again what is so already is saved again: the last time it may have failed.
    if before is None or time >= before:
        await hub.marks.keep(Mark(person.id, target, now))
    return now


async def _target(hub: Hub, session: Session, name: str) -> int:
    """What a mark is kept under (see `Person.marks`)."""
    if not name.startswith("#"):
        other = (await past.readable(hub, session, name)).other
        assert other is not None
        return other
    room = hub.world.room(name)
    if room is not None:
        return room.id
    row = await hub.archive.room(fold(name))
    if row is None:
        raise Refused(Reason.NO_SUCH_ROOM, name)
    return row.id
