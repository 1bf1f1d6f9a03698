"""Redaction: what was taken away is nowhere any more, held against every store."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from hubbub.core.events import EntryKind, Redacted
from hubbub.core.history import Place
from hubbub.core.ports import Conflict
from hubbub.text.query import parse_query
from store.scene import NOON, SECOND, Scene, Store, commit, everything, found_texts, saved, texts

if TYPE_CHECKING:
    from hubbub.core.events import Live
    from hubbub.core.sessions import Session
    from hubbub.store import SqliteStore
    from hubbub.text.query import Query
    from store.conftest import Folder

SECRET = "xylophone"
PATIENCE = 10.0


def query(text: str) -> Query:
    return parse_query(text, now=NOON, zone=UTC)


def takes_back(scene: Scene, who: Session, said: Live, why: str = "") -> Redacted:
    event = Redacted(
        said.room.id,
        EntryKind.REDACT,
        scene.msgid(),
        who.person.id,
        who.nick,
        why,
        target=said.msgid,
        room=said.room,
        where=said.room.name,
        session=who,
    )
    return scene.sealed(event)


class TestRedaction:
    async def test_nothing_shows_it(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = [scene.says(alice, lobby, text) for text in ("one", SECRET, "three")]
        await saved(store, *said)
        await saved(store, takes_back(scene, alice, said[1]))

        assert texts(await store.latest(lobby.id, 10)) == ["one", "three"]
        assert texts(await store.latest(lobby.id, 2)) == ["one", "three"]
        assert texts(await store.earliest(lobby.id, 10, after=1)) == ["three"]
        assert await store.message(lobby.id, said[1].msgid) is None
        assert found_texts(await store.search(query(SECRET), 10)) == []
        # Nor is there a line without words, for those who ask for all that somebody said.
        assert found_texts(await store.search(query("from:alice"), 10)) == ["three", "one"]

    async def test_what_is_left_is_a_tombstone_and_why(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET)
        said.extra = '{"tags": {"+reply": "1"}}'
        await saved(store, said)
        await saved(store, takes_back(scene, alice, said, why="a mistake"))

        tombstone, redaction = [one.entry for one in await everything(store)]
        assert (tombstone.msgid, tombstone.text, tombstone.extra) == (said.msgid, "", None)
        assert (redaction.kind, redaction.target) == (EntryKind.REDACT, said.msgid)
        assert redaction.text == "a mistake"
        played = await store.latest(lobby.id, 10, events=True)
        assert [entry.kind for entry in played] == [EntryKind.REDACT]

    async def test_it_still_says_where_it_stood(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET)
        await saved(store, said)
        await saved(store, takes_back(scene, alice, said))
        assert await store.place(lobby.id, said.msgid) == Place(said.seq, said.seq)

    async def test_only_once(self, store: Store, scene: Scene) -> None:
        alice, bob, lobby = scene.arrives("alice"), scene.arrives("bob"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET)
        await saved(store, said)
        first, second = (takes_back(scene, who, said) for who in (alice, bob))
        answer = await commit(store, first, second)
        assert answer.exceptions == {second.msgid: Conflict()}
        assert [one.entry.kind for one in await everything(store)] == ["message", "redact"]

    async def test_only_in_its_room(self, store: Store, scene: Scene) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        said = scene.says(alice, lobby, SECRET)
        await saved(store, said, scene.says(alice, attic, "up here"))
        elsewhere = takes_back(scene, alice, said)
        elsewhere.room, elsewhere.room_id = attic, attic.id
        assert (await commit(store, elsewhere)).exceptions == {elsewhere.msgid: Conflict()}
        assert texts(await store.latest(lobby.id, 10)) == [SECRET]

    async def test_only_what_was_said(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        joined = scene.joins(alice, lobby)
        await saved(store, joined)
        assert await store.message(lobby.id, joined.msgid) is None
        vain = takes_back(scene, alice, joined)
        assert (await commit(store, vain)).exceptions == {vain.msgid: Conflict()}

    async def test_a_repeat_of_it_is_one_still(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET, send_id="x1")
        await saved(store, said)
        await saved(store, takes_back(scene, alice, said))
        again = scene.says(alice, lobby, SECRET, send_id="x1")
        assert list((await commit(store, again)).exceptions) == [again.msgid]
        found = await store.sent("x1")
        assert found is not None
        assert found.entry.text == ""

    async def test_of_the_past_with_all_that_it_said_before(
        self, store: Store, scene: Scene
    ) -> None:
        ann, lobby = scene.imported("ann"), scene.room("#lobby")
        said = scene.past(lobby, ann, SECRET, NOON)
        edit = scene.past(lobby, ann, f"{SECRET}, edited", NOON + SECOND)
        edit.kind, edit.target = EntryKind.EDIT, said.msgid
        redaction = scene.past(lobby, ann, "", NOON + 2 * SECOND)
        redaction.kind, redaction.target = EntryKind.REDACT, said.msgid
        await store.import_chunk([said, edit, redaction], [ann], [lobby])
        assert texts(await store.latest(lobby.id, 10)) == []
        assert found_texts(await everything(store)) == ["", "", ""]
        # Again is once.
        assert (await store.import_chunk([redaction], [ann], [lobby])).known == 1


async def indexed(store: SqliteStore) -> None:
    assert await asyncio.to_thread(store.indexer.wait, PATIENCE)


def holding(folder: Folder) -> list[str]:
    """The files that have the secret in them."""
    files = [path for path in folder.path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"hubbub.sqlite", "hubbub.sqlite-wal", "search.sqlite"}
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize("late", [False, True], ids=["indexed before", "indexed after"])
async def test_no_file_holds_it_after_a_vacuum(folder: Folder, scene: Scene, *, late: bool) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    said = scene.says(alice, lobby, f"my {SECRET} is {'very ' * 2000}good")
    await saved(store, *(scene.says(alice, lobby, f"words {n}") for n in range(300)), said)
    if not late:
        await indexed(store)
    await saved(store, takes_back(scene, alice, said))
    await saved(store, *(scene.says(alice, lobby, f"more words {n}") for n in range(300)))
    await indexed(store)

    assert "hubbub.sqlite-wal" in holding(folder)

    await store.vacuum()

    assert holding(folder) == []
    # And all goes on.
    await saved(store, scene.says(alice, lobby, "after it"))
    assert texts(await store.latest(lobby.id, 1)) == ["after it"]
    assert found_texts(await store.search(query("after"), 10)) == ["after it"]
    assert found_texts(await store.search(query("299"), 10)) == [
        "more words 299",
        "words 299",
    ]
