"""History: CHATHISTORY, what was said before ("chathistory"), and SEARCH, where ("search").

A question is read by `questions`, answered by `hub.past` and `hub.searching`; how the answer looks
is `playback`'s. What is taken back is `amending`'s.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.events import TALK, EntryKind
from hubbub.core.history import PLAYED, Question, Way
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import labels, playback, service
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.doors.irc.kind import timestamp
from hubbub.doors.irc.questions import TARGETS, BadQuestion, parse_chathistory, parse_search
from hubbub.hub import amending, past, searching
from hubbub.wire.irc.line import line as written

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.doors.irc.questions import Asked, Wanted
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

_PLAYED: Final = Cap.EVENT_PLAYBACK | Cap.SERVER_TIME
_WORDS: Final = {
    EntryKind.EDIT: Cap.EDIT,
    EntryKind.REDACT: Cap.MESSAGE_REDACTION,
    EntryKind.REACT: Cap.MESSAGE_TAGS,
    EntryKind.UNREACT: Cap.MESSAGE_TAGS,
}
"""What shows nothing to clients that have no word for it."""


# -- CHATHISTORY -------------------------------------------------------------------------------


def _look(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Ask the store, unless there is nothing to be asked."""
    try:
        asked = parse_chathistory(line.params)
    except BadQuestion:
        return None  # the handler comes to the same conclusion
    return _targets(door, asked) if asked.subcommand == TARGETS else _page(door, asked)


def _turn_away(door: IrcDoor, line: Line) -> None:
    """Say what is wrong with a question that could not be asked."""
    try:
        parse_chathistory(line.params)
    except BadQuestion as bad:
        door.fail("CHATHISTORY", *bad.words)


async def _page(door: IrcDoor, asked: Asked) -> Handler:
    question = Question(
        Way[asked.subcommand],
        asked.references,
        asked.limit,
        _kinds(door.caps),
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
        shown = amending.as_of_now(events)
        door.put(playback.batch(shown, door.whole, target=target, now=now))

    return send


def _kinds(caps: Cap) -> frozenset[EntryKind]:
    """What a client can be shown of the past. Without times nobody could tell what happened then
    from what happens now."""
    if caps & _PLAYED != _PLAYED:
        return TALK
    return PLAYED - {kind for kind, cap in _WORDS.items() if not caps & cap}


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


# -- SEARCH ------------------------------------------------------------------------------------


def _look_for(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler] | None:
    """Search the record, unless there is nothing to be looked for."""
    try:
        return _search(door, _wanted(door, line))
    except BadQuestion:
        return None  # the handler comes to the same conclusion


def _refuse_search(door: IrcDoor, line: Line) -> None:
    """Say what is wrong with a search that could not be made."""
    try:
        _wanted(door, line)
    except BadQuestion as bad:
        door.fail("SEARCH", *bad.words)


def _wanted(door: IrcDoor, line: Line) -> Wanted:
    # Typed by hand the attributes may have spaces, and no colon before them.
    return parse_search(" ".join(line.params), door.hub.clock.now())


async def _search(door: IrcDoor, wanted: Wanted) -> Handler:
    hub, session = door.hub, door.session
    within = wanted.within or None
    try:
        found = await searching.search(
            hub, session, wanted.query, wanted.limit, within=within, earliest=wanted.earliest
        )
    except (Refused, StoreError) as no:
        words = _why_not(no)
        return lambda door, _line: door.fail("SEARCH", *words)

    def send(door: IrcDoor, _line: Line) -> None:
        if not door.caps & Cap.BATCH:
            service.tell(door, found, wanted.limit)
            return
        readable = searching.still_readable(hub, session, found)
        lines = playback.lines(readable, door.whole, now=hub.clock.now())
        # "search": "If no content exists to return, the server SHOULD return an empty batch".
        door.put(labels.batched(lines, "soju.im/search", door.doors.settings.server))

    return send


def _why_not(no: Refused | StoreError) -> tuple[str, ...]:
    if isinstance(no, Refused) and no.reason is not Reason.TOO_MUCH:
        return ("INVALID_PARAMS", "in", "There is no such channel or person, or it is not yours")
    return ("INTERNAL_ERROR", service.why_not(no))


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
    Command(
        "SEARCH",
        "<attributes>",
        "Find what was said",
        _refuse_search,
        cost=service.COST,
        prepare=_look_for,
        details=(
            "text=tea - the last messages with that word, in your channels and to you",
            "in=#lobby;from=bob;before=2026-11-03T09:30:00.000Z;limit=10 - by whom, where and when",
            "text=tea* -green after:monday - all that the search of hubbub knows",
        ),
    ),
)
