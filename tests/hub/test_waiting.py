"""The timeline: who waits for it is called, and who is too fast for the disk waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.hub import history, talk

if TYPE_CHECKING:
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


async def test_who_waits_is_called_though_another_cannot_be(
    two: TwoInARoom, caplog: pytest.LogCaptureFixture
) -> None:
    stage, alice, _ = two
    called: list[str] = []

    def broken() -> None:
        raise RuntimeError("a bug")

    stage.hub.timeline.then(broken)
    stage.hub.timeline.then(lambda: called.append("the other"))
    talk.say(stage.hub, alice, stage.room, "hi")
    await stage.settle()
    assert called == ["the other"]
    assert [record.message for record in caplog.records] == ["a callback failed"]


async def test_settled_waits_for_all_that_was_decided(two: TwoInARoom) -> None:
    stage, alice, _ = two
    await stage.hub.timeline.settled()  # at once: nothing waits
    talk.say(stage.hub, alice, stage.room, "one")
    await turn()
    talk.say(stage.hub, alice, stage.room, "two")
    waiting = asyncio.create_task(stage.hub.timeline.settled())
    await turn()
    stage.journal.commit()
    await turn()
    assert not waiting.done()
    stage.journal.commit()
    await waiting
    assert stage.hub.timeline.idle


async def test_a_crowd_that_waits_for_the_disk_is_noticed_and_told_when_it_is_over() -> None:
    stage = scene(backlog=3)
    (alice,) = stage.come_in("alice")
    await turn()
    cleared: list[str] = []
    seen = [stage.hub.timeline.crowded]
    for text in "abc":
        talk.say(stage.hub, alice, stage.room, text)
        seen.append(stage.hub.timeline.crowded)
    assert seen == [False, False, False, True]

    def is_clear() -> None:
        cleared.append("now")

    for _ in range(3):
        stage.hub.timeline.when_clear(is_clear)
    await turn()
    assert not cleared
    stage.journal.commit()
    await turn()
    assert cleared == ["now"]
    assert not stage.hub.timeline.crowded
    await stage.settle()


async def test_those_who_only_ask_are_a_crowd_too() -> None:
    stage = scene(backlog=3)
    (alice,) = stage.come_in("alice")
    await turn()
    for _ in range(3):
        stage.hub.timeline.reply(alice, "an answer")
    assert stage.hub.timeline.crowded
    await stage.settle()
    assert not stage.hub.timeline.crowded


async def test_a_question_about_the_past_includes_what_was_said_before_it(two: TwoInARoom) -> None:
    stage, alice, _ = two
    talk.say(stage.hub, alice, stage.room, "hi")
    asking = asyncio.create_task(history.recent(stage.hub, alice, stage.room, 5))
    await turn()
    assert not asking.done()
    stage.journal.commit()
    await asking


async def test_who_has_nothing_on_its_way_does_not_wait_for_others(two: TwoInARoom) -> None:
    stage, alice, bob = two
    talk.say(stage.hub, alice, stage.room, "hi")
    await turn()
    assert stage.journal.is_writing
    hers = asyncio.ensure_future(stage.hub.timeline.settled(alice))
    await stage.hub.timeline.settled(bob)
    assert not hers.done(), "she asks behind her own words"
    stage.journal.commit()
    await hers
