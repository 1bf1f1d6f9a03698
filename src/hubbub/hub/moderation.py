"""Moderation: changing a room, and who is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from hubbub.core.events import Changed, EntryKind, Kicked
from hubbub.core.refusals import Reason, Refused
from hubbub.core.settings import (
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    Listed,
    RoleChange,
)
from hubbub.hub.entries import entry
from hubbub.hub.rooms import leave, require_operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.core.settings import Change
    from hubbub.hub.hub import Hub


def kick(hub: Hub, session: Session, victim: Session, room: Room, reason: str) -> None:
    """Make somebody leave a room. Raises `Refused`: NOT_IN_ROOM, NEED_OPERATOR, NOT_THERE."""
    require_operator(session, room)
    if victim not in room.members:
        raise Refused(Reason.NOT_THERE, victim.nick, room.name)
    event = entry(Kicked, hub, room, session, EntryKind.KICK, reason, victim=victim)
    event.target = victim.nick
    hub.timeline.record(event)
    leave(hub, victim, room)


def change(hub: Hub, session: Session, room: Room, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Change a room's settings, lists and roles; those that changed nothing are left out.

    Raises `Refused`: NOT_IN_ROOM, NEED_OPERATOR, UNWRITABLE, LIST_FULL (what came before it is
    done).
    """
    require_operator(session, room)
    hub.timeline.require_writable()
    done: list[Change] = []
    try:
        done += (one for one in changes if _apply(hub, session, room, one))
    finally:
        if done:
            room.touch()
            event = entry(Changed, hub, room, session, EntryKind.MODE, changes=tuple(done))
            event.extra = json.dumps([_told(one) for one in done], ensure_ascii=False)
            hub.timeline.record(event)
    return tuple(done)


def _apply(hub: Hub, session: Session, room: Room, one: Change) -> bool:
    """Carry out one change; False when it is so already."""
    settings = room.settings
    match one:
        case FlagChange(flag, on):
            if on is (flag in settings.flags):
                return False
            (settings.flags.add if on else settings.flags.discard)(flag)
        case KeyChange(key):
            if key == settings.key:
                return False
            settings.key = key
        case LimitChange(limit):
            if limit == settings.limit:
                return False
            settings.limit = limit
        case ListChange():
            return _list(hub, session, room, one)
        case RoleChange(member, role, on):
            if member not in room.members:
                raise Refused(Reason.NOT_THERE, member.nick, room.name)
            if on is (role in room.role(member)):
                return False
            if room.is_operator(member):
                room.governed = hub.clock.now()
            (room.grant if on else room.revoke)(member.person.id, role)
        case _:
            assert_never(one)
    return True


def _list(hub: Hub, session: Session, room: Room, one: ListChange) -> bool:
    settings = room.settings
    if one.on is settings.has(one.kind, one.mask):
        return False
    if not one.on:
        settings.take(one.kind, one.mask)
        return True
    if sum(map(len, settings.lists.values())) >= hub.limits.masks:
        raise Refused(Reason.LIST_FULL, room.name, one.mask.text)
    settings.put(one.kind, Listed(one.mask, session.mask, hub.clock.now()))
    return True


def _told(one: Change) -> dict[str, object]:
    """A change as the record keeps it."""
    match one:
        case FlagChange(flag, on):
            return {"flag": flag, "on": on}
        case KeyChange(key):
            return {"key": key is not None}  # not the word itself: it lets people in
        case LimitChange(limit):
            return {"limit": limit}
        case ListChange(kind, mask, on):
            return {"list": kind, "mask": mask.text, "on": on}
        case RoleChange(member, role, on):
            return {"role": role.name, "nick": member.nick, "on": on}
        case _:
            assert_never(one)
