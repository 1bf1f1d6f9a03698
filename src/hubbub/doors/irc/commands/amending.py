"""Amending: EDIT, what was said is put otherwise (hubbub.chat/edit), and REDACT, it is taken away
("message-redaction").

What is told of it is `render`'s, for those who know the capability and for those who do not. The
specifications want the capability of who sends it, too; a person who types it by hand is as good.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.events import EntryKind
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import edits
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.doors.irc.letters import SIGNS
from hubbub.doors.irc.render import ACTION
from hubbub.hub import amending

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.hub.amending import Meant
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

_NOWHERE: Final = {
    "EDIT": "You cannot edit messages there",
    "REDACT": "You cannot delete messages from there",
}
_NOT_THERE: Final = {Reason.NO_SUCH_ROOM, Reason.NOT_IN_ROOM, Reason.NO_SUCH_NICK}


# -- EDIT --------------------------------------------------------------------------------------


def _look_to_edit(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store for the message, unless nothing can come of it."""
    msgid, text = edits.asked(line)
    if _why_not(door, msgid, text):
        return None  # the handler says so

    def edit(door: IrcDoor, meant: Meant) -> None:
        amending.edit(door.hub, door.session, meant, _without_frame(text, meant))

    return _find(door, line.params[0], msgid, edit)


def _refuse_edit(door: IrcDoor, line: Line) -> None:
    """Say what is wrong with an edit that could not be looked at."""
    msgid, text = edits.asked(line)
    why = _why_not(door, msgid, text)
    if not why:
        _turn_away(door, line)
        return
    about = [line.params[0], *([msgid] if msgid else [])]
    door.fail(line.command, "INVALID_EDIT", *about, why)


def _why_not(door: IrcDoor, msgid: str, text: str) -> str:
    """What is wrong with what an edit says, whatever it is of; "" is nothing."""
    most = door.doors.multiline.max_lines
    if not msgid:
        return "Which message is meant?"
    if not text:
        return "No text is left: take the message away"
    if not edits.fits(text):
        return f"The text may have {edits.MOST_BYTES} bytes as a tag"
    # Who does not know edits gets all of its lines, as of a batch.
    return f"The text may have {most} lines" if text.count("\n") >= most else ""


def _without_frame(text: str, meant: Meant) -> str:
    """The text of an action as it is kept, should its author have framed it as it was sent."""
    begin, _, end = ACTION.partition("{}")
    if meant.message.kind is EntryKind.ACTION and text.startswith(begin):
        return text.removeprefix(begin).removesuffix(end)
    return text


# -- REDACT ------------------------------------------------------------------------------------


def _look_to_redact(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store for the message, unless nothing can come of it."""
    target, msgid = line.params[:2]
    reason = "".join(line.params[2:3])

    def redact(door: IrcDoor, meant: Meant) -> None:
        amending.redact(door.hub, door.session, meant, reason)

    return _find(door, target, msgid, redact)


# -- the message that is meant -----------------------------------------------------------------


def _find(
    door: IrcDoor, target: str, msgid: str, amend: Callable[[IrcDoor, Meant], None]
) -> Coroutine[Any, Any, Handler] | None:
    """What amends a message when it is found; None if it is in a channel that one is not in."""
    if target[0] in SIGNS:
        target = target[1:]  # what was said to some stands in the channel
    room = door.hub.world.room(target)
    if target[:1] == "#" and (room is None or room not in door.session.rooms):
        return None
    return _found(door, target, msgid, amend)


async def _found(
    door: IrcDoor, target: str, msgid: str, amend: Callable[[IrcDoor, Meant], None]
) -> Handler:
    try:
        meant = await amending.find(door.hub, door.session, target, msgid)
    except (Refused, StoreError) as no:
        return _refusing(target, msgid, no)

    def decide(door: IrcDoor, line: Line) -> None:
        try:
            amend(door, meant)
        except Refused as no:
            _refusing(target, msgid, no)(door, line)

    return decide


def _turn_away(door: IrcDoor, line: Line) -> None:
    """Say that there is nothing to amend for who is not there."""
    door.fail(line.command, "INVALID_TARGET", line.params[0], _NOWHERE[line.command])


def _refusing(target: str, msgid: str, no: Refused | StoreError) -> Handler:
    """What says that nothing was amended, and why."""

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
        "EDIT",
        "<target> [<msgid>] [<text>]",
        "Put what you said otherwise",
        _refuse_edit,
        cost=2.0,
        prepare=_look_to_edit,
        details=(
            "Your own words, for a time; an action stays an action",
            "Clients say which message and what it says now with tags (hubbub.chat/edit)",
        ),
    ),
    Command(
        "REDACT",
        "<target> <msgid> [<reason>]",
        "Take away what was said",
        _turn_away,
        cost=2.0,
        prepare=_look_to_redact,
        details=("Your own words, for a time; what others said if you are channel operator",),
    ),
)
