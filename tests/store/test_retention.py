"""What is due goes, by each rule and from everywhere; the rest is as it was."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hubbub.core.events import EntryKind
from hubbub.core.history import BEFORE_ALL
from hubbub.core.retention import Bounds, Rule, Step
from hubbub.store import DATABASE, MemoryStore, SqliteStore, retention
from hubbub.store.files import INDEX
from hubbub.store.opening import prepare
from hubbub.store.retention import Deletion
from hubbub.store.upkeep import check
from hubbub.text.query import parse_query
from store.pruned import NOBODY, finds, gone, reacts, settled
from store.scene import DAY, NOON, SECOND, Scene, everything, found_texts, saved, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from store.conftest import Folder
    from store.scene import Store


class TestByAge:
    async def test_what_is_older_goes_everywhere(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        lobby, attic = scene.room("#lobby"), scene.room("#attic")
        both = scene.direct(alice, bob)
        old = [scene.says(alice, room, f"old tea in {room.name}") for room in (lobby, attic, both)]
        scene.now += DAY
        new = [scene.says(bob, room, "new tea") for room in (lobby, attic)]
        await saved(store, *old, *new)

        assert await gone(store, Rule.AGE, entries=NOON + 1) == 3

        assert found_texts(await everything(store)) == ["new tea", "new tea"]
        assert await finds(store, "tea") == ["new tea", "new tea"]
        assert texts(await store.latest(lobby.id, 10)) == ["new tea"]
        assert await store.message(lobby.id, old[0].msgid) is None

    async def test_a_place_that_is_gone_and_a_moment_that_is_not(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first = scene.says(alice, lobby, "one")
        scene.now += DAY
        second = scene.says(alice, lobby, "two")
        await saved(store, first, second)
        await gone(store, Rule.AGE, entries=NOON + 1)

        assert await store.place(lobby.id, first.msgid) is None
        place = await store.place(lobby.id, NOON)
        assert place is not None
        assert place.before == BEFORE_ALL
        assert texts(await store.earliest(lobby.id, 5, after=place.after)) == ["two"]

    async def test_numbers_are_not_given_again(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, *(scene.says(alice, lobby, "x") for _ in range(3)))
        other = scene.room("#attic")
        await saved(store, scene.says(alice, other, "y"))
        await gone(store, Rule.AGE, entries=NOON + 1)
        row = await store.room("#lobby")
        assert row is not None
        assert (row.last_seq, row.last_time) == (3, NOON)

    async def test_what_is_about_a_message_goes_with_it(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        message = scene.says(alice, lobby, "old")
        scene.now += DAY
        reaction = reacts(scene, alice, lobby, message.msgid)
        other = scene.says(alice, lobby, "new")
        liked = reacts(scene, alice, lobby, other.msgid)
        last = scene.says(alice, lobby, "last")
        await saved(store, message, reaction, other, liked, last)
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 2
        kept = [one.entry.msgid for one in await everything(store)]
        assert kept == [other.msgid, liked.msgid, last.msgid]

    async def test_more_than_a_page_about_one_message(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        message = scene.says(alice, lobby, "old")
        scene.now += DAY
        crowd = [reacts(scene, alice, lobby, message.msgid) for _ in range(1200)]
        await saved(store, message, *crowd, scene.says(alice, lobby, "new"))
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 1201
        assert found_texts(await everything(store)) == ["new"]

    async def test_what_was_imported_goes_and_comes_again(self, store: Store, scene: Scene) -> None:
        erin, lobby = scene.imported("erin"), scene.room("#lobby")
        alice = scene.arrives("alice")
        past = [scene.past(lobby, erin, "then", NOON - DAY), scene.past(lobby, erin, "x", NOON)]
        await saved(store, scene.says(alice, lobby, "now"))
        await store.import_chunk(past, [erin], [lobby])
        await saved(store, scene.says(alice, lobby, "later"))
        assert await gone(store, Rule.AGE, entries=NOON) == 1
        assert found_texts(await everything(store)) == ["x", "now", "later"]
        again = await store.import_chunk(past, [erin], [lobby])
        assert (again.new, again.known) == (1, 1)

    async def test_a_step_tells_until_when_messages_are_gone(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        await saved(store, scene.says(alice, lobby, "one"))
        scene.now += SECOND
        await saved(store, scene.says(alice, lobby, "two"), scene.joins(alice, attic))
        await saved(store, scene.says(alice, attic, "last"))
        await settled(store)
        bounds = Bounds(entries=NOON + SECOND)
        steps = [step async for step in store.prune(Rule.AGE, bounds, lambda: NOBODY)]
        assert [step for step in steps if step.count] == [Step(1, {lobby.id: NOON})]

    async def test_nothing_is_left_of_the_words(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, f"xyzzyplugh {n}") for n in range(300)))
        scene.now += DAY
        await saved(store, scene.says(alice, lobby, "new"))
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 300
        with closing(sqlite3.connect(folder.path / INDEX)) as connection:
            rows = connection.execute("SELECT tokens FROM words").fetchall()
        assert [row.split()[0] for (row,) in rows] == ["new"], "and the mark of its room"
        await store.vacuum()
        assert await finds(store, "new") == ["new"]
        for path in folder.path.iterdir():
            assert b"xyzzyplugh" not in path.read_bytes()


class TestArrivals:
    async def test_they_go_and_the_talk_stays(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(
            store,
            scene.joins(alice, lobby),
            scene.says(alice, lobby, "hi"),
            scene.quits(alice, lobby, "bye"),
        )
        scene.now += DAY
        await saved(store, scene.joins(scene.arrives("bob"), lobby))
        assert await gone(store, Rule.ARRIVALS, arrivals=NOON + 1) == 2
        kinds = [one.entry.kind for one in await everything(store)]
        assert kinds == [EntryKind.MESSAGE, EntryKind.JOIN]


class TestBySize:
    async def test_the_oldest_goes_first_whichever_room_it_is_from(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice = scene.arrives("alice")
        rooms = [scene.room(f"#r{number}") for number in range(5)]
        store = folder.open()
        for number in range(60):
            scene.now += SECOND
            await saved(
                store,
                *(scene.says(alice, room, f"{number} {'x' * 2000}") for room in rooms),
            )
        used = await used_bytes(folder)
        went = await gone(store, Rule.SIZE, size=used // 2)
        assert 120 < went < 200
        assert used // 2 * 0.8 < await used_bytes(folder) <= used // 2
        left = {int(text.split()[0]) for text in found_texts(await everything(store))}
        assert left == set(range(60 - len(left), 60))
        # It is not at its bound again at once.
        await saved(store, scene.says(alice, rooms[0], "more"))
        assert await gone(store, Rule.SIZE, size=used // 2) == 0

    async def test_what_stays_is_found(
        self, folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "SPELL", 0)  # so a task takes but one of a page
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        for number in range(200):
            scene.now += SECOND
            await saved(store, scene.says(alice, lobby, f"tea {number} {'x' * 2000}"))
        assert await gone(store, Rule.SIZE, size=await used_bytes(folder) - 4096) > 0
        query = parse_query("tea", now=NOON, zone=ZoneInfo("UTC"))
        found = found_texts(await store.search(query, 300))
        assert sorted(found) == sorted(found_texts(await everything(store)))

    async def test_what_was_imported_has_its_turn_by_its_time(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice, erin, lobby = scene.arrives("alice"), scene.imported("erin"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, "now" + "x" * 2000) for _ in range(200)))
        past = [scene.past(lobby, erin, "then" + "x" * 2000, NOON - DAY) for _ in range(200)]
        await store.import_chunk(past, [erin], [lobby])
        await saved(store, scene.says(alice, lobby, "last"))
        assert await gone(store, Rule.SIZE, size=await used_bytes(folder) * 2 // 3) > 0
        left = found_texts(await everything(store))
        assert sum(text.startswith("now") for text in left) == 200
        assert sum(text.startswith("then") for text in left) < 100

    async def test_in_memory(self, scene: Scene) -> None:
        alice, rooms = scene.arrives("alice"), [scene.room("#a"), scene.room("#b")]
        store = MemoryStore()
        for number in range(50):
            scene.now += SECOND
            await saved(store, *(scene.says(alice, room, f"{number}") for room in rooms))
        assert await gone(store, Rule.SIZE, size=100 * 600) == 0
        assert await gone(store, Rule.SIZE, size=50 * 514) == 54
        left = [int(text) for text in found_texts(await everything(store))]
        assert sorted(left) == sorted([*range(27, 50)] * 2)


async def used_bytes(folder: Folder) -> int:
    with closing(sqlite3.connect(folder.path / DATABASE)) as connection:
        run = connection.execute
        (pages,), (free,) = (
            run(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count")
        )
        return int(pages - free) * 4096


class TestTheIndex:
    """What the search index has not reached stays, and so does what it reached last."""

    async def test_the_last_entry_of_all_stays(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "one"), scene.says(alice, lobby, "two"))
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 1
        scene.now += DAY
        await saved(store, scene.says(alice, lobby, "three"))
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 1
        assert await finds(store, "three") == ["three"]

    async def test_it_is_not_made_anew(
        self, folder: Folder, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, f"tea {n}") for n in range(10)))
        await gone(store, Rule.AGE, entries=NOON + 1)
        folder.close()
        store = folder.open()
        await settled(store)
        assert await finds(store, "tea") == ["tea 9"]
        assert "anew" not in caplog.text
        assert check(folder.path / DATABASE, folder.path / INDEX).notes == []

    async def test_a_store_that_was_only_just_opened_waits_for_it(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, f"tea {n}") for n in range(1000)))
        folder.close()
        (folder.path / INDEX).unlink()
        store = folder.open()
        bounds = Bounds(entries=NOON + 1)
        steps = [step async for step in store.prune(Rule.AGE, bounds, lambda: NOBODY)]
        assert sum(step.count for step in steps) == 999

    async def test_what_it_has_not_reached_keeps_what_it_is_about(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        message = scene.says(alice, lobby, "old")
        scene.now += DAY
        await saved(store, message, scene.says(alice, lobby, "newer"))
        await settled(store)
        (row,) = await store._read(lambda c: retention.aged(c, NOON + 1, 0, store.indexer.reached))
        reached = store.indexer.reached
        await saved(store, reacts(scene, alice, lobby, message.msgid))

        held = await store._written(partial(Deletion, [row], reached))
        assert held.count == 0
        gone = await store._written(partial(Deletion, [row], reached + 2))
        assert gone.count == 2


async def test_what_would_go_is_told_and_stays(store: Store, scene: Scene) -> None:
    alice, bob = scene.arrives("alice"), scene.arrives("bob")
    attic, both = scene.room("#attic"), scene.direct(alice, bob)
    await saved(store, scene.joins(alice, attic), scene.says(alice, attic, "hi"))
    await saved(store, scene.says(alice, both, "psst", send_id="x1"))
    await settled(store)
    before = await everything(store)
    bounds = Bounds(entries=NOON + 1, arrivals=NOON + 1, rooms=NOON + 1, size=10, sends=NOON + 1)
    due = {rule: await store.due(rule, bounds, NOBODY) for rule in Rule if bounds.applies(rule)}
    assert (due[Rule.AGE], due[Rule.ARRIVALS], due[Rule.ROOMS], due[Rule.EMPTY]) == (3, 1, 1, 0)
    assert due[Rule.SIZE] in {2, 3}
    assert due[Rule.SENDS] == isinstance(store, SqliteStore)
    assert found_texts(await everything(store)) == found_texts(before)
    assert await store.room("#attic") is not None


async def test_the_database_is_sound_after_every_step(folder: Folder, scene: Scene) -> None:
    """Whenever the process ends, what is on disk is in order."""
    store = folder.open()
    alice, bob = scene.arrives("alice"), scene.arrives("bob")
    rooms = [scene.room("#lobby"), scene.room("#attic"), scene.direct(alice, bob)]
    for _ in range(300):
        scene.now += 60 * SECOND
        said = [scene.says(alice, room, "tea", send_id=scene.msgid()) for room in rooms]
        await saved(store, *said, *(reacts(scene, bob, one.room, one.msgid) for one in said))
    scene.now += DAY
    await saved(store, scene.joins(bob, rooms[0]))
    await settled(store)
    every = {"entries": NOON + DAY, "arrivals": NOON, "rooms": NOON + DAY, "sends": NOON + DAY}
    bounds = Bounds(**every, tokens=NOON, size=10)
    for rule in Rule:
        async for _ in store.prune(rule, bounds, lambda: NOBODY):
            report = await asyncio.to_thread(check, folder.path / DATABASE)
            assert report.findings == []
    assert found_texts(await everything(store)) == [""]


def test_a_plan_uses_the_indexes(tmp_path: Path) -> None:
    """Finding what is due must not read what is not."""
    prepare(tmp_path / DATABASE)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        for statement, values in (
            (retention._AGED, (0, 0, 0)),
            (retention._ARRIVALS, (0, 0)),
            (retention._OLDEST, (0, 0)),
            (retention._OLDEST_IMPORTED, (0,)),
        ):
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            words = " ".join(row[3] for row in plan)
            assert "e USING" in words
            assert "TEMP B-TREE" not in words
