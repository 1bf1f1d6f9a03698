"""Arrival: capabilities, a name, and good-bye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubbub.doors.irc import capabilities, following, greeting, registration, resumption, sts
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, When, declare
from hubbub.hub import people
from hubbub.text.split import split_utf8
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line as written
from hubbub.wire.irc.split import LIST_ROOM, fill

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line


# -- capabilities ------------------------------------------------------------------------------


def _cap(door: IrcDoor, line: Line) -> None:
    subcommand = line.params[0].upper()
    argument = line.params[1] if len(line.params) > 1 else ""
    if subcommand == "LS":
        _negotiate(door)
        if argument.isascii() and argument.isdigit() and len(argument) < 6:
            door.version = max(door.version, int(argument))
        if door.version >= 302:
            # "capability-negotiation": cap-notify is implicitly enabled with version 302.
            door.set_caps(door.caps | Cap.CAP_NOTIFY)
        _send_list(door, "LS", _offered(door))
    elif subcommand == "LIST":
        _send_list(door, "LIST", capabilities.held(door.caps))
    elif subcommand == "REQ":
        _negotiate(door)
        _request(door, argument)
    elif subcommand == "END":
        door.registration.negotiating = False
        if door.session_or_none is None:
            registration.try_to_arrive(door)
    else:
        door.answer(n.ERR_INVALIDCAPCMD, line.params[0], "Invalid CAP command")


def _negotiate(door: IrcDoor) -> None:
    if door.session_or_none is None:
        door.registration.negotiating = True


def _offered(door: IrcDoor) -> list[str]:
    if door.version < 302:
        # "capability-negotiation": no value and no second line for those who do not know 302. So
        # they are told what is ratified: "sts" is nothing without its value, drafts are younger.
        return [name for name in capabilities.TABLE if "/" not in name]
    told = sts.shown(door.doors.policy(), door.link)
    values = door.doors.values
    shown = [one.shown(values.get(name, "")) for name, one in capabilities.TABLE.items()]
    return shown + ([told] if told else [])


def _request(door: IrcDoor, words: str) -> None:
    caps = capabilities.requested(words.split(), door.caps)
    if caps is None:
        _say(door, "NAK", words)
        return
    _say(door, "ACK", words)
    # "capability-negotiation": with 302 cap-notify stays.
    door.set_caps(caps | Cap.CAP_NOTIFY if door.version >= 302 else caps)
    following.obey(door)
    if door.session_or_none is not None:
        resumption.give_token(door)


def _send_list(door: IrcDoor, subcommand: str, words: list[str]) -> None:
    *others, last = fill(words, LIST_ROOM) or [""]
    if door.version >= 302:
        for one in others:
            _say(door, subcommand, "*", one)
        _say(door, subcommand, last)
    else:
        for one in (*others, last):  # before 302 there is no sign for "more follows"
            _say(door, subcommand, one)


def _say(door: IrcDoor, *words: str) -> None:
    server = door.doors.settings.server
    door.put(written("CAP", door.nick, *words, source=server, trailing=True))


# -- a name ------------------------------------------------------------------------------------


def _nick(door: IrcDoor, line: Line) -> None:
    if not line.params or not line.params[0]:
        door.answer(n.ERR_NONICKNAMEGIVEN, "No nickname given")
        return
    nick = line.params[0]
    session = door.session_or_none
    if session is not None:
        people.rename(door.hub, session, nick)
        return
    people.require_free(door.hub, nick, resumption.own_nick(door))
    door.registration.nick = nick
    registration.try_to_arrive(door)


def _user(door: IrcDoor, line: Line) -> None:
    limits = door.hub.limits
    door.registration.username = registration.username_from(line.params[0], limits.username)
    door.registration.real_name = split_utf8(line.params[3], limits.real_name)[0]
    registration.try_to_arrive(door)


def _pass(door: IrcDoor, line: Line) -> None:
    door.registration.password = line.params[0]


def _find_person(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    return _know_again(door, line.params[0]) if resumption.may_try(door) else None


async def _know_again(door: IrcDoor, token: str) -> Handler:
    person = await resumption.look_up(door, token)

    def accept(door: IrcDoor, _line: Line) -> None:
        door.registration.person = person
        registration.try_to_arrive(door)  # it may be all that was missing

    return accept


def _resume(door: IrcDoor, _line: Line) -> None:
    """Nothing was looked up, so it is not the time."""
    resumption.refuse_now(door)


def _isupport(door: IrcDoor, _line: Line) -> None:
    if door.session_or_none is None and not door.caps & Cap.EXTENDED_ISUPPORT:
        door.answer(n.ERR_NOTREGISTERED, "You have not registered")
        return
    greeting.send_isupport(door)


# -- being there, and not ----------------------------------------------------------------------


def _ping(door: IrcDoor, line: Line) -> None:
    server = door.doors.settings.server
    door.put(written("PONG", server, line.params[0], source=server, trailing=True))


def _pong(_door: IrcDoor, _line: Line) -> None:
    """Whatever comes says that the client is there."""


def _quit(door: IrcDoor, line: Line) -> None:
    reason = line.params[0] if line.params else ""
    door.leave(f"Quit: {reason}" if reason else "Quit", error=f"Bye {reason}".rstrip())


def _error(_door: IrcDoor, _line: Line) -> None:
    """Servers say it to servers."""


declare(
    Command("CAP", "<subcommand> [<words>]", "Capabilities: LS, LIST, REQ, END", _cap, When.ANY),
    Command("NICK", "<nick>", "Be called so", _nick, When.ANY, cost=2.0, silent=True),
    Command("USER", "<user> <mode> <unused> <real name>", "Say who you are", _user, When.BEFORE),
    Command("PASS", "<password>", "The password of the server", _pass, When.BEFORE),
    Command(
        "RESUME",
        "<token>",
        "Be who you were",
        _resume,
        When.ANY,
        cost=2.0,
        prepare=_find_person,
    ),
    Command("ISUPPORT", "", "What this server can do", _isupport, When.ANY),
    Command("PING", "<token>", "Be answered when all before is done", _ping, When.ANY, cost=0.2),
    Command("PONG", "[<token>]", "The answer to a PING", _pong, When.ANY, cost=0.2),
    Command("QUIT", "[<reason>]", "Leave", _quit, When.ANY),
    Command("ERROR", "[<text>]", "Means nothing from a client", _error, When.ANY),
)
