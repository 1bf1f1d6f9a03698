"""Who hears what, exactly: delivery against a model that knows no batches, slices or sharing.

The model walks through all that was decided, one thing at a time, and tells each person who was
there. Random histories are carried out by both; in each batch everybody must have heard what the
model says: in one order if they have anything of their own in the batch, else in each room's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.doubles import scene
from hub.rehearsal import PEOPLE, ROOMS, Rehearsal
from hubbub.hub import rooms, talk, timeline

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
