"""Amending: who may take back what, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core.history import Question, Way
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.sessions import Operator, Privilege
from hubbub.hub import amending, arrival, history, past, rooms, talk
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.events import Said
    from hubbub.core.sessions import Session

HOUR = 3_600_000


def kept(**limits: Any) -> Scene:
    """A scene with a store that keeps what happens."""
    store = MemoryStore()
    stage = scene(journal=store, **limits)
    stage.hub.archive = store
    return stage


async def say(stage: Scene, session: Session, text: str) -> Said:
    said = talk.say(stage.hub, session, stage.room, text)
    await stage.quiet()
    return said


async def tell(stage: Scene, session: Session, nick: str, text: str) -> Said:
    other, room = await talk.open_conversation(stage.hub, session, nick)
    said = talk.tell(stage.hub, session, other, room, text)
    await stage.quiet()
    return said


async def redact(stage: Scene, session: Session, to: str, msgid: str, why: str = "") -> None:
    meant = await amending.find(stage.hub, session, to, msgid)
    amending.redact(stage.hub, session, meant, why)
    await stage.settle()


async def refused(stage: Scene, session: Session, to: str, msgid: str) -> tuple[Reason | str, ...]:
    with pytest.raises(Refused) as caught:
        await redact(stage, session, to, msgid)
    return (caught.value.reason, *caught.value.details)


# -- in a room ---------------------------------------------------------------------------------


async def test_own_words_for_a_time() -> None:
    stage = kept(redact_own=HOUR)
    alice, _ = stage.come_in("alice", "bob")
    early = await say(stage, alice, "early")
    stage.clock.time += HOUR - 1
    late = await say(stage, alice, "late")

    await redact(stage, alice, "#lobby", early.msgid, "a mistake")

    told = f"alice took back {early.msgid} in #lobby: a mistake"
    assert stage.heard("alice") == [f"own: {told}"]
    assert stage.heard("bob") == [told]
    stage.clock.time += HOUR
    assert await refused(stage, alice, "#lobby", late.msgid) == (
        Reason.TOO_LATE,
        "#lobby",
        late.msgid,
        "3600",
    )


async def test_what_others_said_is_for_operators_and_at_any_time() -> None:
    stage = kept(redact_own=0)
    alice, bob = stage.come_in("alice", "bob")
    said = await say(stage, bob, "spam")
    assert (await refused(stage, alice, "#lobby", said.msgid))[0] is Reason.NOT_AUTHOR
    stage.room.grant(alice.person.id, Role.OPERATOR)
    stage.clock.time += 1000 * HOUR
    await redact(stage, alice, "#lobby", said.msgid)
    assert stage.heard("bob") == [f"alice took back {said.msgid} in #lobby: "]


async def test_operators_of_the_server_keep_rooms_in_order_and_no_conversations() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    alice.operator = Operator("root", frozenset({Privilege.ROOMS}))
    said = await say(stage, bob, "spam")
    alone = await tell(stage, bob, "alice", "psst")
    await redact(stage, alice, "#lobby", said.msgid)
    assert (await refused(stage, alice, "bob", alone.msgid))[0] is Reason.NOT_AUTHOR


async def test_only_there_and_only_what_is_there() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    said = await say(stage, alice, "here")
    attic = stage.open("#attic", alice)
    gone = (Reason.NO_SUCH_MESSAGE, "#attic", said.msgid)
    assert await refused(stage, alice, "#attic", said.msgid) == gone
    assert (await refused(stage, bob, "#attic", said.msgid))[0] is Reason.NOT_IN_ROOM
    assert (await refused(stage, bob, "#nowhere", said.msgid))[0] is Reason.NO_SUCH_ROOM
    assert (await refused(stage, bob, "nobody", said.msgid))[0] is Reason.NO_SUCH_NICK
    assert attic.amended == {}


async def test_what_changed_since_it_was_looked_up_counts() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(bob.person.id, Role.OPERATOR)
    said = await say(stage, alice, "here")
    one, other = [await amending.find(stage.hub, who, "#lobby", said.msgid) for who in (alice, bob)]
    amending.redact(stage.hub, alice, one)
    with pytest.raises(Refused) as caught:
        amending.redact(stage.hub, bob, other)
    assert caught.value.reason is Reason.NO_SUCH_MESSAGE
    rooms.part(stage.hub, alice, stage.room, "")
    with pytest.raises(Refused) as caught:
        amending.redact(stage.hub, alice, one)
    assert caught.value.reason is Reason.NOT_IN_ROOM


async def test_what_was_for_some_is_told_to_them() -> None:
    stage = kept()
    alice, bob, _ = stage.come_in("alice", "bob", "carol")
    for session in (alice, bob):
        stage.room.grant(session.person.id, Role.OPERATOR)
    said = talk.say_to_roles(
        stage.hub, alice, stage.room, "among us", role=Role.OPERATOR, to="@#lobby"
    )
    await stage.quiet()
    await redact(stage, alice, "#lobby", said.msgid)
    assert len(stage.heard("bob")) == 1
    assert stage.heard("carol") == []


async def test_who_comes_later_is_not_shown_it() -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    said = [await say(stage, alice, text) for text in ("one", "two", "three")]
    meant = await amending.find(stage.hub, alice, "#lobby", said[1].msgid)
    # Decided in one tick: bob comes before it, carol after it.
    bob, carol = stage.arrive("bob"), stage.arrive("carol")
    rooms.join(stage.hub, bob, stage.room)
    history.replay(stage.hub, bob, stage.room)
    amending.redact(stage.hub, alice, meant)
    rooms.join(stage.hub, carol, stage.room)
    history.replay(stage.hub, carol, stage.room)
    await stage.settle()
    assert "own: #lobby was: one | three" in stage.heard("carol")
    assert [event.text for event in stage.room.recent] == ["one", "three"]


async def test_an_answer_on_its_way_does_not_hold_it() -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    said = await say(stage, alice, "one")
    page = await past.read_page(
        stage.hub,
        alice,
        past.Readable("#lobby", stage.room),
        Question(Way.LATEST, (), 10),
    )
    meant = await amending.find(stage.hub, alice, "#lobby", said.msgid)
    amending.redact(stage.hub, alice, meant)
    assert amending.as_of_now(page) == []


async def test_a_long_reason_is_cut() -> None:
    stage = kept(topic=10)
    (alice,) = stage.come_in("alice")
    said = await say(stage, alice, "one")
    meant = await amending.find(stage.hub, alice, "#lobby", said.msgid)
    assert amending.redact(stage.hub, alice, meant, "0123456789 and more").text == "0123456789"


# -- between two -------------------------------------------------------------------------------


async def test_one_takes_back_what_one_told() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.come_in("carol")
    said = await tell(stage, alice, "bob", "psst")
    assert (await refused(stage, bob, "alice", said.msgid))[0] is Reason.NOT_AUTHOR
    await redact(stage, alice, "bob", said.msgid)
    told = f"alice took back {said.msgid} in bob: "
    assert stage.heard("alice") == [f"own: {told}"]
    assert stage.heard("bob") == [told]
    assert stage.heard("carol") == []


async def test_also_when_the_other_has_left() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    first, second = [await tell(stage, alice, "bob", text) for text in ("one", "two")]
    arrival.quit(stage.hub, bob, "left")
    await stage.quiet()
    await redact(stage, alice, "bob", first.msgid)
    assert stage.heard("alice") == [f"own: alice took back {first.msgid} in bob: "]
    await redact(stage, alice, "bob", second.msgid)
    # The conversation is not left open when nobody is in it.
    folded = first.room.folded
    assert stage.hub.world.room(folded) is not None
    arrival.quit(stage.hub, alice, "left")
    assert stage.hub.world.room(folded) is None


# -- when the disk fails -----------------------------------------------------------------------


async def test_what_cannot_be_saved_is_refused_and_heard_by_nobody() -> None:
    stage = scene()
    store = MemoryStore()
    alice, _ = stage.come_in("alice", "bob")
    said = talk.say(stage.hub, alice, stage.room, "one")
    await stage.settle()
    store.write(stage.journal.written[-1], lambda commit: None)
    stage.hub.archive = store
    await stage.quiet()
    meant = await amending.find(stage.hub, alice, "#lobby", said.msgid)

    amending.redact(stage.hub, alice, meant)
    await turn()
    stage.journal.fail()
    await turn()

    assert stage.heard("alice") == ["own: refused: unwritable"]
    assert stage.heard("bob") == []
    assert stage.room.amended == {}
    assert [event.text for event in stage.room.recent] == ["one"]
    with pytest.raises(Refused) as caught:
        amending.redact(stage.hub, alice, meant)
    assert caught.value.reason is Reason.UNWRITABLE
    stage.hub.timeline.close()
