"""Fading: what memory lets go, by the same rules as the disk (`core/retention`).

A step is a room: it looks at the whole of its log, which is bounded. People are not kept beside
what they said, and go with it.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Final, assert_never

from hubbub.core.events import TALK, EntryKind
from hubbub.core.retention import ARRIVALS, Rule, Step, ended_name
from hubbub.core.rooms import RoomKind
from hubbub.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from hubbub.core.events import Entry
    from hubbub.core.retention import Bounds
    from hubbub.core.rooms import Room
    from hubbub.store.logs import Logs

WEIGHT: Final = 512
"""Bytes that an entry takes in memory beside its text, about."""

SECOND: Final = 1000

_ABOUT: Final = frozenset({EntryKind.EDIT, EntryKind.REDACT, EntryKind.REACT, EntryKind.UNREACT})


class Fading:
    """The rules on the logs of one store; `dry`: only to see how much would go."""

    def __init__(self, logs: Logs, *, dry: bool = False) -> None:
        self._logs = logs
        self._dry = dry

    def steps(
        self, rule: Rule, bounds: Bounds, spared: Callable[[], Collection[int]]
    ) -> Iterator[Step]:
        """See `Archive.prune`."""
        match rule:
            case Rule.AGE:
                before = bounds.entries or 0
                return self._each(lambda entry: entry.time < before)
            case Rule.ARRIVALS:
                before = bounds.arrivals or 0
                return self._each(lambda entry: entry.kind in ARRIVALS and entry.time < before)
            case Rule.SIZE:
                return self._oldest(bounds.size or 0, bounds.aim)
            case Rule.ROOMS:
                return self._idle(bounds.rooms or 0, spared)
            case Rule.EMPTY:
                return self._empty(spared)
            case Rule.TOKENS | Rule.SENDS | Rule.PEOPLE:
                return iter(())  # bounded in number, and forgotten when others come
            case _:
                assert_never(rule)

    def _each(self, is_due: Callable[[Entry], bool]) -> Iterator[Step]:
        """Let go of entries in one room after another."""
        for room in list(self._logs.by_room):
            if room in self._logs.by_room:
                yield self._fade(room, is_due)

    def _fade(self, room: Room, is_due: Callable[[Entry], bool]) -> Step:
        """Let go of entries of a room, with what is about them."""
        log = self._logs.by_room[room]
        gone = {entry.msgid for entry in log if is_due(entry)}
        if not gone:
            return Step()
        kept = [entry for entry in log if not _goes(entry, gone)]
        said = [entry.time for entry in log if entry.msgid in gone and entry.kind in TALK]
        if not self._dry:
            self._logs.by_room[room] = deque(kept, log.maxlen)
        return Step(len(log) - len(kept), {room.id: max(said)} if said else {})

    def _oldest(self, most: int, aim: int) -> Iterator[Step]:
        """Let go of the oldest of all, second by second, if they are too much together."""
        weights: Counter[int] = Counter()
        for room in list(self._logs.by_room):
            for entry in self._logs.by_room.get(room, ()):
                weights[entry.time // SECOND] += WEIGHT + len(entry.text)
            yield Step()
        total = weights.total()
        if total <= most:
            return
        last = 0
        for last in sorted(weights):
            total -= weights[last]
            if total <= aim:
                break
        yield from self._each(lambda entry: entry.time // SECOND <= last)

    def _idle(self, before: int, spared: Callable[[], Collection[int]]) -> Iterator[Step]:
        for room in list(self._logs.by_room):
            if room.kind is not RoomKind.ROOM or max(room.last_time, room.created) >= before:
                continue
            # What was imported counts, too; it leaves no `last_time`.
            is_idle = all(entry.time < before for entry in self._logs.by_room[room])
            if is_idle and room.id not in spared():
                if not self._dry:
                    _end(room)
                yield Step(1)

    def _empty(self, spared: Callable[[], Collection[int]]) -> Iterator[Step]:
        for room in list(self._logs.by_room):
            is_only_its_record = room.kind is not RoomKind.ROOM
            if is_only_its_record and not self._logs.by_room[room] and room.id not in spared():
                if not self._dry:
                    self._logs.forget(room)
                yield Step(1)


def _goes(entry: Entry, gone: Collection[str]) -> bool:
    """Whether an entry, or what it is about, is among those."""
    return entry.msgid in gone or (entry.kind in _ABOUT and entry.target in gone)


def _end(room: Room) -> None:
    """Leave of a room what was said there."""
    room.folded = ended_name(room.folded, room.id, room.last_time)
    room.kind = RoomKind.ENDED
    room.settings = Settings()
    room.roles.clear()
    room.metadata.clear()
