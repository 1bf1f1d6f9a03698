"""The data folder: one process owns it, nobody else reads it.

`DataFolder` says where everything is and holds `DATA/lock`; the names of the store's files, and
what stands in them, are the store's. A folder made here is 0700; a folder the operator made keeps
its modes and is only warned about, because its permissions may be meant. Every failure is a
`FolderError` of one line, with what to do. The lock belongs to an open file (flock), so it dies
with the process, however that dies.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from hubbub.server.logs import fields
from hubbub.store.files import BACKUPS, DATABASE, INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO


class FolderError(Exception):
    """The data folder cannot be used; the message is one line for the operator."""


class FolderBusyError(FolderError):
    """Another process owns the folder. `pid` is its process id, 0 when it is not known."""

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        owner = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{path}: {owner} is using this data folder; stop it, or choose another with --data DIR"
        )


class DataFolder:
    """A data folder. `with DataFolder(path):` makes it if needed and owns it until the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @property
    def database(self) -> Path:
        """The database that everything said is in."""
        return self.path / DATABASE

    @property
    def search(self) -> Path:
        """The search index; it can be made again from the database."""
        return self.path / INDEX

    @property
    def control(self) -> Path:
        """The socket over which other verbs reach the running server."""
        return self.path / "control.sock"

    @property
    def backups(self) -> Path:
        """The folder that copies of the database are put in: before a migration, and when asked."""
        return self.path / BACKUPS

    def make(self) -> None:
        """Make the folder, for its owner only; say so when an existing one is open to others."""
        with _in_one_line(self.path):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.mkdir(mode=0o700)
            except FileExistsError:
                self._warn_if_open_to_others()

    def lock(self) -> None:
        """Own the folder until `release`. Raises FolderBusyError while another process does."""
        if self._lock is not None:
            return
        if not self.path.exists():
            raise FolderError(f"{self.path}: there is no such data folder; `hubbub serve` makes it")
        with _in_one_line(self.path):
            descriptor = os.open(
                self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
            try:
                self._take(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        self._lock = descriptor

    def release(self) -> None:
        """Let others have the folder. The lock file stays: removing it would race."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.make()
        self.lock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _take(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            written = os.pread(descriptor, 20, 0).strip()
            raise FolderBusyError(self.path, int(written) if written.isdigit() else 0) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def _warn_if_open_to_others(self) -> None:
        state = self.path.stat()
        if not stat.S_ISDIR(state.st_mode):
            raise FolderError(f"{self.path}: is not a folder; choose another with --data DIR")
        if state.st_mode & OTHERS:
            log.warning(
                "others on this machine may look into the data folder; chmod 700 closes it",
                extra=fields(folder=self.path, mode=f"{stat.S_IMODE(state.st_mode):03o}"),
            )


FIXES = {
    errno.EROFS: "the file system is read-only; choose another folder with --data DIR",
    errno.EACCES: "you may not write there; choose another folder with --data DIR",
    errno.EPERM: "you may not write there; choose another folder with --data DIR",
    errno.ENOTDIR: "a part of the path is not a folder; choose another with --data DIR",
    errno.ENOSPC: "the file system is full; make room or choose another folder with --data DIR",
    errno.ENOLCK: "the file system cannot lock files; choose a local folder with --data DIR",
    errno.ENOENT: "no folder can be made there; choose another with --data DIR",
}


@contextmanager
def _in_one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fix = FIXES.get(error.errno or 0, error.strerror or str(error))
        raise FolderError(f"{path}: {fix}") from error
