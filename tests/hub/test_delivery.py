"""Who hears what, exactly: delivery against a model that knows no batches, slices or sharing.

The model walks through all that was decided, one thing at a time, and tells each person who was
there. Random histories are carried out by both; in each batch everybody must have heard what the
model says: in one order if they have anything of their own in the batch, else in each room's.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.doubles import Scene, Sentences, scene, sentence, turn
from hubbub.core.events import EntryKind, Quit, Refusal, Repeated, Said
from hubbub.core.ports import Already, Conflict, Outcome
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room
from hubbub.hub import arrival, rooms, talk, timeline

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
    replay: tuple[Session, Room, int] | None = None


@dataclass
class Batch:
    decided: list[Decided] = field(default_factory=list)

    @property
    def is_saved(self) -> bool:
        return any(one.event is not None for one in self.decided)


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
        self.gathering.decided.append(Decided(event, hearers, author))

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
        self.rooms = [stage.room, Room(99, "#side", "#side")]
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
            room.leave(session)
            self.model.members[room].remove(session)
            self.hub.timeline.record(
                Quit(room.id, EntryKind.PART, "part", 0, session.nick, room=room, session=session)
            )
            self._decided(session)

    def quit(self, session: Session) -> None:
        left = sorted(session.rooms, key=lambda room: room.id)
        before = len(self.hub.timeline._gathering.events)
        arrival.quit(self.hub, session, "gone")
        for room in left:
            self.model.members[room].remove(session)
        for event in self.hub.timeline._gathering.events[before:]:
            self.model.event(event, session)

    def say(self, session: Session, room: Room) -> None:
        self._say(session, room, None)

    def whisper(self, session: Session, other: Session) -> None:
        self._say(session, Room(7, "@", "@"), (other,))

    def reply(self, session: Session) -> None:
        piece = f"answer {self._number()}"
        self.hub.timeline.reply(session, piece)
        self.model.reply(session, piece)

    def replay(self, session: Session, room: Room, count: int) -> None:
        self.hub.timeline.replay(session, room, count)
        self.model.replay(session, room, count)

    def _say(self, session: Session, room: Room, audience: tuple[Session, ...] | None) -> None:
        text = f"text {self._number()}"
        if self.hub.timeline.trouble is not None:
            with pytest.raises(Refused, match="UNWRITABLE"):
                talk.say(self.hub, session, room, text, send_id=text, audience=audience)
            return
        talk.say(self.hub, session, room, text, send_id=text, audience=audience)
        self._decided(session)

    def _decided(self, author: Session) -> None:
        self.model.event(self.hub.timeline._gathering.events[-1], author)

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
        individuals = {one.author for one in batch.decided if one.author}
        individuals |= {
            session for one in batch.decided if one.event is None for session in one.hearers
        }
        for session in self.sessions:
            heard = self.stage.heard(session.nick)
            if session in individuals:
                assert heard == expected[session]
            else:
                assert by_room(heard) == by_room(expected[session])
        for room in self.rooms:
            assert [entry.text for entry in room.recent] == self.model.recent[room][-100:]


def by_room(sentences: list[str]) -> tuple[list[str], list[str]]:
    """Order is exact within a room."""
    side = [one for one in sentences if "#side" in one]
    return [one for one in sentences if one not in side], side


person = st.integers(0, PEOPLE - 1)
room = st.integers(0, ROOMS - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), person, room),
        st.tuples(st.just("enter"), person, room),
        st.tuples(st.just("part"), person, room),
        st.tuples(st.just("say"), person, room),
        st.tuples(st.just("say"), person, room),
        st.tuples(st.just("quit"), person),
        st.tuples(st.just("whisper"), person, person),
        st.tuples(st.just("reply"), person),
        st.tuples(st.just("replay"), person, room, st.integers(1, 4)),
        st.tuples(st.just("proceed")),
        st.tuples(
            st.just("settle"),
            st.sampled_from(["succeeds", "succeeds", "fails", "is picked apart"]),
            st.lists(st.booleans(), max_size=6),
        ),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_everybody_hears_what_the_model_says(steps: list[tuple[Any, ...]]) -> None:
    asyncio.run(_rehearse(steps))


async def _rehearse(steps: list[tuple[Any, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "PROBE_FIRST", 0)
        rehearsal = Rehearsal(scene())
        people, places = rehearsal.sessions, rehearsal.rooms
        for name, *args in steps:
            match name, args:
                case (("enter" | "part" | "say" | "replay"), [who, where, *more]):
                    getattr(rehearsal, name)(people[who], places[where], *more)
                case "whisper", [who, other]:
                    rehearsal.whisper(people[who], people[other])
                case (("quit" | "reply"), [who]):
                    getattr(rehearsal, name)(people[who])
                case _:
                    await getattr(rehearsal, name)(*args)
        await rehearsal.proceed()
        while rehearsal.stage.journal.is_writing:
            await rehearsal.settle("succeeds", [])
        rehearsal.hub.timeline.close()
        assert not any(reader.payloads for reader in rehearsal.stage.readers.values())


async def test_in_a_storm_of_arrivals_each_hears_who_came_after() -> None:
    stage = scene()
    names = [f"n{number}" for number in range(50)]
    stage.come_in(*names)
    await stage.settle()
    for number, name in enumerate(names):
        assert stage.heard(name) == [f"own: {name} joined #lobby"] + [
            f"{later} joined #lobby" for later in names[number + 1 :]
        ]


async def test_those_of_one_kind_share_one_payload() -> None:
    stage = scene()
    (alice,) = stage.come_in("alice")
    stage.come_in("bob", "carol")
    await stage.settle()
    stage.heard("bob"), stage.heard("carol")
    talk.say(stage.hub, alice, stage.room, "hi")
    await stage.settle()
    (heard,) = stage.readers["bob"].payloads
    assert stage.readers["carol"].payloads == [heard]
    assert stage.readers["carol"].payloads[0] is heard


async def test_a_replay_is_of_that_very_moment() -> None:
    stage = scene()
    (alice,) = stage.come_in("alice")
    talk.say(stage.hub, alice, stage.room, "before")
    bob = stage.arrive("bob")
    stage.hub.timeline.replay(bob, stage.room, 5)
    rooms.join(stage.hub, bob, stage.room)
    talk.say(stage.hub, alice, stage.room, "after")
    await stage.settle()
    assert stage.heard("bob") == [
        "own: #lobby was: before",
        "own: bob joined #lobby",
        "alice in #lobby: after",
    ]
