"""A server that cannot start says why in one line, with what to do, and ends with status 2."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from faults.archive import entries_of
from hubbub.store import DATABASE
from running.server import environment, serve_command, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def refusal(folder: Path, *flags: str, env: Mapping[str, str] | None = None) -> str:
    """The one line that a server says which does not start."""
    done = subprocess.run(
        serve_command(folder, *flags),
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("hubbub: ")
    return line


def test_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    entries_of(folder)
    folder.chmod(0o700)
    with read_only(folder):
        line = refusal(folder)
    assert str(folder) in line
    assert "read-only" in line or "may not write" in line
    assert "--data DIR" in line


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    assert "is not a folder; choose another with --data DIR" in refusal(tmp_path / "data")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / DATABASE).write_bytes(b"this is no database, whatever it is called" * 200)
    line = refusal(folder)
    assert DATABASE in line
    assert "damaged or no database; restore a backup or move it away" in line


def test_a_database_with_a_torn_page(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with (folder / DATABASE).open("r+b") as file:
        file.seek(100)  # behind the header: the tree of the schema
        file.write(os.urandom(3900))
    line = refusal(folder)
    assert DATABASE in line
    assert "damaged; stop the server and restore a backup" in line


def test_a_database_of_something_else(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / DATABASE).unlink()
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    assert "not one of hubbub's; move it out of the data folder" in refusal(folder)


def test_a_database_of_a_newer_hubbub(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    line = refusal(folder)
    assert DATABASE in line
    assert "9999" in line


def test_a_folder_that_another_server_uses(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server:
        line = refusal(folder)
        assert server.running
    assert f"process {server.pid} is using this data folder" in line
    assert "stop it, or choose another with --data DIR" in line


def test_a_busy_port(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        line = refusal(tmp_path / "data", "--port", str(port))
    assert f"port: {port} is in use by another program" in line
    assert "--port N" in line


def test_an_unknown_key(tmp_path: Path) -> None:
    config = tmp_path / "hubbub.toml"
    config.write_text("[limits]\nconections = 5\n")
    line = refusal(tmp_path / "data", "--config", str(config))
    assert f"{config}: there is no key limits.conections" in line
    assert "did you mean limits.connections?" in line
    assert not (tmp_path / "data").exists()


def test_a_wrong_type(tmp_path: Path) -> None:
    line = refusal(tmp_path / "data", env={"HUBBUB_LIMITS__FRAME": "many"})
    assert 'HUBBUB_LIMITS__FRAME: limits.frame is "many", but must be' in line


def test_an_unknown_variable(tmp_path: Path) -> None:
    line = refusal(tmp_path / "data", env={"HUBBUB_PROT": "1"})
    assert "HUBBUB_PROT" in line
    assert "HUBBUB_PORT" in line


def made(place: Path) -> Path:
    """A data folder as a server leaves it."""
    folder = place / "data"
    folder.mkdir(0o700)
    entries_of(folder)
    return folder


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that we may not write: mounted so for root, whom permissions do not stop."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
