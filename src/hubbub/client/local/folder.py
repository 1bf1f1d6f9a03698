"""The folder in which a client keeps things, for its owner alone.

Owns where it is and who may read it. It is the state folder of the XDG standard, "actions history
(logs, history, recently used files)": the data folder of the same standard is the server's, which
has a lock on it. What stands in the files is for the other modules of this package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from hubbub.client.address import Address, Scheme
from hubbub.client.errors import CannotKeep

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class ClientFolder:
    """The folder, made when something is first kept in it. Methods raise `CannotKeep`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> ClientFolder:
        """The folder of whoever runs this: `$XDG_STATE_HOME/hubbub`, `~/.local/state/hubbub`."""
        # XDG base directory specification: a relative path here is invalid and must be ignored.
        state = environ.get("XDG_STATE_HOME", "")
        if Path(state).is_absolute():
            return cls(Path(state) / "hubbub")
        if home := environ.get("HOME"):
            return cls(Path(home) / ".local" / "state" / "hubbub")
        raise CannotKeep(
            "no place to keep what was said: HOME is not set; set it, or XDG_STATE_HOME"
        )

    @property
    def trusted(self) -> Path:
        """The certificates that were believed at first sight."""
        return self.path / "trusted.json"

    @property
    def servers(self) -> Path:
        """The servers that come back at the next start."""
        return self.path / "servers.json"

    def database(self, address: Address) -> Path:
        """The database of one server; of a classic one apart, for its messages have no names."""
        kind = "-classic" if address.scheme is Scheme.CLASSIC else ""
        host = quote(address.host.lower(), safe="")
        return self.path / "servers" / f"{host}-{address.port}{kind}.sqlite"

    def prepare(self, path: Path) -> Path:
        """See to it that a file of ours can be made there, and is read by nobody else."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, path.parent):
                folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
                if folder.stat().st_mode & 0o077:
                    folder.chmod(_PRIVATE_FOLDER)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
            try:
                os.fchmod(descriptor, _PRIVATE_FILE)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise cannot_keep(path, error) from error
        return path

    def replace(self, path: Path, text: str) -> None:
        """Write a file whole or not at all; what stood there is there until then."""
        part = self.prepare(path.with_name(f".{path.name}.{os.getpid()}"))
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise cannot_keep(path, error) from error


def cannot_keep(path: Path, error: OSError) -> CannotKeep:
    """The error in words."""
    return CannotKeep(
        f"{path}: {error.strerror or error}; make it writable, or choose another place with"
        " XDG_STATE_HOME"
    )
