"""A room's state as rows: name, settings, lists and roles, which return with the room.

A snapshot is taken on the caller's thread, where the world may be read, and saved on the
writer's; what changes meanwhile is another count, so the room stays unsaved. A room's rows are
replaced as a whole: they are few, and no two rows then tell of two different moments.
Next: `batch`, which saves it with the events that changed it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hubbub.core import masks
from hubbub.core.roles import Role
from hubbub.core.settings import Flag, Listed, ListKind, Settings, Topic
from hubbub.store.statements import (
    FORGET_BANS,
    FORGET_ROLES,
    SAVE_BAN,
    SAVE_ROLE,
    SAVE_STATE,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from hubbub.core.rooms import Room


class Snapshot(NamedTuple):
    """The state of `room` when its count of changes was `changes`."""

    room: Room
    changes: int
    name: str
    folded: str
    state: str
    bans: list[tuple[int, str, str, str, int]]
    roles: list[tuple[int, int, str]]

    def save(self, connection: sqlite3.Connection) -> None:
        """Write it in place of what was; the transaction is the caller's."""
        room_id = self.room.id
        connection.execute(SAVE_STATE, (self.name, self.folded, self.state, room_id))
        connection.execute(FORGET_BANS, (room_id,))
        connection.executemany(SAVE_BAN, self.bans)
        connection.execute(FORGET_ROLES, (room_id,))
        connection.executemany(SAVE_ROLE, self.roles)

    def settle(self) -> None:
        """Tell the room that this much of it is saved; on the caller's thread."""
        self.room.changes_saved = self.changes


def snapshot(room: Room) -> Snapshot:
    """What a room is like now."""
    return Snapshot(
        room,
        room.changes,
        room.name,
        room.folded,
        _state(room.settings),
        [
            (room.id, str(kind), listed.mask.text, listed.by, listed.time)
            for kind, entries in room.settings.lists.items()
            for listed in entries.values()
        ],
        [(room.id, person_id, _words(role)) for person_id, role in room.roles.items() if role],
    )


def settings(state: str, bans: Iterable[Any]) -> Settings:
    """The settings that were saved.

    `bans` are rows with `kind`, `mask`, `set_by` and `time`, in the order of their lists.
    """
    told = json.loads(state)
    topic = told.get("topic")
    found = Settings(
        flags={Flag(word) for word in told["flags"]},
        key=told.get("key"),
        limit=told.get("limit"),
        topic=Topic(**topic) if topic else None,
    )
    for row in bans:
        listed = Listed(masks.parse(row.mask), row.set_by, row.time)
        found.put(ListKind(row.kind), listed)
    return found


def roles(rows: Iterable[Any]) -> dict[int, Role]:
    """Roles by the id of the person; rows have `person_id` and `role`."""
    return {row.person_id: _role(row.role) for row in rows}


def _state(now: Settings) -> str:
    told: dict[str, object] = {"flags": sorted(map(str, now.flags))}
    if now.key is not None:
        told["key"] = now.key
    if now.limit is not None:
        told["limit"] = now.limit
    if (topic := now.topic) is not None:
        told["topic"] = {"text": topic.text, "by": topic.by, "time": topic.time}
    return json.dumps(told, ensure_ascii=False)


def _words(role: Role) -> str:
    """A role in words ("voice operator"): the database outlives the numbers of a program."""
    return " ".join(one.name.lower() for one in Role if one in role and one.name)


def _role(words: str) -> Role:
    found = Role.NONE
    for word in words.split():
        found |= Role[word.upper()]
    return found
