"""What all IRC connections share: the hub, the settings, the kinds, and what 005 says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import hubbub.doors.irc.commands  # noqa: F401 (declares them)
from hubbub.doors.irc import isupport
from hubbub.doors.irc.door import IrcDoor
from hubbub.doors.irc.kind import Kinds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from hubbub.core.ports import Verifier
    from hubbub.doors.irc.settings import IrcSettings
    from hubbub.doors.link import Link
    from hubbub.hub.hub import Hub

    Reload = Callable[[], Awaitable[Sequence[str]]]


class IrcDoors:
    """Makes a door for each link, knows those that are open, and ends them.

    `verify` knows the operators of the server, `reload` reads its configuration again.
    """

    def __init__(
        self, hub: Hub, settings: IrcSettings, verify: Verifier, reload: Reload | None = None
    ) -> None:
        self.hub = hub
        self.settings = settings
        self.verify = verify
        self.reload = reload
        self.loop = asyncio.get_running_loop()
        self.kinds = Kinds(settings.server)
        self.isupport = isupport.tokens(settings, hub.limits)
        self._open: set[IrcDoor] = set()
        self._closed = asyncio.Event()
        self._closed.set()

    def __call__(self, link: Link) -> IrcDoor:
        """A door for a connection."""
        return IrcDoor(self, link)

    @property
    def unregistered(self) -> int:
        """How many connections have not arrived yet."""
        return sum(door.is_arriving for door in self._open)

    def add(self, door: IrcDoor) -> None:
        """Count a door as open."""
        self._open.add(door)
        self._closed.clear()

    def remove(self, door: IrcDoor) -> None:
        """Count a door as closed."""
        self._open.discard(door)
        if not self._open:
            self._closed.set()

    async def stop(self, patience: float) -> None:
        """End all connections; those that do not read within `patience` seconds are cut."""
        for door in list(self._open):
            door.end("The server stops")
        try:
            await asyncio.wait_for(self._closed.wait(), patience)
        except TimeoutError:
            for door in list(self._open):
                door.cut()
            await self._closed.wait()
