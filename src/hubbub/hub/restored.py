"""Restored: what is stored, in the form in which it was heard.

Doors have one way to show an event, so the past comes to them as events too. Whoever did it is
here as a session that hears nothing: called as they were then, and for the rest as they are now,
if they are here. That a mask had another host then is not kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hubbub.core import masks
from hubbub.core.events import (
    TALK,
    Changed,
    Edited,
    EntryKind,
    Joined,
    Kicked,
    Parted,
    Quit,
    Reacted,
    Redacted,
    Renamed,
    Said,
    TopicSet,
)
from hubbub.core.people import Person
from hubbub.core.roles import Role
from hubbub.core.sessions import Address, Session, Trait
from hubbub.core.settings import (
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.hub.entries import tags_of
from hubbub.hub.nobody import NOBODY

if TYPE_CHECKING:
    from hubbub.core.events import Entry, RoomEvent
    from hubbub.core.rooms import Room
    from hubbub.core.settings import Change
    from hubbub.core.world import World

NOWHERE: Final = Address("history", 0)
"""Where those are who are not here any more: the host of their masks."""

HIDDEN: Final = "*"
"""What stands for a key, which the record does not have."""

_PLAIN: Final[dict[EntryKind, type[Joined | Parted | Quit | Renamed | TopicSet]]] = {
    EntryKind.JOIN: Joined,
    EntryKind.PART: Parted,
    EntryKind.QUIT: Quit,
    EntryKind.NICK: Renamed,
    EntryKind.TOPIC: TopicSet,
}


def restored(world: World, entry: Entry, room: Room, *, to: str) -> RoomEvent:
    """The event of an entry that is `PLAYED`; `to` is how its words were addressed."""
    if entry.kind in TALK:
        return said_again(world, entry, room, to=to)
    author = _somebody(world, entry.person_id, entry.nick, entry.account)
    event: RoomEvent
    if entry.kind is EntryKind.KICK:
        victim = _somebody(world, 0, entry.target or "*")
        event = Kicked(*_facts(entry), room=room, session=author, where=room.name, victim=victim)
    elif entry.kind is EntryKind.EDIT:
        event = Edited(*_facts(entry), room=room, session=author, where=room.name, to=to)
    elif entry.kind is EntryKind.REDACT:
        event = Redacted(*_facts(entry), room=room, session=author, where=room.name, to=to)
    elif entry.kind in {EntryKind.REACT, EntryKind.UNREACT}:
        event = Reacted(*_facts(entry), room=room, session=author, where=room.name, to=to)
        event.tags = tags_of(entry)
    elif entry.kind is EntryKind.MODE:
        changes = _changes(world, entry.extra)
        event = Changed(*_facts(entry), room=room, session=author, where=room.name, changes=changes)
    else:
        event = _PLAIN[entry.kind](*_facts(entry), room=room, session=author, where=room.name)
    event.source = author.mask
    event.target, event.extra = entry.target, entry.extra
    event.seq, event.time = entry.seq, entry.time
    return event


def said_again(world: World, entry: Entry, room: Room, *, to: str) -> Said:
    """What somebody said."""
    author = _somebody(world, entry.person_id, entry.nick, entry.account)
    words = (entry.text, entry.msgid, entry.kind, to)
    event = Said(author, room, *words, extra=entry.extra, tags=tags_of(entry))
    event.target, event.seq, event.time = entry.target, entry.seq, entry.time
    event.edited = entry.edited
    return event


def _facts(entry: Entry) -> tuple[int, EntryKind, str, int, str, str, str | None]:
    who = (entry.person_id, entry.nick, entry.text, entry.account)
    return (entry.room_id, entry.kind, entry.msgid, *who)


def _somebody(world: World, person_id: int, nick: str, account: str | None = None) -> Session:
    """Who acted then, or was acted upon."""
    here = world.acting(person_id)
    is_bot = here is not None and Trait.BOT in here.traits
    return Session(
        Person(person_id, nick),
        nick,
        real_name=nick if here is None else here.real_name,
        protocol="history",
        address=NOWHERE,
        since=0,
        reader=NOBODY,
        username="guest" if here is None else here.username,
        host="" if here is None else here.host,
        account=account,
        traits=frozenset({Trait.BOT} if is_bot else ()),
    )


def _changes(world: World, extra: str | None) -> tuple[Change, ...]:
    """The changes of a room as `moderation` has told them; nothing of what it cannot have told."""
    try:
        return tuple(_change(world, told) for told in json.loads(extra or "[]"))
    except (ValueError, KeyError, TypeError):  # imported from elsewhere
        return ()


def _change(world: World, told: dict[str, Any]) -> Change:
    match told:
        case {"flag": flag, "on": on}:
            return FlagChange(Flag(flag), bool(on))
        case {"key": on}:
            return KeyChange(HIDDEN if on else None)
        case {"limit": limit}:
            return LimitChange(None if limit is None else int(limit))
        case {"list": kind, "mask": mask, "on": on}:
            return ListChange(ListKind(kind), masks.parse(mask), bool(on))
        case {"role": role, "nick": nick, "on": on}:
            return RoleChange(_somebody(world, 0, nick), Role[role], bool(on))
        case _:
            raise ValueError(told)
