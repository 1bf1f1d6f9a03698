"""Logs: what memory holds of each room, the last entries of it.

Rooms are known by the object: one that was closed and opened again is another of the same id, and
takes the log over. When there are too many, whispers go first, then rooms with nobody in them.
What stands in a log is read in `remembered`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from hubbub.core.ports import RoomRow
from hubbub.core.rooms import RoomKind
from hubbub.store import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.core.events import Entry
    from hubbub.core.rooms import Room

_seq = attrgetter("seq")


class Logs:
    """The last `keep` entries of each of at most `most` rooms."""

    def __init__(self, keep: int, most: int) -> None:
        self._keep = keep
        self._most = most
        self.by_room: dict[Room, deque[Entry]] = {}
        self._rooms: dict[int, Room] = {}

    def open(self, room: Room) -> deque[Entry]:
        """The log of a room that had none, or had one as another object."""
        before = self._rooms.get(room.id)
        if before is not None:
            log = self.by_room.pop(before)
        else:
            log = deque(maxlen=self._keep)
            if len(self._rooms) >= self._most:
                self._forget_one()
        self._rooms[room.id] = room
        self.by_room[room] = log
        room.kept = True
        return log

    def of(self, room_id: int) -> Sequence[Entry]:
        """A room's entries, in the order of seq; none of an unknown one."""
        room = self._rooms.get(room_id)
        return self.by_room[room] if room is not None else ()

    def row(self, folded: str) -> RoomRow | None:
        """The room of that folded name, as it is now."""
        for room in self._rooms.values():
            if room.folded == folded:
                return RoomRow(
                    id=room.id,
                    name=room.name,
                    folded=folded,
                    kind=str(room.kind),
                    last_seq=room.last_seq,
                    last_time=room.last_time,
                    created=room.created,
                    settings=room.settings,
                    roles=dict(room.roles),
                    metadata=dict(room.metadata),
                )
        return None

    def among(self, *, conversations: bool) -> list[Room]:
        """All rooms, or those that are no conversations."""
        every = self._rooms.values()
        return [room for room in every if conversations or room.kind is not RoomKind.DIRECT]

    def merge(self, room: Room, past: Iterable[Entry]) -> None:
        """Put imported entries, which have their seq, where they belong."""
        if room.id not in self._rooms:
            self.open(room)
        merged = sorted(chain(self.of(room.id), past), key=_seq)
        self.by_room[self._rooms[room.id]] = deque(merged, self._keep)

    def amend(self, entry: Entry) -> bool:
        """Do what an edit or a redaction says; whether its target was there."""
        room = self._rooms.get(entry.room_id)
        return room is not None and remembered.amend(self.by_room[room], entry)

    def highest(self, room_id: int, low: int, high: int) -> int | None:
        """The greatest seq of a room with low <= seq < high."""
        log = self.of(room_id)
        after = bisect_left(log, high, key=_seq)
        return log[after - 1].seq if after and log[after - 1].seq >= low else None

    def forget(self, room: Room) -> None:
        """Let go of a room and its log."""
        del self._rooms[room.id], self.by_room[room]

    def _forget_one(self) -> None:
        """Make room for a room: neither whispers nor empty rooms push out where people are."""
        rooms = self._rooms.values()
        direct = (room for room in rooms if room.kind is RoomKind.DIRECT)
        empty = (room for room in rooms if not room.members)
        self.forget(next(chain(direct, empty, rooms)))
