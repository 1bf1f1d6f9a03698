"""The life of rooms: what is left of one that is empty, and how it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core import masks
from hubbub.core.ports import RoomRow
from hubbub.core.refusals import Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import RoomKind
from hubbub.core.settings import (
    Flag,
    ListChange,
    ListKind,
    Settings,
    Topic,
)
from hubbub.hub import rooms, timeline
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session

HOUR = 3_600_000


@pytest.fixture
async def stage() -> Scene:
    stage = scene()
    stage.clock.time = 10 * HOUR
    return stage


@pytest.fixture
async def tea(stage: Scene) -> tuple[Scene, Room, Session, Session]:
    """A room that Alice governs; Bob is outside."""
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    room = stage.open("#tea", alice)
    await stage.quiet()
    return stage, room, alice, bob


Tea = tuple[Scene, "Room", "Session", "Session"]


def listed(kind: ListKind, text: str) -> ListChange:
    return ListChange(kind, masks.parse(text), on=True)


async def test_an_empty_room_is_closed_when_all_is_saved(tea: Tea) -> None:
    stage, room, alice, _ = tea
    rooms.part(stage.hub, alice, room, "bye")
    assert stage.hub.world.room("#tea") is room
    await stage.settle()
    assert stage.hub.world.room("#tea") is None
    assert stage.heard("alice") == ["own: alice left #tea: bye"]


async def test_a_room_that_somebody_entered_again_stays_open(tea: Tea) -> None:
    stage, room, alice, bob = tea
    rooms.part(stage.hub, alice, room)
    rooms.join(stage.hub, bob, room)
    await stage.settle()
    assert stage.hub.world.room("#tea") is room


async def test_the_lobby_is_always_open(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    rooms.part(stage.hub, alice, stage.room)
    await stage.settle()
    assert stage.hub.world.room("#lobby") is stage.room


async def test_leaving_a_room_one_is_not_in(tea: Tea) -> None:
    stage, room, _, bob = tea
    with pytest.raises(Refused, match="NOT_IN_ROOM"):
        rooms.part(stage.hub, bob, room)
    await stage.settle()


async def test_a_room_whose_change_the_disk_owes_is_closed_when_that_is_saved(
    tea: Tea, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, room, alice, _ = tea
    monkeypatch.setattr(timeline, "PROBE_FIRST", 0)
    rooms.set_topic(stage.hub, alice, room, "cake")
    rooms.part(stage.hub, alice, room)
    await turn()
    stage.journal.fail()
    await turn()
    assert stage.hub.world.room("#tea") is room
    while not stage.journal.is_probing:
        await turn()
    stage.journal.answer_probe()
    assert stage.journal.rooms == [room]
    stage.journal.commit()
    assert stage.hub.world.room("#tea") is None


async def test_a_room_comes_back_as_it_was(stage: Scene) -> None:
    settings = Settings(flags={Flag.SECRET}, topic=Topic("tea", "alice!a@h", 7))
    row = RoomRow(
        id=7,
        name="#Tea",
        folded="#tea",
        kind=str(RoomKind.ROOM),
        last_seq=9,
        last_time=10 * HOUR,
        created=5,
        settings=settings,
        roles={77: Role.VOICE},
    )

    class Store(MemoryStore):
        async def room(self, folded: str) -> RoomRow | None:
            return row if folded == "#tea" else None

    stage.hub.archive = Store()
    bob = stage.arrive("bob")
    room = await rooms.open_room(stage.hub, "#TEA")
    rooms.join(stage.hub, bob, room)
    known: dict[str, Any] = {"id": 7, "name": "#Tea", "last_seq": 9, "created": 5, "kept": True}
    assert {name: getattr(room, name) for name in known} == known
    assert room.settings is settings
    assert room.roles == {77: Role.VOICE}, "not long enough without an operator"
    await stage.settle()
