"""Marks: MARKREAD, how far one has read ("read-marker"); the verbs are `hub.marks`'s."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.doors.irc import inside
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.hub import marks
from hubbub.text.times import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)


def _ask(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store, or tell it, unless there is nothing to be asked."""
    target, *written = line.params[:2] or [""]
    if not target:
        return None
    if not written:
        return _read(door, target)
    time = _moment(written[0])
    return None if time is None else _mark(door, target, time)


def _turn_away(door: IrcDoor, line: Line) -> None:
    """Say what is wrong with what could not be asked."""
    if not line.params or not line.params[0]:
        door.fail("MARKREAD", "NEED_MORE_PARAMS", "Missing parameters")
    else:
        text = "The time is written timestamp=2026-11-03T09:30:00.000Z"
        door.fail("MARKREAD", "INVALID_PARAMS", *line.params[:2], text)


def _moment(written: str) -> int | None:
    # "read-marker": "The timestamp MUST NOT be a literal `*`" when it comes from a client.
    kind, _, value = written.partition("=")
    try:
        return parse_rfc3339(value) if kind == "timestamp" else None
    except ValueError:
        return None


async def _read(door: IrcDoor, target: str) -> Handler:
    try:
        time = await marks.read_until(door.hub, door.session, target)
    except StoreError as no:
        return _failing(target, no, "The read timestamp could not be found")
    return lambda door, _line: inside.mark(door, target, time)


async def _mark(door: IrcDoor, target: str, time: int) -> Handler:
    try:
        now = await marks.mark(door.hub, door.session, target, time)
    except Refused:
        text = "You are in no such channel or conversation"
        return lambda door, _line: door.fail("MARKREAD", "INVALID_PARAMS", target, text)
    except StoreError as no:
        return _failing(target, no, "The read timestamp could not be set")
    return lambda door, _line: inside.mark(door, target, now)


def _failing(target: str, no: StoreError, text: str) -> Handler:
    log.error("cannot read or keep marks: %s", no)
    return lambda door, _line: door.fail("MARKREAD", "INTERNAL_ERROR", target, text)


declare(
    Command(
        "MARKREAD",
        "<target> [timestamp=<time>]",
        "See or say how far you have read",
        _turn_away,
        prepare=_ask,
        silent=True,
        details=("The target is a channel that you are in, or a nick",),
    ),
)
