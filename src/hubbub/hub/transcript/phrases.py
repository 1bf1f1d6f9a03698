"""Phrases: what transcripts for people say of each kind of entry, and how they write times.

Both `plain` and `webpage` take their words from here. What comes from strangers is made safe for
a terminal and a page of text; escaping for HTML is the page's own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind
from hubbub.text.sanitise import one_line, without_controls

if TYPE_CHECKING:
    from datetime import tzinfo

    from hubbub.core.events import Entry
    from hubbub.core.ports import Found

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Not strftime's: a transcript reads the same whatever the locale of who made it.
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_DONE: Final = {
    EntryKind.EDIT: "changed a message to: {}",
    EntryKind.REDACT: "took a message back{}",
    EntryKind.REACT: "reacted: {}",
    EntryKind.UNREACT: "took a reaction back: {}",
    EntryKind.JOIN: "joined{}",
    EntryKind.PART: "left{}",
    EntryKind.QUIT: "left{}",
    EntryKind.NICK: "is now {}",
    EntryKind.KICK: "removed {}",
    EntryKind.TOPIC: "set the topic: {}",
    EntryKind.MODE: "set mode {}",
    EntryKind.RENAME: "renamed the room: {}",
}
"""What is said of who did it; `{}` is the entry's text, a reason stands in brackets."""

_WITH_REASON: Final = {EntryKind.REDACT, EntryKind.JOIN, EntryKind.PART, EntryKind.QUIT}


def name(entry: Entry) -> str:
    """The name as it was shown, on one line."""
    return one_line(entry.nick)


def room(found: Found) -> str:
    """Where it was said, on one line: the room, or whose conversation it was."""
    if not found.between:
        return one_line(found.room)
    one, other, *_ = (*found.between, "?")
    return f"{one_line(one)} & {one_line(other)}"


def text(found: Found) -> str:
    """What was said, as it says now, newlines and tabs kept."""
    return without_controls(found.entry.text if found.now is None else found.now)


def mark(found: Found) -> str:
    """What became of a message, to follow its text; "" for most."""
    if found.redacted:
        return "(removed)"
    return "(edited)" if found.entry.edited else ""


def done(entry: Entry) -> str:
    """What somebody did, to follow their name, on one line; "" for talk."""
    phrase = _DONE.get(entry.kind, "")
    words = one_line(entry.text)
    if entry.kind is EntryKind.EDIT and not words:
        return "changed a message"  # that is gone
    if entry.kind in _WITH_REASON:
        # "left" is the reason of those who gave none.
        words = f" ({words})" if words not in {"", "left"} else ""
    return phrase.format(words)


def moment(time: int, zone: tzinfo) -> datetime:
    """The time (milliseconds) on the clocks of the zone."""
    return (_EPOCH + timedelta(milliseconds=time)).astimezone(zone)


def day(at: datetime) -> str:
    """`Sunday 2026-11-22`."""
    return f"{_DAYS[at.weekday()]} {at.date().isoformat()}"


def offset(at: datetime) -> str:
    """`UTC+01:00`, as the clocks were set that day."""
    words = at.strftime("%z")  # +0100, which no locale changes
    return f"UTC{words[:3]}:{words[3:5]}" if words else "UTC"
