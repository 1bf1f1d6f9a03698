"""Operations: what the server says of itself, and what its operators do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hubbub import __version__
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Privilege
from hubbub.doors.irc import greeting
from hubbub.doors.irc.commands.moderation import tell_user_mode
from hubbub.doors.irc.dispatch import COMMANDS, Command, declare
from hubbub.hub import operations
from hubbub.wire.irc import numerics as n

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.door import IrcDoor
    from hubbub.hub.operations import Reload
    from hubbub.wire.irc.line import Line

_DAY = 86_400
_MINUTE = 60_000


# -- what the server says of itself ------------------------------------------------------------


def _motd(door: IrcDoor, _line: Line) -> None:
    greeting.motd(door)


def _lusers(door: IrcDoor, _line: Line) -> None:
    greeting.lusers(door)


def _version(door: IrcDoor, _line: Line) -> None:
    door.answer(n.RPL_VERSION, f"hubbub-{__version__}", door.doors.settings.server, "")


def _time(door: IrcDoor, _line: Line) -> None:
    moment = datetime.fromtimestamp(door.hub.clock.now() / 1000, UTC)
    text = f"{moment:%A %B %d %Y -- %H:%M:%S} +00:00"
    door.answer(n.RPL_TIME, door.doors.settings.server, text)


def _info(door: IrcDoor, _line: Line) -> None:
    settings = door.doors.settings
    for text in (
        f"hubbub {__version__}: one command, one port, everything saved",
        f"{settings.server}: {settings.description}",
    ):
        door.answer(n.RPL_INFO, text)
    door.answer(n.RPL_ENDOFINFO, "End of INFO list")


def _admin(door: IrcDoor, _line: Line) -> None:
    settings = door.doors.settings
    if not settings.admin:
        door.answer(n.ERR_NOADMININFO, settings.server, "No administrative info available")
        return
    door.answer(n.RPL_ADMINME, settings.server, "Administrative info")
    door.answer(n.RPL_ADMINLOC1, settings.description)
    door.answer(n.RPL_ADMINEMAIL, settings.admin)


def _links(door: IrcDoor, _line: Line) -> None:
    door.answer(n.RPL_ENDOFLINKS, "*", "End of /LINKS list")


def _stats(door: IrcDoor, line: Line) -> None:
    letter = line.params[0][:1]
    if letter == "u":
        seconds = (door.hub.clock.now() - door.hub.started) // 1000
        days, rest = divmod(seconds, _DAY)
        clock = f"{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"
        door.answer(n.RPL_STATSUPTIME, f"Server Up {days} days {clock}")
    elif letter == "k":
        for ban in operations.bans(door.hub, door.session):
            door.answer(n.RPL_STATSKLINE, "K", ban.target, "*", "*", ban.reason)
    elif not door.session.may(Privilege.SEE_ALL):
        raise Refused(Reason.NOT_PRIVILEGED)
    elif letter == "t":
        stats = operations.statistics(door.hub)
        text = f"{stats.batches} batches, {stats.saved} saved, {stats.unsaved} unsaved"
        door.answer(n.RPL_STATSDEBUG, letter, text)
    door.answer(n.RPL_ENDOFSTATS, letter or "*", "End of STATS report")


def _help(door: IrcDoor, line: Line) -> None:
    subject = line.params[0].upper() if line.params else ""
    command = COMMANDS.get(subject)
    if subject and command is None:
        door.answer(n.ERR_HELPNOTFOUND, subject, "No help available on this topic")
    elif command is not None:
        door.answer(n.RPL_HELPSTART, subject, command.synopsis)
        for text in (f"{command.summary}.", *command.details):
            door.answer(n.RPL_HELPTXT, subject, text)
        door.answer(n.RPL_ENDOFHELP, subject, "End of /HELP")
    else:
        door.answer(n.RPL_HELPSTART, "*", "The commands of this server; HELP and a name says more")
        for name in sorted(COMMANDS):
            door.answer(n.RPL_HELPTXT, "*", COMMANDS[name].synopsis)
        door.answer(n.RPL_ENDOFHELP, "*", "End of /HELP")


# -- what its operators do ---------------------------------------------------------------------


async def _become_operator(door: IrcDoor, line: Line) -> None:
    name, password = line.params[:2]
    await operations.become_operator(door.hub, door.session, name, password, door.doors.verify)


def _oper(door: IrcDoor, _line: Line) -> None:
    door.answer(n.RPL_YOUREOPER, "You are now an IRC operator")
    tell_user_mode(door, "+o")


def _do_kill(door: IrcDoor, line: Line) -> Coroutine[Any, Any, None]:
    reason = line.params[1] if len(line.params) > 1 else "no reason was given"
    return operations.kill(door.hub, door.session, line.params[0], reason)


def _do_wallops(door: IrcDoor, line: Line) -> Coroutine[Any, Any, None]:
    return operations.wallops(door.hub, door.session, line.params[0])


def _do_rehash(door: IrcDoor, _line: Line) -> Coroutine[Any, Any, None] | None:
    return None if door.doors.reload is None else _reload(door, door.doors.reload)


async def _reload(door: IrcDoor, reload: Reload) -> None:
    door.doors.reloaded = await operations.rehash(door.hub, door.session, reload)


def _rehash(door: IrcDoor, line: Line) -> None:
    """Says what became of it: this follows at once, so it is still ours that was reloaded last."""
    if door.doors.reload is None:
        door.fail(line.command, "CANNOT_REHASH", "This server has no configuration to read again")
        return
    door.answer(n.RPL_REHASHING, "configuration", "Rehashing")
    reloaded = door.doors.reloaded
    if reloaded.mistake:
        text = f"Nothing has changed: {reloaded.mistake}"
        door.fail(line.command, "INVALID_CONFIGURATION", text)
    for change in reloaded.changes or ("Nothing has changed",) * (not reloaded.mistake):
        door.notice(change)


async def _do_kline(door: IrcDoor, line: Line) -> None:
    target, minutes, reason = _ban_of(line)
    lasts = None if minutes is None else minutes * _MINUTE
    await operations.ban(door.hub, door.session, target, reason, lasts=lasts)


def _kline(door: IrcDoor, line: Line) -> None:
    target, minutes, _ = _ban_of(line)
    lasts = "for good" if minutes is None else f"for {minutes} minutes"
    door.notice(f"{target} is banned {lasts}; STATS k lists all")


def _ban_of(line: Line) -> tuple[str, int | None, str]:
    """The target, the minutes (None: for good, also written 0) and the reason of a KLINE."""
    first, *rest = line.params
    if first.isascii() and first.isdigit() and len(first) < 9 and rest:
        return rest[0], int(first) or None, rest[1] if len(rest) > 1 else ""
    return first, None, rest[0] if rest else ""


async def _do_unkline(door: IrcDoor, line: Line) -> None:
    await operations.unban(door.hub, door.session, line.params[0])


def _unkline(door: IrcDoor, line: Line) -> None:
    door.notice(f"{line.params[0]} is banned no more")


def _done(_door: IrcDoor, _line: Line) -> None:
    """All is done in the preparing step, which keeps the record before it acts."""


declare(
    Command("MOTD", "[<server>]", "The message of the day", _motd, cost=2.0),
    Command("LUSERS", "", "How many are here", _lusers),
    Command("VERSION", "[<server>]", "What runs here", _version),
    Command("TIME", "[<server>]", "What time it is here", _time),
    Command("INFO", "[<server>]", "About this server", _info),
    Command("ADMIN", "[<server>]", "Whom to ask about this server", _admin),
    Command("LINKS", "", "The servers of this network", _links),
    Command(
        "STATS",
        "<letter>",
        "How it goes",
        _stats,
        details=(
            "u: since when the server runs",
            "k: who is banned (operators with ban)",
            "t: the timeline (operators with see-all)",
        ),
    ),
    Command("HELP", "[<command>]", "What can be sent", _help, cost=2.0),
    Command("HELPOP", "[<command>]", "The same as HELP", _help, cost=2.0),
    Command(
        "OPER",
        "<name> <password>",
        "Act for the server",
        _oper,
        cost=5.0,
        prepare=_become_operator,
    ),
    Command(
        "KILL",
        "<nick> [<reason>]",
        "End somebody's connection",
        _done,
        privilege=Privilege.KILL,
        prepare=_do_kill,
    ),
    Command(
        "WALLOPS",
        "<text>",
        "Tell all who listen",
        _done,
        privilege=Privilege.WALLOPS,
        prepare=_do_wallops,
    ),
    Command(
        "REHASH",
        "",
        "Read the configuration again",
        _rehash,
        privilege=Privilege.REHASH,
        prepare=_do_rehash,
    ),
    Command(
        "KLINE",
        "<minutes or mask> [<mask> <reason>]",
        "Ban an address, a network or a mask from the server",
        _kline,
        privilege=Privilege.BAN,
        prepare=_do_kline,
        details=(
            "KLINE 192.0.2.7 - an address, for good",
            "KLINE 60 2001:db8::/32 :calm down - a network, for an hour, with a reason",
            "KLINE bad*!*@* - nick!user@host; UNKLINE lifts it, STATS k lists all",
        ),
    ),
    Command(
        "UNKLINE",
        "<mask>",
        "Lift a ban from the server",
        _unkline,
        privilege=Privilege.BAN,
        prepare=_do_unkline,
    ),
)
