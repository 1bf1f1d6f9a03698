"""What is said about messages, and about who reads and writes them, as events.

Owns the lines that are no talk and change nothing in a room: typing, reactions, redactions and
edits, read marks, who is away. A `Rooms` is only asked where a line belongs. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.events import Away, Edited, Reacted, Read, Redacted, Typing
from hubbub.client.irc.talk import place_of, plain, time_of
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from hubbub.client.events import Event
    from hubbub.client.irc.rooms import Rooms
    from hubbub.client.irc.support import Support
    from hubbub.wire.irc.line import Line

ABOUT = frozenset({"TAGMSG", "REDACT", "MARKREAD", "AWAY", "EDIT"})
IN_HISTORY = frozenset({"TAGMSG", "REDACT", "EDIT"})
"""Those of them that a history has, too."""

_TARGET = "hubbub.chat/target-msgid"
_TEXT = "hubbub.chat/edit-text"

LONGEST_SIGN = 64
"""Characters of a reaction that are shown; any text may be one."""


def about(
    line: Line, now: int, *, support: Support, rooms: Rooms, replayed: bool = False
) -> Event | None:
    """What a line tells; None when it tells us nothing."""
    name, time = one_line(line.source.partition("!")[0]), time_of(line.tags, now)
    match line.command, line.params:
        case "TAGMSG", [_, *_]:
            return _tags(line, name, time, place_of(line, support, rooms)[0], replayed=replayed)
        case "REDACT", [_, target, *reason]:
            where, _ = place_of(line, support, rooms)
            why = one_line("".join(reason[:1]))
            msgid = line.tags.get("msgid", "")
            return Redacted(time, name, where, target, why, replayed, msgid)
        case "EDIT", [_, *_]:
            return _edit(line, name, time, place_of(line, support, rooms)[0], replayed=replayed)
        case "MARKREAD", [target, mark, *_]:
            room = rooms.get(target)
            where = one_line(target) if room is None else room.name
            return Read(now, where, time_of({"time": mark.removeprefix("timestamp=")}, 0))
        case "AWAY", params:
            return Away(time, name, one_line(params[0]) if params and params[0] else None)
        case _:
            return None


def _tags(line: Line, name: str, time: int, where: str, *, replayed: bool) -> Event | None:
    tags = line.tags
    target = tags.get("+draft/reply") or tags.get("+reply") or ""
    for sign, on in (("react", True), ("unreact", False)):
        text = tags.get(f"+draft/{sign}") or tags.get(f"+{sign}")
        if text and target:
            shown = one_line(plain(text)).strip()[:LONGEST_SIGN]
            return Reacted(time, name, where, target, shown, on, tags.get("msgid", ""), replayed)
    typing = tags.get("+typing") or tags.get("+draft/typing")
    if typing in {"active", "paused", "done"} and not replayed:
        return Typing(time, name, where, typing != "done", paused=typing == "paused")
    return None


def _edit(line: Line, name: str, time: int, where: str, *, replayed: bool) -> Event | None:
    # docs/protocols/irc.md, hubbub.chat/edit: what is said stands in tags, newlines and all.
    target, text = line.tags.get(_TARGET, ""), line.tags.get(_TEXT, "")
    if not target or not text:
        return None
    return Edited(time, name, where, target, plain(text), line.tags.get("msgid", ""), replayed)


def edit_tags(msgid: str, text: str) -> dict[str, str]:
    """The tags that put otherwise what was said."""
    return {_TARGET: msgid, _TEXT: text}


def reply_tags(msgid: str) -> dict[str, str]:
    """The tags of what answers a message ("reply")."""
    return {"+draft/reply": msgid, "+reply": msgid} if msgid else {}


def react_tags(msgid: str, text: str, *, on: bool = True) -> dict[str, str]:
    """The tags that put a sign to a message, or take it away ("react")."""
    return {**reply_tags(msgid), "+draft/react" if on else "+draft/unreact": text}
