"""Moderation: MODE and KICK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hubbub.core import masks
from hubbub.core.refusals import Reason, Refused
from hubbub.core.settings import (
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.doors.irc import letters
from hubbub.doors.irc.commands.rooms import the_room
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.doors.irc.isupport import MAX_TARGETS
from hubbub.hub import moderation, operations, people
from hubbub.hub.rooms import require_known, require_operator
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line as written
from hubbub.wire.irc.modes import Kind, ModeKinds, parse_modes

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.settings import Change
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line
    from hubbub.wire.irc.modes import Change as Mode

# RFC 2812 §2.3.1: a key is ASCII without controls and spaces; a comma would end it in a JOIN.
_KEY = re.compile(r"[!-+\--9;-~][!-+\--~]{0,31}")
_LIMIT = re.compile(r"[1-9][0-9]{0,8}")
_USER_KINDS = ModeKinds(flags=letters.USER_MODES)

_LISTS = {
    ListKind.BAN: (n.RPL_BANLIST, n.RPL_ENDOFBANLIST, "End of channel ban list"),
    ListKind.EXCEPTION: (n.RPL_EXCEPTLIST, n.RPL_ENDOFEXCEPTLIST, "End of channel exception list"),
    ListKind.INVITATION: (n.RPL_INVEXLIST, n.RPL_ENDOFINVEXLIST, "End of channel invite list"),
}


def _mode(door: IrcDoor, line: Line) -> None:
    if line.params[0].startswith("#"):
        _room_mode(door, the_room(door, line.params[0]), line.params[1:])
    else:
        _user_mode(door, line.params[0], line.params[1:])


# -- rooms -------------------------------------------------------------------------------------


def _room_mode(door: IrcDoor, room: Room, params: list[str]) -> None:
    if not params:
        require_known(door.session, room)
        inside = door.session in room.members
        door.answer(n.RPL_CHANNELMODEIS, room.name, *letters.of_room(room, with_key=inside))
        door.answer(n.RPL_CREATIONTIME, room.name, str(room.created // 1000))
        return
    changes: list[Change] = []
    asked: set[ListKind] = set()
    for mode in parse_modes(params, kinds=letters.KINDS):
        if mode.asks_list:
            asked.add(letters.LISTS[mode.letter])
            continue
        change = _change(door, room, mode)
        if change is not None:
            changes.append(change)
    for kind in letters.LISTS.values():
        if kind in asked:
            _show(door, room, kind)
    if changes:
        moderation.change(door.hub, door.session, room, changes)


def _show(door: IrcDoor, room: Room, kind: ListKind) -> None:
    """A list; all but the bans are for those who may change them."""
    if kind is ListKind.BAN:
        require_known(door.session, room)
    else:
        require_operator(door.session, room)
    entry, end, text = _LISTS[kind]
    for listed in room.settings.lists[kind].values():
        by = listed.by.partition("!")[0]
        door.answer(entry, room.name, listed.mask.text, by, str(listed.time // 1000))
    door.answer(end, room.name, text)


def _change(door: IrcDoor, room: Room, mode: Mode) -> Change | None:
    """What a letter asks for, None when it asks for nothing that can be; the client is told."""
    on, letter, param = mode.sign == "+", mode.letter, mode.param
    if mode.kind is Kind.UNKNOWN:
        door.answer(n.ERR_UNKNOWNMODE, letter, "is unknown mode char to me")
    elif mode.kind is Kind.FLAG:
        return FlagChange(letters.FLAGS[letter], on)
    elif letter == letters.KEY and not on:
        return KeyChange(None)
    elif letter == letters.LIMIT and not on:
        return LimitChange(None)
    elif param is None:
        text = "You must specify a parameter for the mode"
        door.answer(n.ERR_INVALIDMODEPARAM, room.name, letter, "*", text)
    elif mode.kind is Kind.PREFIX:
        return _role(door, room, letter, param, on=on)
    elif mode.kind is Kind.LIST:
        return ListChange(letters.LISTS[letter], masks.parse(param[:200]), on)
    elif letter == letters.KEY and _KEY.fullmatch(param):
        return KeyChange(param)
    elif letter == letters.LIMIT and _LIMIT.fullmatch(param):
        return LimitChange(int(param))
    else:
        shown = "*" if letter == letters.KEY else param
        door.answer(n.ERR_INVALIDMODEPARAM, room.name, letter, shown, "Invalid mode parameter")
    return None


def _role(door: IrcDoor, room: Room, letter: str, nick: str, *, on: bool) -> Change | None:
    member = door.hub.world.session(nick)
    if member is None:
        door.answer(n.ERR_NOSUCHNICK, nick, "No such nick")
    elif member not in room.members:
        door.answer(n.ERR_USERNOTINCHANNEL, nick, room.name, "They aren't on that channel")
    else:
        return RoleChange(member, letters.ROLES[letter], on)
    return None


# -- users -------------------------------------------------------------------------------------


def _user_mode(door: IrcDoor, nick: str, params: list[str]) -> None:
    session = door.session
    if people.somebody(door.hub, nick) is not session:
        door.answer(n.ERR_USERSDONTMATCH, "Cannot change mode for other users")
        return
    if not params:
        door.answer(n.RPL_UMODEIS, letters.of_user(session))
        return
    done, unknown = "", False
    for mode in parse_modes(params, kinds=_USER_KINDS):
        on = mode.sign == "+"
        if mode.letter in letters.TRAITS:
            if people.set_trait(door.hub, session, letters.TRAITS[mode.letter], on=on):
                done += mode.sign + mode.letter
        elif mode.letter == letters.OPERATOR:
            if not on and session.operator is not None:
                operations.step_down(session)
                done += mode.sign + mode.letter
        else:
            unknown = True
    if unknown:
        door.answer(n.ERR_UMODEUNKNOWNFLAG, "Unknown MODE flag")
    if done:
        tell_user_mode(door, done)


def tell_user_mode(door: IrcDoor, modes: str) -> None:
    """What has changed about this user."""
    door.put(written("MODE", door.nick, modes, source=door.session.mask))


# -- kicks -------------------------------------------------------------------------------------


def _kick(door: IrcDoor, line: Line) -> None:
    reason = line.params[2] if len(line.params) > 2 and line.params[2] else door.nick
    names_of_rooms = line.params[0].split(",")
    nicks = line.params[1].split(",")[:MAX_TARGETS]
    if len(names_of_rooms) == 1:
        names_of_rooms *= len(nicks)
    # RFC 2812 §3.2.8: one channel, or as many channels as there are nicks.
    for name, nick in dict.fromkeys(zip(names_of_rooms, nicks, strict=False)):
        try:
            _send_out(door, name, nick, reason)
        except Refused as no:
            door.refuse(no, line.command)


def _send_out(door: IrcDoor, name: str, nick: str, reason: str) -> None:
    room = the_room(door, name)
    require_operator(door.session, room)
    victim = door.hub.world.session(nick)
    if victim is None:  # RFC 2812 §3.2.8 has no other numeric for somebody who is nowhere
        raise Refused(Reason.NOT_THERE, nick, room.name)
    moderation.kick(door.hub, door.session, victim, room, reason)


declare(
    Command(
        "MODE",
        "<channel or nick> [<modes> <parameters>]",
        "See or change modes",
        _mode,
        details=tuple(letters.described()),
    ),
    Command("KICK", "<channel> <nicks> [<reason>]", "Send people out of a channel", _kick),
)
