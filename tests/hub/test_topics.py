"""Topics and invitations: what a room is about, and who is asked in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene
from hubbub.core.refusals import Refused
from hubbub.core.roles import Role
from hubbub.core.settings import Flag, FlagChange
from hubbub.hub import moderation, rooms

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


@pytest.fixture
async def stage() -> Scene:
    return scene()


@pytest.fixture
async def tea(stage: Scene) -> tuple[Scene, Room, Session, Session]:
    """A room that Alice governs; Bob is outside."""
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    room = stage.open("#tea", alice)
    await stage.quiet()
    return stage, room, alice, bob


Tea = tuple[Scene, "Room", "Session", "Session"]


# -- topics ------------------------------------------------------------------------------------


async def test_a_topic_is_heard_kept_and_taken_away(tea: Tea) -> None:
    stage, room, alice, _ = tea
    rooms.set_topic(stage.hub, alice, room, "tea & cake")
    counts = [room.unsaved]
    await stage.settle()
    assert [*counts, room.unsaved] == [True, False]
    assert stage.heard("alice") == ["own: alice set the topic of #tea: tea & cake"]
    rooms.set_topic(stage.hub, alice, room, "")
    await stage.settle()
    assert not room.settings.topic


async def test_a_long_topic_is_cut_between_characters() -> None:
    stage = scene(topic=8)
    alice = stage.arrive("alice")
    room = stage.open("#tea", alice)
    rooms.set_topic(stage.hub, alice, room, "東京都庁")
    assert room.settings.topic is not None
    assert room.settings.topic.text == "東京"
    await stage.settle()


async def test_anybody_in_it_says_what_an_unlocked_room_is_about(tea: Tea) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.TOPIC_LOCKED, on=False)])
    with pytest.raises(Refused, match="NOT_IN_ROOM"):
        rooms.set_topic(stage.hub, bob, room, "tea")
    rooms.join(stage.hub, bob, room)
    rooms.set_topic(stage.hub, bob, room, "tea")
    await stage.settle()


# -- inviting ----------------------------------------------------------------------------------


async def test_an_invitation_is_heard_by_the_guest_and_the_other_operators(tea: Tea) -> None:
    stage, room, alice, bob = tea
    carol, dave = stage.arrive("carol"), stage.arrive("dave")
    for session in (carol, dave):
        rooms.join(stage.hub, session, room)
    room.grant(carol.person.id, Role.OPERATOR)
    await stage.quiet()
    rooms.invite(stage.hub, alice, bob, room)
    await stage.settle()
    words = f"{alice.mask} invites bob to #tea"
    assert stage.heard("bob") == [f"own: {words}"]
    assert stage.heard("carol") == [words]
    assert stage.heard("alice") == stage.heard("dave") == []
    assert rooms.invitations(stage.hub, bob) == [room]


async def test_who_may_invite(tea: Tea) -> None:
    stage, room, alice, bob = tea
    carol = stage.arrive("carol")
    with pytest.raises(Refused, match="NOT_IN_ROOM"):
        rooms.invite(stage.hub, bob, carol, room)
    rooms.join(stage.hub, bob, room)
    with pytest.raises(Refused, match="ALREADY_THERE") as no:
        rooms.invite(stage.hub, alice, bob, room)
    assert no.value.details == ("bob", "#tea")
    rooms.invite(stage.hub, bob, carol, room)
    assert not carol.invitations, "anybody may ask; only an operator opens"
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.INVITE_ONLY, on=True)])
    with pytest.raises(Refused, match="NEED_OPERATOR"):
        rooms.invite(stage.hub, bob, carol, room)
    await stage.settle()


async def test_of_too_many_invitations_one_goes() -> None:
    stage = scene(rooms=2)
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    for name in ("#a", "#b", "#c"):
        room = stage.open(name, alice)
        rooms.invite(stage.hub, alice, bob, room)
        rooms.part(stage.hub, alice, room)
    assert [room.name for room in rooms.invitations(stage.hub, bob)] == ["#b", "#c"]
    await stage.settle()
    assert rooms.invitations(stage.hub, bob) == [], "the rooms are closed"
