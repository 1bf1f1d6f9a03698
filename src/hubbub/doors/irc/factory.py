"""What all IRC connections share: the hub, the settings, the kinds, and what 005 says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import hubbub.doors.irc.commands  # noqa: F401 (declares them)
from hubbub.doors.irc import isupport, keyvalues, news, sts
from hubbub.doors.irc.door import IrcDoor
from hubbub.doors.irc.kind import Kinds
from hubbub.hub.operations import Reloaded
from hubbub.wire.irc.multiline import MULTILINE, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hubbub.core.ports import Verifier
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.settings import IrcSettings
    from hubbub.doors.link import Link
    from hubbub.hub.hub import Hub
    from hubbub.hub.operations import Reload


class IrcDoors:
    """Makes a door for each link, knows those that are open, and ends them.

    `verify` knows the operators of the server, `reload` reads its configuration again, with what
    became of it in `reloaded`; `policy` is what clients are told of TLS, `isupport` of this server
    and `values` of its capabilities.
    """

    def __init__(
        self, hub: Hub, settings: IrcSettings, verify: Verifier, reload: Reload | None = None
    ) -> None:
        self.hub = hub
        self.settings = settings
        self.verify = verify
        self.reload = reload
        self.reloaded = Reloaded()
        self.policy: Callable[[], sts.Policy | None] = sts.none
        self.loop = asyncio.get_running_loop()
        self.kinds = Kinds(settings.server, hub.clock)
        self.isupport = isupport.tokens(settings, hub.limits)
        self.values = self._values()
        self._open: set[IrcDoor] = set()
        self._arriving: set[IrcDoor] = set()
        self._closed = asyncio.Event()
        self._closed.set()

    def __call__(self, link: Link) -> IrcDoor:
        """A door for a connection."""
        return IrcDoor(self, link)

    def obey(
        self,
        settings: IrcSettings,
        verify: Verifier,
        policy: Callable[[], sts.Policy | None],
        no_operators: Collection[Session] = (),
    ) -> None:
        """Go by other settings, and tell those who are here what they have to know of it.

        What a connection was given when it was made, it keeps; the server's name must not change.
        `no_operators` are those who were operators until now.
        """
        was, now, values = self.policy(), policy(), self.values
        tokens = isupport.tokens(settings, self.hub.limits)
        changed = isupport.changes(self.isupport, tokens)
        self.settings, self.verify, self.policy, self.isupport = settings, verify, policy, tokens
        self.values = self._values()
        told = [name for name, value in self.values.items() if values.get(name) != value]
        for door in self._open:
            news.tell_capabilities(door, told)
            news.tell_isupport(door, changed)
            news.tell_policy(door, was, now)
            if door.session_or_none in no_operators:
                news.tell_no_operator(door)

    @property
    def multiline(self) -> Limits:
        """How much a message of several lines may be."""
        return Limits(self.hub.limits.message, self.settings.message_lines)

    def _values(self) -> dict[str, str]:
        """What capabilities say beside their names."""
        return {
            MULTILINE: self.multiline.shown,
            keyvalues.NAME: keyvalues.capability(self.hub.limits),
        }

    @property
    def unregistered(self) -> int:
        """How many connections have not arrived yet."""
        return len(self._arriving)

    def add(self, door: IrcDoor) -> None:
        """Count a door as open."""
        self._open.add(door)
        self._arriving.add(door)
        self._closed.clear()

    def arrived(self, door: IrcDoor) -> None:
        """Count a door as one of somebody, or of somebody who will not come any more."""
        self._arriving.discard(door)

    def remove(self, door: IrcDoor) -> None:
        """Count a door as closed."""
        self._open.discard(door)
        self._arriving.discard(door)
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
