"""Reacting: who may, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene
from hubbub.core.events import EntryKind
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.hub import amending, arrival, reacting, talk
from hubbub.hub.reacting import Reaction
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.sessions import Session
    from hubbub.hub.amending import Meant

LIKE = Reaction(EntryKind.REACT, "+1", {"+react": "+1"})


def kept() -> Scene:
    """A scene with a store that keeps what happens."""
    store = MemoryStore()
    stage = scene(journal=store)
    stage.hub.archive = store
    return stage


async def refused(stage: Scene, session: Session, meant: Meant) -> Reason:
    with pytest.raises(Refused) as caught:
        reacting.react(stage.hub, session, meant, LIKE)
    return caught.value.reason


async def test_those_hear_it_who_heard_the_message() -> None:
    stage = kept()
    alice, bob, _ = stage.come_in("alice", "bob", "carol")
    for session in (alice, bob):
        stage.room.grant(session.person.id, Role.OPERATOR)
    said = talk.say_to_roles(stage.hub, alice, stage.room, "us", role=Role.OPERATOR, to="@#lobby")
    await stage.quiet()
    meant = await amending.find(stage.hub, bob, "#lobby", said.msgid)
    reacting.react(stage.hub, bob, meant, LIKE)
    await stage.settle()
    assert stage.heard("alice") == [f"bob reacts to {said.msgid} in #lobby: react +1"]
    assert stage.heard("carol") == []


async def test_not_to_what_was_taken_away_meanwhile() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    said = talk.say(stage.hub, alice, stage.room, "one")
    await stage.quiet()
    meant = await amending.find(stage.hub, bob, "#lobby", said.msgid)
    amending.redact(stage.hub, alice, await amending.find(stage.hub, alice, "#lobby", said.msgid))
    assert await refused(stage, bob, meant) is Reason.NO_SUCH_MESSAGE


async def test_not_to_who_has_left() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    _, room = await talk.open_conversation(stage.hub, alice, "bob")
    said = talk.tell(stage.hub, alice, bob, room, "psst")
    await stage.quiet()
    meant = await amending.find(stage.hub, bob, "alice", said.msgid)
    arrival.quit(stage.hub, alice, "left")
    assert await refused(stage, bob, meant) is Reason.NO_SUCH_NICK
