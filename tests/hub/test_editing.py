"""Editing: who may put what otherwise, who hears of it, and what those see who come later."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import Scene, scene, turn
from hubbub.core.events import TALK, EntryKind
from hubbub.core.history import PLAYED, Question, Way
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.settings import Flag, FlagChange
from hubbub.hub import amending, arrival, history, moderation, past, rooms, searching, talk
from hubbub.hub.transcript.reading import Lines, Rules
from hubbub.hub.transcript.records import record_of
from hubbub.store.memory import MemoryStore
from hubbub.text.query import parse_query
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.events import Edited, Entry, RoomEvent, Said
    from hubbub.core.ports import Found
    from hubbub.core.sessions import Session

HOUR = 3_600_000


def kept(**limits: Any) -> Scene:
    """A scene with a store that keeps what happens."""
    store = MemoryStore()
    stage = scene(journal=store, **limits)
    stage.hub.archive = store
    return stage


async def say(
    stage: Scene, session: Session, text: str, kind: EntryKind = EntryKind.MESSAGE
) -> Said:
    said = talk.say(stage.hub, session, stage.room, text, how=talk.How(kind))
    await stage.quiet()
    return said


async def edit(stage: Scene, session: Session, to: str, msgid: str, text: str) -> Edited:
    meant = await amending.find(stage.hub, session, to, msgid)
    event = amending.edit(stage.hub, session, meant, text)
    await stage.settle()
    return event


async def refused(
    stage: Scene, session: Session, msgid: str, text: str = "else", to: str = "#lobby"
) -> tuple[Reason | str, ...]:
    with pytest.raises(Refused) as caught:
        await edit(stage, session, to, msgid, text)
    return (caught.value.reason, *caught.value.details)


async def page(stage: Scene, session: Session, *, events: bool = False) -> list[RoomEvent]:
    where = past.Readable("#lobby", stage.room)
    question = Question(Way.LATEST, (), 10, PLAYED if events else TALK)
    return await past.read_page(stage.hub, session, where, question)


# -- who may -----------------------------------------------------------------------------------


async def test_own_words_as_long_as_they_could_be_taken_back() -> None:
    stage = kept(redact_own=HOUR)
    _, bob = stage.come_in("alice", "bob")
    said = await say(stage, bob, "tvo")
    event = await edit(stage, bob, "#lobby", said.msgid, "two")
    told = f"bob changed {said.msgid} in #lobby: two"
    assert stage.heard("alice") == [told]
    assert stage.heard("bob") == [f"own: {told}"]
    assert (event.was, event.said) == (EntryKind.MESSAGE, said.time)
    stage.clock.time += HOUR
    too_late = (Reason.TOO_LATE, "#lobby", said.msgid, "3600")
    assert await refused(stage, bob, said.msgid) == too_late
    stage.room.grant(bob.person.id, Role.OPERATOR)
    await edit(stage, bob, "#lobby", said.msgid, "too")
    assert stage.heard("alice") == [f"bob changed {said.msgid} in #lobby: too"]


async def test_nobody_edits_what_another_has_said() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    said = await say(stage, bob, "mine")
    theirs = (Reason.NOT_YOUR_WORDS, "#lobby", said.msgid)
    assert await refused(stage, alice, said.msgid) == theirs
    assert await refused(stage, alice, said.msgid, to="bob") == (
        Reason.NO_SUCH_MESSAGE,
        "bob",
        said.msgid,
    )
    rooms.part(stage.hub, bob, stage.room, "")
    assert (await refused(stage, bob, said.msgid))[0] is Reason.NOT_IN_ROOM


async def test_who_could_not_say_it_now_cannot_edit_to_it() -> None:
    stage = kept(message=10)
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    said = await say(stage, bob, "hello")
    assert (await refused(stage, bob, said.msgid, "x" * 11))[0] is Reason.TEXT_TOO_LONG
    moderation.change(stage.hub, alice, stage.room, [FlagChange(Flag.MODERATED, on=True)])
    assert (await refused(stage, bob, said.msgid))[0] is Reason.CANNOT_SPEAK


@pytest.mark.parametrize(
    ("was", "kind", "text"),
    [
        ("hello", EntryKind.MESSAGE, "  \n"),
        ("hello", EntryKind.MESSAGE, "\x01VERSION\x01"),
        ("\x01VERSION\x01", EntryKind.MESSAGE, "hello"),
    ],
)
async def test_only_words_and_only_to_words(was: str, kind: EntryKind, text: str) -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    said = await say(stage, alice, was, kind)
    assert (await refused(stage, alice, said.msgid, text))[0] is Reason.BAD_EDIT


async def test_what_is_gone_is_not_edited_and_what_is_edited_can_go() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    said = await say(stage, alice, "one")
    first, second = [await amending.find(stage.hub, alice, "#lobby", said.msgid) for _ in range(2)]
    # All in one tick: two edits, the redaction, and an edit that comes too late.
    amending.edit(stage.hub, alice, first, "two")
    amending.edit(stage.hub, alice, second, "three")
    amending.redact(stage.hub, alice, first)
    with pytest.raises(Refused) as caught:
        amending.edit(stage.hub, alice, second, "four")
    assert caught.value.reason is Reason.NO_SUCH_MESSAGE
    await stage.settle()
    assert len(stage.heard("bob")) == 3
    assert list(stage.room.recent) == []
    assert amending.as_of_now(await page(stage, bob)) == []
    # Of the edits nothing is played, only that it is gone.
    played = amending.as_of_now(await page(stage, bob, events=True))
    assert [event.kind for event in played if event.kind is not EntryKind.JOIN] == ["redact"]


# -- who hears of it ---------------------------------------------------------------------------


async def test_what_was_for_some_is_told_to_them() -> None:
    stage = kept()
    alice, bob, _ = stage.come_in("alice", "bob", "carol")
    for session in (alice, bob):
        stage.room.grant(session.person.id, Role.OPERATOR)
    said = talk.say_to_roles(stage.hub, alice, stage.room, "us", role=Role.OPERATOR, to="@#lobby")
    await stage.quiet()
    event = await edit(stage, alice, "#lobby", said.msgid, "us two")
    assert len(stage.heard("bob")) == 1
    assert stage.heard("carol") == []
    assert event.extra == said.extra


async def test_between_two_also_when_one_has_left() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    other, room = await talk.open_conversation(stage.hub, alice, "bob")
    said = talk.tell(stage.hub, alice, other, room, "psst")
    await stage.quiet()
    await edit(stage, alice, "bob", said.msgid, "pst")
    assert stage.heard("bob") == [f"alice changed {said.msgid} in bob: pst"]
    arrival.quit(stage.hub, bob, "left")
    await stage.quiet()
    await edit(stage, alice, "bob", said.msgid, "ps")
    assert stage.heard("alice") == [f"own: alice changed {said.msgid} in bob: ps"]


async def test_what_cannot_be_saved_is_refused_and_heard_by_nobody() -> None:
    stage = scene()
    store = MemoryStore()
    alice, bob = stage.come_in("alice", "bob")
    said = talk.say(stage.hub, alice, stage.room, "one")
    await stage.settle()
    store.write(stage.journal.written[-1], lambda commit: None)
    stage.hub.archive = store
    await stage.quiet()
    meant = await amending.find(stage.hub, alice, "#lobby", said.msgid)
    amending.edit(stage.hub, alice, meant, "two")
    rooms.part(stage.hub, bob, stage.room, "")
    rooms.join(stage.hub, bob, stage.room)
    history.replay(stage.hub, bob, stage.room)
    await turn()
    stage.journal.fail()
    await turn()
    assert "own: refused: unwritable" in stage.heard("alice")
    assert "own: #lobby was: one" in stage.heard("bob")
    assert [event.text for event in stage.room.recent] == ["one"]
    assert stage.room.amended == {}
    assert stage.room.edits == set()
    stage.hub.timeline.close()


# -- those who come, or ask --------------------------------------------------------------------


async def test_who_comes_later_is_shown_what_it_says_now() -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    said = [await say(stage, alice, text) for text in ("one", "tvo", "three")]
    meant = await amending.find(stage.hub, alice, "#lobby", said[1].msgid)
    # Decided in one tick: bob comes before it, carol after it; dave when all is done.
    bob, carol, dave = [stage.arrive(name) for name in ("bob", "carol", "dave")]
    rooms.join(stage.hub, bob, stage.room)
    history.replay(stage.hub, bob, stage.room)
    amending.edit(stage.hub, alice, meant, "two")
    rooms.join(stage.hub, carol, stage.room)
    history.replay(stage.hub, carol, stage.room)
    await stage.settle()
    rooms.join(stage.hub, dave, stage.room)
    history.replay(stage.hub, dave, stage.room)
    await stage.settle()
    told = f"alice changed {said[1].msgid} in #lobby: two"
    heard = stage.heard("bob")
    assert heard.index("own: #lobby was: one | tvo | three") < heard.index(told)
    assert "own: #lobby was: one | two | three" in stage.heard("carol")
    assert "own: #lobby was: one | two | three" in stage.heard("dave")
    assert said[1].text == "tvo"  # those who were shown it before hold it still


async def test_an_answer_on_its_way_says_what_it_says_now() -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    said = await say(stage, alice, "one")
    read = await page(stage, alice)
    await edit(stage, alice, "#lobby", said.msgid, "two")
    (now,) = amending.as_of_now(event for event in read if event.kind is EntryKind.MESSAGE)
    assert (now.text, now.edited) == ("two", stage.clock.time)


async def test_an_answer_waits_for_an_edit_on_its_way() -> None:
    """It must be neither older than what the asker hears before it, nor newer than the disk."""
    stage = scene()
    store = MemoryStore()
    (alice,) = stage.come_in("alice")
    said = talk.say(stage.hub, alice, stage.room, "one")
    await stage.settle()
    store.write(stage.journal.written[-1], lambda commit: None)
    stage.hub.archive = store
    meant = await amending.find(stage.hub, alice, "#lobby", said.msgid)
    event = amending.edit(stage.hub, alice, meant, "two")
    asked = [await store.message(stage.room.id, said.msgid) or said]
    answer = asyncio.ensure_future(past.at_rest(stage.hub, stage.room, asked))
    await turn()
    assert not answer.done()
    stage.journal.commit()
    await answer
    assert stage.room.amended == {said.msgid: event}


async def test_an_answer_is_of_a_conversation_as_it_is_open() -> None:
    """It was closed when the store was asked, and opened for the edit."""

    class Slow(MemoryStore):
        meanwhile: Callable[[], object] | None = None

        async def latest(self, *args: Any, **options: Any) -> list[Entry]:
            found = await super().latest(*args, **options)
            if self.meanwhile is not None:
                self.meanwhile()
            return found

    store = Slow()
    stage = scene(journal=store)
    stage.hub.archive = store
    alice, bob = stage.come_in("alice", "bob")
    other, room = await talk.open_conversation(stage.hub, alice, "bob")
    said = talk.tell(stage.hub, alice, other, room, "psst")
    await stage.quiet()
    meant = await amending.find(stage.hub, alice, "bob", said.msgid)
    stage.hub.world.close_room(room)
    where = await past.readable(stage.hub, bob, "alice")
    assert where.room is not room
    store.meanwhile = lambda: amending.edit(stage.hub, alice, meant, "pst")
    read = await past.read_page(stage.hub, bob, where, Question(Way.LATEST, (), 10))
    assert [event.text for event in amending.as_of_now(read)] == ["pst"]


async def test_played_with_what_happened_and_found_by_a_search() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    said = await say(stage, alice, "green tee", EntryKind.ACTION)
    stage.clock.time += HOUR
    await edit(stage, alice, "#lobby", said.msgid, "green tea")
    shown = [(e.kind, e.text, e.edited) for e in await page(stage, bob, events=True)][-2:]
    assert shown == [
        (EntryKind.ACTION, "green tea", stage.clock.time),
        (EntryKind.EDIT, "green tea", 0),
    ]

    async def search(words: str) -> list[str]:
        query = parse_query(words, now=0, zone=LocalZone())
        return [one.msgid for one in await searching.search(stage.hub, bob, query, 10)]

    assert await search("tea") == [said.msgid]
    assert await search("tee") == []


# -- the record --------------------------------------------------------------------------------


async def exported(stage: Scene) -> list[str]:
    pages = history.everything(stage.hub)
    return [json.dumps(record_of(found)) async for one in pages for found in one]


def read(stage: Scene, lines: list[str]) -> list[Found]:
    reader = Lines(Rules(message=1000, name=30, now=stage.clock.time))
    return [reader.read(line.encode()) for line in lines]


async def test_out_and_in_and_out_again_is_the_same() -> None:
    stage = kept()
    _, bob = stage.come_in("alice", "bob")
    said = [await say(stage, bob, text) for text in ("one", "two", "three")]
    for target, text in ((0, "uno"), (1, "dos"), (0, "un"), (1, "deux")):
        stage.clock.time += 1000
        await edit(stage, bob, "#lobby", said[target].msgid, text)
    meant = await amending.find(stage.hub, bob, "#lobby", said[1].msgid)
    amending.redact(stage.hub, bob, meant, "a mistake")
    await stage.settle()
    out = await exported(stage)
    assert not any("two" in line or "dos" in line or "deux" in line for line in out)
    told = [record for record in map(json.loads, out) if record["kind"] == "message"]
    assert [(one["text"], one.get("now")) for one in told] == [
        ("one", "un"),
        ("", None),
        ("three", None),
    ]
    assert "edited" in told[0]
    assert "redacted" in told[1]

    other = kept()
    other.clock.time = stage.clock.time
    await history.import_past(other.hub, read(other, out))
    assert await exported(other) == out
    (first, third) = await other.hub.archive.latest(other.room.id, 10)
    assert (first.text, third.text) == ("un", "three")


async def test_an_imported_edit_of_what_was_said_here_is_seen() -> None:
    stage = kept(replay=10)
    (alice,) = stage.come_in("alice")
    said = [await say(stage, alice, text) for text in ("one", "two")]
    stage.clock.time += 1000
    lines = [
        {"kind": "edit", "target": said[0].msgid, "text": "uno"},
        {"kind": "redact", "target": said[1].msgid, "text": ""},
    ]
    about = {"time": "1970-01-01T00:00:02Z", "room": "#lobby", "sender": "alice"}
    given = [json.dumps(about | line) for line in lines]
    await history.import_past(stage.hub, read(stage, given))
    bob = stage.arrive("bob")
    rooms.join(stage.hub, bob, stage.room)
    history.replay(stage.hub, bob, stage.room)
    await stage.settle()
    assert "own: #lobby was: uno" in stage.heard("bob")
