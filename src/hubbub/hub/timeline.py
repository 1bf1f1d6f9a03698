"""The timeline: everything that goes out passes here, in one order, after it is saved.

What is decided in one tick of the loop gathers in a batch. A batch is sealed (its entries get
their `seq` and `time`), written in one transaction, then delivered; meanwhile the next gathers.
One batch is in flight at a time, so a failed one can give its numbers back, and a batch with
nothing to save never overtakes one that has. Rendering and sending are `delivery`'s.

When the disk fails, talk is refused to its authors and facts are delivered unsaved (`seq` 0). What
was changed of rooms and metadata stays in force: its authors hear that it is not saved yet, and it
is written first when a probe succeeds. Until then `require_writable` refuses claims before anything
is decided.
"""

from __future__ import annotations

import asyncio
import logging
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

from hubbub.core.events import (
    Changed,
    Refusal,
    Repeated,
    RoomRenamed,
    Said,
    TalkEvent,
    TopicSet,
    Unsaved,
)
from hubbub.core.metadata import MetadataUnsaved
from hubbub.core.ports import Already, Commit, StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room
from hubbub.hub.batch import Batch, ReplayRequest, Reply
from hubbub.hub.delivery import deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hubbub.core.events import Event, PrivateEvent, RoomEvent
    from hubbub.core.metadata import Change
    from hubbub.core.ports import Clock, Journal, Outcome, Piece
    from hubbub.core.sessions import Session
    from hubbub.hub.batch import Happening, PrivateItem

log = logging.getLogger(__name__)

PROBE_FIRST = 1.0
"""Seconds until the first attempt to write again after a failure; doubles up to PROBE_LAST."""
PROBE_LAST = 30.0


class Timeline:
    """Gathers, seals, saves and delivers.

    `backlog` is how many items may gather while a batch is in flight before talkers are asked to
    wait (`crowded`, `when_clear`).
    """

    def __init__(self, journal: Journal, clock: Clock, *, backlog: int = 10_000) -> None:
        self._journal = journal
        self._clock = clock
        self._backlog = backlog
        self._loop = asyncio.get_running_loop()
        self._gathering = Batch()
        self._flight: Batch | None = None
        self._numbers: dict[Room, tuple[int, int]] = {}
        self._tick_is_due = False
        self._waiting: dict[Callable[[], None], None] = {}
        self._owed: dict[Room, None] = {}
        self._owed_metadata: dict[tuple[int, str], Change] = {}
        self._when_well: list[Callable[[], None]] = []
        self._probe_delay = PROBE_FIRST
        self._probe: asyncio.TimerHandle | None = None
        self._closed = False
        self.trouble: StoreError | None = None
        """Why nothing can be saved at the moment, None when all is well."""
        self.crowded = False
        """Whether so much waits for the disk that talkers should be slowed."""
        self.batches = 0
        self.saved = 0
        self.unsaved = 0

    # -- what verbs do -------------------------------------------------------------------------

    def require_writable(self) -> None:
        """Raise `Refused` when a claim decided now could not be saved."""
        if self.trouble is not None:
            raise Refused(Reason.UNWRITABLE)

    def record(self, event: RoomEvent) -> None:
        """Let an event happen: it is saved, then heard."""
        batch = self._gathering
        batch.add_event(event)
        if batch.size >= self._backlog:
            self.crowded = True
        if not self._tick_is_due:
            self._schedule()

    def record_everywhere(self, happenings: Sequence[tuple[Room, Happening]]) -> None:
        """Let something happen in several rooms at once, to be heard once by everybody.

        What is an entry is saved in each room; what passes is only heard.
        """
        self._gathering.add_everywhere(happenings)
        self._schedule()

    def reply(self, session: Session, piece: Piece) -> None:
        """Answer a session, after everything decided so far."""
        self._add_private(session, Reply(piece))

    def tell(self, session: Session, event: Event) -> None:
        """Let a session alone hear an event, after everything decided so far."""
        self._add_private(session, event)

    def replay(self, session: Session, room: Room, count: int) -> None:
        """Show a session a room's last messages as of this point of the timeline."""
        self._add_private(session, ReplayRequest(room, count))

    def keep(self, session: Session, change: Change) -> None:
        """Let what a session changed be saved before anything decided after it is heard."""
        self._gathering.metadata.append((session, change))
        self._schedule()

    def then(self, callback: Callable[[], None]) -> None:
        """Call back when everything decided so far is delivered."""
        self._gathering.callbacks.append(callback)
        self._schedule()

    async def settled(self, session: Session | None = None) -> None:
        """Wait until everything decided so far is delivered, saved or refused.

        For a `session` only if some of it is what it did, or what it alone will hear: whoever asks
        about the past waits for their own words, not for the disk of all others.
        """
        if self.idle or (session is not None and not self._involves(session)):
            return
        done = asyncio.Event()
        self.then(done.set)
        await done.wait()

    def _involves(self, session: Session) -> bool:
        flight = self._flight
        return self._gathering.involves(session) or (
            flight is not None and flight.involves(session)
        )

    # -- how busy it is ------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be saved or delivered."""
        return self._flight is None and not self._gathering

    def owed(self, owner_id: int) -> list[Change]:
        """What of the metadata of a person or room is not saved yet, in order."""
        deciding = [change for batch in self._batches for _, change in batch.metadata]
        every = (*self._owed_metadata.values(), *deciding)
        return [change for change in every if change.owner.id == owner_id]

    @property
    def _batches(self) -> list[Batch]:
        """Those that are not delivered yet, in order."""
        return [batch for batch in (self._flight, self._gathering) if batch is not None]

    def when_clear(self, callback: Callable[[], None]) -> None:
        """Call back once, when what waited has been taken up, however often that was asked."""
        self._waiting[callback] = None

    def when_well(self, callback: Callable[[], None]) -> None:
        """Call back once, when everything can be saved again."""
        self._when_well.append(callback)

    def close(self) -> None:
        """Stop probing. What is in flight still arrives."""
        self._closed = True
        if self._probe is not None:
            self._probe.cancel()

    # -- batches -------------------------------------------------------------------------------

    def _add_private(self, session: Session, item: PrivateItem) -> None:
        batch = self._gathering
        batch.add_private(session, item)
        if batch.size >= self._backlog:  # who only asks questions is to wait, too
            self.crowded = True
        self._schedule()

    def _schedule(self) -> None:
        if not self._tick_is_due:
            self._tick_is_due = True
            self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        self._tick_is_due = False
        if self._flight is not None or not self._gathering:
            return
        batch, self._gathering = self._gathering, Batch()
        self.crowded = False
        self._flight = batch
        waiting, self._waiting = self._waiting, {}
        is_claim = bool(batch.events or batch.metadata)
        if is_claim and self.trouble is None:
            self._seal(batch)
            metadata = [change for _, change in batch.metadata]
            self._journal.write(batch.events, self._committed, metadata=metadata)
        elif is_claim:
            self._committed(Commit(failure=self.trouble))
        else:
            self._finish(batch)
        _call_all(waiting)

    def _seal(self, batch: Batch) -> None:
        """Give each entry its place in its room and a time that never goes back."""
        now = self._clock.now()
        numbers = self._numbers = {}
        room = None
        for event in batch.events:
            if event.room is not room:
                room = event.room
                if room not in numbers:
                    numbers[room] = (room.last_seq, room.last_time)
                    room.last_time = max(room.last_time, now)
            room.last_seq += 1
            event.seq = room.last_seq
            event.time = room.last_time

    def _committed(self, commit: Commit) -> None:
        batch = self._flight
        assert batch is not None
        if commit.failure is not None:
            self._take_back(batch, commit.failure)
        else:
            self.batches += 1
            self.saved += len(batch.events) - len(commit.exceptions)
            if commit.exceptions:
                batch.replace(lambda event: _verdict(event, commit.exceptions))
        self._finish(batch)

    def _finish(self, batch: Batch) -> None:
        try:
            deliver(batch)
        except Exception:
            # A renderer's bug must cost one batch's readers, not the chat, nor those who wait.
            log.exception("delivery failed")
        self._flight = None
        if self._gathering:
            self._schedule()
        _call_all(batch.callbacks)

    # -- when the disk fails -------------------------------------------------------------------

    def _take_back(self, batch: Batch, failure: StoreError) -> None:
        for room, (seq, time) in self._numbers.items():
            room.last_seq, room.last_time = seq, time
        self._numbers = {}
        now = self._clock.now()
        for event in list(batch.events):
            event.seq, event.time = 0, now
            self.unsaved += not isinstance(event, TalkEvent)
            if event.room.unsaved:
                self._owe(batch, event)
        self._owe_metadata(batch)
        batch.replace(
            lambda event: (
                Refusal(Reason.UNWRITABLE, event) if isinstance(event, TalkEvent) else None
            )
        )
        if self.trouble is None:
            log.error("cannot save: %s; messages are refused until it is mended", failure)
            self.trouble = failure
            self._probe_delay = PROBE_FIRST
            self._probe_later()

    def _owe(self, batch: Batch, event: RoomEvent) -> None:
        """Remember a room that the disk owes a change, and tell whoever changed it."""
        self._owed[event.room] = None
        if isinstance(event, Changed | TopicSet | RoomRenamed):
            batch.add_private(event.session, Unsaved(event.room))

    def _owe_metadata(self, batch: Batch) -> None:
        """Remember what the disk owes of metadata, and tell whoever changed it."""
        told = {}
        for session, change in batch.metadata:
            self._owed_metadata[change.owner.id, change.key] = change
            called = change.owner.name if isinstance(change.owner, Room) else session.nick
            told[session, called] = MetadataUnsaved(called)
        for (session, _), event in told.items():
            batch.add_private(session, event)

    def _probe_later(self) -> None:
        if self._closed:
            return
        self._probe = self._loop.call_later(
            self._probe_delay, lambda: self._journal.probe(self._probed)
        )
        self._probe_delay = min(PROBE_LAST, 2 * self._probe_delay)

    def _probed(self, failure: StoreError | None) -> None:
        if failure is not None:
            self.trouble = failure
            self._probe_later()
            return
        self._recover()

    def _recover(self) -> None:
        """Save first what the disk owes the rooms; all is well when it owes nothing more."""
        owed, self._owed = self._owed, {}
        metadata = dict(self._owed_metadata)
        if owed or metadata:
            done = partial(self._recovered, owed, metadata)
            self._journal.write((), done, tuple(owed), tuple(metadata.values()))
            return
        log.warning("saving again; %d arrivals, departures and the like are lost", self.unsaved)
        self.trouble = None
        callbacks, self._when_well = self._when_well, []
        _call_all(callbacks)

    def _recovered(
        self, owed: dict[Room, None], metadata: dict[tuple[int, str], Change], commit: Commit
    ) -> None:
        if commit.failure is not None:
            self._owed = owed | self._owed
            self._probed(commit.failure)
        else:
            for place, change in metadata.items():
                if self._owed_metadata.get(place) is change:
                    del self._owed_metadata[place]
            self._recover()  # what changed meanwhile, if anything did


def _call_all(callbacks: Iterable[Callable[[], None]]) -> None:
    """Call back everybody who waits: a bug in one of them must not leave the others waiting."""
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("a callback failed")


def _verdict(event: RoomEvent, exceptions: Mapping[str, Outcome]) -> PrivateEvent | None:
    """What the author of an event hears that was not stored although the batch was."""
    outcome = exceptions.get(event.msgid)
    if outcome is None or not isinstance(event, TalkEvent):
        return None
    if not isinstance(event, Said):  # somebody else was faster
        event.seq = 0
        return Refusal(Reason.NO_SUCH_MESSAGE, event, (event.to, event.target or ""))
    if isinstance(outcome, Already):
        first = copy(event)
        first.seq, first.msgid, first.time = 0, outcome.msgid, outcome.time
        return Repeated(first)
    return Refusal(Reason.CONFLICT, event, (event.to,))
