"""`hubbub db`: looked after while people talk and while nobody does."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cli.command import run
from hubbub.cli.db import DELETED
from hubbub.core.retention import Rule
from running.peer import ClassicPeer
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which somebody said something; the server stopped."""
    with start_server(tmp_path / "data") as server, ClassicPeer(server.port, "alice") as alice:
        alice.say("kept")
        alice.barrier()
        server.stop()
    return tmp_path / "data"


def texts(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT text FROM entries WHERE kind = 'message'")
        return [text for (text,) in found]


def test_all_is_well_with_the_server_stopped_and_running(data: Path) -> None:
    well = (0, "ok: 3 entries, 1 person, 1 room\n", "")
    assert run("db", "check", "--data", str(data)) == well
    with start_server(data):
        assert run("db", "check", "--data", str(data)) == well


def test_what_is_wrong_is_printed_and_the_status_is_1(data: Path) -> None:
    with closing(sqlite3.connect(data / "hubbub.sqlite")) as connection, connection:
        connection.execute("DELETE FROM people")
    status, out, err = run("db", "check", "--data", str(data))
    assert status == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == ["an entry of no person"] * 3
    assert err.startswith("hubbub: the database is not in order")
    (data / "hubbub.sqlite").write_bytes(b"no database at all")
    status, out, err = run("db", "check", "--data", str(data))
    assert (status, out) == (1, "")
    assert "it is damaged or no database" in err


def test_a_copy_is_made_beside_the_data_or_where_one_likes(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = run("db", "backup", "--data", str(data))
    assert (status, err) == (0, "")
    (copy,) = (data / "backups").iterdir()
    assert out.startswith(f"{copy} (")
    assert stat.S_IMODE((data / "backups").stat().st_mode) == 0o700
    with start_server(data) as server, ClassicPeer(server.port, "bob") as bob:
        bob.say("later")
        bob.barrier()
        monkeypatch.chdir(tmp_path)
        status, out, err = run("db", "backup", "--data", str(data), "--to", "copy.sqlite")
        assert (status, err) == (0, "")
        again = run("db", "backup", "--data", str(data), "--to", "copy.sqlite")
        assert again.status == 1
        assert "copy.sqlite exists; choose another name" in again.err
        nowhere = run("db", "backup", "--data", str(data), "--to", "none/copy.sqlite")
        assert nowhere.status == 2
        assert nowhere.err.startswith("hubbub: none: there is no such folder; make it")
        assert nowhere.err.count("\n") == 1
    assert stat.S_IMODE((tmp_path / "copy.sqlite").stat().st_mode) == 0o600
    assert texts(copy) == ["kept"]
    assert texts(tmp_path / "copy.sqlite") == ["kept", "later"]


def test_a_migration_needs_the_server_stopped(data: Path) -> None:
    with start_server(data):
        status, out, err = run("db", "migrate", "--data", str(data))
        assert (status, out) == (2, "")
        assert err == f"hubbub: {data}: stop the server first; it migrates at its next start\n"
    assert run("db", "migrate", "--data", str(data)) == (
        0,
        "the schema is the newest\n",
        "",
    )


def test_where_there_is_no_database_each_verb_says_so(tmp_path: Path) -> None:
    for verb in ("check", "backup", "migrate"):
        status, out, err = run("db", verb, "--data", str(tmp_path))
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert str(tmp_path) in err
    with start_server(tmp_path / "data", env={"HUBBUB_DURABILITY": "none"}):
        for verb in ("check", "backup"):
            status, out, err = run("db", verb, "--data", str(tmp_path / "data"))
            assert (status, out) == (2, "")
            assert 'with durability = "none" there is none' in err


def test_what_was_deleted_leaves_no_trace(data: Path) -> None:
    with closing(sqlite3.connect(data / "hubbub.sqlite")) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("UPDATE entries SET text = '' WHERE text = 'kept'")

    def vacuum() -> tuple[str, str]:
        status, out, err = run("db", "vacuum", "--data", str(data))
        assert (status, err) == (0, "")
        return out.partition(" ")[0], out.partition(" bytes")[1]

    assert vacuum() == ("ok:", " bytes")
    with start_server(data) as server, ClassicPeer(server.port, "bob") as bob:
        bob.say("hello")
        bob.barrier()
        assert vacuum() == ("ok:", " bytes")
        bob.say("and again")
        bob.barrier()
        server.stop()
    assert [one.name for one in data.glob("hubbub.sqlite*") if b"kept" in one.read_bytes()] == []
    assert texts(data / "hubbub.sqlite") == ["", "hello", "and again"]


# -- prune -------------------------------------------------------------------------------------


def grow_old(data: Path, days: int = 40) -> None:
    """Let all that is kept be so much older."""
    with closing(sqlite3.connect(data / "hubbub.sqlite")) as connection, connection:
        connection.execute("UPDATE entries SET time = time - ?", (days * 24 * 3600 * 1000,))


def test_what_is_due_is_deleted_with_the_server_stopped(data: Path) -> None:
    assert run("db", "prune", "--data", str(data)) == (0, "nothing is due\n", "")
    grow_old(data)
    due = run("db", "prune", "--dry-run", "--data", str(data))
    assert due == (0, "due: 2 arrivals and departures\n", "")
    assert run("db", "check", "--data", str(data)).out.startswith("ok: 3 entries")
    # The last entry of all, the departure, stays until another comes.
    gone = run("db", "prune", "--progress", "--data", str(data))
    assert gone == (0, "deleted: 1 arrival or departure\n", "1 deleted\n")
    assert texts(data / "hubbub.sqlite") == ["kept"]
    assert run("db", "check", "--data", str(data)).status == 0


def test_what_is_due_is_deleted_while_people_talk(data: Path) -> None:
    grow_old(data)
    keep = {"HUBBUB_HISTORY__KEEP": "30 days", "HUBBUB_HTTP__METRICS": "true"}
    with start_server(data, env=keep) as server, ClassicPeer(server.port, "bob") as bob:
        bob.say("new")
        bob.barrier()
        status, out, err = run("db", "prune", "--data", str(data))
        assert (status, err) == (0, "")
        # The server has done so by itself, or this has.
        deleted = "deleted: 3 entries\ndeleted: 1 person of whom nothing was left\n"
        assert out in {"nothing is due\n", deleted}
        bob.say("newer")
        bob.barrier()
    assert texts(data / "hubbub.sqlite") == ["new", "newer"]


def test_each_rule_has_words() -> None:
    assert set(DELETED) == set(Rule)
