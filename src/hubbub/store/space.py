"""The disk: the reserve that is kept free, room for a copy before one is made, syncing.

A full file system stops more than the chat, so writes are refused a little before.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from hubbub.core.ports import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INTERVAL: Final = 1.0
"""Seconds between two looks at the disk."""

_MIB: Final = 1024 * 1024


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write on the folder's file system."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def is_read_only(folder: Path) -> bool:
    """Whether the folder is there and its file system takes no writes."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False


class Reserve:
    """Refuses writes when less than `reserve` bytes are free, looking once a second at most."""

    def __init__(
        self,
        folder: Path,
        reserve: int,
        *,
        free: Callable[[Path], int] = free_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._reserve = reserve
        self._free = free
        self._clock = clock
        self._looked = float("-inf")

    def check(self, *, look: bool = False) -> None:
        """Raise `StoreError` when the reserve is touched; `look` does not trust the last look."""
        if not self._reserve:
            return
        now = self._clock()
        if not look and now - self._looked < INTERVAL:
            return
        free = self._free(self._folder)
        if free < self._reserve:
            # The time is not kept: as long as space is short, every write looks again.
            raise StoreError(
                f"only {free // _MIB} MiB are free, {self._reserve // _MIB} MiB are kept in"
                " reserve; make room on the disk"
            )
        self._looked = now


def need_room(folder: Path, size: int, what: str) -> None:
    """Raise `StoreError` when `size` bytes for `what` do not fit in the folder."""
    free = free_bytes(folder)
    if free < size:
        raise StoreError(
            f"{what} needs {size // _MIB + 1} MiB, {free // _MIB} MiB are free in {folder}"
        )


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
