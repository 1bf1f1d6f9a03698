"""Restored: what is stored comes back as it was heard."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hub.doubles import scene
from hubbub.core.events import Changed, Entry, EntryKind, Joined, Kicked, Said, TopicSet
from hubbub.core.history import PLAYED, Question, Way
from hubbub.core.masks import parse
from hubbub.core.roles import Role
from hubbub.core.rooms import Room
from hubbub.core.settings import (
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.core.world import World
from hubbub.hub import arrival, moderation, past, people, rooms, talk
from hubbub.hub.restored import restored
from hubbub.store.memory import MemoryStore


async def test_what_happened_comes_back_as_it_was_heard() -> None:
    store = MemoryStore()
    stage = scene(journal=store)
    stage.hub.archive = store
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    changes = (
        FlagChange(Flag.SECRET, on=True),
        KeyChange("word"),
        LimitChange(9),
        ListChange(ListKind.BAN, parse("mallory"), on=True),
        RoleChange(bob, Role.VOICE, on=True),
    )
    moderation.change(stage.hub, alice, stage.room, changes)
    stage.room.settings.key = None
    rooms.set_topic(stage.hub, alice, stage.room, "tea")
    how = talk.How(EntryKind.ACTION, {"+reply": "x"})
    talk.say(stage.hub, alice, stage.room, "waves", how=how)
    people.rename(stage.hub, bob, "robert")
    moderation.kick(stage.hub, alice, bob, stage.room, "enough")
    arrival.quit(stage.hub, bob, "bye")

    where = await past.readable(stage.hub, alice, "#lobby")
    question = Question(Way.LATEST, (), 50, PLAYED)
    page = await past.read_page(stage.hub, alice, where, question)

    assert [type(event).__name__ for event in page] == [
        "Joined",
        "Joined",
        "Changed",
        "TopicSet",
        "Said",
        "Renamed",
        "Kicked",
    ]
    _, joined, changed, topic, said, _, kicked = page
    assert isinstance(joined, Joined)
    assert (joined.nick, joined.session.nick, joined.role) == ("bob", "bob", Role.NONE)
    assert isinstance(changed, Changed)
    *plain, role = changed.changes
    assert tuple(plain) == (changes[0], KeyChange("*"), *changes[2:4])
    assert isinstance(role, RoleChange)
    assert (role.session.nick, role.role, role.on) == ("bob", Role.VOICE, True)
    assert isinstance(topic, TopicSet)
    assert topic.text == "tea"
    assert isinstance(said, Said)
    assert (said.kind, said.to, dict(said.tags)) == (EntryKind.ACTION, "#lobby", {"+reply": "x"})
    assert said.source == alice.mask
    assert isinstance(kicked, Kicked)
    assert (kicked.victim.nick, kicked.text) == ("robert", "enough")
    assert (joined.source, kicked.source) == ("bob!guest@history", alice.mask)


@pytest.mark.parametrize("extra", ["", "no JSON", "{}", '[{"flag": "none", "on": true}]', "[1]"])
def test_changes_that_were_not_told_here_are_none(extra: str) -> None:
    entry = Entry(1, EntryKind.MODE, "id", 2, "erin", extra=extra)
    event = restored(World(), entry, Room(1, "#lobby", "#lobby"), to="#lobby")
    assert isinstance(event, Changed)
    assert event.changes == ()


@pytest.mark.parametrize("extra", ["", "no JSON", "[]", '{"tags": "x"}', '{"tags": {"+a": 1}}'])
def test_tags_that_were_not_told_here_are_none(extra: str) -> None:
    entry = Entry(1, EntryKind.MESSAGE, "id", 2, "erin", "hi", extra=extra)
    event = restored(World(), entry, Room(1, "#lobby", "#lobby"), to="#lobby")
    assert isinstance(event, Said)
    assert (event.text, dict(event.tags)) == ("hi", {})


def test_every_kind_that_is_played_comes_back() -> None:
    for kind in PLAYED:
        entry = Entry(1, kind, "id", 2, "erin", "text", "account", "target", seq=3, time=4)
        event = restored(World(), entry, Room(1, "#lobby", "#lobby"), to="#lobby")
        for fact in fields(Entry):
            assert getattr(event, fact.name) == getattr(entry, fact.name)
        assert event.session.account == "account"
