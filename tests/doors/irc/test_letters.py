"""Letters: what is written is what was meant, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hubbub.core import masks
from hubbub.core.people import Person
from hubbub.core.roles import Role
from hubbub.core.rooms import Room
from hubbub.core.sessions import Address, Operator, Session, Trait
from hubbub.core.settings import (
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.doors.irc import letters
from hubbub.hub.nobody import NOBODY
from hubbub.wire.irc.modes import format_modes, parse_modes

if TYPE_CHECKING:
    from hubbub.core.settings import Change


def session(nick: str = "bob") -> Session:
    return Session(Person(1, nick), nick, nick, "irc", Address("192.0.2.1", 5), 0, NOBODY)


BOB = session()

CHANGES: list[tuple[Change, list[str]]] = [
    (FlagChange(Flag.MODERATED, on=True), ["+m"]),
    (FlagChange(Flag.NO_CTCP, on=False), ["-C"]),
    (KeyChange("word"), ["+k", "word"]),
    (KeyChange(None), ["-k", "*"]),
    (LimitChange(5), ["+l", "5"]),
    (LimitChange(None), ["-l"]),
    (ListChange(ListKind.BAN, masks.parse("eve"), on=True), ["+b", "eve!*@*"]),
    (ListChange(ListKind.EXCEPTION, masks.parse("u@h"), on=False), ["-e", "*!u@h"]),
    (ListChange(ListKind.INVITATION, masks.parse("a.host"), on=True), ["+I", "*!*@a.host"]),
    (RoleChange(BOB, Role.OPERATOR, on=True), ["+o", "bob"]),
    (RoleChange(BOB, Role.VOICE, on=False), ["-v", "bob"]),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_a_change_has_a_letter(change: Change, words: list[str]) -> None:
    written = letters.written(change)
    assert format_modes([written]) == [words]
    assert list(parse_modes(words, kinds=letters.KINDS)) == [written]


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_is_written(flag: Flag) -> None:
    letter = letters.written(FlagChange(flag, on=True)).letter
    assert letters.FLAGS[letter] is flag


def test_a_room_shows_its_key_to_those_inside() -> None:
    room = Room(1, "#tea", "#tea")
    assert letters.of_room(room, with_key=True) == ["+nt"]
    room.settings.flags.add(Flag.SECRET)
    room.settings.key, room.settings.limit = "word", 7
    assert letters.of_room(room, with_key=True) == ["+nstkl", "word", "7"]
    assert letters.of_room(room, with_key=False) == ["+nstkl", "*", "7"]


def test_signs_stand_with_the_highest_first() -> None:
    assert letters.signs(Role.NONE) == ""
    assert letters.signs(Role.VOICE) == "+"
    assert letters.signs(Role.VOICE | Role.OPERATOR) == "@+"


def test_what_a_user_says_of_themselves() -> None:
    who = session()
    assert letters.of_user(who) == "+"
    who.traits |= {Trait.BOT, Trait.INVISIBLE}
    who.operator = Operator("root", frozenset())
    assert letters.of_user(who) == "+iBo"
