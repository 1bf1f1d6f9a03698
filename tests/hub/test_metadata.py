"""Metadata: whose it is, who sees it, who hears of it, and that it is saved before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene, turn
from hub.test_marks import token_of
from hubbub.core.metadata import MAX_KEY, PRIVATE
from hubbub.core.refusals import Reason, Refused
from hubbub.core.settings import Flag
from hubbub.hub import arrival, metadata, resumption, rooms
from hubbub.hub.metadata import EVERYTHING, SELF
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


@pytest.fixture
async def stage() -> Scene:
    return scene()


def follow(stage: Scene, session: Session, *keys: str) -> None:
    stage.hub.subscribers.follow(session)
    for key in keys:
        metadata.subscribe(stage.hub, session, key)


def seen(stage: Scene, session: Session, name: str) -> dict[str, str]:
    return metadata.values(session, metadata.find(stage.hub, session, name))


def heard(stage: Scene, name: str) -> list[str]:
    """What somebody heard since the last time; all of it is for them alone."""
    return [one.removeprefix("own: ") for one in stage.heard(name)]


def refusal(decide: Callable[[], object]) -> tuple[Reason, tuple[str, ...]]:
    with pytest.raises(Refused) as no:
        decide()
    return no.value.reason, no.value.details


# -- whose it is -------------------------------------------------------------------------------


async def test_one_says_of_oneself_what_everybody_sees(stage: Scene) -> None:
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    assert metadata.change(stage.hub, alice, SELF, "status", "here") == "here"
    assert metadata.change(stage.hub, alice, "ALICE", "status", "gone\x07") == "gone"
    assert seen(stage, bob, "alice") == seen(stage, alice, SELF) == {"status": "gone"}
    assert metadata.change(stage.hub, alice, SELF, "status", "") is None
    assert metadata.change(stage.hub, alice, SELF, "status", "") is None, "it is no error"
    assert seen(stage, bob, "alice") == {}


async def test_nobody_says_it_for_another(stage: Scene) -> None:
    hub, alice, bob = stage.hub, stage.arrive("alice"), stage.arrive("bob")
    metadata.change(hub, bob, SELF, "status", "here")
    assert refusal(lambda: metadata.change(hub, alice, "bob", "status", "x")) == (
        Reason.NOT_YOURS,
        ("bob", "status"),
    )
    assert refusal(lambda: metadata.clear(hub, alice, "bob")) == (Reason.NOT_YOURS, ("bob", "*"))
    assert refusal(lambda: metadata.change(hub, alice, "nobody", "status", "x")) == (
        Reason.NO_SUCH_TARGET,
        ("nobody",),
    )
    assert seen(stage, alice, "bob") == {"status": "here"}


async def test_what_is_said_of_a_room_is_its_operators(stage: Scene) -> None:
    hub, alice, bob, carol = stage.hub, *map(stage.arrive, ("alice", "bob", "carol"))
    room = stage.open("#tea", alice)
    rooms.join(hub, bob, room)
    assert metadata.change(hub, alice, "#TEA", "url", "https://tea.example")
    for other in (bob, carol):
        assert seen(stage, other, "#tea") == {"url": "https://tea.example"}
        assert refusal(lambda one=other: metadata.change(hub, one, "#tea", "url", "x")) == (  # type: ignore[misc]
            Reason.NOT_YOURS,
            ("#tea", "url"),
        )
    assert metadata.clear(hub, alice, "#tea") == ("#tea", ["url"])
    assert metadata.clear(hub, alice, "#tea") == ("#tea", [])
    assert room.metadata == {}


@pytest.mark.parametrize("closed", [Flag.SECRET, Flag.INVITE_ONLY, "key"])
async def test_what_is_said_of_a_closed_room_its_members_see(stage: Scene, closed: str) -> None:
    hub, alice, bob = stage.hub, stage.arrive("alice"), stage.arrive("bob")
    room = stage.open("#tea", alice)
    metadata.change(hub, alice, "#tea", "url", "https://tea.example")
    if closed == "key":
        room.settings.key = "oolong"
    else:
        room.settings.flags.add(Flag(closed))
    assert seen(stage, alice, "#tea") == {"url": "https://tea.example"}
    assert refusal(lambda: metadata.find(hub, bob, "#tea")) == (Reason.NO_SUCH_TARGET, ("#tea",))


async def test_a_draft_is_for_nobody_else(stage: Scene) -> None:
    hub, (alice, bob) = stage.hub, stage.come_in("alice", "bob")
    draft = f"{PRIVATE}_23lobby"
    follow(stage, bob, draft)
    await stage.quiet()
    metadata.change(hub, alice, SELF, draft, "I think \x02that")
    assert seen(stage, alice, SELF) == {draft: "I think \x02that"}
    assert seen(stage, bob, "alice") == {}
    assert metadata.synchronise(hub, bob, EVERYTHING).values == []
    assert metadata.on_entering(hub, bob, stage.room).values == []
    await stage.settle()
    room = stage.open("#tea", alice, bob)
    await stage.settle()
    assert [one for one in heard(stage, "bob") if "draft" in one] == []
    assert refusal(lambda: metadata.change(hub, alice, room.name, draft, "x"))[0] is (
        Reason.NOT_YOURS
    )


# -- limits ------------------------------------------------------------------------------------


async def test_keys_and_values_have_limits(stage: Scene) -> None:
    stage = scene(metadata_keys=2, metadata_value=10, subscriptions=2)
    hub, alice = stage.hub, stage.arrive("alice")
    room = stage.open("#tea", alice)
    long = "k" * (MAX_KEY + 1)
    assert refusal(lambda: metadata.change(hub, alice, SELF, long, "x")) == (
        Reason.BAD_METADATA_KEY,
        (long,),
    )
    assert metadata.change(hub, alice, SELF, "a", "ééééé") == "ééééé"
    assert refusal(lambda: metadata.change(hub, alice, SELF, "a", "éééééé")) == (
        Reason.BAD_METADATA_VALUE,
        ("a", "10"),
    )
    for name, owner in ((SELF, alice.person), ("#tea", room)):
        for key in ("a", "b", "a"):
            metadata.change(hub, alice, name, key, key)
        assert refusal(lambda one=name: metadata.change(hub, alice, one, "c", "x")) == (  # type: ignore[misc]
            Reason.TOO_MUCH_METADATA,
            ("alice" if name == SELF else "#tea", "2"),
        )
        metadata.change(hub, alice, name, "a", "")
        metadata.change(hub, alice, name, "c", "x")
        assert owner.metadata == {"b": "b", "c": "x"}


async def test_subscriptions_have_a_limit(stage: Scene) -> None:
    stage = scene(subscriptions=2)
    hub, alice = stage.hub, stage.arrive("alice")
    follow(stage, alice, "a", "b")
    assert not metadata.subscribe(hub, alice, "a"), "it has that already"
    assert refusal(lambda: metadata.subscribe(hub, alice, "c")) == (
        Reason.TOO_MANY_SUBSCRIPTIONS,
        ("c", "2"),
    )
    metadata.unsubscribe(hub, alice, "a")
    metadata.unsubscribe(hub, alice, "never")
    assert metadata.subscribe(hub, alice, "c")
    assert hub.subscribers.keys(alice) == ("b", "c")
    assert refusal(lambda: metadata.unsubscribe(hub, alice, "$"))[0] is Reason.BAD_METADATA_KEY


async def test_who_changes_too_much_has_to_wait(stage: Scene) -> None:
    hub, alice = stage.hub, stage.arrive("alice")
    for number in range(100):
        metadata.change(hub, alice, SELF, "a", str(number))
    metadata.change(hub, alice, SELF, "a", "99")  # it is so already
    for _ in range(3):
        assert refusal(lambda: metadata.change(hub, alice, SELF, "a", "x")) == (
            Reason.TOO_MANY_CHANGES,
            ("alice", "a", "1"),
        )
        assert refusal(lambda: metadata.clear(hub, alice, SELF))[0] is Reason.TOO_MANY_CHANGES
    stage.clock.time += 1_000
    assert metadata.change(hub, alice, SELF, "a", "x") == "x"


async def test_whoever_has_left_changes_nothing(stage: Scene) -> None:
    alice = stage.arrive("alice")
    arrival.quit(stage.hub, alice, "bye")
    for decide in (
        lambda: metadata.change(stage.hub, alice, SELF, "a", "x"),
        lambda: metadata.clear(stage.hub, alice, SELF),
    ):
        assert refusal(decide)[0] is Reason.ENDED


# -- saved before it is heard ------------------------------------------------------------------


async def test_nobody_hears_what_is_not_saved(stage: Scene) -> None:
    hub, (alice, bob) = stage.hub, stage.come_in("alice", "bob")
    follow(stage, bob, "status")
    await stage.quiet()
    metadata.change(hub, alice, SELF, "status", "here")
    hub.timeline.reply(alice, "done")
    await turn()
    assert [(one.key, one.value) for one in stage.journal.metadata] == [("status", "here")]
    assert heard(stage, "alice") == heard(stage, "bob") == []
    stage.journal.commit()
    assert heard(stage, "alice") == ["done"]
    assert heard(stage, "bob") == ["alice has status: here"]


async def test_what_the_disk_owes_is_saved_first_when_it_can(stage: Scene) -> None:
    hub, alice = stage.hub, stage.arrive("alice")
    room = stage.open("#tea", alice)
    await stage.quiet()
    for key in ("a", "b"):
        metadata.change(hub, alice, SELF, key, "1")
    metadata.change(hub, alice, "#tea", "url", "https://tea.example")
    await turn()
    stage.journal.fail()
    assert heard(stage, "alice") == ["unsaved metadata: alice", "unsaved metadata: #tea"]
    assert alice.person.metadata == {"a": "1", "b": "1"}, "it is in force"
    assert refusal(lambda: metadata.change(hub, alice, SELF, "a", "2"))[0] is Reason.UNWRITABLE
    assert len(hub.timeline.owed(alice.person.id)) == 2
    hub.timeline._probed(None)
    stage.journal.fail()
    assert len(hub.timeline.owed(alice.person.id)) == 2, "and still is"
    hub.timeline._probed(None)
    assert [one.owner for one in stage.journal.metadata] == [alice.person, alice.person, room]
    stage.journal.commit()
    assert hub.timeline.trouble is None
    assert hub.timeline.owed(alice.person.id) == []


async def test_a_room_that_closed_meanwhile_is_what_it_was(stage: Scene) -> None:
    hub, alice = stage.hub, stage.arrive("alice")
    room = stage.open("#tea", alice)
    assert isinstance(hub.archive, MemoryStore)
    hub.archive.write([], lambda _: None, [room])
    await stage.settle()
    metadata.change(hub, alice, "#tea", "url", "https://tea.example")
    await turn()
    stage.journal.fail()
    room.metadata.clear()  # as the store has it
    rooms.part(hub, alice, room)
    await stage.settle()
    again: Room = await rooms.open_room(hub, "#tea")
    assert again is not room
    assert again.metadata == {"url": "https://tea.example"}


# -- who comes back ----------------------------------------------------------------------------


async def test_who_comes_back_says_what_they_said(stage: Scene) -> None:
    hub, (alice,) = stage.hub, stage.come_in("alice")
    metadata.change(hub, alice, SELF, "status", "here")
    token = await token_of(stage, alice)
    metadata.change(hub, alice, SELF, "avatar", "a.png")
    while_here = await resumption.find(hub, token)
    assert while_here.metadata is alice.person.metadata
    arrival.quit(hub, alice, "bye")
    person = await resumption.find(hub, token)
    assert person.metadata == {"status": "here", "avatar": "a.png"}, "saved, or on its way"
