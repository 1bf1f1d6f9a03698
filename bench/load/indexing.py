"""How far hubbub's search index is behind the talk, seen from outside: the two files tell.

A search finds what the index has not reached, so asking would not tell.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

from hubbub.store.files import DATABASE, INDEX

if TYPE_CHECKING:
    from pathlib import Path

EVERY: Final = 0.1
"""Seconds between two looks."""


class Behind:
    """Seconds since the first message was committed that the index does not hold."""

    def __init__(self, folder: Path) -> None:
        self._database = _open(folder / DATABASE)
        self._index = _open(folder / INDEX)
        self._looked = 0.0
        self._seconds: list[float] = []

    def look(self) -> None:
        """Look, unless that was a moment ago."""
        now = time.monotonic()
        if now - self._looked < EVERY:
            return
        self._looked = now
        query = "SELECT value FROM state WHERE key = 'entry_id'"
        (watermark,) = self._index.execute(query).fetchone()
        query = "SELECT time FROM entries WHERE id > ? ORDER BY id LIMIT 1"
        first = self._database.execute(query, (int(watermark),)).fetchone()
        self._seconds.append(time.time() - first[0] / 1000 if first else 0.0)

    def figures(self) -> dict[str, object]:
        """The median and the most of all looks."""
        ordered = sorted(self._seconds)
        if not ordered:
            return {}
        return {
            "behind_s": {
                "p50": round(ordered[len(ordered) // 2], 3),
                "max": round(ordered[-1], 3),
            }
        }


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
