"""Rooms: who may enter, who governs, who is asked in, and what is left of one that is empty."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core import masks
from hubbub.core.refusals import Refused
from hubbub.core.roles import Role
from hubbub.core.sessions import Operator, Privilege
from hubbub.core.settings import (
    Change,
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
    Topic,
)
from hubbub.hub import arrival, moderation, rooms, talk
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.ports import RoomRow
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


# -- entering ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (FlagChange(Flag.INVITE_ONLY, on=True), "INVITE_ONLY"),
        (KeyChange("sesame"), "WRONG_KEY"),
        (LimitChange(1), "ROOM_FULL"),
        (listed(ListKind.BAN, "bob"), "BANNED"),
    ],
)
async def test_what_keeps_one_out_and_an_operator_s_invitation(
    tea: Tea, change: Change, refusal: str
) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [change])
    with pytest.raises(Refused, match=refusal) as no:
        rooms.join(stage.hub, bob, room)
    assert no.value.details == ("#tea",)
    rooms.invite(stage.hub, alice, bob, room)
    rooms.join(stage.hub, bob, room)
    assert bob in room.members
    rooms.part(stage.hub, bob, room)
    with pytest.raises(Refused, match=refusal):
        rooms.join(stage.hub, bob, room)  # once is once
    await stage.settle()


async def test_the_right_key_opens(tea: Tea) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [KeyChange("sesame")])
    rooms.join(stage.hub, bob, room, "sesame")
    assert bob in room.members
    await stage.settle()


async def test_a_standing_invitation_is_for_those_who_match_it(tea: Tea) -> None:
    stage, room, alice, bob = tea
    carol = stage.arrive("carol")
    invited = listed(ListKind.INVITATION, "bob")
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.INVITE_ONLY, on=True), invited])
    for _ in range(2):
        rooms.join(stage.hub, bob, room)
        rooms.part(stage.hub, bob, room)
    with pytest.raises(Refused, match="INVITE_ONLY"):
        rooms.join(stage.hub, carol, room)
    await stage.settle()


async def test_a_standing_invitation_is_no_key(tea: Tea) -> None:
    stage, room, alice, bob = tea
    invited = listed(ListKind.INVITATION, "bob")
    moderation.change(stage.hub, alice, room, [KeyChange("sesame"), invited])
    with pytest.raises(Refused, match="WRONG_KEY"):
        rooms.join(stage.hub, bob, room)
    await stage.settle()


async def test_an_exception_lets_a_banned_one_in(tea: Tea) -> None:
    stage, room, alice, bob = tea
    ban, exception = listed(ListKind.BAN, "b*"), listed(ListKind.EXCEPTION, "*ob")
    moderation.change(stage.hub, alice, room, [ban, exception])
    rooms.join(stage.hub, bob, room)
    await stage.settle()


async def test_one_is_in_so_many_rooms_and_no_more() -> None:
    stage = scene(rooms=1)
    (alice,) = stage.come_in("alice")
    await stage.settle()
    room = await rooms.open_room(stage.hub, "#tea")
    with pytest.raises(Refused, match="TOO_MANY_ROOMS"):
        rooms.join(stage.hub, alice, room)
    await stage.settle()
    assert stage.hub.world.room("#tea") is None, "opened for nobody, so closed again"


async def test_who_left_meanwhile_does_not_enter(tea: Tea) -> None:
    stage, room, _, bob = tea
    arrival.quit(stage.hub, bob, "left")
    with pytest.raises(Refused, match="ENDED"):
        rooms.join(stage.hub, bob, room)
    await stage.settle()


async def test_a_room_that_was_closed_meanwhile_opens_again(stage: Scene) -> None:
    alice = stage.arrive("alice")
    room = await rooms.open_room(stage.hub, "#tea")
    stage.hub.world.close_room(room)
    rooms.join(stage.hub, alice, room)
    assert stage.hub.world.room("#TEA") is room
    await stage.settle()


async def test_a_name_that_is_none(stage: Scene) -> None:
    with pytest.raises(Refused, match="BAD_ROOM_NAME"):
        await rooms.open_room(stage.hub, "tea")


async def test_two_who_open_a_room_at_once_open_one(stage: Scene) -> None:
    class SlowStore(MemoryStore):
        async def room(self, folded: str) -> RoomRow | None:
            await turn()
            return await super().room(folded)

    stage.hub.archive = SlowStore()
    one, other = await asyncio.gather(
        rooms.open_room(stage.hub, "#tea"), rooms.open_room(stage.hub, "#Tea")
    )
    assert one is other


# -- who governs -------------------------------------------------------------------------------


async def test_the_first_governs_and_the_second_does_not(stage: Scene) -> None:
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    room = await rooms.open_room(stage.hub, "#tea")
    rooms.join(stage.hub, alice, room)
    rooms.join(stage.hub, bob, room)
    await stage.settle()
    assert (room.is_operator(alice), room.is_operator(bob)) == (True, False)
    assert stage.heard("bob") == ["own: bob joined #tea"]
    assert stage.heard("alice")[0] == "own: alice joined #tea as operator"


async def test_nobody_becomes_operator_of_the_lobby_by_being_first(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    assert not stage.room.is_operator(alice)
    await stage.settle()


@pytest.mark.parametrize(("later", "governs"), [(HOUR - 1, False), (HOUR, True)])
@pytest.mark.parametrize("how", ["parts", "quits", "steps down"])
async def test_an_hour_without_an_operator_makes_the_next_one(
    tea: Tea, how: str, later: int, governs: bool
) -> None:
    stage, room, alice, bob = tea
    rooms.join(stage.hub, bob, room)
    stage.clock.time += 5 * HOUR
    if how == "parts":
        rooms.part(stage.hub, alice, room)
    elif how == "quits":
        arrival.quit(stage.hub, alice, "left")
    else:
        moderation.change(stage.hub, alice, room, [RoleChange(alice, Role.OPERATOR, on=False)])
    stage.clock.time += later
    talk.say(stage.hub, bob, room, "is nobody here?")  # talk governs nothing
    carol = stage.arrive("carol")
    rooms.join(stage.hub, carol, room)
    assert room.is_operator(carol) is governs
    await stage.settle()
    assert stage.heard("bob")[-1] == f"carol joined #tea{' as operator' if governs else ''}"


async def test_who_governed_governs_again_when_they_come_back(tea: Tea) -> None:
    stage, room, alice, bob = tea
    rooms.join(stage.hub, bob, room)
    rooms.part(stage.hub, alice, room)
    rooms.join(stage.hub, alice, room)
    await stage.settle()
    assert stage.heard("bob")[-1] == "alice joined #tea as operator"


async def test_an_operator_of_the_server_may_govern_any_room(tea: Tea) -> None:
    stage, room, _, bob = tea
    rooms.join(stage.hub, bob, room)
    with pytest.raises(Refused, match="NEED_OPERATOR"):
        rooms.set_topic(stage.hub, bob, room, "mine")
    bob.operator = Operator("root", frozenset({Privilege.ROOMS}))
    rooms.set_topic(stage.hub, bob, room, "mine")
    assert room.settings.topic == Topic("mine", bob.mask, stage.clock.time)
    await stage.settle()


# -- who may know of it ------------------------------------------------------------------------


async def test_a_secret_room_is_known_to_its_members_and_to_who_sees_all(tea: Tea) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.SECRET, on=True)])
    assert list(rooms.visible(stage.hub, alice)) == [stage.room, room]
    assert list(rooms.visible(stage.hub, bob)) == [stage.room]
    bob.operator = Operator("root", frozenset({Privilege.SEE_ALL}))
    assert list(rooms.visible(stage.hub, bob)) == [stage.room, room]
    await stage.settle()
