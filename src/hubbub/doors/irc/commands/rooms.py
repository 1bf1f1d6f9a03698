"""Rooms: entering and leaving, topics, lists, invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Trait
from hubbub.doors.irc import inside, listing, names
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.hub import history, people, rooms
from hubbub.wire.irc import numerics as n

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.core.rooms import Room
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line


def the_room(door: IrcDoor, name: str) -> Room:
    """The open room of a name that a client gave. Raises `Refused` NO_SUCH_ROOM."""
    room = door.hub.world.room(name) if name.startswith("#") else None
    if room is None:
        raise Refused(Reason.NO_SUCH_ROOM, name)
    return room


# -- entering and leaving ----------------------------------------------------------------------


def _wanted(line: Line) -> list[str]:
    return [name for name in line.params[0].split(",") if name]


def _open_rooms(door: IrcDoor, line: Line) -> Coroutine[Any, Any, None] | None:
    """Open what is not open: the store may know it."""
    world = door.hub.world
    closed = [name for name in _wanted(line) if name[0] == "#" and world.room(name) is None]
    return _open(door, closed) if closed else None


async def _open(door: IrcDoor, closed: list[str]) -> None:
    opened: list[Room] = []
    try:
        for name in closed[: door.hub.limits.rooms]:
            try:
                opened.append(await rooms.open_room(door.hub, name))
            except Refused:
                continue  # the handler comes to the same conclusion
    finally:
        # Whoever asked may be gone, and then nobody enters what was opened for them.
        for room in opened:
            rooms.close_if_empty(door.hub, room)


def _join(door: IrcDoor, line: Line) -> None:
    if line.params[0] == "0":
        for room in sorted(door.session.rooms, key=lambda room: room.name):
            rooms.part(door.hub, door.session, room)
        return
    keys = line.params[1].split(",") if len(line.params) > 1 else []
    for index, name in enumerate(_wanted(line)):
        try:
            _enter(door, name, keys[index] if index < len(keys) else None)
        except Refused as no:
            door.refuse(no, line.command)


def _enter(door: IrcDoor, name: str, key: str | None) -> None:
    hub, session = door.hub, door.session
    if hub.world.room(name) is None and len(session.rooms) >= hub.limits.rooms:
        raise Refused(Reason.TOO_MANY_ROOMS, name)  # so it was not even opened
    room = the_room(door, name)
    if session in room.members:
        return
    rooms.join(door.hub, door.session, room, key or None)
    inside.show(door, room)
    # "chathistory": who can ask is not played anything unasked. Programs have no use for it.
    if not door.caps & Cap.CHATHISTORY and Trait.BOT not in door.session.traits:
        history.replay(door.hub, door.session, room)


def _part(door: IrcDoor, line: Line) -> None:
    reason = line.params[1] if len(line.params) > 1 else ""
    for name in _wanted(line):
        try:
            rooms.part(door.hub, door.session, the_room(door, name), reason)
        except Refused as no:
            door.refuse(no, line.command)


# -- names -------------------------------------------------------------------------------------


def _hold_name(door: IrcDoor, line: Line) -> Coroutine[Any, Any, None] | None:
    """Find out whether the store knows a room of that name, for who may rename one."""
    name, wanted = line.params[:2]
    room = door.hub.world.room(name)
    if room is None or room is door.hub.world.room(wanted):
        return None
    try:
        rooms.require_operator(door.session, room)
    except Refused:
        return None  # the handler comes to the same conclusion
    return _hold(door, wanted)


async def _hold(door: IrcDoor, name: str) -> None:
    """Open a room, so that nobody else does before its name is given to another."""
    rooms.close_if_empty(door.hub, await rooms.open_room(door.hub, name))


def _rename(door: IrcDoor, line: Line) -> None:
    name, wanted, *reason = line.params[:3]
    rooms.rename(door.hub, door.session, the_room(door, name), wanted, *reason)


# -- topics ------------------------------------------------------------------------------------


def _topic(door: IrcDoor, line: Line) -> None:
    room = the_room(door, line.params[0])
    if len(line.params) > 1:
        rooms.set_topic(door.hub, door.session, room, line.params[1])
        return
    rooms.require_known(door.session, room)
    if room.settings.topic is None:
        door.answer(n.RPL_NOTOPIC, room.name, "No topic is set")
    else:
        inside.topic(door, room)


# -- who is there, and what rooms there are ----------------------------------------------------


def _names(door: IrcDoor, line: Line) -> None:
    if not line.params:
        names.end(door, "*")  # Modern: a list of all is no longer given
        return
    for name in dict.fromkeys(_wanted(line)):
        room = door.hub.world.room(name) if name[0] == "#" else None
        if room is not None and rooms.may_know(door.session, room):
            names.replies(door, room)
    names.end(door, line.params[0])


def _list(door: IrcDoor, line: Line) -> None:
    wanted = listing.parse(line.params[0] if line.params else "")
    now = door.hub.clock.now()
    door.answer(n.RPL_LISTSTART, "Channel", "Users  Name")
    for room in rooms.visible(door.hub, door.session):
        if room.members and wanted.has(room, now):  # an open room may be empty, as the lobby is
            topic = room.settings.topic
            text = "" if topic is None else topic.text
            door.answer(n.RPL_LIST, room.name, str(len(room.members)), text)
    door.answer(n.RPL_LISTEND, "End of /LIST")


# -- invitations -------------------------------------------------------------------------------


def _invite(door: IrcDoor, line: Line) -> None:
    if not line.params:
        for room in rooms.invitations(door.hub, door.session):
            door.answer(n.RPL_INVITELIST, room.name)
        door.answer(n.RPL_ENDOFINVITELIST, "End of /INVITE list")
        return
    if len(line.params) < 2 or "" in line.params[:2]:
        door.answer(n.ERR_NEEDMOREPARAMS, "INVITE", "Not enough parameters")
        return
    nick, name = line.params[:2]
    guest = people.somebody(door.hub, nick)
    room = the_room(door, name)
    rooms.invite(door.hub, door.session, guest, room)
    door.answer(n.RPL_INVITING, guest.nick, room.name)
    if guest.away is not None:
        door.answer(n.RPL_AWAY, guest.nick, guest.away)


declare(
    Command("JOIN", "<channels> [<keys>]", "Enter channels", _join, cost=2.0, prepare=_open_rooms),
    Command("PART", "<channels> [<reason>]", "Leave channels", _part, cost=2.0),
    Command(
        "RENAME",
        "<channel> <new name> [<reason>]",
        "Call a channel otherwise",
        _rename,
        cost=4.0,
        prepare=_hold_name,
    ),
    Command("TOPIC", "<channel> [<topic>]", "See or say what a channel is about", _topic),
    Command("NAMES", "[<channels>]", "Who is in channels", _names, cost=2.0),
    Command(
        "LIST",
        "[<conditions or channels>]",
        "What channels there are",
        _list,
        cost=4.0,
        details=listing.CONDITIONS,
    ),
    Command(
        "INVITE", "[<nick> <channel>]", "Ask somebody in, or see who asks you", _invite, cost=2.0
    ),
)
