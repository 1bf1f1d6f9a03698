"""Subscribers: who hears of metadata, and all that one hears of at once."""

from __future__ import annotations

import pytest

from hub.doubles import Scene, scene
from hub.test_metadata import follow, heard, refusal
from hubbub.core.refusals import Reason
from hubbub.hub import arrival, metadata, people, rooms
from hubbub.hub.metadata import EVERYTHING, SELF


@pytest.fixture
async def stage() -> Scene:
    return scene()


# -- who hears of it ---------------------------------------------------------------------------


async def test_those_who_share_a_room_or_watch_hear_of_a_change_once(stage: Scene) -> None:
    hub, (alice, bob) = stage.hub, stage.come_in("alice", "bob")
    stage.open("#tea", alice, bob)
    carol, dave, erin = stage.arrive("carol"), stage.arrive("dave"), stage.arrive("erin")
    people.watch(hub, carol, "alice")
    people.watch(hub, bob, "alice")
    (frank,) = stage.come_in("frank")
    for one in (alice, bob, carol, dave):
        follow(stage, one, "status", "avatar")
    follow(stage, erin)
    await stage.quiet()
    metadata.change(hub, alice, SELF, "status", "here")
    metadata.change(hub, alice, SELF, "status", "here")
    metadata.change(hub, alice, SELF, "mood", "good")
    metadata.change(hub, alice, SELF, "status", "")
    await stage.settle()
    told = ["alice has status: here", "alice has status: None"]
    assert heard(stage, "bob") == heard(stage, "carol") == told
    for one in (alice, dave, erin, frank):
        assert heard(stage, one.nick) == []


async def test_members_hear_what_is_said_of_their_room(stage: Scene) -> None:
    hub, alice, bob, carol = stage.hub, *map(stage.arrive, ("alice", "bob", "carol"))
    stage.open("#tea", alice, bob)
    for one in (alice, bob, carol):
        follow(stage, one, "url")
    await stage.quiet()
    metadata.change(hub, alice, "#tea", "url", "https://tea.example")
    metadata.clear(hub, bob, "#tea")
    await stage.settle()
    assert heard(stage, "alice") == ["#tea has url: None"]
    assert heard(stage, "bob") == ["#tea has url: https://tea.example"]
    assert heard(stage, "carol") == []


async def test_who_enters_is_known_to_those_who_are_there(stage: Scene) -> None:
    hub, (bob, carol) = stage.hub, stage.come_in("bob", "carol")
    follow(stage, bob, "status")
    follow(stage, carol, "avatar")
    alice = stage.arrive("alice")
    follow(stage, alice, "status")
    metadata.change(hub, alice, SELF, "status", "here")
    await stage.quiet()
    rooms.join(hub, alice, stage.room)
    await stage.settle()
    assert heard(stage, "bob") == ["alice joined #lobby", "alice has status: here"]
    assert "alice has status: here" not in heard(stage, "carol") + heard(stage, "alice")


async def test_who_watches_is_told_with_the_arrival(stage: Scene) -> None:
    hub, bob, carol = stage.hub, stage.arrive("bob"), stage.arrive("carol")
    for one in (bob, carol):
        people.watch(hub, one, "alice")
    follow(stage, bob, "status")
    alice = stage.arrive("amy")
    metadata.change(hub, alice, SELF, "status", "here")
    await stage.quiet()
    people.rename(hub, alice, "alice")
    await stage.settle()
    online = f"online: {alice.mask}"
    assert heard(stage, "bob") == [online, "alice is alice has status: here"]
    assert heard(stage, "carol") == [online], "who does not follow is told of nothing more"


async def test_who_stops_following_or_ends_is_forgotten(stage: Scene) -> None:
    hub, (alice, bob) = stage.hub, stage.come_in("alice", "bob")
    subscribers = hub.subscribers
    follow(stage, bob, "status")
    subscribers.stop(bob)
    assert not subscribers.follows(bob)
    assert not subscribers.of("status")
    follow(stage, bob, "status")
    arrival.quit(hub, bob, "bye")
    assert not subscribers.of("status")
    await stage.quiet()
    metadata.change(hub, alice, SELF, "status", "here")
    await stage.settle()
    assert heard(stage, "bob") == []


# -- all of it at once -------------------------------------------------------------------------


async def test_a_room_is_synchronised_with_its_members(stage: Scene) -> None:
    hub, alice, bob, carol = stage.hub, *map(stage.arrive, ("alice", "bob", "carol"))
    room = stage.open("#tea", alice, bob)
    follow(stage, bob, "status", "url")
    metadata.change(hub, alice, SELF, "status", "here")
    metadata.change(hub, alice, SELF, "mood", "good")
    metadata.change(hub, bob, SELF, "status", "there")
    metadata.change(hub, alice, "#tea", "url", "https://tea.example")
    name, found, more = metadata.synchronise(hub, bob, "#TEA")
    assert (name, more) == ("#tea", False)
    assert {(one.target, one.key, one.value) for one in found} == {
        ("alice", "status", "here"),
        ("#tea", "url", "https://tea.example"),
    }
    assert metadata.on_entering(hub, bob, room) == (name, found, more)
    everything = metadata.synchronise(hub, bob, EVERYTHING)
    assert {one.target for one in everything.values} == {"alice", "bob", "#tea"}
    people.watch(hub, carol, "alice")
    follow(stage, carol, "status")
    assert {one.target for one in metadata.synchronise(hub, carol, EVERYTHING).values} == {"alice"}
    assert refusal(lambda: metadata.synchronise(hub, carol, "#tea"))[0] is Reason.NO_SUCH_TARGET


async def test_what_is_very_much_comes_in_parts(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, others = stage.hub, stage.come_in(*(f"guest-{n}" for n in range(1, 8)))
    (bob,) = stage.come_in("bob")
    follow(stage, bob, "a", "b")
    for one in others:
        for key in ("a", "b"):
            metadata.change(hub, one, SELF, key, one.nick)
    monkeypatch.setattr(metadata, "ON_ENTERING", 13)
    assert metadata.on_entering(hub, bob, stage.room) == ("#lobby", [], True)
    monkeypatch.setattr(metadata, "AT_ONCE", 5)
    parts = [metadata.synchronise(hub, bob, "#lobby") for _ in range(4)]
    assert [(len(part.values), part.more) for part in parts] == [
        (4, True),
        (4, True),
        (4, True),
        (2, False),
    ]
    assert {one.target for part in parts for one in part.values} == {one.nick for one in others}
    assert metadata.synchronise(hub, bob, "#lobby") == parts[0], "and then from the beginning"
    metadata.subscribe(hub, bob, "c")
    assert metadata.synchronise(hub, bob, "#lobby") == parts[0], "there is more to hear"
