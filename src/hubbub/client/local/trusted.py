"""The certificates that were believed at first sight, by server.

Owns the file. Who is believed when, and what a change means, is `hubbub.client.trusting`, which
this is a `Pins` of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.local.jsonfile import JsonFile
from hubbub.client.opening import system_time
from hubbub.client.trusting import Pin

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client.local.folder import ClientFolder


class TrustedServers:
    """What is remembered of certificates. Methods raise `CannotKeep`."""

    def __init__(self, folder: ClientFolder, *, clock: Callable[[], int] = system_time) -> None:
        self._file = JsonFile(folder, folder.trusted)
        self._clock = clock

    def known(self, host: str, port: int) -> Pin | None:
        """The certificate that a server had; None for one that was not seen yet."""
        return self.all().get(_name(host, port))

    def remember(self, host: str, port: int, fingerprint: str) -> None:
        """Believe this one from now on."""
        with self._file.change() as servers:
            servers[_name(host, port)] = {"sha256": fingerprint, "since": self._clock()}

    def forget(self, host: str, port: int) -> bool:
        """Forget it, so that the next one is believed at first sight; False if none was known."""
        with self._file.change() as servers:
            return servers.pop(_name(host, port), None) is not None

    def all(self) -> dict[str, Pin]:
        """All of them, by `host:port`."""
        return {
            name: Pin(str(one["sha256"]), int(one["since"]))
            for name, one in sorted(self._file.read().items())
        }


def _name(host: str, port: int) -> str:
    host = host.lower().rstrip(".")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
