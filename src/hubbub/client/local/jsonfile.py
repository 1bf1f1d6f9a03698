"""A small file that several clients change, each without losing what the others wrote.

Owns the lock while it is read, changed and written whole. What stands in it is its owners'
(`trusted`, `servers`). A file that is no JSON is told, never overwritten.
"""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hubbub.client.errors import CannotKeep
from hubbub.client.local.folder import cannot_keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hubbub.client.local.folder import ClientFolder


class JsonFile:
    """A file with one JSON object. Methods raise `CannotKeep`."""

    def __init__(self, folder: ClientFolder, path: Path) -> None:
        self._folder = folder
        self._path = path

    def read(self) -> dict[str, Any]:
        """What stands there; nothing if there is no file."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise cannot_keep(self._path, error) from error
        except UnicodeDecodeError as error:
            raise self._damaged() from error
        try:
            found = json.loads(text or "{}")
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(found, dict):
            raise self._damaged()
        return found

    @contextmanager
    def change(self) -> Iterator[dict[str, Any]]:
        """What stands there, to be changed; it is written at the end of the block."""
        lock = self._folder.prepare(self._path.with_name(f"{self._path.name}.lock"))
        with lock.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            found = self.read()
            yield found
            text = json.dumps(found, ensure_ascii=False, indent=1)
            self._folder.replace(self._path, f"{text}\n")

    def _damaged(self) -> CannotKeep:
        return CannotKeep(f"{self._path}: it is damaged; mend it, or move it away")
