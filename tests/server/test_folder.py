"""The data folder: who owns it, and what is said when it cannot be had."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hubbub.server.folder import DataFolder, FolderBusyError, FolderError

if TYPE_CHECKING:
    from pathlib import Path


OWNER = """
import sys
from pathlib import Path
from hubbub.server.folder import DataFolder
with DataFolder(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_looking_for_a_file_loads_no_database_driver(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from hubbub.server.folder import DataFolder

folder = DataFolder(Path({str(tmp_path)!r}))
assert folder.database.name == "hubbub.sqlite", folder.database
assert folder.search.parent == folder.backups.parent == folder.path
assert "sqlalchemy" not in sys.modules
from hubbub.store import MemoryStore, SqliteStore, open_store, upkeep
assert "sqlalchemy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o022])
def test_a_new_folder_is_its_owners_only(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with DataFolder(tmp_path / "a" / "b") as folder:
            assert folder.path.stat().st_mode & 0o777 == 0o700
            assert (folder.path / "lock").stat().st_mode & 0o077 == 0
    finally:
        os.umask(before)


def test_an_open_folder_is_warned_about_and_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o750)
    with caplog.at_level(logging.WARNING), DataFolder(tmp_path):
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "others on this machine may look into the data folder; chmod 700 closes it"
    ]
    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_one_process_owns_the_folder_and_the_next_is_told_which(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "mine\n"
            with pytest.raises(FolderBusyError) as caught, DataFolder(tmp_path):
                pass
            assert caught.value.pid == owner.pid
            assert f"process {owner.pid} is using this data folder" in str(caught.value)
        finally:
            owner.kill()  # however the owner dies, the folder is free
    with DataFolder(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_lock_is_released_and_can_be_taken_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder:
        with pytest.raises(FolderBusyError):
            DataFolder(tmp_path).lock()
        folder.lock()  # owning it already is no error
    with DataFolder(tmp_path):
        pass


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(FolderError, match="is not a folder; choose another with --data DIR"):
        DataFolder(file).make()
    with pytest.raises(FolderError, match="a part of the path is not a folder"):
        DataFolder(file / "inside").make()


def test_a_place_where_no_folder_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(FolderError, match="no folder can be made there"):
        DataFolder(tmp_path / "dangling").make()


def test_a_folder_that_is_not_there_is_not_made_by_locking(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no such data folder; `hubbub serve` makes it"):
        DataFolder(tmp_path / "nowhere").lock()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "you may not write there"),
        (errno.ENOSPC, "the file system is full"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(FolderError) as caught:
        DataFolder(tmp_path).lock()
    assert str(caught.value).startswith(f"{tmp_path}: {words}")
    assert "\n" not in str(caught.value)


def test_the_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "lock").symlink_to("victim")
    with pytest.raises(FolderError):
        DataFolder(tmp_path).lock()
    assert (tmp_path / "victim").read_text() == "precious"
