"""The servers that come back at the next start, and those that were joined lately.

Owns the file. Which rooms come back is in each server's notebook (`seats`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubbub.client.address import Address, BadAddress
from hubbub.client.local.jsonfile import JsonFile
from hubbub.client.opening import system_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client.local.folder import ClientFolder

MOST = 50
"""Servers that are remembered; the ones joined longest ago are forgotten."""


@dataclass(frozen=True, slots=True)
class JoinedServer:
    """A server that was joined, and as whom."""

    address: Address
    name: str
    comes_back: bool
    """Whether it was not left: it is joined again at the next start."""
    last: int
    """When it was joined, or left, last: milliseconds since the epoch."""


class Servers:
    """What is remembered of servers. Methods raise `CannotKeep`."""

    def __init__(self, folder: ClientFolder, *, clock: Callable[[], int] = system_time) -> None:
        self._file = JsonFile(folder, folder.servers)
        self._clock = clock

    def all(self) -> list[JoinedServer]:
        """All of them, the latest first."""
        found = []
        for written, one in self._file.read().items():
            try:
                address = Address.parse(written)
            except BadAddress:
                continue  # of a newer version, which will want it again
            server = JoinedServer(
                address, str(one["name"]), bool(one["comes_back"]), int(one["last"])
            )
            found.append(server)
        return sorted(found, key=lambda server: -server.last)

    def joined(self, address: Address, name: str) -> None:
        """Hear that a server was joined: it comes back."""
        with self._file.change() as servers:
            servers[_key(address)] = {"name": name, "comes_back": True, "last": self._clock()}
            for old in sorted(servers, key=lambda key: -int(servers[key]["last"]))[MOST:]:
                del servers[old]

    def left(self, address: Address) -> None:
        """Hear that a server was left on purpose: it is remembered, and does not come back."""
        with self._file.change() as servers:
            if one := servers.get(_key(address)):
                one |= {"comes_back": False, "last": self._clock()}

    def forget(self, address: Address) -> None:
        """Remember it no longer."""
        with self._file.change() as servers:
            servers.pop(_key(address), None)


def _key(address: Address) -> str:
    return replace(address, room="").written
