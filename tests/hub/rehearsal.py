"""A naive model of who hears what, and a rehearsal that holds delivery against it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import Scene, Sentences, sentence, turn
from hubbub.core.events import Refusal, Repeated, Said
from hubbub.core.ports import Already, Conflict, Outcome
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.world import direct_name
from hubbub.hub import arrival, moderation, people, rooms, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.events import RoomEvent
    from hubbub.core.sessions import Session

PEOPLE = 5
ROOMS = 2


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
            verdict: Any = Refusal(Reason.UNWRITABLE if failed else Reason.CONFLICT)
            if isinstance(outcome, Already):
                verdict = Repeated(event.send_id or "", outcome.msgid)
            yield one.author, f"own: {sentence(verdict)}"
        else:
            if isinstance(event, Said) and event.audience is None:
                self.recent[event.room].append(event.text)
            for session in one.hearers:
                yield session, f"{'own: ' if session is one.author else ''}{sentence(event)}"


class Rehearsal:
    """The hub and the model, side by side."""

    def __init__(self, stage: Scene) -> None:
        self.stage = stage
        self.hub = stage.hub
        self.model = Model()
        self.flight: Batch | None = None
        self.count = 0
        kinds = [stage.kind, Sentences()]
        side = Room(99, "#side", "#side", governed=stage.clock.now())
        stage.hub.world.add_room(side)
        self.rooms = [stage.room, side]
        for one in self.rooms:
            one.settings.flags.clear()  # outsiders speak too
        self.sessions = [
            stage.arrive(f"person{number}", kind=kinds[number % 2]) for number in range(PEOPLE)
        ]

    # -- what can be done ----------------------------------------------------------------------

    def enter(self, session: Session, room: Room) -> None:
        if session not in room.members and session in self.hub.world:
            self.model.members[room].append(session)
            rooms.join(self.hub, session, room)
            self._decided(session)

    def part(self, session: Session, room: Room) -> None:
        """As PART will be, when there is a door that has it: leave one room and stay."""
        if session in room.members:
            rooms.part(self.hub, session, room, "tired")
            self._decided(session)
            self.model.members[room].remove(session)

    def kick(self, session: Session, room: Room, victim: Session) -> None:
        """The model knows nothing of roles: the kicker gets one first."""
        if session in room.members and victim in room.members:
            room.grant(session.person.id, Role.OPERATOR)
            moderation.kick(self.hub, session, victim, room, "out")
            self._decided(session)
            self.model.members[room].remove(victim)
            room.revoke(session.person.id, Role.OPERATOR)

    def quit(self, session: Session) -> None:
        left = list(session.rooms)
        arrival.quit(self.hub, session, "gone")
        for room in left:
            self.model.members[room].remove(session)
        if left:
            self.model.about(session, left, f"{session.nick} quit: gone", self._last())

    def rename(self, session: Session) -> None:
        if session.ended:
            return
        old, new = session.nick, f"{session.nick.partition('-')[0]}-{self._number()}"
        people.rename(self.hub, session, new)
        event = self._last() if session.rooms else None
        self.model.about(session, list(session.rooms), f"{old} is now {new}", event)

    def away(self, session: Session) -> None:
        if session.ended:
            return
        why = f"reason {self._number()}"
        people.set_away(self.hub, session, why)
        self.model.about(session, list(session.rooms), f"{session.mask} is away: {why}", None)

    def type(self, session: Session, room: Room) -> None:
        """Tags alone, to one room."""
        if session.ended:
            return
        number = self._number()
        talk.send_tags(self.hub, session, room, {"+n": str(number)})
        words = f"{session.mask} sends {room.name} {{'+n': '{number}'}}"
        self.model.about(session, [room], words, None)

    def _last(self) -> RoomEvent:
        return self.hub.timeline._gathering.events[-1]

    def say(self, session: Session, room: Room) -> None:
        self._say(session, room, None)

    def whisper(self, session: Session, other: Session) -> None:
        if session.ended or other.ended:
            return
        room = talk.conversation(self.hub, session, other)
        if room is None:
            name = direct_name(session.person.id, other.person.id)
            room = rooms.new_room(self.hub, name, RoomKind.DIRECT)
            self.hub.world.add_room(room)
        self._say(session, room, other)

    def reply(self, session: Session) -> None:
        piece = f"answer {self._number()}"
        self.hub.timeline.reply(session, piece)
        self.model.reply(session, piece)

    def replay(self, session: Session, room: Room, count: int) -> None:
        self.hub.timeline.replay(session, room, count)
        self.model.replay(session, room, count)

    def _say(self, session: Session, room: Room, other: Session | None) -> None:
        text = f"text {self._number()}"
        how = talk.How(send_id=text)

        def speak() -> None:
            if other is None:
                talk.say(self.hub, session, room, text, how=how)
            else:
                talk.tell(self.hub, session, other, room, text, how=how)

        refusal = (
            "ENDED"
            if session.ended
            else "UNWRITABLE"
            if self.hub.timeline.trouble is not None
            else ""
        )
        if refusal:
            with pytest.raises(Refused, match=refusal):
                speak()
            return
        speak()
        self._decided(session)

    def _decided(self, author: Session) -> None:
        self.model.event(self._last(), author)

    def _number(self) -> int:
        self.count += 1
        return self.count

    # -- what the journal does -----------------------------------------------------------------

    async def proceed(self) -> None:
        """Let a batch begin; one that needs no disk is delivered at once."""
        was_writing = self.stage.journal.is_writing
        unwritable = self.hub.timeline.trouble is not None
        if self.stage.journal.is_probing:
            self.stage.journal.answer_probe()
            if self.stage.journal.is_writing:
                self.stage.journal.commit()  # what the disk owed the rooms comes first
            unwritable = False
        await turn()
        if was_writing or not self.model.gathering.decided:
            return
        self.flight, self.model.gathering = self.model.gathering, Batch()
        if not self.flight.is_saved or unwritable:
            self._compare(failed=unwritable)

    async def settle(self, fate: str, chosen: list[bool]) -> None:
        """End the batch in flight."""
        if not self.stage.journal.is_writing:
            return
        assert self.flight is not None
        if fate == "fails":
            self.stage.journal.fail()
            self._compare(failed=True)
        else:
            exceptions = self._exceptions(chosen) if fate == "is picked apart" else {}
            self.stage.journal.commit(**exceptions)
            self._compare(failed=False, exceptions=exceptions)
        # What gathered meanwhile begins now.
        await self.proceed()

    def _exceptions(self, chosen: list[bool]) -> dict[str, Outcome]:
        assert self.flight is not None
        said = [one.event for one in self.flight.decided if isinstance(one.event, Said)]
        return {
            event.msgid: Already("id-first") if number % 2 else Conflict()
            for number, (event, is_chosen) in enumerate(zip(said, chosen, strict=False))
            if is_chosen
        }

    def _compare(self, *, failed: bool, exceptions: dict[str, Outcome] | None = None) -> None:
        assert self.flight is not None
        batch, self.flight = self.flight, None
        expected = self.model.outcome(batch, failed=failed, exceptions=exceptions or {})
        for session in self.sessions:
            heard = self.stage.reader(session).take()
            if session in batch.individuals:
                assert heard == expected[session]
            else:
                # What is heard in one room only names none: it is in its place among the others.
                assert sorted(heard) == sorted(expected[session])
                assert by_room(heard) == by_room(expected[session])
        for room in self.rooms:
            assert [entry.text for entry in room.recent] == self.model.recent[room][-100:]


def by_room(sentences: list[str]) -> tuple[list[str], ...]:
    """Order is exact within a room."""
    return tuple([one for one in sentences if name in one] for name in ("#lobby", "#side"))
