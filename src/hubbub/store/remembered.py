"""Remembered: a room's log in memory, read as `reading` and `places` read the one on disk.

Pure functions on entries in the order of seq. Imported ones stand first and may be younger than
what was said live, so a moment is sought among all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from hubbub.core.events import SAID, TALK, Entry, EntryKind, Said
from hubbub.core.history import AFTER_ALL, BEFORE_ALL, PLAYED, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableSequence, Sequence

    from hubbub.core.history import Reference

_seq = attrgetter("seq")


class Tombstone(Entry):
    """What is left of a message that was taken away. The message itself stays as it was: who is
    about to be shown it, because they came before, holds it still."""

    __slots__ = ()


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


def blank(log: MutableSequence[Entry], msgid: str) -> bool:
    """Leave a tombstone of a message, and blank its edits; whether it was there."""
    if message(log, msgid) is None:
        return False
    for index, entry in enumerate(log):
        if entry.msgid == msgid or (entry.kind is EntryKind.EDIT and entry.target == msgid):
            log[index] = Tombstone(
                entry.room_id,
                entry.kind,
                entry.msgid,
                entry.person_id,
                entry.nick,
                account=entry.account,
                target=entry.target,
                seq=entry.seq,
                time=entry.time,
            )
    return True


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
    called = (entry.to for entry in reversed(log) if isinstance(entry, Said))
    return next(own, "") or next(called, "")
