"""Talk: to a room and to one person, and what happens when somebody leaves in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import KeepingReader, Scene, scene, turn
from hubbub.core.events import EntryKind
from hubbub.core.ports import RoomRow
from hubbub.core.refusals import Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import Room
from hubbub.core.sessions import Address
from hubbub.core.world import direct_name
from hubbub.hub import arrival, history, operations, resumption, rooms, talk
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.events import Said
    from hubbub.core.sessions import Session


NOTICE = talk.How(EntryKind.NOTICE, {"+reply": "id"})


class SlowArchive:
    """Knows the conversation it was given, and answers when it is told to."""

    def __init__(self, row: RoomRow | None = None) -> None:
        self._row = row
        self._may_answer = asyncio.Event()
        self.was_asked = asyncio.Event()

    async def direct_room(self, one: int, other: int) -> RoomRow | None:
        self.was_asked.set()
        await self._may_answer.wait()
        return self._row

    def answer(self) -> None:
        self._may_answer.set()


@pytest.fixture
async def stage() -> Scene:
    return scene(message=8)


async def tell(stage: Scene, session: Session, nick: str, text: str) -> Said:
    """As a door does: find out who is meant, then tell them."""
    other, room = await talk.open_conversation(stage.hub, session, nick)
    return talk.tell(stage.hub, session, other, room, text)


async def begun(
    stage: Scene, alice: Session, text: str = "psst", row: RoomRow | None = None
) -> tuple[asyncio.Task[object], SlowArchive]:
    """Alice tells Bob something, and the store is asked about it."""
    archive = SlowArchive(row)
    for person in (session.person for session in stage.hub.world.sessions):
        person.returning = True  # of new ones the store knows nothing, and is not asked
    stage.hub.archive = archive  # type: ignore[assignment]  # only this much is asked of it
    telling = asyncio.create_task(tell(stage, alice, "bob", text))
    await stage.settle()
    await archive.was_asked.wait()
    return telling, archive


# -- to a room ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["12345678", "ññññ", "東京!", "🙂🙂"])
async def test_a_text_may_have_as_many_bytes_as_the_limit(stage: Scene, text: str) -> None:
    (alice,) = stage.come_in("alice")
    talk.say(stage.hub, alice, stage.room, text)
    await stage.settle()
    assert stage.room.recent[-1].text == text


@pytest.mark.parametrize("text", ["123456789", "ññññ!", "東京!!!", "🙂🙂🙂"])
async def test_a_longer_one_is_refused_with_the_limit(stage: Scene, text: str) -> None:
    (alice,) = stage.come_in("alice")
    with pytest.raises(Refused) as no:
        talk.say(stage.hub, alice, stage.room, text)
    assert (no.value.reason.name, no.value.details, no.value.fatal) == (
        "TEXT_TOO_LONG",
        ("8",),
        False,
    )
    await stage.settle()
    assert not stage.room.recent


async def test_half_a_character_is_no_way_around_the_limit(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    with pytest.raises(Refused, match="TEXT_TOO_LONG"):
        talk.say(stage.hub, alice, stage.room, "\ud800" * 9)
    await stage.settle()


async def test_nothing_is_said_once_the_server_stops(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    operations.stop(stage.hub)
    with pytest.raises(Refused, match="STOPPING"):
        talk.say(stage.hub, alice, stage.room, "wait")
    await stage.settle()


async def test_what_is_said_to_those_with_a_role_is_heard_by_them_and_its_author(
    stage: Scene,
) -> None:
    alice, bob, carol, dave = stage.come_in("alice", "bob", "carol", "dave")
    stage.room.grant(bob.person.id, Role.VOICE)
    stage.room.grant(carol.person.id, Role.OPERATOR)
    await stage.quiet()
    said = talk.say_to_roles(
        stage.hub, alice, stage.room, "psst", role=Role.VOICE, to="+#lobby", how=NOTICE
    )
    await stage.settle()
    assert stage.heard("bob") == stage.heard("carol") == ["alice in #lobby: psst"]
    assert stage.heard("alice") == ["own: alice in #lobby: psst"]
    assert stage.heard("dave") == []
    assert (said.to, said.kind, said.tags) == ("+#lobby", EntryKind.NOTICE, {"+reply": "id"})
    talk.say_to_roles(stage.hub, alice, stage.room, "psst", role=Role.OPERATOR, to="@#lobby")
    await stage.settle()
    assert stage.heard("bob") == []
    assert dave not in talk.with_role(stage.room, Role.VOICE)


async def test_it_is_kept_and_is_not_in_what_others_are_shown(stage: Scene) -> None:
    alice, bob, carol = stage.come_in("alice", "bob", "carol")
    stage.room.grant(bob.person.id, Role.OPERATOR)
    talk.say_to_roles(stage.hub, alice, stage.room, "psst", role=Role.OPERATOR, to="@#lobby")
    talk.say(stage.hub, alice, stage.room, "hi")
    await stage.settle()
    stored = [event for batch in stage.journal.written for event in batch]
    assert [event.text for event in stored if event.text] == ["psst", "hi"]
    assert [entry.text for entry in stage.room.recent] == ["hi"]
    archive = MemoryStore()
    archive.write(stored, lambda _: None)
    stage.hub.archive = archive
    for session, readable in ((alice, ["psst", "hi"]), (bob, ["psst", "hi"]), (carol, ["hi"])):
        recent = await history.recent(stage.hub, session, stage.room, 10)
        assert [entry.text for entry in recent] == readable
    stage.hub.world.close_room(stage.room)
    opened = await rooms.open_room(stage.hub, "#lobby")
    assert [entry.text for entry in opened.recent] == ["hi"]


async def test_tags_alone_are_heard_and_not_kept(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.quiet()
    before = len(stage.journal.written)
    talk.send_tags(stage.hub, alice, stage.room, {"+typing": "active"})
    talk.send_tags_to(stage.hub, alice, (bob, bob), {"+typing": "done"}, to="bob")
    await stage.settle()
    words = [
        f"{alice.mask} sends #lobby {{'+typing': 'active'}}",
        f"{alice.mask} sends bob {{'+typing': 'done'}}",
    ]
    assert stage.heard("bob") == words
    assert stage.heard("alice") == [f"own: {one}" for one in words]
    assert len(stage.journal.written) == before


async def test_who_was_sent_away_says_nothing_more(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    other, conversation = await talk.open_conversation(stage.hub, alice, "bob")
    arrival.quit(stage.hub, alice, "killed")
    for speak in (
        lambda: talk.say(stage.hub, alice, stage.room, "hi"),
        lambda: talk.tell(stage.hub, alice, other, conversation, "hi"),
        lambda: talk.send_tags(stage.hub, alice, stage.room, {}),
        lambda: talk.send_tags_to(stage.hub, alice, (bob,), {}, to="bob"),
    ):
        with pytest.raises(Refused, match="ENDED"):
            speak()
    await stage.settle()


# -- to one person -----------------------------------------------------------------------------


async def test_a_whisper_is_heard_by_one(stage: Scene) -> None:
    alice, _, _ = stage.come_in("alice", "bob", "carol")
    await stage.settle()
    for name in ("alice", "bob", "carol"):
        stage.heard(name)
    said = await tell(stage, alice, "BOB", "psst")
    await stage.settle()
    assert stage.heard("bob") == [f"alice in {said.room.name}: psst"]
    assert stage.heard("alice") == [f"own: alice in {said.room.name}: psst"]
    assert stage.heard("carol") == []
    assert not stage.room.recent


async def test_two_have_one_conversation_whoever_begins(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    there = await tell(stage, alice, "bob", "psst")
    back = await tell(stage, bob, "alice", "what?")
    assert there.room is back.room
    assert there.room.name == direct_name(bob.person.id, alice.person.id)
    assert alice.conversations == {there.room: bob}
    assert bob.conversations == {there.room: alice}
    await stage.settle()


async def test_one_may_talk_to_oneself(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    await stage.settle()
    stage.heard("alice")
    await tell(stage, alice, "alice", "hm")
    await stage.settle()
    assert len(stage.heard("alice")) == 1


async def test_a_conversation_that_the_store_knows_goes_on(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    name = direct_name(alice.person.id, bob.person.id)
    row = RoomRow(id=77, name=name, folded=name, kind="direct", last_seq=41, last_time=5_000)
    telling, archive = await begun(stage, alice, row=row)
    archive.answer()
    await telling
    await stage.settle()
    room = stage.hub.world.room(name)
    assert room is not None
    assert (room.id, room.kept, room.last_seq, room.last_time) == (77, True, 42, 5_000)


@pytest.mark.parametrize("leaver", ["alice", "bob"])
async def test_it_is_closed_when_either_is_gone(stage: Scene, leaver: str) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    said = await tell(stage, alice, "bob", "psst")
    arrival.quit(stage.hub, alice if leaver == "alice" else bob, "left")
    assert stage.hub.world.room(said.room.name) is None
    assert not alice.conversations
    assert not bob.conversations
    await stage.settle()
    assert stage.heard("bob").count(f"alice in {said.room.name}: psst") == 1
    for session in (alice, bob):
        arrival.quit(stage.hub, session, "left")
    await stage.settle()


async def test_who_stays_keeps_no_conversation_with_those_who_whisper_and_leave() -> None:
    stage = scene(journal=MemoryStore())
    bot, carol = stage.come_in("bot", "carol")
    kept = await tell(stage, carol, "bot", "hello")
    for number in range(20):
        guest = stage.arrive(f"visitor{number}")
        await tell(stage, guest, "bot", "hi")
        arrival.quit(stage.hub, guest, "left")
    assert bot.conversations == {kept.room: carol}
    assert stage.hub.world.room(kept.room.name) is kept.room
    await stage.settle()


async def test_what_was_closed_goes_on_where_the_store_has_it() -> None:
    store = MemoryStore()
    stage = scene(journal=store)
    stage.hub.archive = store
    alice, _ = stage.come_in("alice", "bob")
    first = await tell(stage, alice, "bob", "psst")
    arrival.quit(stage.hub, alice, "left")  # before it is saved
    again = stage.arrive("alice")
    again.person = alice.person  # as when somebody resumes
    again.person.returning = True
    second = await tell(stage, again, "bob", "as I said")
    await stage.settle()
    assert second.room is not first.room
    assert (second.room.id, first.seq, second.seq) == (first.room.id, 1, 2)


async def test_a_room_is_closed_once_and_its_successor_stays(stage: Scene) -> None:
    stage.hub.world.close_room(stage.room)
    stage.hub.world.close_room(stage.room)
    successor = Room(9, "#lobby", "#lobby")
    stage.hub.world.add_room(successor)
    stage.hub.world.close_room(stage.room)
    assert stage.hub.world.room("#lobby") is successor


async def test_nobody_of_that_name(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    with pytest.raises(Refused) as no:
        await tell(stage, alice, "bob", "psst")
    assert (no.value.reason.name, no.value.details) == ("NO_SUCH_NICK", ("bob",))
    await stage.settle()


# -- while the store is asked ------------------------------------------------------------------


async def test_who_leaves_while_the_store_is_asked_is_told_nothing(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    telling, archive = await begun(stage, alice)
    arrival.quit(stage.hub, bob, "left")
    archive.answer()
    with pytest.raises(Refused, match="NO_SUCH_NICK"):
        await telling
    assert stage.hub.world.room(direct_name(alice.person.id, bob.person.id)) is None
    await stage.settle()


async def test_nor_is_somebody_else_who_took_the_name(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    telling, archive = await begun(stage, alice)
    arrival.quit(stage.hub, bob, "left")
    stage.arrive("bob")
    archive.answer()
    with pytest.raises(Refused, match="NO_SUCH_NICK"):
        await telling
    await stage.settle()
    assert stage.heard("bob") == []


async def test_who_resumes_while_the_store_is_asked_is_told(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    telling, archive = await begun(stage, alice)
    reader = KeepingReader(stage.kind)
    newcomer = arrival.Newcomer("test", Address("192.0.2.9", 6), reader, "bob")
    resumption.resume(stage.hub, newcomer, bob.person, "")
    archive.answer()
    await telling
    await stage.settle()
    assert [one.partition(": ")[2] for one in reader.take()] == ["psst"]


async def test_a_conversation_that_came_to_nothing_is_closed_all_the_same(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    bob.person.returning = True
    await stage.quiet()
    _, room = await talk.open_conversation(stage.hub, alice, "bob")
    arrival.quit(stage.hub, alice, "left")
    assert stage.hub.world.room(room.name) is None
    await stage.settle()


async def test_who_has_left_tells_nobody_anything(stage: Scene) -> None:
    alice, _ = stage.come_in("alice", "bob")
    telling, archive = await begun(stage, alice)
    arrival.quit(stage.hub, alice, "left")
    archive.answer()
    with pytest.raises(Refused, match="NO_SUCH_NICK"):
        await telling
    await stage.settle()


async def test_two_who_begin_at_once_share_the_conversation(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    telling, archive = await begun(stage, alice)
    answering = asyncio.create_task(tell(stage, bob, "alice", "hey"))
    await turn()
    archive.answer()
    await asyncio.gather(telling, answering)
    assert alice.conversations.keys() == bob.conversations.keys()
    assert len(alice.conversations) == 1
    await stage.settle()


async def test_a_text_too_long_for_one_person(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    with pytest.raises(Refused, match="TEXT_TOO_LONG"):
        await tell(stage, alice, "bob", "123456789")
    for session in (alice, bob):
        arrival.quit(stage.hub, session, "left")
    assert stage.hub.world.room(direct_name(alice.person.id, bob.person.id)) is None
    await stage.settle()


async def test_of_new_people_the_store_is_not_asked(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    room = talk.conversation(stage.hub, alice, bob)
    assert room is not None
    assert talk.conversation(stage.hub, bob, alice) is room
    talk.tell(stage.hub, alice, bob, room, "psst")
    for session in (alice, bob):
        arrival.quit(stage.hub, session, "left")
    assert stage.hub.world.room(room.name) is None
    await stage.settle()
