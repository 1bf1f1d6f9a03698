"""Arrival and departure: a name, once, and what the operator reads of it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hub.doubles import KeepingReader, Scene, Sentences, scene
from hubbub.core.names import SUFFIXES
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Address
from hubbub.hub import arrival, history, operations, people, rooms, talk
from hubbub.hub.nobody import NOBODY


@pytest.fixture
async def stage() -> Scene:
    return scene()


def facts(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    return [record.fields for record in caplog.records if record.getMessage() == event]  # type: ignore[attr-defined]


async def test_a_session_knows_where_it_comes_from(stage: Scene) -> None:
    stage.clock.time = 5_000
    newcomer = arrival.Newcomer(
        protocol="classic",
        address=Address("2001:db8::1", 4711),
        reader=KeepingReader(Sentences()),
        real_name="Ada Lovelace",
    )
    session = arrival.arrive(stage.hub, newcomer, newcomer.real_name)
    assert (session.nick, session.real_name, session.since) == (
        "Ada_Lovelace",
        "Ada Lovelace",
        5000,
    )
    assert str(session) == "<Session Ada_Lovelace [2001:db8::1]:4711 classic>"
    assert people.everybody(stage.hub) == [session]
    assert stage.hub.world.session("ADA_lovelace") is session


async def test_a_name_in_use_is_varied(stage: Scene) -> None:
    nicks = [stage.arrive(name).nick for name in ("alice", "Alice", "ALICE")]
    assert nicks == ["alice", "Alice_2", "ALICE_3"]


async def test_all_variations_in_use_is_a_fatal_refusal(stage: Scene) -> None:
    for _ in range(SUFFIXES):
        stage.arrive("alice")
    with pytest.raises(Refused) as no:
        stage.arrive("alice")
    assert (no.value.reason, no.value.details, no.value.fatal) == (
        Reason.NAMES_EXHAUSTED,
        ("alice",),
        True,
    )


async def test_no_name_is_a_guest_with_a_number_that_nobody_had(stage: Scene) -> None:
    stage.arrive("Guest-2")
    first, third = stage.arrive(""), stage.arrive("\u3164 \ufe0f")
    assert (first.nick, third.nick) == ("guest-1", "guest-3")
    arrival.quit(stage.hub, first, "left")
    assert stage.arrive("???").nick == "guest-4"


async def test_of_what_was_typed_no_more_is_kept_than_anybody_reads(stage: Scene) -> None:
    assert len(stage.arrive("x" * 1_000_000).real_name) == arrival.REAL_NAME


async def test_a_longer_name_and_its_variations_obey_the_limit() -> None:
    stage = scene(name=8)
    nicks = [stage.arrive("alexandria").nick for _ in range(12)]
    assert nicks[:2] == ["alexandr", "alexan_2"]
    assert all(len(nick) <= 8 for nick in nicks)


async def test_arrival_and_departure_are_logged_with_what_an_operator_needs(
    stage: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (alice,) = stage.come_in("alice")
    talk.say(stage.hub, alice, stage.room, "my secret")
    arrival.quit(stage.hub, alice, "connection reset")
    await stage.settle()
    where = {"address": "192.0.2.1", "port": 5, "name": "alice"}
    assert facts(caplog, "arrived") == [where | {"protocol": "test"}]
    assert facts(caplog, "left") == [where | {"reason": "connection reset"}]
    assert "secret" not in str([record.__dict__ for record in caplog.records])


async def test_leaving_is_heard_by_those_who_stay(stage: Scene) -> None:
    alice, _ = stage.come_in("alice", "bob")
    await stage.settle()
    stage.heard("alice"), stage.heard("bob")
    arrival.quit(stage.hub, alice, "tired")
    await stage.settle()
    assert stage.heard("bob") == ["alice quit: tired"]
    assert stage.heard("alice") == []
    assert alice not in stage.room.members
    assert stage.hub.world.session("alice") is None


async def test_who_has_left_cannot_leave_again(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    arrival.quit(stage.hub, alice, "left")
    stage.arrive("alice")  # somebody else has the name now
    arrival.quit(stage.hub, alice, "left")
    await stage.settle()
    assert stage.heard("bob").count("alice quit: left") == 1
    assert stage.hub.world.session("alice") is not None
    assert bob in stage.hub.world


async def test_kept_words_keep_no_connection(stage: Scene) -> None:
    reader = KeepingReader(Sentences())
    newcomer = arrival.Newcomer("test", Address("192.0.2.1", 5), reader, real_name="alice")
    alice = arrival.arrive(stage.hub, newcomer, "alice")
    rooms.join(stage.hub, alice, stage.room)
    said = talk.say(stage.hub, alice, stage.room, "remember me")
    arrival.quit(stage.hub, alice, "left")
    assert alice.reader is reader, "it has yet to hear what was decided before"
    await stage.settle()
    assert said.session.reader is NOBODY
    stage.hub.timeline.tell(alice, said)  # as a command does that waited for the store
    stage.hub.timeline.reply(alice, "too late")
    await stage.settle()


async def test_stopping_takes_everybody_out_saves_it_and_lets_nobody_in(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    stage.heard("alice"), stage.heard("bob")
    operations.stop(stage.hub)
    with pytest.raises(Refused, match="STOPPING") as no:
        stage.arrive("carol")
    assert no.value.fatal
    await stage.settle()
    assert stage.heard("alice") == stage.heard("bob") == []
    assert [event.text for event in stage.journal.written[-1]] == ["the server stopped"] * 2
    assert not people.everybody(stage.hub)
    arrival.quit(stage.hub, alice, "left")  # its connection goes a moment later
    arrival.quit(stage.hub, bob, "left")


# -- rooms and people --------------------------------------------------------------------------


async def test_entering_twice_is_entering_once(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    rooms.join(stage.hub, alice, stage.room)
    await stage.settle()
    assert stage.heard("alice") == ["own: alice joined #lobby"]


async def test_members_are_told_by_name(stage: Scene) -> None:
    stage.come_in("zoe", "Bob", "alice")
    assert [session.nick for session in people.members(stage.room)] == ["alice", "Bob", "zoe"]
    await stage.settle()


async def test_a_room_is_opened_once(stage: Scene) -> None:
    room = await rooms.open_room(stage.hub, "#Tea")
    assert await rooms.open_room(stage.hub, "#tEA") is room
    assert (room.name, room.folded, room.kept) == ("#Tea", "#tea", False)
    assert list(stage.hub.world.rooms) == [stage.room, room]


async def test_a_room_that_the_store_knows_comes_with_its_last_messages() -> None:
    stage = scene(replay=2)
    (alice,) = stage.come_in("alice")
    for text in "abc":
        talk.say(stage.hub, alice, stage.room, text)
    await stage.settle()
    # What was saved is known to a store that another hub opens later.
    later = scene(replay=2)
    done: list[object] = []
    later.hub.archive.write(stage.journal.written[0], done.append)  # type: ignore[attr-defined]
    later.hub.world.close_room(later.room)
    room = await rooms.open_room(later.hub, "#LOBBY")
    assert (room.name, room.kept, room.last_seq) == ("#lobby", True, 4)
    assert [entry.text for entry in room.recent] == ["b", "c"]


# -- history -----------------------------------------------------------------------------------


async def test_a_replay_of_nothing_is_not_asked_for() -> None:
    stage = scene(replay=0)
    (alice,) = stage.come_in("alice")
    history.replay(stage.hub, alice, stage.room)
    await stage.settle()
    assert stage.heard("alice") == ["own: alice joined #lobby"]


async def test_a_replay_has_as_many_messages_as_the_limit_says() -> None:
    stage = scene(replay=2)
    (alice,) = stage.come_in("alice")
    for text in "abc":
        talk.say(stage.hub, alice, stage.room, text)
    bob = stage.arrive("bob")
    history.replay(stage.hub, bob, stage.room)
    await stage.settle()
    assert stage.heard("bob") == ["own: #lobby was: b | c"]
