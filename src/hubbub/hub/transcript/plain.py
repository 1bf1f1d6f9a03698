"""Plain: a transcript as text, in the way of IRC logs.

Only we write at the beginning of a line: an entry begins with its time in brackets, the further
lines of a text are indented, so nobody can say something that reads as another's line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind
from hubbub.hub.transcript import phrases

if TYPE_CHECKING:
    from datetime import tzinfo

    from hubbub.core.ports import Found

INDENT: Final = " " * len("[10:41:07] ")

_TALK: Final = {
    EntryKind.MESSAGE: "<{}> ",
    EntryKind.ACTION: "* {} ",
    EntryKind.NOTICE: "-{}- ",
}
_SIGNS: Final = {EntryKind.JOIN: "-->", EntryKind.PART: "<--", EntryKind.QUIT: "<--"}


class Plain:
    """A `Transcript` of lines, times in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._room: str | None = None
        self._day = ""

    def begin(self) -> str:
        """Nothing: the first room comes with its heading."""
        return ""

    def add(self, found: Found) -> str:
        """The entry's line, after headings for a new room or day."""
        at = phrases.moment(found.entry.time, self._zone)
        heading = ""
        if found.room != self._room:
            heading += f"{'' if self._room is None else chr(10)}=== {phrases.room(found)} ===\n"
            self._room, self._day = found.room, ""
        day = phrases.day(at)
        if day != self._day:
            heading += f"--- {day} ({phrases.offset(at)}) ---\n"
            self._day = day
        words = _words(found).replace("\n", f"\n{INDENT}")
        return f"{heading}[{at:%H:%M:%S}] {words}\n"

    def end(self) -> str:
        """Nothing."""
        return ""


def _words(found: Found) -> str:
    entry = found.entry
    name = phrases.name(entry)
    talk = _TALK.get(entry.kind)
    if talk is not None:
        said = talk.format(name) + phrases.text(found)
        return f"{said.rstrip(' ')} {phrases.mark(found)}" if phrases.mark(found) else said
    return f"{_SIGNS.get(entry.kind, '--')} {name} {phrases.done(entry)}"
