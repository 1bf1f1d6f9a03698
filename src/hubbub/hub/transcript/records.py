"""Records: an entry as a JSON object, one a line, and back (docs/history.md).

A record says what happened, where, when and who said it under which name. It holds no numbers of
ours: `seq` and the ids of persons and rooms mean nothing on another server, and the order of the
lines is the order of the room. What became of a message (`edited`, `now`, `redacted`) is told for
those who read one line alone: an import makes it of the entries that follow.
Next: `reading`, for records that strangers wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from hubbub.core.events import Entry, EntryKind
from hubbub.core.ports import Found
from hubbub.text.times import parse_rfc3339, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

Record: TypeAlias = dict[str, Any]


def record_of(found: Found) -> Record:
    """The entry as a record; what it does not have is left out."""
    entry = found.entry
    record: Record = {
        "msgid": entry.msgid,
        "time": rfc3339(entry.time),
        "room": found.room,
        "sender": entry.nick,
        "kind": str(entry.kind),
        "text": entry.text,
    }
    for name in ("account", "target", "extra"):
        value = getattr(entry, name)
        if value is not None:
            record[name] = value
    if found.redacted:
        record["redacted"] = rfc3339(found.redacted)
    elif entry.edited:
        record["edited"] = rfc3339(entry.edited)
        if found.now is not None:
            record["now"] = found.now
    if found.between:
        record["between"] = list(found.between)
    return record


def found_in(record: Mapping[str, Any]) -> Found:
    """The entry that a record of ours holds, its room and person without ids (0)."""
    entry = Entry(
        room_id=0,
        kind=EntryKind(record["kind"]),
        msgid=record["msgid"],
        person_id=0,
        nick=record["sender"],
        text=record["text"],
        account=record.get("account"),
        target=record.get("target"),
        extra=record.get("extra"),
        time=parse_rfc3339(record["time"]),
        edited=_time(record, "edited"),
    )
    between = tuple(record.get("between", ()))
    redacted = _time(record, "redacted")
    return Found(record["room"], entry, between, record.get("now"), redacted)


def _time(record: Mapping[str, Any], name: str) -> int:
    return parse_rfc3339(record[name]) if name in record else 0
