"""People: who is here, what is known of them, whether they answer, and who wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core import masks
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import keyvalues, names, service, who, whois
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, When, declare
from hubbub.hub import people, rooms
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import head, room
from hubbub.wire.irc.split import LIST_ROOM, fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

MOST_NICKS = 10
"""Names that one USERHOST or WHOIS may ask for."""


# -- who they are ------------------------------------------------------------------------------


def _who(door: IrcDoor, line: Line) -> None:
    mask = line.params[0] if line.params and line.params[0] else "*"
    second = line.params[1] if len(line.params) > 1 else ""
    fields = who.fields_of(second)
    operators_only = fields is None and second == "o"
    room = door.hub.world.room(mask) if mask.startswith("#") else None
    found: Iterable[Session] = ()
    if room is not None:
        if rooms.may_know(door.session, room):
            found = names.visible(door, room)
    elif not mask.startswith("#"):
        found = _matching(door, "*" if mask == "0" else mask)
    for one in found:
        if not operators_only or one.operator is not None:
            who.reply(door, one, room, fields)
    door.answer(n.RPL_ENDOFWHO, mask, "End of WHO list")


def _matching(door: IrcDoor, mask: str) -> Iterable[Session]:
    """Whoever has that name, or else those whom one may find and who match."""
    exact = door.hub.world.session(mask)
    if exact is not None:
        return (exact,)
    if not any(char in mask for char in "*?"):
        return ()
    return [
        one
        for one in people.visible(door.hub, door.session)
        if any(masks.matches(mask, text) for text in (one.nick, one.username, one.host))
    ]


def _whois(door: IrcDoor, line: Line) -> None:
    # RFC 2812 §3.6.2: with two parameters the first is a server; there is but this one.
    wanted = line.params[1] if len(line.params) > 1 and line.params[1] else line.params[0]
    for nick in wanted.split(",")[:MOST_NICKS]:
        session = door.hub.world.session(nick)
        if session is not None:
            whois.tell(door, session)
        elif service.is_meant(nick):
            whois.tell_house(door)
        else:
            door.answer(n.ERR_NOSUCHNICK, nick or "*", "No such nick")
    door.answer(n.RPL_ENDOFWHOIS, wanted, "End of /WHOIS list")


def _whowas(door: IrcDoor, line: Line) -> None:
    nick = line.params[0]
    count = line.params[1] if len(line.params) > 1 else ""
    most = int(count) if count.isascii() and count.isdigit() and len(count) < 6 else 0
    past = door.hub.memory.of(nick)
    for one in past[:most] if most else past:
        whois.tell_past(door, one)
    if not past:
        door.answer(n.ERR_WASNOSUCHNICK, nick, "There was no such nickname")
    door.answer(n.RPL_ENDOFWHOWAS, nick, "End of WHOWAS")


def _ison(door: IrcDoor, line: Line) -> None:
    wanted = " ".join(line.params).split()
    here = [one.nick for nick in wanted if (one := door.hub.world.session(nick)) is not None]
    space = room(head(n.RPL_ISON, door.nick, source=door.doors.settings.server))
    door.answer(n.RPL_ISON, (fill(here, space) or [""])[0])


def _userhost(door: IrcDoor, line: Line) -> None:
    found = []
    for nick in line.params[:MOST_NICKS]:
        one = door.hub.world.session(nick)
        if one is not None:
            star = "*" if one.operator is not None else ""
            sign = "+" if one.away is None else "-"
            found.append(f"{one.nick}{star}={sign}{one.username}@{one.host}")
    door.answer(n.RPL_USERHOST, " ".join(found))


# -- what they say of themselves ---------------------------------------------------------------


def _away(door: IrcDoor, line: Line) -> None:
    reason = line.params[0] if line.params else ""
    if door.session_or_none is not None:
        people.set_away(door.hub, door.session, reason or None)
    elif door.caps & Cap.PRE_AWAY:
        door.registration.away = reason
    else:
        door.answer(n.ERR_NOTREGISTERED, "You have not registered")
        return
    if reason:
        door.answer(n.RPL_NOWAWAY, "You have been marked as being away")
    else:
        door.answer(n.RPL_UNAWAY, "You are no longer marked as being away")


def _setname(door: IrcDoor, line: Line) -> None:
    try:
        people.set_real_name(door.hub, door.session, line.params[0])
    except Refused as no:
        # "setname": the code of the FAIL is INVALID_REALNAME.
        door.refuse(no, line.command)


# -- who wants to know -------------------------------------------------------------------------


def _monitor(door: IrcDoor, line: Line) -> None:
    action = line.params[0].upper()
    targets = line.params[1].split(",") if len(line.params) > 1 else []
    if action == "+":
        _watch(door, [target for target in targets if target])
    elif action == "-":
        for target in targets:
            people.unwatch(door.hub, door.session, target)
    elif action == "C":
        door.hub.watching.forget(door.session)
    elif action == "L":
        watched = [nick for nick, _ in people.watched(door.hub, door.session)]
        for names_here in fill(watched, LIST_ROOM, ","):
            door.answer(n.RPL_MONLIST, names_here)
        door.answer(n.RPL_ENDOFMONLIST, "End of MONITOR list")
    elif action == "S":
        _tell_watched(door, people.watched(door.hub, door.session))


def _watch(door: IrcDoor, targets: list[str]) -> None:
    seen: list[tuple[str, Session | None]] = []
    for index, nick in enumerate(targets):
        if service.is_meant(nick):  # it never goes, so it needs no place on the list
            door.answer(n.RPL_MONONLINE, service.mask(door))
            continue
        try:
            seen.append((nick, people.watch(door.hub, door.session, nick)))
        except Refused as no:
            if no.reason is Reason.TOO_MANY_WATCHED:
                # "monitor": all that did not find a place.
                rest = ",".join(targets[index:])
                door.answer(n.ERR_MONLISTFULL, no.details[0], rest, "Monitor list is full")
                break
            door.refuse(no, "MONITOR")
    _tell_watched(door, seen)


def _tell_watched(door: IrcDoor, seen: list[tuple[str, Session | None]]) -> None:
    here = [one.mask for _, one in seen if one is not None]
    gone = [nick for nick, one in seen if one is None]
    for found in fill(here, LIST_ROOM, ","):
        door.answer(n.RPL_MONONLINE, found)
    for found in fill(gone, LIST_ROOM, ","):
        door.answer(n.RPL_MONOFFLINE, found)
    keyvalues.show_watched(door, [one for _, one in seen if one is not None])


declare(
    Command(
        "WHO",
        "[<mask> <fields>]",
        "Who is here, or in a channel",
        _who,
        cost=3.0,
        details=who.DETAILS,
    ),
    Command("WHOIS", "<nick> [<nick of the same>]", "What is known of somebody", _whois, cost=2.0),
    Command("WHOWAS", "<nick> [<count>]", "Who had a name before", _whowas, cost=2.0),
    Command("ISON", "<nicks>", "Whether they are here", _ison),
    Command("USERHOST", "<nicks>", "Where they are", _userhost),
    Command("AWAY", "[<reason>]", "Say that you do not answer, or that you do", _away, When.ANY),
    Command("SETNAME", "<real name>", "Say who you are", _setname, cost=2.0),
    Command(
        "MONITOR",
        "<+, -, C, L or S> [<nicks>]",
        "Hear when people come and go",
        _monitor,
        details=(
            "+ and - put nicks, with commas between them, on your list or take them off",
            "C empties it, L reads it out, S says who of it is here",
        ),
    ),
)
