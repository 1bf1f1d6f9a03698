"""Amending: REDACT, what was said is taken away ("message-redaction").

What is told of it is `render`'s, for those who know the capability and for those who do not. The
specification wants the capability of who sends it, too; a person who types it by hand is as good.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.hub import amending

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

_NOWHERE: Final = "You cannot delete messages from there"
_NOT_THERE: Final = {Reason.NO_SUCH_ROOM, Reason.NOT_IN_ROOM, Reason.NO_SUCH_NICK}


def _look(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store for the message, unless it is to be in a channel that one is not in."""
    target, msgid = line.params[:2]
    room = door.hub.world.room(target)
    if target[0] == "#" and (room is None or room not in door.session.rooms):
        return None
    return _find(door, target, msgid)


def _turn_away(door: IrcDoor, line: Line) -> None:
    """Say that there is nothing to take away for who is not there."""
    door.fail(line.command, "INVALID_TARGET", line.params[0], _NOWHERE)


async def _find(door: IrcDoor, target: str, msgid: str) -> Handler:
    hub, session = door.hub, door.session
    try:
        meant = await amending.find(hub, session, target, msgid)
    except (Refused, StoreError) as no:
        return _refusing(target, msgid, no)

    def redact(door: IrcDoor, line: Line) -> None:
        try:
            amending.redact(hub, session, meant, "".join(line.params[2:3]))
        except Refused as no:
            _refusing(target, msgid, no)(door, line)

    return redact


def _refusing(target: str, msgid: str, no: Refused | StoreError) -> Handler:
    """What says that nothing was taken away, and why."""

    def refuse(door: IrcDoor, line: Line) -> None:
        if isinstance(no, StoreError):
            log.error("cannot read: %s", no)
            words = ("CANNOT_READ", target, msgid, "Nothing can be read at the moment")
            door.fail(line.command, *words)
        elif no.reason in _NOT_THERE:
            _turn_away(door, line)
        else:
            door.refuse(no, line.command)

    return refuse


declare(
    Command(
        "REDACT",
        "<target> <msgid> [<reason>]",
        "Take away what was said",
        _turn_away,
        cost=2.0,
        prepare=_look,
        details=("Your own words, for a time; what others said if you are channel operator",),
    ),
)
