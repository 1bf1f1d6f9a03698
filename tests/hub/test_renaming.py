"""Renaming: a room goes by another name, and stays what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.doubles import FULL_DISK, Scene, scene, turn
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room
from hubbub.core.sessions import Operator, Privilege
from hubbub.hub import history, rooms, talk
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.sessions import Session

MINUTE = 60_000

Tea = tuple[Scene, Room, "Session", "Session"]


@pytest.fixture
async def tea() -> Tea:
    """A room that Alice governs; Bob is in it, too."""
    stage = scene()
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    room = stage.open("#tea", alice)
    rooms.join(stage.hub, bob, room)
    await stage.quiet()
    return stage, room, alice, bob


def refused(stage: Scene, who: Session, room: Room, name: str) -> Reason:
    with pytest.raises(Refused) as no:
        rooms.rename(stage.hub, who, room, name)
    return no.value.reason


async def test_all_who_are_in_it_hear_it_and_stay(tea: Tea) -> None:
    stage, room, alice, _ = tea
    rooms.rename(stage.hub, alice, room, "#Coffee", "better")
    assert stage.hub.world.room("#coffee") is room
    assert stage.hub.world.room("#tea") is None
    assert (room.name, room.folded, room.unsaved) == ("#Coffee", "#coffee", True)
    await stage.settle()
    assert not room.unsaved
    assert stage.heard("alice") == ["own: alice calls #tea #Coffee: better"]
    assert stage.heard("bob") == ["alice calls #tea #Coffee: better"]
    assert stage.readers["bob"].moves == ["#tea is #Coffee"]
    (entry,) = stage.journal.written[-1]
    assert (entry.kind, entry.text, entry.target) == ("rename", "#Coffee", "#tea")
    assert entry.extra == '{"reason": "better"}'


async def test_what_was_before_happened_under_the_old_name(tea: Tea) -> None:
    stage, room, alice, bob = tea
    carol, dave = stage.arrive("carol"), stage.arrive("dave")
    rooms.join(stage.hub, carol, room)
    rooms.set_topic(stage.hub, alice, room, "green")
    rooms.part(stage.hub, bob, room)
    rooms.rename(stage.hub, alice, room, "#coffee")
    rooms.join(stage.hub, dave, room)
    await stage.settle()
    assert stage.heard("carol") == [
        "own: carol joined #tea",
        "alice set the topic of #tea: green",
        "bob left #tea: ",
        "alice calls #tea #coffee: ",
        "dave joined #coffee",
    ]


async def test_who_comes_is_shown_what_was_said_as_said_in_the_room_they_entered(
    tea: Tea,
) -> None:
    stage, room, alice, _ = tea
    talk.say(stage.hub, alice, room, "hello")
    await stage.quiet()
    rooms.rename(stage.hub, alice, room, "#coffee")
    talk.say(stage.hub, alice, room, "again")
    dave = stage.arrive("dave")
    rooms.join(stage.hub, dave, room)
    history.replay(stage.hub, dave, room)
    await stage.settle()
    assert stage.heard("dave")[-1] == "own: #coffee was: hello | again"
    assert [said.to for said in room.recent] == ["#tea", "#coffee"], "as it was"


async def test_only_its_operators_may(tea: Tea) -> None:
    stage, room, alice, bob = tea
    assert refused(stage, bob, room, "#coffee") is Reason.NEED_OPERATOR
    assert refused(stage, stage.arrive("carol"), room, "#coffee") is Reason.NOT_IN_ROOM
    bob.operator = Operator("root", frozenset({Privilege.ROOMS}))
    rooms.rename(stage.hub, bob, room, "#coffee")
    assert room.name == "#coffee"
    assert alice in room.members


async def test_what_a_room_cannot_be_called(tea: Tea) -> None:
    stage, room, alice, _ = tea
    stage.open("#café")
    full = stage.open("#full", alice)
    for name in ("tea", "#", "#a b", f"#{'x' * 200}", "&tea"):
        assert refused(stage, alice, room, name) is Reason.BAD_ROOM_NAME
    for name in ("#tea", "#FULL", "#LOBBY", "#саfé"):
        assert refused(stage, alice, room, name) is Reason.ROOM_NAME_IN_USE, name
    rooms.part(stage.hub, alice, full)
    assert refused(stage, alice, room, "#full") is Reason.ROOM_NAME_IN_USE, "not forgotten yet"
    assert room.name == "#tea"


async def test_the_lobby_is_called_the_lobby() -> None:
    stage = scene()
    (alice,) = stage.come_in("alice")
    alice.operator = Operator("root", frozenset({Privilege.ROOMS}))
    assert refused(stage, alice, stage.room, "#hall") is Reason.CANNOT_RENAME


async def test_not_again_within_a_minute(tea: Tea) -> None:
    stage, room, alice, _ = tea
    rooms.rename(stage.hub, alice, room, "#Tea")
    assert (room.name, stage.hub.world.room("#tea")) == ("#Tea", room)
    stage.clock.time += MINUTE - 1
    assert refused(stage, alice, room, "#coffee") is Reason.CANNOT_RENAME
    stage.clock.time += 1
    rooms.rename(stage.hub, alice, room, "#coffee")
    assert room.name == "#coffee"


async def test_a_name_is_held_by_opening_it(tea: Tea) -> None:
    stage, room, alice, _ = tea
    held = await rooms.open_room(stage.hub, "#coffee")
    rooms.close_if_empty(stage.hub, held)
    rooms.rename(stage.hub, alice, room, "#coffee")
    await stage.settle()
    assert stage.hub.world.room("#coffee") is room


async def test_a_room_that_sleeps_keeps_its_name(tea: Tea) -> None:
    stage, room, alice, _ = tea
    archive = stage.hub.archive
    assert isinstance(archive, MemoryStore)
    archive.write([], lambda _: None, [Room(77, "#coffee", "#coffee")])
    await rooms.open_room(stage.hub, "#coffee")
    assert refused(stage, alice, room, "#coffee") is Reason.ROOM_NAME_IN_USE


async def test_the_old_name_is_free_for_another_room(tea: Tea) -> None:
    stage, room, alice, bob = tea
    rooms.rename(stage.hub, alice, room, "#coffee")
    await stage.settle()
    again = await rooms.open_room(stage.hub, "#tea")
    assert again is not room
    rooms.join(stage.hub, bob, again)
    assert again.is_operator(bob)


# -- when the disk fails -----------------------------------------------------------------------


async def test_a_name_that_was_not_saved_holds_and_is_announced_as_such(tea: Tea) -> None:
    stage, room, alice, _ = tea
    # The store knows the room by the name that it had.
    archive = stage.hub.archive
    assert isinstance(archive, MemoryStore)
    archive.write([], lambda _: None, [Room(room.id, "#tea", "#tea")])
    rooms.rename(stage.hub, alice, room, "#coffee")
    await turn()
    stage.journal.fail()
    await turn()
    assert stage.heard("alice") == ["own: alice calls #tea #coffee: ", "own: unsaved: #coffee"]
    assert stage.hub.timeline.trouble is FULL_DISK
    with pytest.raises(Refused) as no:
        await rooms.open_room(stage.hub, "#tea")
    assert no.value.reason is Reason.UNWRITABLE, "it is the same room"
    stage.clock.time += 2 * MINUTE
    assert refused(stage, alice, room, "#cocoa") is Reason.UNWRITABLE
