"""Remembered: a room's log in memory, read as `reading` and `places` read the one on disk.

Pure functions on entries in the order of seq. Imported ones stand first and may be younger than
what was said live, so a moment is sought among all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from hubbub.core.events import SAID, TALK, Entry, EntryKind, Said
from hubbub.core.history import AFTER_ALL, BEFORE_ALL, PLAYED, Place
from hubbub.core.ports import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableSequence, Sequence

    from hubbub.core.history import Reference

_seq = attrgetter("seq")


E = TypeVar("E", bound=Entry)

# A message that is amended is another entry in the log. The message itself stays as it was: who is
# about to be shown it, because they came before, holds it still.


class Reworded(Entry):
    """A message as it is after an edit; `first` is what was written."""

    __slots__ = ("first",)

    first: Entry


class Tombstone(Entry):
    """What is left of a message that was taken away at `redacted` (milliseconds)."""

    __slots__ = ("redacted",)

    redacted: int


def bounds(log: Sequence[Entry], after: int | None, before: int | None) -> range:
    """The indices of the entries with `after` < seq < `before`."""
    start = 0 if after is None else bisect_right(log, after, key=_seq)
    end = len(log) if before is None else bisect_left(log, before, key=_seq)
    return range(start, end)


def taken(log: Sequence[Entry], indices: Iterable[int], limit: int, *, events: bool) -> list[Entry]:
    """The first `limit` entries, in the order of these indices, that are talk, or are played."""
    kinds = PLAYED if events else TALK
    found: list[Entry] = []
    for index in indices:
        if len(found) == limit:
            break
        if log[index].kind in kinds and not isinstance(log[index], Tombstone):
            found.append(log[index])
    return found


def message(log: Sequence[Entry], msgid: str) -> Entry | None:
    """See `Archive.message`."""
    found = (entry for entry in reversed(log) if entry.msgid == msgid)
    entry = next(found, None)
    is_there = entry is not None and entry.kind in SAID and not isinstance(entry, Tombstone)
    return entry if is_there else None


def amend(log: MutableSequence[Entry], amendment: Entry) -> bool:
    """Do what an edit or a redaction says; whether its target is there."""
    is_edit = amendment.kind is EntryKind.EDIT
    target = message(log, amendment.target or "")
    if target is None or (is_edit and target.kind not in TALK):
        return False
    if is_edit:
        _reword(log, target, amendment)
    else:
        _blank(log, target, amendment.time)
    return True


def _reword(log: MutableSequence[Entry], target: Entry, edit: Entry) -> None:
    """Let a message say what an edit says, unless that is older than the last, or was blanked."""
    if edit.text and edit.time >= target.edited:
        now = _like(Reworded, target, edit.text, target.extra)
        now.edited = edit.time
        now.first = target.first if isinstance(target, Reworded) else target
        log[log.index(target)] = now


def _blank(log: MutableSequence[Entry], target: Entry, time: int) -> None:
    """Leave a tombstone of a message, and of its edits that they were."""
    tombstone = _like(Tombstone, target)
    tombstone.redacted = time
    log[log.index(target)] = tombstone
    for index, entry in enumerate(log):
        if entry.kind is EntryKind.EDIT and entry.target == target.msgid:
            log[index] = _like(Entry, entry)


def _like(made: type[E], entry: Entry, text: str = "", extra: str | None = None) -> E:
    """An entry that stands where another does, with another text."""
    return made(
        entry.room_id,
        entry.kind,
        entry.msgid,
        entry.person_id,
        entry.nick,
        text,
        entry.account,
        entry.target,
        extra,
        entry.seq,
        entry.time,
        entry.edited,
    )


def as_written(room: str, entry: Entry) -> Found:
    """An entry of a room of that name as it was written, and what has become of it."""
    if isinstance(entry, Reworded):
        first = _like(Entry, entry, entry.first.text, entry.first.extra)
        return Found(room, first, now=entry.text)
    if isinstance(entry, Tombstone):
        return Found(room, entry, now="", redacted=entry.redacted)
    return Found(room, entry)


def place(log: Sequence[Entry], reference: Reference) -> Place | None:
    """See `Archive.place`."""
    if isinstance(reference, str):
        seq = next((entry.seq for entry in reversed(log) if entry.msgid == reference), None)
        return None if seq is None else Place(seq, seq)
    earlier = max(((e.time, e.seq) for e in log if e.time < reference), default=None)
    later = min(((e.time, e.seq) for e in log if e.time > reference), default=None)
    return Place(
        BEFORE_ALL if earlier is None else earlier[1] + 1,
        AFTER_ALL if later is None else later[1] - 1,
    )


def last_nick(log: Sequence[Entry], person_id: int) -> str:
    """The name that one of two was last seen under, be it by the other."""
    own = (entry.nick for entry in reversed(log) if entry.person_id == person_id)
    written = (entry.first if isinstance(entry, Reworded) else entry for entry in reversed(log))
    called = (entry.to for entry in written if isinstance(entry, Said))
    return next(own, "") or next(called, "")
