"""A disk that fails when a test says so, as the server sees it (`shim/fail.c`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from faults.shims import build

if TYPE_CHECKING:
    from pathlib import Path

WORKS: Final = b"w"
READ_ONLY: Final = b"r"
"""Files cannot be opened for writing or written any more."""
BROKEN: Final = b"b"
"""Writes and syncs of open files give an input/output error."""
STUCK: Final = b"s"
"""Syncs do not return."""


class FailingDisk:
    """The mood of the disk under a folder. `env` is for the process that is to feel it."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._switch = place / "mood"
        self._switch.write_bytes(WORKS)
        self.env = {
            "LD_PRELOAD": str(build("fail", place)),
            "FAIL_FOLDER": str(folder),
            "FAIL_SWITCH": str(self._switch),
        }

    def turn(self, mood: bytes) -> None:
        """From now on the disk is so."""
        switch = os.open(self._switch, os.O_WRONLY)
        try:
            os.pwrite(switch, mood, 0)
        finally:
            os.close(switch)
