"""Moderation: what the operators of a room change, and whom they send out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core import masks
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.settings import (
    Change,
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.hub import moderation, people, rooms, talk, timeline

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session

Tea = tuple[Scene, "Room", "Session", "Session"]


@pytest.fixture
async def tea() -> Tea:
    """A room that Alice governs; Bob is in it."""
    stage = scene(masks=2)
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    room = stage.open("#tea", alice)
    rooms.join(stage.hub, bob, room)
    await stage.quiet()
    return stage, room, alice, bob


def ban(text: str, *, on: bool = True) -> ListChange:
    return ListChange(ListKind.BAN, masks.parse(text), on=on)


async def test_a_change_is_heard_by_all_and_kept_in_words(tea: Tea) -> None:
    stage, room, alice, bob = tea
    changes: list[Change] = [
        FlagChange(Flag.SECRET, on=True),
        FlagChange(Flag.SECRET, on=True),
        FlagChange(Flag.TOPIC_LOCKED, on=False),
        KeyChange("sesame"),
        KeyChange("sesame"),
        LimitChange(7),
        LimitChange(7),
        ban("eve"),
        ban("EVE"),
        RoleChange(bob, Role.VOICE, on=True),
        RoleChange(bob, Role.VOICE, on=True),
    ]
    done = moderation.change(stage.hub, alice, room, changes)
    assert done == tuple(changes[index] for index in (0, 2, 3, 5, 7, 9))
    await stage.settle()
    assert stage.heard("bob") == ["alice changed #tea: 6"]
    assert stage.heard("alice") == ["own: alice changed #tea: 6"]
    (event,) = stage.journal.written[-1]
    assert event.extra is not None
    assert json.loads(event.extra) == [
        {"flag": "secret", "on": True},
        {"flag": "topic-locked", "on": False},
        {"key": True},
        {"limit": 7},
        {"list": "ban", "mask": "eve!*@*", "on": True},
        {"role": "VOICE", "nick": "bob", "on": True},
    ]
    assert "sesame" not in event.extra
    assert not room.unsaved


async def test_a_change_of_nothing_is_no_event(tea: Tea) -> None:
    stage, room, alice, _ = tea
    assert moderation.change(stage.hub, alice, room, [ban("eve", on=False)]) == ()
    await stage.settle()
    assert stage.heard("alice") == []


async def test_what_was_set_is_taken_away_again(tea: Tea) -> None:
    stage, room, alice, bob = tea
    on: list[Change] = [
        ban("eve"),
        KeyChange("k"),
        LimitChange(3),
        RoleChange(bob, Role.OPERATOR, on=True),
    ]
    off: list[Change] = [
        ban("Eve", on=False),
        KeyChange(None),
        LimitChange(None),
        RoleChange(bob, Role.OPERATOR, on=False),
    ]
    moderation.change(stage.hub, alice, room, on)
    assert len(moderation.change(stage.hub, alice, room, off)) == 4
    assert not room.settings.bans
    assert (room.settings.key, room.settings.limit) == (None, None)
    assert not room.is_operator(bob)
    await stage.settle()


async def test_a_full_list_refuses_and_what_came_before_is_done(tea: Tea) -> None:
    stage, room, alice, _ = tea
    with pytest.raises(Refused, match="LIST_FULL") as no:
        moderation.change(stage.hub, alice, room, [ban("a"), ban("b"), ban("c"), ban("d")])
    assert no.value.details == ("#tea", "c!*@*")
    assert len(room.settings.bans) == 2
    await stage.settle()
    assert stage.heard("bob") == ["alice changed #tea: 2"]


async def test_who_may_change_it(tea: Tea) -> None:
    stage, room, alice, bob = tea
    carol = stage.arrive("carol")
    with pytest.raises(Refused, match="NEED_OPERATOR"):
        moderation.change(stage.hub, bob, room, [ban("alice")])
    with pytest.raises(Refused, match="NOT_IN_ROOM"):
        moderation.change(stage.hub, carol, room, [ban("alice")])
    with pytest.raises(Refused, match="NOT_THERE") as no:
        moderation.change(stage.hub, alice, room, [RoleChange(carol, Role.VOICE, on=True)])
    assert no.value.details == ("carol", "#tea")


# -- kicks -------------------------------------------------------------------------------------


async def test_a_kick_is_heard_by_the_victim_too(tea: Tea) -> None:
    stage, room, alice, bob = tea
    moderation.kick(stage.hub, alice, bob, room, "out")
    await stage.settle()
    assert stage.heard("bob") == ["alice kicked bob from #tea: out"]
    assert stage.heard("alice") == ["own: alice kicked bob from #tea: out"]
    assert bob not in room.members
    assert stage.journal.written[-1][0].target == "bob"


async def test_who_may_kick_whom(tea: Tea) -> None:
    stage, room, alice, bob = tea
    with pytest.raises(Refused, match="NEED_OPERATOR"):
        moderation.kick(stage.hub, bob, alice, room, "out")
    with pytest.raises(Refused, match="NOT_THERE"):
        moderation.kick(stage.hub, alice, stage.arrive("carol"), room, "out")


async def test_the_last_one_may_kick_themselves(tea: Tea) -> None:
    stage, room, alice, bob = tea
    rooms.part(stage.hub, bob, room)
    moderation.kick(stage.hub, alice, alice, room, "out")
    await stage.settle()
    assert stage.hub.world.room("#tea") is None


# -- who may speak -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "text", "why"),
    [
        (FlagChange(Flag.MODERATED, on=True), "hi", "it is moderated, and you have no voice"),
        (ban("bob"), "hi", "you are banned or muted"),
        (ban("m:bob"), "hi", "you are banned or muted"),
        (FlagChange(Flag.NO_CTCP, on=True), "\x01VERSION\x01", "CTCP is not wanted there"),
    ],
)
async def test_what_keeps_one_from_speaking(tea: Tea, change: Change, text: str, why: str) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [change])
    with pytest.raises(Refused, match="CANNOT_SPEAK") as no:
        talk.say(stage.hub, bob, room, text)
    assert no.value.details == ("#tea", why)
    if "CTCP" not in why:
        with pytest.raises(Refused, match="CANNOT_SPEAK"):
            talk.send_tags(stage.hub, bob, room, {"+typing": "active"})
        moderation.change(stage.hub, alice, room, [RoleChange(bob, Role.VOICE, on=True)])
        talk.say(stage.hub, bob, room, text)
    await stage.settle()


async def test_whether_one_may_speak_is_found_out_anew_when_something_changes(tea: Tea) -> None:
    stage, room, alice, bob = tea

    def speaks() -> bool:
        try:
            talk.say(stage.hub, bob, room, "hi")
        except Refused as no:
            return no.reason is not Reason.CANNOT_SPEAK
        return True

    heard = [speaks(), speaks()]
    moderation.change(stage.hub, alice, room, [ban("m:eve")])
    heard.append(speaks())
    people.rename(stage.hub, bob, "eve")
    heard.append(speaks())
    moderation.change(stage.hub, alice, room, [ban("m:eve", on=False)])
    heard.append(speaks())
    moderation.change(stage.hub, alice, room, [ban("m:a:bob"), ban("m:*@bad.host")])
    heard.append(speaks())
    people.set_account(stage.hub, bob, "bob")
    heard.append(speaks())
    people.set_account(stage.hub, bob, None)
    heard.append(speaks())
    people.set_host(stage.hub, bob, "bob", "bad.host")
    heard.append(speaks())
    assert heard == [True, True, True, False, True, True, False, True, False]
    await stage.settle()


async def test_an_action_is_no_ctcp_that_anybody_minds(tea: Tea) -> None:
    stage, room, alice, bob = tea
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.NO_CTCP, on=True)])
    talk.say(stage.hub, bob, room, "\x01ACTION waves\x01")
    await stage.settle()


async def test_from_outside_one_speaks_where_that_is_allowed(tea: Tea) -> None:
    stage, room, alice, _ = tea
    carol = stage.arrive("carol")
    with pytest.raises(Refused, match="CANNOT_SPEAK"):
        talk.say(stage.hub, carol, room, "hi")
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.MEMBERS_ONLY, on=False)])
    talk.say(stage.hub, carol, room, "hi")
    await stage.settle()
    assert stage.heard("bob")[-1] == "carol in #tea: hi"
    assert stage.heard("carol") == ["own: carol in #tea: hi"]


# -- when the disk fails -----------------------------------------------------------------------


async def failing(stage: Scene) -> None:
    await turn()
    stage.journal.fail()
    await turn()


async def probed(stage: Scene) -> None:
    while not stage.journal.is_probing:
        await turn()
    stage.journal.answer_probe()


async def test_what_was_changed_stays_in_force_and_is_saved_first(
    tea: Tea, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, room, alice, _ = tea
    monkeypatch.setattr(timeline, "PROBE_FIRST", 0)
    moderation.change(stage.hub, alice, room, [FlagChange(Flag.MODERATED, on=True)])
    await failing(stage)
    assert stage.heard("alice") == ["own: alice changed #tea: 1", "own: unsaved: #tea"]
    assert stage.heard("bob") == ["alice changed #tea: 1"]
    assert Flag.MODERATED in room.settings.flags
    with pytest.raises(Refused, match="UNWRITABLE"):
        moderation.change(stage.hub, alice, room, [KeyChange("k")])
    with pytest.raises(Refused, match="UNWRITABLE"):
        rooms.set_topic(stage.hub, alice, room, "tea")
    await probed(stage)
    assert (stage.journal.written[-1], stage.journal.rooms) == ([], [room])
    with pytest.raises(Refused, match="UNWRITABLE"):
        talk.say(stage.hub, alice, room, "not before that is saved")
    stage.journal.commit()
    assert not room.unsaved
    talk.say(stage.hub, alice, room, "we are back")
    await stage.settle()


async def test_a_disk_that_fails_again_is_owed_as_much(
    tea: Tea, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, room, alice, _ = tea
    monkeypatch.setattr(timeline, "PROBE_FIRST", 0)
    rooms.set_topic(stage.hub, alice, room, "tea")
    await failing(stage)
    await probed(stage)
    stage.journal.fail()
    monkeypatch.setattr(timeline, "PROBE_LAST", 0)
    while not stage.journal.is_probing:
        await turn()
    stage.journal.answer_probe()
    assert stage.journal.rooms == [room]
    # Meanwhile somebody makes a room of their own: a fact, with a role that is to be saved too.
    carol = stage.arrive("carol")
    new = rooms.new_room(stage.hub, "#new")
    rooms.join(stage.hub, carol, new)
    await turn()
    stage.journal.commit()
    assert stage.journal.rooms == [new]
    stage.journal.commit()
    assert not new.unsaved
    stage.hub.timeline.require_writable()
