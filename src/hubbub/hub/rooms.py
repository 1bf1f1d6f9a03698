"""Rooms: opening them, entering and leaving, what they are about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.events import EntryKind, Invited, Joined, Parted, RoomRenamed, TopicSet
from hubbub.core.metadata import changed
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.sessions import Privilege
from hubbub.core.settings import Flag, ListKind, Topic
from hubbub.hub.entries import entry, is_for_all
from hubbub.hub.restored import said_again
from hubbub.hub.subscribers import tell_arrival
from hubbub.text.split import split_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.events import Entry
    from hubbub.core.ports import RoomRow
    from hubbub.core.sessions import Session
    from hubbub.core.settings import Settings
    from hubbub.hub.hub import Hub

RENAMED_LATELY = 60_000
"""Milliseconds until a room can be renamed again: each time all who are in it are told who is."""

UNGOVERNED = 3_600_000
"""Milliseconds without an operator after which the first to arrive becomes one."""


async def open_room(hub: Hub, name: str, *, settings: Settings | None = None) -> Room:
    """The room of that name: open already, known to the store, or new.

    A room from the store comes with its settings and its last messages; `settings` are those of
    one that nobody has set anything of. Raises `Refused`: BAD_ROOM_NAME, UNWRITABLE; `StoreError`.
    """
    room = hub.world.room(name)
    if room is not None:
        return room
    if not names.is_room_name(name, hub.limits.room_name):
        raise Refused(Reason.BAD_ROOM_NAME, name)
    await hub.timeline.settled()  # so that what the store answers is the last word
    row, recent = await hub.retention.undisturbed(lambda: _known(hub, name))
    room = hub.world.room(name)
    if room is not None:  # somebody else was faster
        return room
    if row is not None and any(one.id == row.id for one in hub.world.rooms):
        # It is open under another name, which could not be saved yet.
        raise Refused(Reason.UNWRITABLE)
    room = new_room(hub, name) if row is None else room_of(row)
    room.metadata = changed(room.metadata, hub.timeline.owed(room.id))
    if settings is not None and (row is None or row.settings is None):
        room.settings = settings
    room.recent.extend(
        said_again(hub.world, entry, room, to=room.name) for entry in recent if is_for_all(entry)
    )
    hub.world.add_room(room)
    return room


async def _known(hub: Hub, name: str) -> tuple[RoomRow | None, list[Entry]]:
    """What the store knows of a room, and what was said there last."""
    row = await hub.archive.room(names.fold(name))
    return row, [] if row is None else await hub.archive.latest(row.id, hub.limits.replay)


def new_room(hub: Hub, name: str, kind: RoomKind = RoomKind.ROOM) -> Room:
    """A room that nobody knows yet."""
    return Room(hub.ids.number(), name, names.fold(name), kind, created=hub.clock.now())


def room_of(row: RoomRow) -> Room:
    """The room that the store knows."""
    room = Room(row.id, row.name, row.folded, RoomKind(row.kind), row.last_seq, row.last_time)
    room.kept = True
    room.created = row.created
    if row.settings is not None:
        room.settings = row.settings
    room.roles = dict(row.roles)
    room.metadata = dict(row.metadata)
    room.governed = row.last_time
    return room


def join(hub: Hub, session: Session, room: Room, key: str | None = None) -> None:
    """Enter a room; who is a member already stays one.

    Raises `Refused`: BANNED, INVITE_ONLY, WRONG_KEY, ROOM_FULL, TOO_MANY_ROOMS, and ENDED when
    the session left while the room was being opened.
    """
    if session in room.members:
        return
    try:
        _require_entry(hub, session, room, key)
    except Refused:
        close_if_empty(hub, room)  # it may have been opened for this
        raise
    session.invitations -= {room}
    if _is_ungoverned(hub, room):
        room.grant(session.person.id, Role.OPERATOR)
    room.enter(session)
    role = room.role(session)
    joined = entry(Joined, hub, room, session, EntryKind.JOIN, role=role)
    room.arrived(session, joined)
    hub.timeline.record(joined)
    tell_arrival(hub, session, room)


def _require_entry(hub: Hub, session: Session, room: Room, key: str | None) -> None:
    require_here(session)
    if hub.world.room(room.name) is None:
        hub.world.add_room(room)  # it was closed between being opened and this
    if len(session.rooms) >= hub.limits.rooms:
        raise Refused(Reason.TOO_MANY_ROOMS, room.name)
    settings = room.settings
    if room in session.invitations:  # by an operator: that is above all that follows
        return
    if room.is_banned(session):
        raise Refused(Reason.BANNED, room.name)
    standing = room.is_listed(ListKind.INVITATION, session)
    if Flag.INVITE_ONLY in settings.flags and not standing:
        raise Refused(Reason.INVITE_ONLY, room.name)
    if settings.key is not None and key != settings.key:
        raise Refused(Reason.WRONG_KEY, room.name)
    if settings.limit is not None and len(room.members) >= settings.limit:
        raise Refused(Reason.ROOM_FULL, room.name)


def _is_ungoverned(hub: Hub, room: Room) -> bool:
    """Whether whoever enters now becomes its operator: it is new, or was long without one."""
    if room is hub.lobby:
        return False
    if room.governed and hub.clock.now() - room.governed < UNGOVERNED:
        return False
    return not is_governed(room)


def is_governed(room: Room) -> bool:
    """Whether an operator is in a room."""
    return any(room.is_operator(member) for member in room.members)


def part(hub: Hub, session: Session, room: Room, reason: str = "") -> None:
    """Leave a room. Raises `Refused`: NOT_IN_ROOM."""
    require_member(session, room)
    hub.timeline.record(entry(Parted, hub, room, session, EntryKind.PART, reason))
    leave(hub, session, room)


def leave(hub: Hub, session: Session, room: Room) -> None:
    """Take a session out of a room that has heard why; an empty room is closed."""
    take_out(hub, session, room)
    close_if_empty(hub, room)


def take_out(hub: Hub, session: Session, room: Room) -> None:
    """Take a session out of a room and note until when it had an operator."""
    if room.is_operator(session):
        room.governed = hub.clock.now()
    room.leave(session)


def close_if_empty(hub: Hub, room: Room) -> None:
    """Forget a room that nobody is in, once all is saved that happened there.

    What the disk still owes it is saved first, be it after a long time: the store is then all
    that knows its topic, settings and roles, and gives them back with the room.
    """

    def close() -> None:
        if room.members or hub.world.room(room.name) is not room:
            return
        if room.unsaved and hub.timeline.trouble is not None:
            hub.timeline.when_well(close)
        else:
            hub.world.close_room(room)

    if not room.members and room is not hub.lobby:
        hub.timeline.then(close)


def set_topic(hub: Hub, session: Session, room: Room, text: str) -> None:
    """Say what a room is about; nothing ("") takes the topic away, what is too long is cut.

    Raises `Refused`: NOT_IN_ROOM, NEED_OPERATOR, UNWRITABLE.
    """
    require_member(session, room)
    if Flag.TOPIC_LOCKED in room.settings.flags:
        require_operator(session, room)
    hub.timeline.require_writable()
    text = split_utf8(text, hub.limits.topic)[0]
    now = hub.clock.now()
    room.settings.topic = Topic(text, session.mask, now) if text else None
    room.touch()
    hub.timeline.record(entry(TopicSet, hub, room, session, EntryKind.TOPIC, text))


def rename(hub: Hub, session: Session, room: Room, name: str, reason: str = "") -> None:
    """Call a room otherwise; whoever is in it stays in it. No room of that name may be known,
    which is found out by opening it (`open_room`) just before.

    Raises `Refused`: NOT_IN_ROOM, NEED_OPERATOR, BAD_ROOM_NAME, CANNOT_RENAME, ROOM_NAME_IN_USE,
    UNWRITABLE.
    """
    require_operator(session, room)
    _require_renamable(hub, room, name)
    hub.timeline.require_writable()
    reason = split_utf8(reason, hub.limits.topic)[0]
    extra = json.dumps({"reason": reason}, ensure_ascii=False) if reason else None
    event = entry(
        *(RoomRenamed, hub, room, session, EntryKind.RENAME, name),
        target=room.name,
        extra=extra,
        reason=reason,
    )
    vacant = hub.world.room(name)
    if vacant is not None and vacant is not room:
        hub.world.close_room(vacant)
    hub.world.rename_room(room, name)
    room.renamed = hub.clock.now()
    room.touch()
    hub.timeline.record(event)
    for member in room.members:
        member.reader.moved(event)


def _require_renamable(hub: Hub, room: Room, name: str) -> None:
    if room is hub.lobby:
        raise Refused(Reason.CANNOT_RENAME, room.name, name, "everybody comes here")
    if not names.is_room_name(name, hub.limits.room_name):
        raise Refused(Reason.BAD_ROOM_NAME, name)
    other = hub.world.room(name)
    is_taken = name == room.name or not (other is None or other is room or _is_vacant(hub, other))
    if is_taken or hub.world.is_confusing_room(name, room):
        raise Refused(Reason.ROOM_NAME_IN_USE, room.name, name)
    if room.renamed and hub.clock.now() - room.renamed < RENAMED_LATELY:
        why = "that was done less than a minute ago"
        raise Refused(Reason.CANNOT_RENAME, room.name, name, why)


def _is_vacant(hub: Hub, room: Room) -> bool:
    """Whether nobody has ever been in a room: it is open because somebody asks for it."""
    return not (room is hub.lobby or room.kept or room.members or room.position)


def invite(hub: Hub, session: Session, guest: Session, room: Room) -> None:
    """Ask somebody into a room; asked by an operator of it, they may enter once whatever its
    settings are.

    Raises `Refused`: NOT_IN_ROOM, ALREADY_THERE, NEED_OPERATOR (it is for those invited).
    """
    require_member(session, room)
    if guest in room.members:
        raise Refused(Reason.ALREADY_THERE, guest.nick, room.name)
    if Flag.INVITE_ONLY in room.settings.flags:
        require_operator(session, room)
    if may_govern(session, room):
        if len(guest.invitations) >= hub.limits.rooms:
            guest.invitations = frozenset(invitations(hub, guest)[1:])
        guest.invitations |= {room}
    event = Invited(
        session=session, source=session.mask, time=hub.clock.now(), room=room, guest=guest
    )
    hub.timeline.tell(guest, event)
    for member in room.members:
        if member is not session and room.is_operator(member):
            hub.timeline.tell(member, event)


def invitations(hub: Hub, session: Session) -> list[Room]:
    """The rooms that a session was asked into and that are open still, by name."""
    here = (room for room in session.invitations if hub.world.room(room.name) is room)
    return sorted(here, key=lambda room: room.folded)


def visible(hub: Hub, session: Session) -> Iterator[Room]:
    """The rooms that a session may know of."""
    return (room for room in hub.world.rooms if may_know(session, room))


def may_know(session: Session, room: Room) -> bool:
    """Whether a session may know of a room, and of who is in it."""
    return (
        Flag.SECRET not in room.settings.flags
        or session in room.members
        or session.may(Privilege.SEE_ALL)
    )


def require_known(session: Session, room: Room) -> None:
    """Raise `Refused` NOT_IN_ROOM unless a session may know of a room."""
    if not may_know(session, room):
        raise Refused(Reason.NOT_IN_ROOM, room.name)


def require_here(session: Session) -> None:
    """Raise `Refused` ENDED when the session has been ended, by an operator or the stop."""
    if session.ended:
        raise Refused(Reason.ENDED)


def require_member(session: Session, room: Room) -> None:
    """Raise `Refused` NOT_IN_ROOM unless the session is in the room."""
    if session not in room.members:
        raise Refused(Reason.NOT_IN_ROOM, room.name)


def require_operator(session: Session, room: Room) -> None:
    """Raise `Refused` NOT_IN_ROOM or NEED_OPERATOR unless the session may change the room."""
    require_member(session, room)
    if not may_govern(session, room):
        raise Refused(Reason.NEED_OPERATOR, room.name)


def may_govern(session: Session, room: Room) -> bool:
    """Whether a member may do what the room's operators may."""
    return room.is_operator(session) or session.may(Privilege.ROOMS)
