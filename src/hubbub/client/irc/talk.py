"""What people say, as events: PRIVMSG and NOTICE taken apart.

Owns the forms of text in IRC: colours and the like, which go, ACTION, and other CTCP, which is not
talk. Names and texts are safe to print when they leave here. Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hubbub.client.events import Message, Notice
from hubbub.text.sanitise import one_line, without_controls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.client.irc.rooms import Rooms
    from hubbub.client.irc.support import Support
    from hubbub.wire.irc.line import Line

TALK = frozenset({"PRIVMSG", "NOTICE"})

_ACTION = re.compile(r"\x01ACTION ?(.*?)\x01?", re.DOTALL)
# Formatting of modern.ircdocs.horse/formatting: colours take digits with them.
_FORMATTING = re.compile(
    r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
    r"|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)


def plain(text: str) -> str:
    """The text without colours, formatting and control characters."""
    return text if text.isprintable() else without_controls(_FORMATTING.sub("", text))


def time_of(tags: Mapping[str, str], now: int) -> int:
    """When it was said ("server-time"), milliseconds since the epoch; `now` if nobody tells."""
    written = tags.get("time", "")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return now
    return round(moment.timestamp() * 1000) if moment.tzinfo is not None else now


def timestamp(time: int) -> str:
    """Milliseconds since the epoch as "server-time" writes them."""
    moment = datetime.fromtimestamp(max(0, time) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def place_of(line: Line, support: Support, rooms: Rooms) -> tuple[str, bool]:
    """Where a line was said: a room, or the other person; and whether it is a room."""
    target = support.room_of(line.params[0]) if line.params else ""
    if support.is_room(target):
        room = rooms.get(target)
        return (one_line(target) if room is None else room.name), True
    sender = line.source.partition("!")[0]
    return one_line(target if rooms.is_me(sender) else sender), False


def event_of(
    line: Line, now: int, *, support: Support, rooms: Rooms, replayed: bool
) -> Message | Notice | None:
    """What was said; None when it is not for people, as most CTCP."""
    if len(line.params) < 2:
        return None
    sender, time = one_line(line.source.partition("!")[0]), time_of(line.tags, now)
    where, is_room = place_of(line, support, rooms)
    text = line.params[1]
    action = _ACTION.fullmatch(text)
    if action is not None:
        text = action[1]
    elif text.startswith("\x01"):
        return None
    when = timestamp(time) if replayed else ""
    if line.command == "NOTICE":
        return Notice(time, sender, plain(text), room=where if is_room else "", replayed=when)
    return Message(
        time,
        sender,
        plain(text),
        when,
        room=where,
        direct=not is_room,
        msgid=line.tags.get("msgid", ""),
        action=action is not None,
        reply_to=line.tags.get("+reply") or line.tags.get("+draft/reply") or "",
        edited=bool(line.tags.get("hubbub.chat/edited")),
    )
