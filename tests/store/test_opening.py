"""From a folder to a store: fresh, old, newer, foreign, damaged."""

from __future__ import annotations

import ast
import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core.ports import RoomRow, StoreError
from hubbub.store import DATABASE, open_store
from hubbub.store.connect import check_sqlite, open_writer
from hubbub.store.migrating import VERSIONS, migrate
from hubbub.store.opening import prepare
from hubbub.store.schema import APPLICATION_ID, REVISION
from store.scene import NOON, Scene, saved

if TYPE_CHECKING:
    from pathlib import Path

    from store.conftest import Folder


def tables(path: Path) -> set[str]:
    """The schema as SQLite remembers it, without the white space."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {" ".join(sql.split()).replace("( ", "(").replace(" )", ")") for (sql,) in rows}


def test_a_fresh_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    fresh, migrated = tmp_path / "fresh.sqlite", tmp_path / "migrated.sqlite"
    assert prepare(fresh) is None
    migrate(migrated)

    assert tables(fresh) == tables(migrated)
    assert prepare(migrated) == REVISION
    for path in (fresh, migrated):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


async def test_a_database_of_the_first_release(folder: Folder) -> None:
    folder.path.mkdir()
    path = folder.path / DATABASE
    migrate(path, to="0001")
    with closing(open_writer(path)) as connection:
        room = "INSERT INTO rooms (id, kind, name, folded, last_seq, last_time)"
        connection.execute(f"{room} VALUES (7, 'room', '#Lobby', '#lobby', 2, ?)", (NOON + 5,))
        connection.execute(f"{room} VALUES (8, 'room', '#attic', '#attic', 0, 0)")
        connection.executemany(
            "INSERT INTO entries (room_id, seq, msgid, time, kind, person_id, nick_as_shown, text)"
            " VALUES (7, ?, ?, ?, 'message', 3, 'alice', ?)",
            [(1, "A", NOON, "one"), (2, "B", NOON + 5, "two")],
        )

    store = folder.open()

    row = await store.room("#lobby")
    assert row == RoomRow(7, "#Lobby", "#lobby", "room", 2, NOON + 5, created=NOON)
    attic = await store.room("#attic")
    assert attic == RoomRow(8, "#attic", "#attic", "room", 0, 0, created=0)
    assert [entry.text for entry in await store.latest(7, 10)] == ["one", "two"]
    assert (folder.path / "backups" / f"hubbub-before-{REVISION}.sqlite").exists()


def test_the_revision_of_the_schema_is_the_last_migration() -> None:
    newest = max(VERSIONS.glob("[0-9]*.py"))
    values = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(newest.read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == "revision"
    }
    assert values == {"revision": REVISION}
    assert newest.name.startswith(REVISION)


def test_a_start_without_migrations_does_not_load_alembic(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from hubbub.store import open_store\n"
        "for _ in range(2):\n"
        "    open_store(pathlib.Path(sys.argv[1]), post=lambda f: f()).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=30)


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    post = asyncio.get_running_loop().call_soon_threadsafe
    store = open_store(tmp_path / "a" / "b", post=post)
    store.close()
    assert (tmp_path / "a" / "b" / DATABASE).exists()


class TestClearWords:
    """Whatever is in the way is one line for the operator."""

    def refusal(self, folder: Path) -> str:
        with pytest.raises(StoreError) as caught:
            open_store(folder, post=lambda call: call())
        words = str(caught.value)
        assert "\n" not in words
        return words

    def test_a_newer_database(self, tmp_path: Path) -> None:
        prepare(tmp_path / DATABASE)
        with closing(open_writer(tmp_path / DATABASE)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        words = self.refusal(tmp_path)
        assert "9999 is newer than this program" in words
        assert "update hubbub" in words

    def test_somebody_elses_database(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
            connection.execute("CREATE TABLE recipes (name TEXT)")
        assert "not one of hubbub's" in self.refusal(tmp_path)

    def test_no_database_at_all(self, tmp_path: Path) -> None:
        (tmp_path / DATABASE).write_bytes(b"Dear diary,\n" * 1000)
        assert "damaged or no database" in self.refusal(tmp_path)

    async def test_a_damaged_database(self, folder: Folder, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, *(scene.says(alice, lobby, "x" * 1000) for _ in range(100)))
        store.close()
        path = folder.path / DATABASE
        damaged = bytearray(path.read_bytes())
        damaged[100:4096] = b"\xff" * (4096 - 100)
        path.write_bytes(damaged)
        assert "damaged" in self.refusal(folder.path)

    def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("")
        assert "exists" in self.refusal(tmp_path / "data").lower()

    def test_an_old_library(self) -> None:
        with pytest.raises(StoreError, match=r"3\.39\.4, hubbub needs 3\.40\.0 or newer"):
            check_sqlite((3, 39, 4))

    def test_a_cut_short_creation_is_made_again(self, tmp_path: Path) -> None:
        (tmp_path / DATABASE).touch()
        open_store(tmp_path, post=lambda call: call()).close()
        assert prepare(tmp_path / DATABASE) == REVISION


async def test_what_a_crash_left_in_the_log_is_found(folder: Folder, scene: Scene) -> None:
    """A copy of the files of a running store is what a `kill -9` leaves."""
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    await saved(store, scene.says(alice, lobby, "hello"))
    left = folder.path.with_name("left")
    left.mkdir()
    for name in (DATABASE, f"{DATABASE}-wal"):
        (left / name).write_bytes((folder.path / name).read_bytes())

    with closing(open_writer(left / DATABASE)) as connection:
        assert connection.execute("SELECT text, time FROM entries").fetchall() == [("hello", NOON)]
