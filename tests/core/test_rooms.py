"""Rooms: who hears which positions of a log; and the world they are in."""

from __future__ import annotations

import pytest

from hubbub.core import masks, rooms
from hubbub.core.events import Said
from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import Departed, Room, RoomKind
from hubbub.core.sessions import Address, Operator, Privilege, Session
from hubbub.core.settings import Listed, ListKind, Settings
from hubbub.core.world import World, direct_name


def person(nick: str) -> Session:
    return Session(Person(1, nick), nick, nick, "test", Address("::1", 5), 0, None)  # type: ignore[arg-type]  # nobody listens here


def test_a_member_hears_from_their_arrival_on() -> None:
    room, alice = Room(1, "#a", "#a", position=7), person("alice")
    room.enter(alice)
    assert room.members == {alice: 7}
    assert alice.rooms == {room}


def test_who_leaves_heard_up_to_then() -> None:
    room, alice = Room(1, "#a", "#a", position=7), person("alice")
    room.enter(alice)
    room.position = 9
    room.leave(alice)
    assert not room.members
    assert not alice.rooms
    assert room.departed == [Departed(alice, 7, 9)]


def test_who_left_is_forgotten_when_all_they_are_due_is_delivered() -> None:
    room, alice = Room(1, "#a", "#a", position=7), person("alice")
    room.enter(alice)
    room.position = 9
    room.leave(alice)
    room.forget_departed(8)
    assert room.departed
    room.forget_departed(9)
    assert not room.departed


def test_somebody_can_come_back() -> None:
    room, alice = Room(1, "#a", "#a"), person("alice")
    for position in (3, 5):
        room.position = position
        room.enter(alice)
        room.position += 1
        room.leave(alice)
    assert room.departed == [Departed(alice, 3, 4), Departed(alice, 5, 6)]


# -- what was said -----------------------------------------------------------------------------


def said(room: Room, text: str, msgid: str) -> Said:
    return Said(person("alice"), room, text, msgid)


def test_what_arrivals_are_shown_says_what_an_edit_says() -> None:
    room = Room(1, "#a", "#a")
    first, second = said(room, "tvo", "m1"), said(room, "three", "m2")
    room.recent.extend((first, second))
    room.reword("m1", "two", 9)
    assert [(one.text, one.edited) for one in room.recent] == [("two", 9), ("three", 0)]
    assert first.text == "tvo", "who was shown it before holds it still"
    room.forget("m1")
    assert list(room.recent) == [second]


def test_the_last_that_became_of_a_message_counts() -> None:
    room = Room(1, "#a", "#a")
    edit = said(room, "two", "m9")
    room.amend("m1", edit)
    assert not room.is_gone("m1")
    room.amend("m1")
    assert room.is_gone("m1")
    assert not room.is_gone("m2")


def test_those_noted_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_AMENDED", 2)
    room = Room(1, "#a", "#a")
    for msgid in ("m1", "m2", "m1", "m3"):
        room.amend(msgid)
    assert list(room.amended) == ["m1", "m3"]


# -- roles and lists ---------------------------------------------------------------------------


def test_roles_belong_to_persons_and_are_there_again_when_they_are() -> None:
    room, alice = Room(1, "#a", "#a"), person("alice")
    room.enter(alice)
    room.grant(1, Role.VOICE)
    room.grant(1, Role.OPERATOR)
    assert room.is_operator(alice)
    room.revoke(1, Role.VOICE)
    assert room.role(alice) is Role.OPERATOR
    room.leave(alice)
    assert not room.is_operator(alice), "one has to be there"
    room.enter(alice)
    assert room.is_operator(alice)
    room.revoke(1, Role.OPERATOR)
    assert room.roles == {}
    assert room.unsaved


def test_who_has_a_role_longest_and_is_gone_makes_room_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rooms, "MAX_ROLES", 2)
    room, alice = Room(1, "#a", "#a"), person("alice")
    room.enter(alice)
    for person_id in (1, 2, 3):
        room.grant(person_id, Role.VOICE)
    assert list(room.roles) == [1, 3]


def put(room: Room, kind: ListKind, *texts: str) -> None:
    for text in texts:
        room.settings.put(kind, Listed(masks.parse(text), "root!r@h", 0))
    room.touch()


@pytest.mark.parametrize(
    ("bans", "exceptions", "is_banned", "is_muted"),
    [
        ([], [], False, False),
        (["alice"], [], True, False),
        (["m:alice"], [], False, True),
        (["bob", "m:bob"], [], False, False),
        (["alice", "m:alice"], ["a*"], False, False),
        (["alice", "m:alice"], ["m:a*"], True, False),
        (["alice"], ["bob"], True, False),
    ],
)
def test_bans_mutes_and_exceptions(
    bans: list[str], exceptions: list[str], is_banned: bool, is_muted: bool
) -> None:
    room, alice = Room(1, "#a", "#a"), person("alice")
    put(room, ListKind.BAN, *bans)
    put(room, ListKind.EXCEPTION, *exceptions)
    assert room.is_banned(alice) is is_banned
    assert room.is_banned(alice, mutes=True) is is_muted


def test_a_mask_is_on_a_list_once_however_it_is_written() -> None:
    settings = Settings()
    settings.put(ListKind.BAN, Listed(masks.parse("BOB"), "root!r@h", 0))
    assert settings.has(ListKind.BAN, masks.parse("bob!*@*"))
    assert list(settings.bans) == ["bob!*@*"]
    taken = settings.take(ListKind.BAN, masks.parse("bob"))
    assert taken is not None
    assert taken.mask.text == "BOB!*@*"
    assert settings.take(ListKind.BAN, masks.parse("bob")) is None


# -- the world ---------------------------------------------------------------------------------


def test_sessions_are_found_by_any_form_of_their_nick() -> None:
    world, alice = World(), person("Alice")
    world.add_session(alice)
    assert world.session("aLICE") is alice
    assert alice in world
    assert len(world) == 1
    with pytest.raises(ValueError, match="alice"):
        world.add_session(person("alice"))
    world.remove_session(alice)
    assert world.session("Alice") is None
    assert alice not in world


def test_another_of_the_same_name_is_not_the_same() -> None:
    world, first, second = World(), person("alice"), person("alice")
    world.add_session(second)
    assert first not in world


def test_a_free_nick_is_neither_in_use_nor_the_house_s() -> None:
    world = World()
    world.add_session(person("alice"))
    assert world.free_nick("bob") == "bob"
    assert world.free_nick("ALICE") == "ALICE_2"
    assert world.free_nick("Server") == "Server_2"


def test_rooms_are_found_by_name_and_conversations_are_not_listed() -> None:
    world = World()
    lobby, between = Room(1, "#Lobby", "#lobby"), Room(2, "@x", "@x", RoomKind.DIRECT)
    world.add_room(lobby)
    world.add_room(between)
    assert world.room("#LOBBY") is lobby
    assert list(world.rooms) == [lobby]
    with pytest.raises(ValueError, match="#lobby"):
        world.add_room(Room(3, "#lobby", "#lobby"))
    world.close_room(lobby)
    assert world.room("#lobby") is None


def test_a_conversation_has_one_name_for_both() -> None:
    assert direct_name(1, 2**62) == direct_name(2**62, 1) == f"@{1:016x}:{2**62:016x}"


@pytest.mark.parametrize(
    ("host", "shown"), [("192.0.2.1", "192.0.2.1:5"), ("2001:db8::1", "[2001:db8::1]:5")]
)
def test_an_address_as_an_operator_reads_it(host: str, shown: str) -> None:
    assert str(Address(host, 5)) == shown


def test_a_refusal_says_why() -> None:
    no = Refused(Reason.NO_SUCH_NICK, "bob")
    assert (no.reason, no.details, no.fatal) == (Reason.NO_SUCH_NICK, ("bob",), False)
    assert Refused(Reason.STOPPING, fatal=True).fatal


def test_an_operator_may_what_they_were_given() -> None:
    alice = person("alice")
    assert not alice.may(Privilege.KILL)
    alice.operator = Operator("root", frozenset({Privilege.KILL}))
    assert alice.may(Privilege.KILL)
    assert not alice.may(Privilege.BAN)
