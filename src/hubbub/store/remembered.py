"""Remembered: a room's log in memory, read as `reading` and `places` read the one on disk.

Pure functions on entries in the order of seq. Imported ones stand first and may be younger than
what was said live, so a moment is sought among all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from hubbub.core.events import TALK, Said
from hubbub.core.history import AFTER_ALL, BEFORE_ALL, PLAYED, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.core.events import Entry
    from hubbub.core.history import Reference

_seq = attrgetter("seq")


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
        if log[index].kind in kinds:
            found.append(log[index])
    return found


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
