"""The search index: complete at once, rebuildable, never in the way."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hubbub.core.history import BEFORE_ALL, Reach
from hubbub.core.ports import TooMuchError
from hubbub.store import search, sqlite
from hubbub.store.files import INDEX
from hubbub.store.index import Line, SearchIndex, Watermark, key
from hubbub.text.query import parse_query
from store.scene import DAY, NOON, SECOND, Scene, found_texts, saved

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.core.ports import Found
    from hubbub.store import SqliteStore
    from store.conftest import Folder


MARKS = re.compile(r" [#+][0-9a-z]{6}\b")
TEA = parse_query("tea", now=NOON, zone=ZoneInfo("UTC"))


async def finds(store: SqliteStore, words: str, limit: int = 10) -> list[str]:
    query = parse_query(words, now=NOON, zone=ZoneInfo("UTC"))
    return found_texts(await store.search(query, limit))


async def caught_up(store: SqliteStore) -> None:
    assert await asyncio.to_thread(store.indexer.wait, 10)


def indexed(folder: Folder) -> list[str]:
    """The rows of the index, as another program sees them, without the marks of their rooms."""
    with closing(sqlite3.connect(folder.path / INDEX)) as connection:
        rows = connection.execute("SELECT tokens FROM words ORDER BY rowid").fetchall()
    return [MARKS.sub("", row) for (row,) in rows]


def harm(folder: Folder, statement: str) -> None:
    with closing(sqlite3.connect(folder.path / INDEX, isolation_level=None)) as connection:
        connection.execute(statement)


class Spells:
    """A clock by which every look at it is long work, and that counts the rests."""

    def __init__(self) -> None:
        self._now = 0.0
        self.rests = 0

    def thread_time(self) -> float:
        self._now += search.SPELL_SECONDS / 2
        return self._now

    def sleep(self, _seconds: float) -> None:
        self.rests += 1


class TestTwoSources:
    """The index and the scan of what it has not reached say the same."""

    async def test_a_message_is_found_before_it_is_indexed(
        self, folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "tea, indexed"))
        await caught_up(store)
        monkeypatch.setattr(store.indexer, "wake", lambda: None)
        store.close()

        store = folder.open()
        store.indexer.close()
        scene.now += SECOND
        await saved(store, scene.says(alice, lobby, "tea, not indexed"))
        assert indexed(folder) == ["tea indexed"]
        assert await finds(store, "tea") == ["tea, not indexed", "tea, indexed"]

    async def test_both_give_the_newest_first(self, folder: Folder, scene: Scene) -> None:
        """An import is new in the index's eyes and old in everyone else's."""
        alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
        store = folder.open()
        for number in range(3):
            await saved(store, scene.says(alice, lobby, f"tea {number}"))
            scene.now += SECOND
        old = [scene.past(lobby, erin, f"old tea {n}", NOON - DAY + n) for n in range(3)]
        await store.import_chunk(old, [erin], [lobby])
        expected = ["tea 2", "tea 1", "tea 0", "old tea 2", "old tea 1", "old tea 0"]
        for limit in (1, 2, 4, 6):
            assert await finds(store, "tea", limit) == expected[:limit]
        await caught_up(store)
        for limit in (1, 2, 4, 6):
            assert await finds(store, "tea", limit) == expected[:limit]

    async def test_both_give_the_oldest_first(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        for number in range(4):
            await saved(store, scene.says(alice, lobby, f"tea {number}"))
            scene.now += SECOND
        expected = [f"tea {number}" for number in range(4)]
        for _ in range(2):
            for limit in (1, 3, 9):
                found = await store.search(TEA, limit, earliest=True)
                assert found_texts(found) == expected[:limit]
            await caught_up(store)

    async def test_a_text_that_changed_is_found_by_what_it_is_now(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "a secret"))
        await caught_up(store)
        with closing(
            sqlite3.connect(folder.path / "hubbub.sqlite", isolation_level=None)
        ) as connection:
            connection.execute("INSERT INTO messages (entry_id, text, redacted) VALUES (1, '', 1)")
        assert await finds(store, "secret") == []


class TestMadeAnew:
    """Whatever is wrong with the index, nobody notices but the log."""

    @pytest.fixture
    async def told(self, folder: Folder, scene: Scene) -> Folder:
        """A folder with two indexed messages, closed."""
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "tea"), scene.says(alice, lobby, "cake"))
        await caught_up(store)
        store.close()
        return folder

    async def reopened(self, told: Folder) -> None:
        store = told.open()
        assert await finds(store, "tea") == ["tea"]
        await caught_up(store)
        assert await finds(store, "tea") == ["tea"]
        assert indexed(told) == ["tea", "cake"]

    async def test_nothing_is_wrong(self, told: Folder, caplog: pytest.LogCaptureFixture) -> None:
        harm(told, "UPDATE words SET tokens = 'tea marked'")
        store = told.open()
        await caught_up(store)
        assert indexed(told) == ["tea marked", "tea marked"]
        assert not caplog.records

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE state SET value = '1 another tokenizer' WHERE key = 'format'",
            "UPDATE state SET value = 'another boot' WHERE key = 'boot'",
            "UPDATE state SET value = 'another message' WHERE key = 'msgid'",
            "UPDATE state SET value = 99 WHERE key = 'entry_id'",
            "DROP TABLE state",
            "DROP TABLE words",
        ],
    )
    async def test_it_is_not_to_be_trusted(
        self, told: Folder, statement: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "hubbub.store.indexer")
        harm(told, statement)
        if statement != "DROP TABLE words":
            await self.reopened(told)
        else:
            store = told.open()
            await caught_up(store)
            assert await finds(store, "tea") == ["tea"]  # and with that the damage is known
            await caught_up(store)
            assert indexed(told) == ["tea", "cake"]
        assert [record.message.split(":")[0] for record in caplog.records] == [
            "search index is made anew"
        ]

    async def test_it_is_rubbish(self, told: Folder, caplog: pytest.LogCaptureFixture) -> None:
        (told.path / INDEX).write_bytes(b"rubbish" * 10_000)
        await self.reopened(told)
        assert [record.message for record in caplog.records] == [
            "search index is made anew: file is not a database"
        ], "and nobody is told to restore a backup"

    async def test_it_is_gone(self, told: Folder) -> None:
        (told.path / INDEX).unlink()
        await self.reopened(told)

    async def test_it_is_torn_while_it_is_open(
        self, told: Folder, caplog: pytest.LogCaptureFixture
    ) -> None:
        store = told.open()
        await caught_up(store)
        size = (told.path / INDEX).stat().st_size
        with (told.path / INDEX).open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))

        assert await finds(store, "tea") == ["tea"]
        await caught_up(store)
        assert indexed(told) == ["tea", "cake"]
        assert await finds(store, "tea") == ["tea"]

    async def test_a_restored_backup_has_no_use_for_it(
        self, told: Folder, scene: Scene, tmp_path: Path
    ) -> None:
        """The same ids, other messages."""
        (told.path / "hubbub.sqlite").unlink()
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = told.open()
        await saved(store, scene.says(alice, lobby, "soup"), scene.says(alice, lobby, "bread"))
        await caught_up(store)
        assert indexed(told) == ["soup", "bread"]


class TestManners:
    async def test_it_never_works_long_and_rests_longer(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        store.indexer.close()
        for _ in range(10):
            await saved(store, *(scene.says(alice, lobby, "tea " * 100) for _ in range(500)))
        store.close()

        store = folder.open()
        started = time.perf_counter()
        worked = time.process_time()
        await caught_up(store)
        worked, took = time.process_time() - worked, time.perf_counter() - started
        assert len(indexed(folder)) == 5000
        assert worked < 0.5 * took  # a fifth, and what else the process does

    async def test_a_search_holds_the_index_until_it_is_done(
        self, folder: Folder, scene: Scene
    ) -> None:
        store = folder.open()
        await saved(store, scene.says(scene.arrives("alice"), scene.room("#lobby"), "tea"))
        await caught_up(store)
        with store.indexer.borrow() as index:
            assert index is not None
            inode = index.stat().st_ino
            store.indexer.distrust()
            with store.indexer.borrow() as refused:
                assert refused is None
            assert index.stat().st_ino == inode
        await caught_up(store)
        assert indexed(folder) == ["tea"]

    @pytest.mark.parametrize("words", ["tea", "from:alice", "from:nobody tea -1 -2"])
    async def test_a_long_search_lets_others_work_whether_indexed_or_not(
        self, folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch, words: str
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, f"tea {number}") for number in range(30)))
        spells = Spells()
        monkeypatch.setattr(search, "time", spells)
        for watermark in ("nothing", "everything"):
            if watermark == "everything":
                await caught_up(store)
            spells.rests = 0
            found = await finds(store, words, 20)
            assert len(found) == (0 if "nobody" in words else 20)
            assert (spells.rests > 3) == bool(found), "who has nothing to look at need not rest"

    async def test_who_said_it_is_compared_as_names_are(self, folder: Folder, scene: Scene) -> None:
        lobby = scene.room("#lobby")
        store = folder.open()
        for nick in ("Éric", "éric", "ALICE"):
            await saved(store, scene.says(scene.arrives(nick), lobby, nick))
        for _ in range(2):
            assert (
                await finds(store, "from:ÉRIC") == await finds(store, "from:E\u0301ric") == ["Éric"]
            )
            assert await finds(store, "from:alice") == ["ALICE"]
            assert await finds(store, "from:alice from:éric") == ["ALICE", "éric"]
            await caught_up(store)

    async def test_long_searches_keep_nobody_from_the_history(
        self, folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lobby = scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(scene.arrives("alice"), lobby, "tea"))
        may_end = threading.Event()

        def long(*_: object, **__: object) -> list[Found]:
            assert may_end.wait(30)
            return []

        monkeypatch.setattr(sqlite, "search", long)
        searches = [asyncio.create_task(finds(store, "tea")) for _ in range(5)]
        try:
            assert [entry.text for entry in await store.latest(lobby.id, 10)] == ["tea"]
            assert not any(search.done() for search in searches)
        finally:
            may_end.set()
        assert await asyncio.gather(*searches) == [[]] * 5

    async def test_one_of_many_gets_so_much_time_and_no_more(
        self,
        folder: Folder,
        scene: Scene,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        lobby = scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(scene.arrives("alice"), lobby, "tea"))
        await caught_up(store)
        monkeypatch.setattr(search, "PATIENCE", -1)
        monkeypatch.setattr(search, "STEPS", 1)

        reach = Reach({lobby.id: BEFORE_ALL}, lambda _: True)
        with pytest.raises(TooMuchError):
            await store.search(TEA, 10, reach=reach)
        assert await finds(store, "tea") == ["tea"], "operators have all the time in the world"
        assert not caplog.records, "nothing is wrong with the index"

    async def test_several_search_at_once(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        for number in range(20):
            scene.now += 1
            await saved(store, scene.says(alice, lobby, f"tea {number}"))
        found = await asyncio.gather(*(finds(store, "tea", 3) for _ in range(10)))
        assert found == [["tea 19", "tea 18", "tea 17"]] * 10


class TestTheFile:
    def test_a_row_can_be_removed(self, tmp_path: Path) -> None:
        index = SearchIndex(tmp_path / "i")
        index.advance([Line(1, NOON, "tea"), Line(2, NOON, "cake")], Watermark(2, "m"))
        index.advance([], Watermark(3, "n"), gone=[key(NOON, 1)])
        index.close()
        with closing(sqlite3.connect(tmp_path / "i")) as connection:
            assert connection.execute("SELECT tokens FROM words").fetchall() == [("cake",)]

    def test_keys_are_in_the_order_of_time(self) -> None:
        moments = [(-DAY, 5), (-1, 9), (0, 1), (0, 2), (NOON, 1), (NOON + 1, 0), ((1 << 42) - 1, 0)]
        keys = [key(*moment) for moment in moments]
        assert keys == sorted(set(keys))
        assert keys[-1] < 1 << 63

    def test_only_a_closed_index_outlives_the_machine(self, tmp_path: Path) -> None:
        first = SearchIndex(tmp_path / "i", boot="monday")
        crashed = SearchIndex(tmp_path / "i", boot="monday")
        assert crashed.stale is None
        after_power_cut = SearchIndex(tmp_path / "i", boot="tuesday")
        assert after_power_cut.stale == "the machine stopped while it was open"
        after_power_cut.close()
        crashed.close()
        first.close()
        later = SearchIndex(tmp_path / "i", boot="wednesday")
        assert later.stale is None
        later.close()
