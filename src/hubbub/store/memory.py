"""The store that forgets: `durability = none`, and the model that the others are tested against.

Keeps the last entries of each room, bounded, as the very events it was given: `write` is on the
path of every message and makes no object for it. Everything happens at once, on the caller's
thread, and is gone with the process.
"""

from __future__ import annotations

import heapq
from collections import deque
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core.audit import ActKind
from hubbub.core.events import AMENDING, TALK, Edited, Redacted, Said
from hubbub.core.history import Conversation
from hubbub.core.names import fold
from hubbub.core.ports import Commit, Conflict, Found, Imported
from hubbub.core.retention import former_name
from hubbub.core.rooms import RoomKind
from hubbub.core.world import direct_name, other_person
from hubbub.store import partners, remembered, sends
from hubbub.store.fading import Fading
from hubbub.store.logs import Logs
from hubbub.store.metadata import rooms_of
from hubbub.store.past import Places
from hubbub.store.proofs import Proofs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Sequence

    from hubbub.core.audit import Act
    from hubbub.core.bans import Ban
    from hubbub.core.events import Entry, RoomEvent
    from hubbub.core.history import Place, Reach, Reference
    from hubbub.core.metadata import Change
    from hubbub.core.people import Mark, Person, Proof
    from hubbub.core.ports import Outcome, RoomRow, StoreError
    from hubbub.core.retention import Bounds, Rule, Step
    from hubbub.core.rooms import Room
    from hubbub.text.query import Query

MAX_ROOMS: Final = 10_000
"""Rooms remembered; conversations go first, and of these the one that was opened first."""

MAX_SENDS: Final = 100_000
"""Send-once ids remembered; the oldest go first."""

MAX_ACTS: Final = 1_000
"""Acts of operators remembered; the oldest go first."""

_STORED: Final = Commit()
_AMENDING: Final[frozenset[type]] = frozenset((Edited, Redacted))


class _Sent(NamedTuple):
    """What was said with a send-once id."""

    room: Room
    msgid: str
    digest: bytes
    time: int


class MemoryStore:
    """Implements `core.ports.Journal` and `core.ports.Archive` without a disk."""

    def __init__(self, keep: int = 10_000, *, rooms: int = MAX_ROOMS) -> None:
        """Keep the last `keep` entries of each of so many rooms."""
        self._logs = Logs(keep, rooms)
        self._sends: dict[str, _Sent] = {}
        self._bans: dict[str, Ban] = {}
        self._acts: deque[Act] = deque(maxlen=MAX_ACTS)
        self._proofs = Proofs()

    def write(
        self,
        events: Sequence[RoomEvent],
        done: Callable[[Commit], None],
        rooms: Sequence[Room] = (),
        metadata: Sequence[Change] = (),
    ) -> None:
        """See `Journal.write`; `done` is called before this returns."""
        logs = self._logs.by_room
        exceptions: dict[str, Outcome] = {}
        for event in events:
            outcome: Outcome | None = None
            if type(event) is Said:
                if event.send_id is not None:
                    outcome = self._repeated(event, event.send_id)
            elif type(event) in _AMENDING and not self._logs.amend(event):
                outcome = Conflict()
            if outcome is not None:
                exceptions[event.msgid] = outcome
                continue
            room = event.room
            log = logs.get(room)
            if log is None:
                log = self._logs.open(room)
            log.append(event)
            room.changes_saved = room.changes
            event.session.person.kept = True
        for room in (*rooms, *rooms_of(metadata)):
            if room not in logs:
                self._logs.open(room)
            room.changes_saved = room.changes
        self._proofs.change(metadata)
        done(Commit(exceptions=exceptions) if exceptions else _STORED)

    def probe(self, done: Callable[[StoreError | None], None]) -> None:
        """See `Journal.probe`: memory can always be written."""
        done(None)

    async def room(self, folded: str) -> RoomRow | None:
        """See `Archive.room`."""
        return self._logs.row(folded)

    async def direct_room(self, one: int, other: int) -> RoomRow | None:
        """See `Archive.direct_room`."""
        return await self.room(fold(direct_name(one, other)))

    async def latest(
        self,
        room_id: int,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """See `Archive.latest`."""
        log = self._logs.of(room_id)
        indices = reversed(remembered.bounds(log, after, before))
        return remembered.taken(log, indices, limit, events=events)[::-1]

    async def earliest(
        self,
        room_id: int,
        limit: int,
        *,
        after: int,
        before: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """See `Archive.earliest`."""
        log = self._logs.of(room_id)
        indices = remembered.bounds(log, after, before)
        return remembered.taken(log, indices, limit, events=events)

    async def message(self, room_id: int, msgid: str) -> Entry | None:
        """See `Archive.message`."""
        return remembered.message(self._logs.of(room_id), msgid)

    async def place(self, room_id: int, reference: Reference) -> Place | None:
        """See `Archive.place`."""
        return remembered.place(self._logs.of(room_id), reference)

    async def conversations(self, person_id: int, limit: int) -> list[Conversation]:
        """See `Archive.conversations`."""
        mine = [
            (room, other_person(room.folded, person_id))
            for room in self._logs.among(conversations=True)
            if room.kind is RoomKind.DIRECT and f"{person_id:016x}" in room.folded
        ]
        mine.sort(key=lambda one: one[0].last_time, reverse=True)
        return [
            Conversation(
                room.id, other, remembered.last_nick(self._logs.of(room.id), other), room.last_time
            )
            for room, other in mine[:limit]
        ]

    async def sent(self, send_id: str) -> Found | None:
        """See `Archive.sent`."""
        first = self._sends.get(send_id)
        log = () if first is None else self._logs.of(first.room.id)
        found = (
            remembered.as_written(first.room.name, entry)
            for entry in log
            if first and entry.msgid == first.msgid
        )
        return next(found, None)

    async def pages(
        self,
        *,
        room: str | None = None,
        since: int | None = None,
        conversations: bool = True,
        size: int = 500,
    ) -> AsyncIterator[list[Found]]:
        """See `Archive.pages`."""
        rooms = sorted(self._logs.among(conversations=conversations), key=lambda kept: kept.folded)
        found = [
            remembered.as_written(kept.name, entry)
            for kept in rooms
            if room is None or former_name(kept.folded) == room
            for entry in self._logs.of(kept.id)
            if since is None or entry.time >= since
        ]
        for start in range(0, len(found), size):
            yield found[start : start + size]

    async def search(
        self,
        query: Query,
        limit: int,
        *,
        conversations: bool = True,
        reach: Reach | None = None,
        earliest: bool = False,
    ) -> list[Found]:
        """See `Archive.search`: every entry is looked at."""
        found = (
            Found(room.name, entry)
            for room in self._logs.among(conversations=conversations)
            for entry in self._logs.of(room.id)
            if entry.kind in TALK
            and not isinstance(entry, remembered.Tombstone)
            and (reach is None or reach.holds(entry))
            and query.matches(text=entry.text, sender=entry.nick, room=room.name, time=entry.time)
        )
        choose = heapq.nsmallest if earliest else heapq.nlargest
        return choose(limit, found, key=lambda one: (one.entry.time, one.entry.seq))

    async def partners(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """See `Archive.partners`: every entry is looked at."""
        ids = {name: partners.ids(name) for name in names}
        called: dict[int, str] = {}
        for entry in sorted(
            chain.from_iterable(self._logs.by_room.values()), key=attrgetter("time")
        ):
            called[entry.person_id] = entry.nick
        found = {}
        for name in names:
            persons = [called[one] for one in ids[name] if one in called]
            found[name] = partners.in_order([*persons, *self._speakers(name)])
        return found

    async def bans(self) -> list[Ban]:
        """See `Archive.bans`."""
        return list(self._bans.values())

    async def acts(self, limit: int) -> list[Act]:
        """See `Archive.acts`."""
        return list(self._acts)[::-1][:limit]

    async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
        """See `Archive.keep_act`."""
        if ban is not None or act.kind is ActKind.UNBAN:
            self._bans.pop(fold(ban.target if ban else act.target), None)
        if ban is not None:
            self._bans[fold(ban.target)] = ban
        self._acts.append(act)

    async def keep_proofs(self, proofs: Sequence[Proof], *, oldest: int) -> None:
        """See `Archive.keep_proofs`."""
        self._proofs.keep(proofs, oldest)

    async def proof(self, digest: bytes, *, oldest: int) -> Proof | None:
        """See `Archive.proof`."""
        return self._proofs.find(digest, oldest)

    async def keep_marks(self, marks: Sequence[Mark]) -> None:
        """See `Archive.keep_marks`."""
        self._proofs.mark(marks)

    async def marks(self, person_id: int) -> dict[int, int]:
        """See `Archive.marks`."""
        return self._proofs.marks(person_id)

    async def metadata(self, person_id: int) -> dict[str, str]:
        """See `Archive.metadata`."""
        return self._proofs.metadata(person_id)

    async def vacuum(self) -> None:
        """See `Archive.vacuum`: there are no files."""

    async def prune(
        self, rule: Rule, bounds: Bounds, spared: Callable[[], Collection[int]]
    ) -> AsyncIterator[Step]:
        """See `Archive.prune`."""
        for step in Fading(self._logs).steps(rule, bounds, spared):
            yield step

    async def due(self, rule: Rule, bounds: Bounds, spared: Collection[int]) -> int:
        """See `Archive.due`."""
        steps = Fading(self._logs, dry=True).steps(rule, bounds, lambda: spared)
        return sum(step.count for step in steps)

    async def import_chunk(
        self, entries: Sequence[Entry], people: Sequence[Person], rooms: Sequence[Room]
    ) -> Imported:
        """See `Archive.import_chunk`."""
        # One look at all that is kept for the whole chunk, not one for each entry.
        brought = {entry.msgid for entry in entries}
        kept = chain.from_iterable(self._logs.by_room.values())
        known = brought.intersection(entry.msgid for entry in kept)
        places = Places(self._logs.highest)
        new: dict[int, list[Entry]] = {}
        for entry in entries:
            if entry.msgid not in known:
                known.add(entry.msgid)
                entry.seq = places.take(entry.room_id, entry.time)
                new.setdefault(entry.room_id, []).append(entry)
        by_id = {room.id: room for room in (*self._logs.by_room, *rooms)}
        for room_id, past in new.items():
            self._logs.merge(by_id[room_id], past)
        for entry in chain.from_iterable(new.values()):
            if entry.kind in AMENDING:
                self._logs.amend(entry)
        for person in people:
            person.kept = True
        count = sum(map(len, new.values()))
        return Imported(new=count, known=len(entries) - count)

    def close(self) -> None:
        """Nothing to finish."""

    def _speakers(self, folded: str) -> list[str]:
        """What each who spoke in a room was called last."""
        logs = (log for room, log in self._logs.by_room.items() if room.folded == folded)
        return list({entry.person_id: entry.nick for log in logs for entry in log}.values())

    def _repeated(self, event: Said, send_id: str) -> Outcome | None:
        first = self._sends.get(send_id)
        digest = sends.digest(event)
        if first is not None and first.time >= event.time - sends.LIFETIME:
            return sends.outcome((first.msgid, first.digest, first.time), digest)
        self._sends.pop(send_id, None)
        if len(self._sends) >= MAX_SENDS:
            del self._sends[next(iter(self._sends))]
        self._sends[send_id] = _Sent(event.room, event.msgid, digest, event.time)
        return None
