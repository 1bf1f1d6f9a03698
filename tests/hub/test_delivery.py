"""Who hears what, exactly: delivery against a model that knows no batches, slices or sharing.

The model walks through all that was decided, one thing at a time, and tells each person who was
there. Random histories are carried out by both; in each batch everybody must have heard what the
model says: in one order if they have anything of their own in the batch, else in each room's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.doubles import Scene, Sentences, scene, turn
from hub.model import Batch, Model
from hubbub.core.events import Said
from hubbub.core.ports import Already, Conflict, Outcome
from hubbub.core.refusals import Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.world import direct_name
from hubbub.hub import arrival, moderation, people, rooms, talk, timeline

if TYPE_CHECKING:
    from hubbub.core.events import RoomEvent
    from hubbub.core.sessions import Session

PEOPLE = 5
ROOMS = 2


class Rehearsal:
    """The hub and the model, side by side."""

    def __init__(self, stage: Scene) -> None:
        self.stage = stage
        self.hub = stage.hub
        self.model = Model()
        self.flight: Batch | None = None
        self.count = 0
        self.last_batch: dict[Session, object] = {}
        """Of those who quit: after it they are sent nothing more."""
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
        self.last_batch.setdefault(session, self.hub.timeline._gathering)
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

    def can_hear(self, session: Session) -> bool:
        now = self.hub.timeline._gathering
        return self.last_batch.get(session, now) is now

    def reply(self, session: Session) -> None:
        if not self.can_hear(session):
            return
        piece = f"answer {self._number()}"
        self.hub.timeline.reply(session, piece)
        self.model.reply(session, piece)

    def replay(self, session: Session, room: Room, count: int) -> None:
        if not self.can_hear(session):
            return
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
            event.msgid: Already("id-first", 7) if number % 2 else Conflict()
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


person = st.integers(0, PEOPLE - 1)
room = st.integers(0, ROOMS - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), person, room),
        st.tuples(st.just("enter"), person, room),
        st.tuples(st.just("part"), person, room),
        st.tuples(st.just("say"), person, room),
        st.tuples(st.just("say"), person, room),
        st.tuples(st.just("kick"), person, room, person),
        st.tuples(st.just("type"), person, room),
        st.tuples(st.just("rename"), person),
        st.tuples(st.just("away"), person),
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
        cast, places = rehearsal.sessions, rehearsal.rooms
        for name, *args in steps:
            match name, args:
                case "kick", [who, where, victim]:
                    rehearsal.kick(cast[who], places[where], cast[victim])
                case (("enter" | "part" | "say" | "replay" | "type"), [who, where, *more]):
                    getattr(rehearsal, name)(cast[who], places[where], *more)
                case "whisper", [who, other]:
                    rehearsal.whisper(cast[who], cast[other])
                case (("quit" | "reply" | "rename" | "away"), [who]):
                    getattr(rehearsal, name)(cast[who])
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
