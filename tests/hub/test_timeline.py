"""The timeline: what is decided is saved in one order, then heard; or refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import FULL_DISK, Scene, Sentences, scene, turn
from hubbub.core.events import Offline
from hubbub.core.ports import Already, Conflict
from hubbub.core.refusals import Refused
from hubbub.hub import arrival, rooms, talk, timeline

if TYPE_CHECKING:
    from hubbub.core.events import Said
    from hubbub.core.sessions import Session


@pytest.fixture
async def stage() -> Scene:
    return scene()


@pytest.fixture
async def two(stage: Scene) -> tuple[Scene, Session, Session]:
    """Alice and Bob in the room, all that heard."""
    alice, bob = stage.come_in("alice", "bob")
    await stage.settle()
    stage.heard("alice"), stage.heard("bob")
    return stage, alice, bob


TwoInARoom = tuple[Scene, "Session", "Session"]

ONCE = talk.How(send_id="x")


async def tell(
    stage: Scene, session: Session, nick: str, text: str, how: talk.How = talk.PLAINLY
) -> Said:
    """As a door does: find out who is meant, then tell them."""
    other, room = await talk.open_conversation(stage.hub, session, nick)
    return talk.tell(stage.hub, session, other, room, text, how=how)


# -- seen means saved --------------------------------------------------------------------------


async def test_nobody_hears_what_is_not_saved_yet(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "hi")
    await turn()
    assert stage.journal.is_writing
    assert stage.heard("bob") == stage.heard("alice") == []
    stage.journal.commit()
    assert stage.heard("bob") == ["alice in #lobby: hi"]
    assert stage.heard("alice") == ["own: alice in #lobby: hi"]


async def test_what_is_decided_in_one_turn_is_one_batch(two: TwoInARoom) -> None:
    stage, alice, bob = two
    before = len(stage.journal.written)
    for text in ("one", "two"):
        talk.say(stage.hub, alice, stage.room, text)
        talk.say(stage.hub, bob, stage.room, text)
    await turn()
    assert [event.text for event in stage.journal.written[before]] == ["one", "one", "two", "two"]
    assert len(stage.journal.written) == before + 1


async def test_one_batch_is_in_flight_and_the_next_gathers(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "one")
    await turn()
    talk.say(stage.hub, alice, stage.room, "two")
    await turn()
    talk.say(stage.hub, alice, stage.room, "three")
    await turn()
    assert [event.text for event in stage.journal.written[-1]] == ["one"]
    stage.journal.commit()
    await turn()
    assert [event.text for event in stage.journal.written[-1]] == ["two", "three"]
    assert stage.heard("bob") == ["alice in #lobby: one"]
    stage.journal.commit()
    assert stage.heard("bob") == ["alice in #lobby: two", "alice in #lobby: three"]


async def test_an_answer_never_overtakes_what_was_decided_before_it(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "hi")
    await turn()
    stage.hub.timeline.reply(alice, "pong")
    await turn()
    assert stage.heard("alice") == []
    stage.journal.commit()
    await turn()
    assert stage.heard("alice") == ["own: alice in #lobby: hi", "pong"]


async def test_an_answer_alone_needs_no_disk(two: TwoInARoom) -> None:
    stage, alice, _ = two
    before = len(stage.journal.written)
    stage.hub.timeline.reply(alice, "pong")
    stage.hub.timeline.tell(alice, Offline("bob"))
    await turn()
    assert stage.heard("alice") == ["pong", "own: offline: bob"]
    assert len(stage.journal.written) == before


async def test_answers_and_talk_keep_the_order_in_which_they_were_decided(two: TwoInARoom) -> None:
    stage, alice, bob = two
    stage.hub.timeline.reply(bob, "first")
    talk.say(stage.hub, alice, stage.room, "second")
    stage.hub.timeline.reply(bob, "third")
    talk.say(stage.hub, bob, stage.room, "fourth")
    await stage.settle()
    assert stage.heard("bob") == [
        "first",
        "alice in #lobby: second",
        "third",
        "own: bob in #lobby: fourth",
    ]


# -- numbers and times -------------------------------------------------------------------------


async def test_places_are_given_in_order_and_time_never_goes_back(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    await stage.settle()
    said = [talk.say(stage.hub, alice, stage.room, "a")]
    await stage.settle()
    stage.clock.time -= 500
    said += [talk.say(stage.hub, alice, stage.room, text) for text in "bc"]
    await stage.settle()
    assert [event.seq for event in said] == [2, 3, 4]
    assert [event.time for event in said] == [1_000, 1_000, 1_000]


async def test_a_failed_batch_gives_its_numbers_back(
    two: TwoInARoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, alice, _ = two
    monkeypatch.setattr(timeline, "PROBE_FIRST", 0)
    stage.clock.time += 50
    talk.say(stage.hub, alice, stage.room, "lost")
    await turn()
    stage.journal.fail()
    assert (stage.room.last_seq, stage.room.last_time) == (2, 1_000)
    await recovered(stage)
    said = talk.say(stage.hub, alice, stage.room, "kept")
    await stage.settle()
    assert said.seq == 3


# -- when the disk fails -----------------------------------------------------------------------


async def recovered(stage: Scene) -> None:
    """Let the timeline find out that the disk is well again."""
    while not stage.journal.is_probing:
        await turn()
    stage.journal.answer_probe()


async def test_talk_is_refused_to_its_author_and_facts_are_heard(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "lost")
    (carol,) = stage.come_in("carol")
    await turn()
    stage.journal.fail()
    assert stage.heard("alice") == ["own: refused: unwritable", "carol joined #lobby"]
    assert stage.heard("bob") == ["carol joined #lobby"]
    assert stage.hub.timeline.unsaved == 1
    assert carol in stage.room.members


async def test_later_talk_is_refused_before_it_is_decided(two: TwoInARoom) -> None:
    stage, alice, bob = two
    talk.say(stage.hub, alice, stage.room, "lost")
    await turn()
    stage.journal.fail()
    with pytest.raises(Refused, match="UNWRITABLE"):
        talk.say(stage.hub, alice, stage.room, "later")
    with pytest.raises(Refused, match="UNWRITABLE"):
        await tell(stage, alice, "bob", "later")
    before = len(stage.journal.written)
    arrival.quit(stage.hub, bob, "left")
    await turn()
    assert stage.heard("alice")[-1] == "bob quit: left"
    assert len(stage.journal.written) == before, "no use to ask a disk that cannot"


async def test_what_gathered_before_the_failure_is_refused_too(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "in flight")
    await turn()
    talk.say(stage.hub, alice, stage.room, "gathered")
    stage.journal.fail()
    await turn()
    assert stage.heard("alice") == ["own: refused: unwritable"] * 2
    assert stage.heard("bob") == []


async def test_a_probe_is_repeated_until_it_succeeds(
    two: TwoInARoom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage, alice, _ = two
    monkeypatch.setattr(timeline, "PROBE_FIRST", 0)
    talk.say(stage.hub, alice, stage.room, "lost")
    await turn()
    stage.journal.fail()
    assert "cannot save: the disk is full; messages are refused until it is mended" in caplog.text
    for _ in range(3):
        while not stage.journal.is_probing:
            await turn()
        stage.journal.answer_probe(FULL_DISK)
        assert stage.hub.timeline.trouble is FULL_DISK
    await recovered(stage)
    assert stage.hub.timeline.trouble is None
    assert "saving again; 0 arrivals, departures and the like are lost" in caplog.text
    talk.say(stage.hub, alice, stage.room, "saved")
    await stage.settle()
    assert stage.heard("bob") == ["alice in #lobby: saved"]


async def test_pauses_between_probes_grow_to_a_bound(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "lost")
    await turn()
    stage.journal.fail()
    pauses = []
    for _ in range(8):
        timer = stage.hub.timeline._probe
        assert timer is not None
        timer.cancel()  # it would ask again while we are counting
        pauses.append(stage.hub.timeline._probe_delay)
        stage.hub.timeline._probed(FULL_DISK)
    assert pauses == [2, 4, 8, 16, 30, 30, 30, 30]
    stage.hub.timeline.close()


async def test_nobody_probes_after_the_end(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "lost")
    await turn()
    stage.journal.fail()
    stage.hub.timeline.close()
    closed = stage.hub.timeline._probe
    stage.hub.timeline._probed(FULL_DISK)  # the answer to the probe that was on its way
    assert stage.hub.timeline._probe is closed


# -- send-once ---------------------------------------------------------------------------------


async def test_a_repeat_is_told_to_its_sender_alone(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "before")
    again = talk.say(stage.hub, alice, stage.room, "again", how=ONCE)
    talk.say(stage.hub, alice, stage.room, "after")
    await turn()
    stage.journal.commit(**{again.msgid: Already("id-first", 7)})
    assert stage.heard("alice") == [
        "own: alice in #lobby: before",
        "own: repeated again: id-first at 7",
        "own: alice in #lobby: after",
    ]
    assert stage.heard("bob") == ["alice in #lobby: before", "alice in #lobby: after"]
    assert [entry.text for entry in stage.room.recent] == ["before", "after"]
    assert stage.hub.timeline.saved == 4, "two arrivals, two messages"


async def test_another_text_under_a_used_id_is_refused(two: TwoInARoom) -> None:
    stage, alice, _ = two
    other = talk.say(stage.hub, alice, stage.room, "other", how=ONCE)
    await turn()
    stage.journal.commit(**{other.msgid: Conflict()})
    assert stage.heard("alice") == ["own: refused: conflict"]
    assert stage.heard("bob") == []


async def test_a_repeated_whisper_reaches_nobody_twice(two: TwoInARoom) -> None:
    stage, alice, _ = two
    whisper = await tell(stage, alice, "bob", "psst", ONCE)
    await turn()
    stage.journal.commit(**{whisper.msgid: Already("id-first", 7)})
    assert stage.heard("alice") == ["own: repeated psst: id-first at 7"]
    assert stage.heard("bob") == []


# -- bugs --------------------------------------------------------------------------------------


async def test_a_renderer_that_raises_costs_its_batch_only(
    two: TwoInARoom, caplog: pytest.LogCaptureFixture
) -> None:
    stage, alice, bob = two
    talk.say(stage.hub, alice, stage.room, "unlucky")
    arrival.quit(stage.hub, bob, "left")
    waiting = asyncio.create_task(stage.hub.timeline.settled())
    await turn()
    stage.kind.fails = True
    stage.journal.commit()
    await waiting
    assert "a bug in a renderer" in caplog.text
    stage.heard("alice"), stage.heard("bob")
    stage.come_in("carol", "dave")
    await stage.settle()
    assert stage.heard("alice") == ["carol joined #lobby", "dave joined #lobby"]
    assert stage.heard("bob") == [], "who has left hears nothing of what comes after"


async def test_each_kind_renders_an_event_once(stage: Scene) -> None:
    other = Sentences()
    (alice,) = stage.come_in("alice")
    stage.come_in(*(f"reader{number}" for number in range(10)))
    for number in range(10):
        session = stage.arrive(f"other{number}", kind=other)
        rooms.join(stage.hub, session, stage.room)
    await stage.settle()
    stage.kind.rendered = other.rendered = 0
    talk.say(stage.hub, alice, stage.room, "hi")
    await stage.settle()
    assert (stage.kind.rendered, other.rendered) == (1, 1)
