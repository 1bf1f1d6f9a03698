"""Look-alikes: which names pass for one another."""

from __future__ import annotations

import pytest

from hubbub.core.lookalikes import skeleton
from hubbub.core.names import fold
from hubbub.core.people import Person
from hubbub.core.sessions import Address, Session
from hubbub.core.world import World


def world(*nicks: str) -> World:
    world = World()
    for nick in nicks:
        world.add_session(person(nick))
    return world


def person(nick: str) -> Session:
    return Session(Person(1, nick), nick, nick, "test", Address("::1", 5), 0, None)  # type: ignore[arg-type]  # nobody listens here


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "аlice"),  # a Cyrillic а
        ("bob", "ｂｏｂ"),
        ("paypal", "раураl"),
        ("omega", "οmega"),  # a Greek ο
        ("søren", "so\u0338ren"),  # a letter with a stroke of its own, and with one laid over it
        ("björn", "bjo\u0308\u0308rn"),  # the mark twice
        ("jim", "ji\u0307m"),  # a dot where there is one
        ("œdipus", "oedipus"),
        ("öm", "örn"),
    ],
)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    assert fold(one) != fold(other)
    assert world(one).is_confusing(other)
    assert world(other).is_confusing(one)


@pytest.mark.parametrize(
    "names",
    [
        ["alice", "bob", "Иван", "Ivan"],
        ["Jose", "José", "Josè", "Joše", "Jøse"],
        ["Ha", "Hà", "Hạ", "Hả", "Hã"],
        ["Lukasz", "Łukasz"],
        ["かな", "がな", "ガナ"],
        ["मीना", "मोना"],
        ["حسن", "حسين"],
        ["東京", "京都"],
    ],
    ids=lambda names: names[0],
)
def test_names_that_do_not(names: list[str]) -> None:
    for name in names:
        assert not world(*(set(names) - {name})).is_confusing(name)


def test_names_of_ascii_are_what_their_owners_typed() -> None:
    assert skeleton("bill") == skeleton("bi11")
    assert not world("bill").is_confusing("bi11")


def test_nobody_is_confused_with_themselves() -> None:
    alice = person("alice")
    here = World()
    here.add_session(alice)
    assert not here.is_confusing("аlice", alice)


def test_a_name_given_up_confuses_nobody() -> None:
    here = World()
    alice, bob = person("alice"), person("bob")
    here.add_session(alice)
    here.add_session(bob)
    here.rename(alice, "carol")
    here.remove_session(bob)
    assert not here.is_confusing("аlice")
    assert not here.is_confusing("bоb")
    assert here.session("CAROL") is alice


def test_a_look_alike_of_somebody_here_is_varied_on_arrival() -> None:
    assert world("alice").free_nick("аlice") == "аlice_2"
