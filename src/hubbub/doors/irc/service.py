"""The service: the house as somebody to write to, under a nick that nobody else can have.

It is for clients that cannot search by themselves: `/msg hubbub search WORDS`. What it is told is
neither kept nor heard by anybody; it answers with notices, to the asker alone.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.events import EntryKind, Said
from hubbub.core.names import fold
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.core.rooms import Room, RoomKind
from hubbub.doors.irc import playback
from hubbub.doors.irc.refusals import REASONS
from hubbub.hub import searching
from hubbub.hub.talk import CTCP
from hubbub.text.query import QueryError, parse_query
from hubbub.text.sanitise import one_line
from hubbub.text.zone import LocalZone
from hubbub.wire.irc.line import head, room, with_text
from hubbub.wire.irc.split import split_text

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.hub.talk import How
    from hubbub.text.query import Query
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

NICK: Final = "hubbub"
ABOUT: Final = f"the house; /msg {NICK} help"
SHOWN: Final = 20
"""Messages that one search shows at most, each in a line."""
COST: Final = 5.0
"""What a search takes of the asker's allowance, in messages."""

HELP: Final = (
    "search WORDS - find what was said with all of these words, in your channels and to you",
    '  "hot water" are words side by side, tea* begins so, -green leaves out; has:link has one',
    "  from:bob  in:#tea  after:monday  before:2026-11-03 - by whom, where and when",
    "help - show this",
)


def is_meant(nick: str) -> bool:
    """Whether that is the nick of the service."""
    return fold(nick) == NICK


def mask(door: IrcDoor) -> str:
    """As what it signs."""
    return f"{NICK}!{NICK}@{door.doors.settings.server}"


# -- what it is told ---------------------------------------------------------------------------


def look(door: IrcDoor, text: str, how: How) -> Coroutine[Any, Any, Handler] | None:
    """Search for whoever asks, unless there is nothing to be looked for."""
    try:
        query = _query(door, text, how)
    except QueryError:
        return None  # the handler comes to the same conclusion
    return None if query is None else _search(door, text, how, query)


def hear(door: IrcDoor, text: str, how: How) -> None:
    """Answer what can be answered without asking the store."""
    _echo(door, text, how)
    if how.kind is not EntryKind.MESSAGE or text.startswith(CTCP):
        return  # nothing is ever answered to a NOTICE, and a program need not know more
    try:
        query = _query(door, text, how)
    except QueryError as no:
        say(door, str(no))
        return
    if query is not None:  # it was told to others, too
        say(door, f"Please ask me alone: /msg {NICK} search WORDS")
        return
    if _word(text) != "help":
        say(door, "I do not know what that means. This is what I can do:")
    for one in HELP:
        say(door, one)


def _query(door: IrcDoor, text: str, how: How) -> Query | None:
    """What somebody looks for, None when they do not. Raises `QueryError`."""
    if how.kind is not EntryKind.MESSAGE or _word(text) != "search":
        return None
    words = text.strip()[len("search") :]
    return parse_query(words, now=door.hub.clock.now(), zone=LocalZone())


def _word(text: str) -> str:
    return (text.split(None, 1) or [""])[0].lower()


async def _search(door: IrcDoor, text: str, how: How, query: Query) -> Handler:
    found: list[Said] = []
    why = ""
    try:
        found = await searching.search(door.hub, door.session, query, SHOWN)
    except (Refused, StoreError) as no:
        why = why_not(no)

    def answer(door: IrcDoor, _line: Line) -> None:
        _echo(door, text, how)
        if why:
            say(door, why)
        else:
            tell(door, found, SHOWN)
        door.charge(COST - 1)  # a message was charged already

    return answer


def _echo(door: IrcDoor, text: str, how: How) -> None:
    """Let clients see what they said, which show it only then ("echo-message")."""
    if door.echoes:
        now = door.hub.clock.now()
        nowhere = Room(0, NICK, NICK, RoomKind.DIRECT)
        msgid = door.hub.ids.msgid(now)
        said = Said(door.session, nowhere, text, msgid, how.kind, NICK, tags=how.tags)
        said.time = now
        door.put(door.whole.render(said))


# -- what it says ------------------------------------------------------------------------------


def say(door: IrcDoor, text: str) -> None:
    """Say something to one client, in one line."""
    begin = head("NOTICE", door.nick, source=mask(door))
    space = room(begin)
    if len(text.encode("utf-8", "replace")) > space:
        text = f"{split_text(text, room=space - len('…'.encode()))[0]}…"
    door.put(with_text(begin, text))


def tell(door: IrcDoor, found: Sequence[Said], limit: int) -> None:
    """Say what was found, of as many as could be found at most."""
    found = searching.still_readable(door.hub, door.session, found)
    now = door.hub.clock.now()
    for said in found:
        say(door, _told(said, now))
    if not found:
        say(door, "Nothing was found.")
    elif len(found) < min(limit, door.hub.limits.history):
        say(door, f"Found: {len(found)}.")
    else:
        say(door, f"Shown: {len(found)}. There may be more: add a word, or a date (before:monday).")


def _told(said: Said, now: int) -> str:
    to = playback.addressed(said)
    where = f"(to {to})" if said.room.kind is RoomKind.DIRECT else to
    words = f"{one_line(said.text)} (edited)" if said.edited else one_line(said.text)
    who = f"* {said.nick}" if said.kind is EntryKind.ACTION else f"<{said.nick}>"
    return f"[{playback.time_of_day(said.time, now)}] {where} {who} {words}"


def why_not(no: Refused | StoreError) -> str:
    """Why nothing can be found."""
    if isinstance(no, Refused):
        return f"{REASONS[no.reason].text}."
    log.error("cannot search: %s", no)
    return "The record cannot be searched at the moment."
