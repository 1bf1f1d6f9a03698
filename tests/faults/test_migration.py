"""A migration is killed in the middle: then it never happened, and is run again."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core.ports import StoreError
from hubbub.store import DATABASE, open_store
from hubbub.store.files import BACKUPS
from hubbub.store.migrating import VERSIONS, migrate
from hubbub.store.schema import REVISION
from hubbub.store.upkeep import check
from store.scene import Scene, saved

if TYPE_CHECKING:
    from pathlib import Path

NEXT = f"{int(REVISION) + 1:04d}"
BACKUP = f"{BACKUPS}/hubbub-before-{NEXT}.sqlite"

# Makes, changes and fills tables; at the step that the test names it says so and waits for ever.
MIGRATION = """
import os, sys
from alembic import op
import sqlalchemy as sa

revision = "NEXT"
down_revision = "REVISION"

def reached(step):
    if os.environ.get("STOP_AT") == step:
        print(step, flush=True)
        sys.stdin.read()

def upgrade():
    op.create_table("polls", sa.Column("id", sa.Integer, primary_key=True))
    reached("table made")
    op.execute("INSERT INTO polls VALUES (1)")
    with op.batch_alter_table("entries") as entries:
        entries.add_column(sa.Column("poll_id", sa.Integer))
    reached("table changed")
    op.execute("UPDATE entries SET text = 'migrated'")
    reached("rows changed")
"""

RUN = """
import sys
from pathlib import Path
from hubbub.store.migrating import migrate
migrate(Path(sys.argv[1]), to=sys.argv[3], versions=Path(sys.argv[2]))
"""


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """Today's migrations and one of tomorrow."""
    folder = tmp_path / "versions"
    shutil.copytree(VERSIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / f"{NEXT}_polls.py").write_text(
        MIGRATION.replace("NEXT", NEXT).replace("REVISION", REVISION)
    )
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of today with a message in it."""

    async def talk() -> None:
        scene = Scene()
        post = asyncio.get_running_loop().call_soon_threadsafe
        store = open_store(tmp_path / "data", post=post)
        await saved(store, scene.says(scene.arrives("alice"), scene.room("#lobby"), "hello"))
        await asyncio.to_thread(store.close)

    asyncio.run(talk())
    return tmp_path / "data" / DATABASE


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def schema(path: Path) -> list[tuple[object, ...]]:
    return rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name")


@pytest.fixture
def killed(
    database: Path, versions: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was killed at a step of its migration."""
    monkeypatch.setenv("STOP_AT", request.param)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(database), str(versions), NEXT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{request.param}\n"
        process.kill()
    monkeypatch.delenv("STOP_AT")


@pytest.mark.parametrize("killed", ["table made", "table changed", "rows changed"], indirect=True)
@pytest.mark.usefixtures("killed")
def test_killed_in_the_middle(database: Path, versions: Path) -> None:
    tables = {name for name, _ in schema(database)}
    assert "polls" not in tables
    assert rows(database, "SELECT text FROM entries") == [("hello",)]
    assert rows(database, "SELECT version_num FROM alembic_version") == [(REVISION,)]
    assert not check(database).findings
    # Today's program still runs on it.
    open_store(database.parent, post=lambda call: call()).close()

    # Tomorrow's runs the migration again, and keeps the copy that it made the first time.
    assert migrate(database, to=NEXT, versions=versions) == database.parent / BACKUP
    assert rows(database, "SELECT text, poll_id FROM entries") == [("migrated", None)]
    assert rows(database, "SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert list((database.parent / BACKUPS).iterdir()) == [database.parent / BACKUP]
    assert rows(database.parent / BACKUP, "SELECT text FROM entries") == [("hello",)]

    # And then today's is too old.
    with pytest.raises(StoreError, match=f"{NEXT} is newer than this program"):
        open_store(database.parent, post=lambda call: call())


def test_nothing_is_migrated_without_room_for_a_copy(
    database: Path, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema(database)
    monkeypatch.setattr("hubbub.store.space.free_bytes", lambda _: 1000)
    with pytest.raises(StoreError, match="the backup needs"):
        migrate(database, to=NEXT, versions=versions)
    assert schema(database) == before


def test_another_state_gets_a_copy_of_its_own(database: Path, versions: Path) -> None:
    """A backup was restored and used, then migrated again: both copies matter."""
    shutil.copy(database, database.with_name("kept"))
    migrate(database, to=NEXT, versions=versions)
    database.with_name("kept").replace(database)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("INSERT INTO people (id, kind, nick) VALUES (77, 'guest', 'bob')")

    second = migrate(database, to=NEXT, versions=versions)

    assert second == database.parent / BACKUPS / f"hubbub-before-{NEXT}-2.sqlite"
    assert rows(second, "SELECT nick FROM people WHERE id = 77") == [("bob",)]
    assert rows(database.parent / BACKUP, "SELECT count(*) FROM people") == [(1,)]


def test_an_empty_database_needs_no_copy(tmp_path: Path, versions: Path) -> None:
    open_store(tmp_path, post=lambda call: call()).close()
    assert migrate(tmp_path / DATABASE, to=NEXT, versions=versions) is None
    assert not (tmp_path / BACKUPS).exists()


def test_a_migration_that_fails_is_one_clear_line(database: Path, versions: Path) -> None:
    script = versions / f"{NEXT}_polls.py"
    script.write_text(script.read_text().replace("VALUES (1)", "VALUES (1, 2, 3)"))
    with pytest.raises(StoreError, match="table polls has 1 columns but 3 values") as caught:
        migrate(database, to=NEXT, versions=versions)
    assert "\n" not in str(caught.value)
    assert "polls" not in {name for name, _ in schema(database)}
