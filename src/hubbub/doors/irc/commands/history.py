"""History: CHATHISTORY, what was said before ("chathistory").

A question is read here and answered by `hub.past`; how the answer looks is `playback`'s.
REDACT and MARKREAD will be declared here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.history import Question, Reference, Way
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import labels, playback
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.doors.irc.kind import timestamp
from hubbub.hub import past
from hubbub.text.times import parse_rfc3339
from hubbub.wire.irc.line import line as written

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

TARGETS: Final = "TARGETS"
_PLAYED = Cap.EVENT_PLAYBACK | Cap.SERVER_TIME
_REFERENCES: Final = {way.name: 2 if way is Way.BETWEEN else 1 for way in Way}
"""How many messages or moments each subcommand names."""


class BadQuestion(Exception):  # noqa: N818 (it is the question that is bad)
    """`words` are what FAIL says: the code, its context, the text."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


@dataclass(slots=True, frozen=True)
class Asked:
    """A question as it was written: the subcommand, and for what; without a target for TARGETS."""

    subcommand: str
    references: tuple[Reference, ...]
    limit: int
    target: str = ""


# -- questions ---------------------------------------------------------------------------------


def parse(params: list[str]) -> Asked:
    """What a client wants to know. Raises `BadQuestion`."""
    subcommand = params[0].upper()
    words = params[1:]
    of_targets = subcommand == TARGETS
    if not of_targets and subcommand not in _REFERENCES:
        raise BadQuestion("INVALID_PARAMS", params[0], "Unknown command")
    needed = 3 if of_targets else _REFERENCES[subcommand] + 2
    if len(words) != needed:
        which = "Insufficient parameters" if len(words) < needed else "Too many parameters"
        raise BadQuestion("INVALID_PARAMS", subcommand, which)
    target = "" if of_targets else words.pop(0)
    *names, limit = words
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10 and int(limit)):
        raise BadQuestion("INVALID_PARAMS", subcommand, limit, "Invalid limit")
    if subcommand == Way.LATEST.name and names == ["*"]:
        names = []
    references = tuple(_reference(subcommand, target, name) for name in names)
    return Asked(subcommand, references, int(limit), target)


def _reference(subcommand: str, target: str, written: str) -> Reference:
    kind, sign, value = written.partition("=")
    if kind == "timestamp":
        try:
            return parse_rfc3339(value)
        except ValueError:
            words = (subcommand, written, "Invalid timestamp")
            raise BadQuestion("INVALID_PARAMS", *words) from None
    if subcommand == TARGETS:
        raise BadQuestion("INVALID_PARAMS", subcommand, written, "Invalid timestamp")
    if kind == "msgid" and value:
        return value
    if sign and kind != "msgid":
        words = (subcommand, target, "There are msgid and timestamp to refer to messages")
        raise BadQuestion("INVALID_MSGREFTYPE", *words)
    raise BadQuestion("INVALID_PARAMS", subcommand, written, "Invalid message reference")


# -- answers -----------------------------------------------------------------------------------


def _look(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store, unless there is nothing to be asked."""
    try:
        asked = parse(line.params)
    except BadQuestion:
        return None  # the handler comes to the same conclusion
    return _targets(door, asked) if asked.subcommand == TARGETS else _page(door, asked)


def _turn_away(door: IrcDoor, line: Line) -> None:
    """Say what is wrong with a question that could not be asked."""
    try:
        parse(line.params)
    except BadQuestion as bad:
        door.fail("CHATHISTORY", *bad.words)


async def _page(door: IrcDoor, asked: Asked) -> Handler:
    question = Question(
        Way[asked.subcommand],
        asked.references,
        asked.limit,
        # Without times nobody could tell what happened then from what happens now.
        events=door.caps & _PLAYED == _PLAYED,
    )
    hub, session = door.hub, door.session
    try:
        where = await past.readable(hub, session, asked.target)
        events = await past.read_page(hub, session, where, question)
    except (Refused, StoreError) as no:
        return _failing(asked, no)

    def send(door: IrcDoor, _line: Line) -> None:
        try:
            past.require_readable(session, where)
        except Refused as no:
            _failing(asked, no)(door, _line)
            return
        # "chathistory": the canonical name of a channel; a person is called as the client does.
        target = asked.target if where.room is None or where.other is not None else where.name
        now = hub.clock.now()
        door.put(playback.batch(events, door.kind, target=target, now=now))

    return send


async def _targets(door: IrcDoor, asked: Asked) -> Handler:
    one, other = asked.references
    assert isinstance(one, int)
    assert isinstance(other, int)
    try:
        found = await past.targets(door.hub, door.session, one, other, asked.limit)
    except StoreError as no:
        return _failing(asked, no)

    def send(door: IrcDoor, _line: Line) -> None:
        server = door.doors.settings.server
        lines = [
            written("CHATHISTORY", TARGETS, name, timestamp(time), source=server)
            for name, time in found
        ]
        if door.caps & Cap.BATCH:
            door.put(labels.batched(lines, "draft/chathistory-targets", server))
        else:
            door.put(b"".join(lines))

    return send


def _failing(asked: Asked, no: Refused | StoreError) -> Handler:
    """What says that there is no answer, and why."""
    target = asked.target or "*"
    text = "Messages could not be retrieved"
    if isinstance(no, StoreError):
        log.error("cannot read: %s", no)
        words = ("MESSAGE_ERROR", asked.subcommand, target, text)
    elif no.reason is Reason.NO_SUCH_MESSAGE:
        words = ("MESSAGE_ERROR", asked.subcommand, target, "There is no such message")
    else:
        # "chathistory": "does not exist or the client does not have permissions to query it".
        words = ("INVALID_TARGET", asked.subcommand, target, text)
    return lambda door, _line: door.fail("CHATHISTORY", *words)


declare(
    Command(
        "CHATHISTORY",
        "<subcommand> [<target>] [<from>] [<to>] [<limit>]",
        "See what was said before",
        _turn_away,
        cost=2.0,
        prepare=_look,
        details=(
            "LATEST #lobby * 50 - the last 50 messages",
            "BEFORE #lobby msgid=ID 50 - those before one; AFTER, AROUND likewise",
            "BETWEEN bob timestamp=2026-11-03T09:30:00.000Z msgid=ID 50 - from one to the other",
            "TARGETS timestamp=… timestamp=… 50 - where something was said last between the two",
        ),
    ),
)
