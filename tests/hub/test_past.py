"""The past: who may read what of it, and what a question gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core.events import TALK, Said
from hubbub.core.history import PLAYED, Question, Visible, Way
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.settings import (
    Flag,
    FlagChange,
    KeyChange,
)
from hubbub.hub import arrival, history, moderation, past, people, rooms, talk
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.history import Reference
    from hubbub.core.sessions import Session

LONG = 10_000


def kept(**limits: Any) -> Scene:
    """A scene with a store that keeps what happens."""
    store = MemoryStore()
    stage = scene(journal=store, **limits)
    stage.hub.archive = store
    return stage


async def asked(
    stage: Scene,
    session: Session,
    name: str,
    way: Way = Way.LATEST,
    *references: Reference,
    limit: int = 50,
    events: bool = False,
) -> list[str]:
    """The texts that a question gives."""
    where = await past.readable(stage.hub, session, name)
    question = Question(way, references, limit, PLAYED if events else TALK)
    return [event.text for event in await past.read_page(stage.hub, session, where, question)]


async def refusal(stage: Scene, session: Session, name: str, *references: Reference) -> Reason:
    with pytest.raises(Refused) as caught:
        await asked(stage, session, name, Way.AFTER if references else Way.LATEST, *references)
    return caught.value.reason


async def tell(stage: Scene, session: Session, nick: str, text: str) -> None:
    other, room = await talk.open_conversation(stage.hub, session, nick)
    talk.tell(stage.hub, session, other, room, text)
    await stage.hub.timeline.settled()


# -- pages -------------------------------------------------------------------------------------


class TestPages:
    async def told(self, stage: Scene) -> tuple[Session, list[Said]]:
        (alice,) = stage.come_in("alice")
        said = []
        for number in range(10):
            said.append(talk.say(stage.hub, alice, stage.room, str(number)))
            await stage.hub.timeline.settled()
            stage.clock.time += 10
        return alice, said

    @pytest.mark.parametrize("by_time", [False, True])
    async def test_each_way(self, by_time: bool) -> None:
        stage = kept()
        alice, said = await self.told(stage)

        async def page(way: Way, *numbers: int, limit: int = 50) -> str:
            found = [said[number].time if by_time else said[number].msgid for number in numbers]
            return "".join(await asked(stage, alice, "#lobby", way, *found, limit=limit))

        assert await page(Way.LATEST) == "0123456789"
        assert await page(Way.LATEST, limit=3) == "789"
        assert await page(Way.LATEST, 4) == "56789"
        assert await page(Way.LATEST, 4, limit=2) == "89"
        assert await page(Way.BEFORE, 4) == "0123"
        assert await page(Way.BEFORE, 4, limit=2) == "23"
        assert await page(Way.AFTER, 4) == "56789"
        assert await page(Way.AFTER, 4, limit=2) == "56"
        assert await page(Way.AROUND, 4, limit=1) == "4"
        assert await page(Way.AROUND, 4, limit=4) == "2345"
        assert await page(Way.AROUND, 4, limit=5) == "23456"
        assert await page(Way.AROUND, 9, limit=5) == "789"
        assert await page(Way.BETWEEN, 2, 6) == "345"
        assert await page(Way.BETWEEN, 6, 2) == "345"
        assert await page(Way.BETWEEN, 2, 6, limit=2) == "34"
        assert await page(Way.BETWEEN, 6, 2, limit=2) == "45"
        assert await page(Way.BETWEEN, 2, 2) == ""

    async def test_a_message_and_a_moment_together(self) -> None:
        stage = kept()
        alice, said = await self.told(stage)
        between = (said[2].msgid, said[6].time - 5)
        assert await asked(stage, alice, "#lobby", Way.BETWEEN, *between) == ["3", "4", "5"]
        assert await asked(stage, alice, "#lobby", Way.BETWEEN, *between[::-1], limit=1) == ["5"]

    async def test_no_more_than_the_limit(self) -> None:
        stage = kept(history=4)
        alice, _ = await self.told(stage)
        assert await asked(stage, alice, "#lobby", limit=1000) == ["6", "7", "8", "9"]

    async def test_no_more_than_a_reader_can_take(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(past, "PAGE_BYTES", 25)
        stage = kept()
        (alice,) = stage.come_in("alice")
        said = [talk.say(stage.hub, alice, stage.room, f"{n}{'é' * 4}") for n in range(5)]
        first = said[0].msgid
        assert [text[0] for text in await asked(stage, alice, "#lobby")] == ["3", "4"]
        assert [text[0] for text in await asked(stage, alice, "#lobby", Way.AFTER, first)] == [
            "1",
            "2",
        ]
        talk.say(stage.hub, alice, stage.room, "x" * 100)
        assert await asked(stage, alice, "#lobby") == ["x" * 100], "one is always given"

    async def test_what_was_said_before_the_question_is_in_the_answer(self) -> None:
        stage = kept()
        (alice,) = stage.come_in("alice")
        talk.say(stage.hub, alice, stage.room, "hi")
        assert await asked(stage, alice, "#lobby") == ["hi"]

    async def test_a_message_that_is_not_there(self) -> None:
        stage = kept()
        alice, said = await self.told(stage)
        elsewhere = talk.say(stage.hub, alice, stage.open("#attic", alice), "hi")
        for msgid in ("nothing", said[0].msgid[:-1], elsewhere.msgid):
            assert await refusal(stage, alice, "#lobby", msgid) is Reason.NO_SUCH_MESSAGE


# -- rooms -------------------------------------------------------------------------------------


async def test_who_is_not_in_a_room_does_not_read_it() -> None:
    stage = kept()
    stage.come_in("alice")
    bob = stage.arrive("bob")
    assert await refusal(stage, bob, "#lobby") is Reason.NOT_IN_ROOM
    assert await refusal(stage, bob, "#nowhere") is Reason.NO_SUCH_ROOM


async def test_who_has_left_while_the_store_was_asked_gets_nothing() -> None:
    stage = kept()
    (bob,) = stage.come_in("bob")
    where = await past.readable(stage.hub, bob, "#lobby")
    past.require_readable(bob, where)
    rooms.part(stage.hub, bob, stage.room)
    with pytest.raises(Refused):
        past.require_readable(bob, where)


@pytest.mark.parametrize("closed", ["configured", "keyed", "for the invited"])
async def test_a_closed_room_shows_what_was_said_since_one_came(closed: str) -> None:
    visible = Visible.SINCE_JOIN if closed == "configured" else Visible.ALL
    stage = kept(visible=visible)
    (alice,) = stage.come_in("alice")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    talk.say(stage.hub, alice, stage.room, "before")
    (bob,) = stage.come_in("bob")
    talk.say(stage.hub, alice, stage.room, "after")
    match closed:
        case "keyed":
            moderation.change(stage.hub, alice, stage.room, [KeyChange("word")])
        case "for the invited":
            change = FlagChange(Flag.INVITE_ONLY, on=True)
            moderation.change(stage.hub, alice, stage.room, [change])
    await stage.hub.timeline.settled()

    assert await asked(stage, alice, "#lobby") == ["before", "after"]
    assert await asked(stage, bob, "#lobby") == ["after"]
    assert await asked(stage, bob, "#lobby", Way.BEFORE, 10**15) == ["after"]
    assert await asked(stage, bob, "#lobby", Way.AFTER, 0) == ["after"]
    assert await asked(stage, bob, "#lobby", Way.AROUND, 0) == ["after"]
    first, *_ = await stage.hub.archive.latest(stage.room.id, 9)
    assert await asked(stage, bob, "#lobby", Way.BEFORE, first.msgid) == []


async def test_who_goes_on_with_another_connection_came_when_the_first_did() -> None:
    stage = kept(visible=Visible.SINCE_JOIN)
    alice, bob = stage.come_in("alice", "bob")
    talk.say(stage.hub, alice, stage.room, "hi")
    await stage.hub.timeline.settled()
    carol = stage.arrive("carol")
    stage.room.hand_over(bob, carol)
    assert await asked(stage, carol, "#lobby") == ["hi"]


async def test_who_came_when_nothing_could_be_saved_reads_nothing_older() -> None:
    stage = scene(visible=Visible.SINCE_JOIN)
    (alice,) = stage.come_in("alice")
    for text in ("one", "two"):
        talk.say(stage.hub, alice, stage.room, text)
    await stage.settle()
    (bob,) = stage.come_in("bob")
    await turn()
    stage.journal.fail()
    await turn()
    assert stage.room.since(bob) == stage.room.last_seq == 3


async def test_an_arrival_is_not_shown_what_it_may_not_read() -> None:
    stage = kept(visible=Visible.SINCE_JOIN)
    (alice,) = stage.come_in("alice")
    talk.say(stage.hub, alice, stage.room, "before")
    bob = stage.arrive("bob")
    history.replay(stage.hub, bob, stage.room)
    await stage.hub.timeline.settled()
    assert stage.heard("bob") == []


async def test_words_for_a_role_stay_theirs_and_take_no_places() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    for number in range(30):
        talk.say(stage.hub, alice, stage.room, str(number))
        for _ in range(3):
            talk.say_to_roles(
                stage.hub, alice, stage.room, "psst", role=Role.OPERATOR, to="@#lobby"
            )
    assert (await asked(stage, alice, "#lobby", limit=2)) == ["psst", "psst"]
    assert (await asked(stage, bob, "#lobby", limit=5)) == ["25", "26", "27", "28", "29"]
    assert (await asked(stage, bob, "#lobby", Way.AFTER, 0, limit=3)) == ["0", "1", "2"]


# -- conversations -----------------------------------------------------------------------------


class TestConversations:
    async def test_both_persons_read_it_and_nobody_else(self) -> None:
        stage = kept()
        alice, bob, carol = stage.come_in("alice", "bob", "carol")
        await tell(stage, alice, "bob", "psst")
        await tell(stage, bob, "alice", "what?")
        await tell(stage, carol, "bob", "hello")
        assert await asked(stage, alice, "bob") == ["psst", "what?"]
        assert await asked(stage, bob, "ALICE") == ["psst", "what?"]
        assert await asked(stage, alice, "carol") == []
        assert await refusal(stage, alice, "dave") is Reason.NO_SUCH_NICK

    async def test_a_name_is_not_a_person(self) -> None:
        stage = kept()
        alice, bob = stage.come_in("alice", "bob")
        await tell(stage, alice, "bob", "psst")
        arrival.quit(stage.hub, bob, "bye")
        assert await asked(stage, alice, "bob") == ["psst"], "the last who was called so"
        (mallory,) = stage.come_in("bob")
        assert await asked(stage, mallory, "alice") == []
        assert await asked(stage, alice, "bob") == [], "somebody else is called so now"

    async def test_a_raw_name_of_a_conversation_opens_nothing(self) -> None:
        stage = kept()
        alice, _, carol = stage.come_in("alice", "bob", "carol")
        await tell(stage, alice, "bob", "psst")
        (room,) = alice.conversations
        assert await refusal(stage, carol, room.name) is Reason.NO_SUCH_NICK

    async def test_it_is_addressed_as_they_are_called_now(self) -> None:
        stage = kept()
        alice, bob = stage.come_in("alice", "bob")
        await tell(stage, alice, "bob", "psst")
        await tell(stage, bob, "alice", "what?")
        people.rename(stage.hub, bob, "robert")
        people.rename(stage.hub, alice, "alicia")
        where = await past.readable(stage.hub, alice, "robert")
        page = await past.read_page(stage.hub, alice, where, Question(Way.LATEST, (), 9))
        assert [(one.nick, one.to) for one in page if isinstance(one, Said)] == [
            ("alice", "robert"),
            ("bob", "alicia"),
        ]

    async def test_with_oneself(self) -> None:
        stage = kept()
        (alice,) = stage.come_in("alice")
        await tell(stage, alice, "alice", "the milk")
        assert await asked(stage, alice, "alice") == ["the milk"]


# -- where there is something ------------------------------------------------------------------


class TestTargets:
    async def told(self) -> tuple[Scene, Session, Session]:
        """#lobby at 1000, bob at 2000, #attic at 3000, carol at 4000; who left at 5000."""
        stage = kept()
        alice, bob, _, dave = stage.come_in("alice", "bob", "carol", "dave")
        attic = stage.open("#attic", alice)
        stage.open("#silent", alice)
        talk.say(stage.hub, alice, stage.room, "hi")
        for step in ("bob", "#attic", "carol", "dave"):
            await stage.hub.timeline.settled()
            stage.clock.time += 1000
            if step == "#attic":
                talk.say(stage.hub, alice, attic, "hi")
            else:
                await tell(stage, alice, step, "hi")
        await stage.hub.timeline.settled()
        arrival.quit(stage.hub, dave, "bye")
        return stage, alice, bob

    async def test_rooms_and_people_by_what_was_said_last(self) -> None:
        stage, alice, bob = await self.told()

        async def between(one: int, other: int, limit: int = 9) -> list[str]:
            found = await past.targets(stage.hub, alice, one, other, limit)
            assert found == sorted(found, key=lambda target: target[1])
            return [name for name, _ in found]

        assert await past.targets(stage.hub, alice, 0, 9999, 9) == [
            ("#lobby", 1000),
            ("bob", 2000),
            ("#attic", 3000),
            ("carol", 4000),
            ("dave", 5000),
        ]
        assert await between(0, 9999, 2) == ["#lobby", "bob"]
        assert await between(9999, 0, 2) == ["carol", "dave"]
        assert await between(1000, 4000) == ["bob", "#attic"]
        assert await past.targets(stage.hub, bob, 0, 9999, 9) == [
            ("#lobby", 1000),
            ("alice", 2000),
        ]

    async def test_only_what_can_be_asked_for_by_that_name(self) -> None:
        stage, alice, bob = await self.told()
        people.rename(stage.hub, bob, "robert")
        stage.come_in("dave")
        names = {name for name, _ in await past.targets(stage.hub, alice, 0, 9999, 9)}
        assert names == {"#lobby", "robert", "#attic", "carol"}
        for name in names:
            assert await asked(stage, alice, name) == ["hi"]

    async def test_nothing_of_a_room_that_was_silent_since_one_came(self) -> None:
        stage = kept(visible=Visible.SINCE_JOIN)
        (alice,) = stage.come_in("alice")
        talk.say(stage.hub, alice, stage.room, "hi")
        (bob,) = stage.come_in("bob")
        assert await past.targets(stage.hub, alice, 0, 9999, 9) == [("#lobby", 1000)]
        assert await past.targets(stage.hub, bob, 0, 9999, 9) == []
