"""The model of delivery: who hears what, with no batches in flight, slices or sharing.

It is told all that was decided, one thing at a time, with those who are there. `test_delivery`
holds the hub against it.
"""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.doubles import sentence
from hubbub.core.events import Refusal, Repeated, Said
from hubbub.core.ports import Already, Outcome
from hubbub.core.refusals import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.events import RoomEvent
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


@dataclass
class Decided:
    """One thing that was decided: who hears it if all is well, and what becomes of it."""

    event: RoomEvent | None
    hearers: list[Session]
    author: Session | None = None
    piece: str = ""
    several: set[Session] = field(default_factory=set)
    replay: tuple[Session, Room, int] | None = None


@dataclass
class Batch:
    decided: list[Decided] = field(default_factory=list)

    @property
    def is_saved(self) -> bool:
        return any(one.event is not None for one in self.decided)

    @property
    def individuals(self) -> set[Session]:
        """Those whose order is that of the decisions: they have something of their own in it."""
        own = {one.author for one in self.decided if one.author}
        told = {session for one in self.decided if one.author is None for session in one.hearers}
        return own | told | {session for one in self.decided for session in one.several}


class Model:
    """What everybody hears, thing by thing."""

    def __init__(self) -> None:
        self.members: dict[Room, list[Session]] = defaultdict(list)
        self.recent: dict[Room, list[str]] = defaultdict(list)
        self.gathering = Batch()

    def event(self, event: RoomEvent, author: Session) -> None:
        if isinstance(event, Said) and event.audience is not None:
            hearers = list(dict.fromkeys((*event.audience, author)))
        else:
            hearers = list(self.members[event.room])
            if isinstance(event, Said):  # who talks from outside hears themselves
                hearers = list(dict.fromkeys((*hearers, author)))
        self.gathering.decided.append(Decided(event, hearers, author))

    def about(
        self, author: Session, places: list[Room], words: str, event: RoomEvent | None
    ) -> None:
        """Something that happens in several rooms at once, and to the author wherever they are."""
        meet = [session for place in places for session in self.members[place]]
        is_own = not places or (event is None and author not in meet)
        hearers = list(dict.fromkeys([*meet, author] if is_own else meet))
        several = {session for session in hearers if meet.count(session) > 1}
        self.gathering.decided.append(Decided(event, hearers, author, words, several=several))

    def reply(self, session: Session, piece: str) -> None:
        self.gathering.decided.append(Decided(None, [session], piece=piece))

    def replay(self, session: Session, room: Room, count: int) -> None:
        self.gathering.decided.append(Decided(None, [session], replay=(session, room, count)))

    def outcome(
        self, batch: Batch, *, failed: bool, exceptions: dict[str, Outcome]
    ) -> dict[Session, list[str]]:
        """What everybody hears of a batch with that fate."""
        heard: dict[Session, list[str]] = defaultdict(list)
        for one in batch.decided:
            for session, words in self._told(one, failed, exceptions):
                heard[session].append(words)
        return heard

    def _told(
        self, one: Decided, failed: bool, exceptions: dict[str, Outcome]
    ) -> Iterator[tuple[Session, str]]:
        event = one.event
        if one.replay is not None:
            session, room, count = one.replay
            texts = self.recent[room][-count:]
            yield session, f"own: {room.name} was: {' | '.join(texts)}"
        elif one.piece and one.author is not None:
            for session in one.hearers:
                yield session, f"{'own: ' if session is one.author else ''}{one.piece}"
        elif event is None:
            yield one.hearers[0], one.piece
        elif isinstance(event, Said) and (failed or event.msgid in exceptions):
            assert one.author is not None
            outcome = exceptions.get(event.msgid)
            verdict: Any = Refusal(Reason.UNWRITABLE if failed else Reason.CONFLICT, event)
            if isinstance(outcome, Already):
                first = copy(event)
                first.msgid, first.time = outcome.msgid, outcome.time
                verdict = Repeated(first)
            yield one.author, f"own: {sentence(verdict)}"
        else:
            if isinstance(event, Said) and event.audience is None:
                self.recent[event.room].append(event.text)
            for session in one.hearers:
                yield session, f"{'own: ' if session is one.author else ''}{sentence(event)}"
