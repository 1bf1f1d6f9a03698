"""What was seen, as rows and back: an event becomes a line that is kept, a line the same event.

Owns which events are kept, and as what. Pure: no file, no clock. Its users are `log`, which writes
rows, and `pages`, which reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hubbub.client.events import Arrived, Left, Message, Notice, TopicChanged
from hubbub.client.irc.talk import timestamp
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from hubbub.client.events import Event

Line: TypeAlias = Message | Notice | Arrived | Left | TopicChanged
"""An event that is a line of its own in a conversation."""

MESSAGE: Final = "message"
NOTICE: Final = "notice"
ARRIVED: Final = "arrived"
LEFT: Final = "left"
TOPIC: Final = "topic"

TALK: Final = frozenset({MESSAGE, NOTICE})
"""What can be searched."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is kept. `place` is as it was written, "" for the room of a classic server."""

    place: str
    time: int
    kind: str
    sender: str
    text: str
    msgid: str = ""
    part: int = 0
    ours: bool = False
    is_room: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def folded(self) -> str:
        """The place as it is compared."""
        return fold(self.place)

    @property
    def extra_text(self) -> str:
        """What else is kept, as JSON."""
        return json.dumps(self.extra, ensure_ascii=False, separators=(",", ":"))


def row_of(event: Event, *, ours: bool = False) -> Row | None:
    """The line that an event is; None for what is no line of a conversation."""
    match event:
        case Message():
            extra = _set(
                action=event.action, reply=event.reply_to, said="" if event.room else event.replayed
            )
            return Row(
                event.room,
                event.time,
                MESSAGE,
                event.sender,
                event.text,
                msgid=event.msgid,
                ours=ours,
                is_room=not event.direct,
                extra=extra,
            )
        # What the house says to us alone is of its moment.
        case Notice(time, sender, text, room) if room:
            return Row(room, time, NOTICE, sender, text)
        case Arrived(time, name, room):
            return Row(room, time, ARRIVED, name, "")
        case Left(time, name, room, reason, by):
            return Row(room, time, LEFT, name, reason, extra=_set(by=by))
        case TopicChanged(time, room, topic, by):
            return Row(room, time, TOPIC, by, topic)
        case _:
            return None


def event_of(row: Row) -> Line:
    """The event that a row was made of. What was said is told as said before (`replayed`)."""
    match row.kind:
        case "message":
            return Message(
                row.time,
                row.sender,
                row.text,
                replayed=timestamp(row.time) if row.place else row.extra.get("said", ""),
                room=row.place,
                direct=not row.is_room,
                msgid="" if row.part else row.msgid,
                action=row.extra.get("action", False),
                reply_to=row.extra.get("reply", ""),
            )
        case "arrived":
            return Arrived(row.time, row.sender, row.place)
        case "left":
            return Left(row.time, row.sender, row.place, row.text, row.extra.get("by", ""))
        case "topic":
            return TopicChanged(row.time, row.place, row.text, row.sender)
        case _:
            when = timestamp(row.time)
            return Notice(row.time, row.sender, row.text, room=row.place, replayed=when)


def _set(**values: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in values.items() if value}
