"""Rooms: who hears which positions of a log; and the world they are in."""

from __future__ import annotations

import pytest

from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Departed, Room, RoomKind
from hubbub.core.sessions import Address, Session
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
