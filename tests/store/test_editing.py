"""Edits: a message says what its last edit says, and what was written stays, in every store."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.events import Edited, Entry, EntryKind, Redacted
from hubbub.core.ports import Conflict
from hubbub.store.amending import amend
from hubbub.store.batch import entry_row, insert_entries
from hubbub.store.schema import metadata
from hubbub.text.query import parse_query
from store.scene import NOON, SECOND, Scene, Store, commit, everything, found_texts, saved, texts

if TYPE_CHECKING:
    from hubbub.core.events import Live
    from hubbub.core.sessions import Session
    from hubbub.store import SqliteStore
    from hubbub.text.query import Query
    from store.conftest import Folder

E = TypeVar("E", Edited, Redacted)

SECRET = "xylophone"
PATIENCE = 10.0


def query(text: str) -> Query:
    return parse_query(text, now=NOON, zone=UTC)


def edits(scene: Scene, who: Session, said: Live, text: str) -> Edited:
    return scene.sealed(_amendment(Edited, EntryKind.EDIT, scene, who, said, text))


def takes_back(scene: Scene, who: Session, said: Live) -> Redacted:
    return scene.sealed(_amendment(Redacted, EntryKind.REDACT, scene, who, said, ""))


def _amendment(
    event: type[E], kind: EntryKind, scene: Scene, who: Session, said: Live, text: str
) -> E:
    return event(
        said.room.id,
        kind,
        scene.msgid(),
        who.person.id,
        who.nick,
        text,
        target=said.msgid,
        room=said.room,
        where=said.room.name,
        session=who,
    )


class TestEdit:
    async def test_it_says_something_else_now(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = [scene.says(alice, lobby, text) for text in ("one", "tvo", "three")]
        await saved(store, *said)
        scene.now += SECOND
        await saved(store, edits(scene, alice, said[1], "two"))

        latest = await store.latest(lobby.id, 10)
        assert texts(latest) == ["one", "two", "three"]
        assert [entry.edited for entry in latest] == [0, scene.now, 0]
        assert [entry.time for entry in latest] == [NOON] * 3
        assert texts(await store.earliest(lobby.id, 1, after=1)) == ["two"]
        found = await store.message(lobby.id, said[1].msgid)
        assert found is not None
        assert (found.text, found.edited, found.seq) == ("two", scene.now, said[1].seq)

    async def test_what_was_written_stays_in_the_record(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, "tvo", send_id="x1")
        await saved(store, said)
        scene.now += SECOND
        await saved(store, edits(scene, alice, said, "two"))

        first, edit = await everything(store)
        assert (first.entry.text, first.now, first.entry.edited) == ("tvo", "two", scene.now)
        assert (first.entry.kind, first.redacted) == (EntryKind.MESSAGE, 0)
        assert (edit.entry.text, edit.entry.target) == ("two", said.msgid)
        assert (edit.now, edit.entry.edited) == (None, 0)
        # So a repeat of the first is still one.
        sent = await store.sent("x1")
        assert sent is not None
        assert sent.entry.text == "tvo"
        again = scene.says(alice, lobby, "tvo", send_id="x1")
        assert list((await commit(store, again)).exceptions) == [again.msgid]

    async def test_it_is_played_where_it_happened(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, "tvo")
        await saved(store, said)
        await saved(store, edits(scene, alice, said, "two"), scene.says(alice, lobby, "three"))
        played = await store.latest(lobby.id, 10, events=True)
        assert [entry.kind for entry in played] == ["message", "edit", "message"]
        assert texts(played) == ["two", "two", "three"]

    async def test_the_last_one_counts(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, "a")
        await saved(store, said)
        await saved(store, *(edits(scene, alice, said, text) for text in ("b", "c")))
        assert texts(await store.latest(lobby.id, 10)) == ["c"]
        scene.now += SECOND
        await saved(store, edits(scene, alice, said, "d"))
        (found,) = await store.latest(lobby.id, 10)
        assert (found.text, found.edited) == ("d", scene.now)
        assert found_texts(await everything(store)) == ["a", "b", "c", "d"]

    async def test_it_is_found_by_what_it_says_now(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, "the quick fox")
        await saved(store, said, scene.says(alice, lobby, "no fox at all"))
        await saved(store, edits(scene, alice, said, "the slow fox"))
        (found,) = await store.search(query("slow"), 10)
        assert (found.entry.msgid, found.entry.edited) == (said.msgid, said.time)
        assert await store.search(query("quick"), 10) == []
        assert len(await store.search(query("fox"), 10)) == 2

    async def test_only_words_and_only_there(self, store: Store, scene: Scene) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        said, joined = scene.says(alice, lobby, "here"), scene.joins(alice, lobby)
        react = scene.says(alice, lobby, "+1")
        react.kind = EntryKind.REACT
        await saved(store, said, joined, react, scene.says(alice, attic, "up here"))
        vain = [edits(scene, alice, one, "no") for one in (joined, react)]
        elsewhere = edits(scene, alice, said, "no")
        elsewhere.room, elsewhere.room_id = attic, attic.id
        answer = await commit(store, *vain, elsewhere)
        assert answer.exceptions == {one.msgid: Conflict() for one in (*vain, elsewhere)}
        assert texts(await store.latest(lobby.id, 10)) == ["here"]


class TestEditAndRedaction:
    async def test_nothing_is_left_of_any_edit(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET)
        await saved(store, said)
        await saved(store, edits(scene, alice, said, f"{SECRET}s"))
        scene.now += SECOND
        # The last edit and the redaction in one batch.
        await saved(
            store,
            edits(scene, alice, said, f"two {SECRET}s"),
            takes_back(scene, alice, said),
        )
        assert texts(await store.latest(lobby.id, 10)) == []
        assert await store.message(lobby.id, said.msgid) is None
        assert await store.search(query(SECRET), 10) == []
        first, *amendments = await everything(store)
        assert (first.now, first.redacted, first.entry.edited) == ("", scene.now, scene.now)
        assert [one.entry.kind for one in amendments] == ["edit", "edit", "redact"]
        assert {one.entry.text for one in (first, *amendments)} == {""}

    async def test_what_is_gone_cannot_be_edited(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = scene.says(alice, lobby, SECRET)
        await saved(store, said)
        late = [edits(scene, alice, said, "late") for _ in range(2)]
        answer = await commit(store, takes_back(scene, alice, said), late[0])
        assert answer.exceptions == {late[0].msgid: Conflict()}
        assert (await commit(store, late[1])).exceptions == {late[1].msgid: Conflict()}
        assert [one.entry.kind for one in await everything(store)] == ["message", "redact"]


class TestImported:
    def past(self, scene: Scene) -> tuple[Entry, Entry, Entry]:
        """A message and two edits of it."""
        ann, lobby = scene.imported("ann"), scene.room("#lobby")
        self.ann, self.lobby = ann, lobby
        said, *edits = (
            scene.past(lobby, ann, text, NOON + n * SECOND) for n, text in enumerate("abc")
        )
        for edit in edits:
            edit.kind, edit.target = EntryKind.EDIT, said.msgid
        return said, edits[0], edits[1]

    @pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
    @pytest.mark.parametrize("at_once", [True, False])
    async def test_the_last_one_counts_in_any_order(
        self, store: Store, scene: Scene, order: tuple[int, ...], *, at_once: bool
    ) -> None:
        past = self.past(scene)
        entries = [past[index] for index in order]
        for chunk in [entries] if at_once else [[one] for one in entries]:
            await store.import_chunk(chunk, [self.ann], [self.lobby])
        (found,) = await store.latest(self.lobby.id, 10)
        assert (found.text, found.edited) == ("c", NOON + 2 * SECOND)
        # Again is once.
        assert (await store.import_chunk(entries, [self.ann], [self.lobby])).known == 3
        assert texts(await store.latest(self.lobby.id, 10)) == ["c"]

    async def test_edits_that_were_blanked_change_nothing(self, store: Store, scene: Scene) -> None:
        said, edit, redaction = self.past(scene)
        said.text = edit.text = redaction.text = ""
        redaction.kind = EntryKind.REDACT
        await store.import_chunk([said, edit, redaction], [self.ann], [self.lobby])
        first, *_ = await everything(store)
        assert (first.now, first.redacted, first.entry.edited) == ("", NOON + 2 * SECOND, 0)


async def indexed(store: SqliteStore) -> None:
    assert await asyncio.to_thread(store.indexer.wait, PATIENCE)


@pytest.mark.parametrize("reached", [False, True], ids=["behind", "up to date"])
async def test_a_search_sees_it_however_far_the_index_is(
    folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch, *, reached: bool
) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    said = [scene.says(alice, lobby, f"the quick fox {n}") for n in range(3)]
    await saved(store, *said)
    await indexed(store)
    if not reached:
        monkeypatch.setattr(store.indexer, "wake", lambda: None)
    await saved(
        store,
        edits(scene, alice, said[1], "the slow fox 1"),
        edits(scene, alice, said[1], "the slower fox 1"),
        scene.says(alice, lobby, "a fox 3"),
    )
    if reached:
        await indexed(store)

    assert found_texts(await store.search(query("slower"), 10)) == ["the slower fox 1"]
    assert await store.search(query("slow"), 10) == []
    assert found_texts(await store.search(query("quick"), 10)) == [
        "the quick fox 2",
        "the quick fox 0",
    ]
    newest = ["a fox 3", "the quick fox 2", "the slower fox 1", "the quick fox 0"]
    for limit in range(1, 6):
        assert found_texts(await store.search(query("fox"), limit)) == newest[:limit]
        oldest = await store.search(query("fox"), limit, earliest=True)
        assert found_texts(oldest) == newest[::-1][:limit]


def holding(folder: Folder) -> list[str]:
    """The files that have the secret in them."""
    files = [path for path in folder.path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"hubbub.sqlite", "hubbub.sqlite-wal", "search.sqlite"}
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize("late", [False, True], ids=["indexed before", "indexed after"])
async def test_no_file_holds_any_edit_of_what_was_redacted(
    folder: Folder, scene: Scene, *, late: bool
) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    said = scene.says(alice, lobby, "something else")
    await saved(store, *(scene.says(alice, lobby, f"words {n}") for n in range(300)), said)
    await saved(store, edits(scene, alice, said, f"my {SECRET} is {'very ' * 500}good"))
    await saved(store, edits(scene, alice, said, "what?"))
    await saved(store, edits(scene, alice, said, f"no {SECRET}"))
    if not late:
        await indexed(store)
    await saved(
        store, edits(scene, alice, said, f"one {SECRET} more"), takes_back(scene, alice, said)
    )
    await saved(store, *(scene.says(alice, lobby, f"more words {n}") for n in range(300)))
    await indexed(store)
    assert "hubbub.sqlite-wal" in holding(folder)

    await store.vacuum()

    assert holding(folder) == []


amendments = st.lists(
    st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3), st.sampled_from("abc")),
    max_size=12,
)


@given(amendments)
def test_done_twice_is_done_once(steps: list[tuple[bool, int, int, str]]) -> None:
    scene = Scene()
    ann, lobby = scene.imported("ann"), scene.room("#lobby")
    said = [scene.past(lobby, ann, f"text {n}", NOON) for n in range(3)]
    batch = []
    for is_edit, target, later, text in steps:
        entry = scene.past(lobby, ann, text, NOON + later * SECOND)
        entry.kind = EntryKind.EDIT if is_edit else EntryKind.REDACT
        entry.target = said[target].msgid
        batch.append(entry)
    with closing(sqlite3.connect(":memory:")) as connection:
        for table in ("entries", "messages"):
            _make(connection, table)
        for seq, entry in enumerate((*said, *batch)):
            entry.seq = seq
        insert_entries(connection, [entry_row(entry) for entry in (*said, *batch)])
        amend(connection, batch)
        once = list(connection.execute("SELECT * FROM messages ORDER BY entry_id"))
        amend(connection, batch)
        assert list(connection.execute("SELECT * FROM messages ORDER BY entry_id")) == once


def _make(connection: sqlite3.Connection, table: str) -> None:
    columns = ", ".join(
        f"{one.name} INTEGER PRIMARY KEY" if one.primary_key else one.name
        for one in metadata.tables[table].columns
    )
    connection.execute(f"CREATE TABLE {table} ({columns})")
