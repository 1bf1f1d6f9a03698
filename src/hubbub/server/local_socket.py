"""Local sockets: a server's control socket as a file in its data folder.

Only the owner may use it: its mode is set before anybody can connect. A folder's path may be
longer than a socket's address can be, so a long one is reached through a short link that lives for
the moment of binding or connecting. Next: `control`, which listens; `hubbub.cli.access` connects.
"""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 103
"""Bytes of an address (`sun_path`) on macOS and the BSDs; Linux has four more."""

BACKLOG: Final = 16


def listen_at(path: Path) -> socket.socket:
    """A listening socket at `path`, whose folder is ours alone: what stands there is replaced.

    Raises OSError.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_name(path) as name:
            listener.bind(name)
        path.chmod(0o600)  # nobody could connect until now
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def connect_to(path: Path, timeout: float) -> socket.socket:
    """A socket connected to the one at `path`, with a timeout in seconds. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        with _short_name(path) as name:
            connection.connect(name)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket's address, as long as the context lasts."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="hubbub-") as place:
        link = Path(place) / "data"
        link.symlink_to(path.parent.absolute(), target_is_directory=True)
        yield str(link / path.name)
