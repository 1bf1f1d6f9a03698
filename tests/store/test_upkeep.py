"""Check and backup."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core.ports import StoreError
from hubbub.store import DATABASE, upkeep
from hubbub.store.files import BACKUPS, INDEX
from hubbub.store.opening import prepare
from store.scene import DAY, NOON, Scene, everything, found_texts, saved

if TYPE_CHECKING:
    from pathlib import Path

    from store.conftest import Folder


@pytest.fixture
async def database(folder: Folder, scene: Scene) -> Path:
    """A database in which a little happened, closed."""
    alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
    store = folder.open()
    await saved(store, scene.joins(alice, lobby), scene.says(alice, lobby, "hi", send_id="x1"))
    await store.import_chunk([scene.past(lobby, erin, "then", NOON + DAY)], [erin], [lobby])
    assert store.indexer.wait(10)
    store.close()
    return folder.path / DATABASE


class TestCheck:
    def test_all_is_right(self, database: Path) -> None:
        report = upkeep.check(database, database.with_name(INDEX))
        assert report == upkeep.Report(entries=3, people=2, rooms=1)

    @pytest.mark.parametrize(
        ("harm", "finding"),
        [
            ("UPDATE entries SET time = 5 WHERE seq = 2", "time runs backwards"),
            ("UPDATE rooms SET last_seq = 1", "last entry is not its last"),
            ("UPDATE rooms SET last_time = 1", "last entry is not its last"),
            ("DELETE FROM rooms", "an entry of no room"),
            ("DELETE FROM people WHERE nick = 'erin'", "an entry of no person"),
            (
                "UPDATE rooms SET kind = 'ended'; INSERT INTO roles SELECT id, 1, 'x' FROM rooms",
                "a room that has ended and is governed",
            ),
            ("UPDATE people SET token_time = 1", "a token without the time of its last use"),
            ("INSERT INTO roles VALUES (99, 1, 'voice')", "a role in no room"),
            ("INSERT INTO bans VALUES (99, 'ban', 'a!*@*', 'b', 1)", "a ban in no room"),
            ("INSERT INTO messages (entry_id, text) VALUES (99, '')", "a current text of no entry"),
        ],
    )
    def test_what_must_be_true_is_looked_at(self, database: Path, harm: str, finding: str) -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.executescript(harm)
        findings = upkeep.check(database).findings
        assert findings
        assert finding in findings[0]

    def test_damage_is_found(self, database: Path) -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_entries_room_id_time'")
        assert upkeep.check(database).findings[0].startswith("damaged: ")

    def test_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "x.sqlite").write_bytes(b"no" * 1000)
        with pytest.raises(StoreError, match="damaged or no database"):
            upkeep.check(tmp_path / "x.sqlite")

    def test_the_index_mends_itself(self, database: Path) -> None:
        index = database.with_name(INDEX)
        with closing(sqlite3.connect(index, isolation_level=None)) as connection:
            connection.execute("UPDATE state SET value = 'someone else' WHERE key = 'msgid'")
        report = upkeep.check(database, index)
        assert not report.findings
        assert "made anew" in report.notes[0]
        index.write_bytes(b"rubbish" * 1000)
        assert "made anew" in upkeep.check(database, index).notes[0]

    async def test_while_the_store_is_open(self, folder: Folder, scene: Scene) -> None:
        store = folder.open()
        await saved(store, scene.says(scene.arrives("alice"), scene.room("#lobby"), "hi"))
        assert upkeep.check(folder.path / DATABASE).entries == 1


class TestBackup:
    async def test_a_copy_while_the_store_is_open(
        self, folder: Folder, scene: Scene, tmp_path: Path
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "before"))
        copy = tmp_path / "restored" / DATABASE
        copy.parent.mkdir()

        size = upkeep.backup(folder.path / DATABASE, copy)
        await saved(store, scene.says(alice, lobby, "after"))

        assert copy.stat().st_size == size
        assert [path.name for path in copy.parent.iterdir()] == [DATABASE]
        folder.path = copy.parent
        assert found_texts(await everything(folder.open())) == ["before"]

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
    def test_nobody_else_can_read_it_at_any_time(
        self, database: Path, umask: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        modes = []

        def look(path: Path) -> None:  # the copy is made and has not its name yet
            modes.append(stat.S_IMODE(path.stat().st_mode))

        monkeypatch.setattr(upkeep, "sync", look)
        folder = database.parent / BACKUPS
        before = os.umask(umask)
        try:
            upkeep.backup(database, folder / "copy.sqlite")
        finally:
            os.umask(before)
        assert modes[1] == 0o600
        assert stat.S_IMODE((folder / "copy.sqlite").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_it_overwrites_nothing(self, database: Path, tmp_path: Path) -> None:
        precious = tmp_path / "thesis.txt"
        precious.write_text("mine")
        with pytest.raises(StoreError, match="overwrites nothing"):
            upkeep.backup(database, precious)
        assert precious.read_text() == "mine"

    def test_without_room_nothing_is_begun(
        self, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubbub.store.space.free_bytes", lambda _: 1000)
        with pytest.raises(StoreError, match="the backup needs 1 MiB, 0 MiB are free"):
            upkeep.backup(database, tmp_path / "copy.sqlite")
        assert not list(tmp_path.glob("*copy*"))

    def test_a_missing_folder_is_clear(self, database: Path, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"copy\.sqlite: "):
            upkeep.backup(database, tmp_path / "nowhere" / "copy.sqlite")

    def test_what_an_interrupted_backup_left_is_replaced(
        self, database: Path, tmp_path: Path
    ) -> None:
        (tmp_path / ".copy.sqlite.part").write_text("half")
        upkeep.backup(database, tmp_path / "copy.sqlite")
        assert prepare(tmp_path / "copy.sqlite") is not None
        assert not (tmp_path / ".copy.sqlite.part").exists()
