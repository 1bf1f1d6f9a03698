"""The servers that we are at: which there are, in which order, and that they come back.

Owns the list of sessions and their tasks, and what is written of it. A session that fails takes no
other with it. It knows no widget.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotKeep
from hubbub.client.events import Disconnected
from hubbub.client.local import servers as remembered
from hubbub.client.local.trusted import TrustedServers
from hubbub.client.trusting import FirstUse
from hubbub.tui.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hubbub.client import Address
    from hubbub.client.local.folder import ClientFolder
    from hubbub.client.local.servers import JoinedServer
    from hubbub.client.mirror import Change
    from hubbub.client.opening import Options


class Servers:
    """The sessions, in the order in which they were begun."""

    def __init__(
        self,
        changed: Callable[[Session, list[Change]], None],
        *,
        folder: ClientFolder | None = None,
        options: Options | None = None,
    ) -> None:
        """`options` are for every connection; without a `folder` nothing is kept."""
        self._changed = changed
        self._folder = folder
        self._options: Options = options or {}
        if folder is not None:
            self._options = {"trust": FirstUse(TrustedServers(folder)), **self._options}
        self._remembered = None if folder is None else remembered.Servers(folder)
        self._running: dict[Session, asyncio.Task[None]] = {}
        self.trouble = ""
        """Why the list could not be kept, or read; "" if it could."""

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._running))

    def __len__(self) -> int:
        return len(self._running)

    def find(self, address: str) -> Session | None:
        """The session whose address begins so."""
        return next((one for one in self if one.label.startswith(address)), None)

    def add(self, address: Address, name: str, *, options: Options | None = None) -> Session:
        """Be at another server; one where we are already is given as it is."""
        known = next((one for one in self if str(one.address) == str(address)), None)
        if known is not None:
            return known
        session = Session(
            address,
            name,
            changed=self._changed,
            folder=self._folder,
            options={**self._options, **(options or {})},
        )
        task = asyncio.create_task(session.run(), name=f"at {address}")
        task.add_done_callback(lambda ended: _tell_why(session, ended))
        self._running[session] = task
        self._remember(lambda kept: kept.joined(address, name))
        return session

    async def remove(self, session: Session) -> None:
        """Leave a server for good."""
        await session.leave()
        task = self._running.pop(session, None)
        if task is not None:
            await _ended(task)
        self._remember(lambda kept: kept.left(session.address))

    def _remember(self, change: Callable[[remembered.Servers], None]) -> None:
        if self._remembered is None:
            return
        try:
            change(self._remembered)
        except CannotKeep as error:
            self.trouble = str(error)

    async def close(self) -> None:
        """Leave all of them; they come back at the next start."""
        await asyncio.gather(*(session.leave() for session in self), return_exceptions=True)
        for task in self._running.values():
            await _ended(task)
        self._running.clear()

    def known(self) -> list[JoinedServer]:
        """Those of earlier, the latest first."""
        try:
            return [] if self._remembered is None else self._remembered.all()
        except CannotKeep as error:
            self.trouble = str(error)
            return []


PATIENCE = 3.0
"""Seconds that a session gets to end."""


def _tell_why(session: Session, task: asyncio.Task[None]) -> None:
    """A session that ends by a mistake of ours says so in its own timeline."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        reason = f"a mistake in this program ended the connection ({error!r})"
        session.take(Disconnected(session.now(), reason, clean=False, retry=False))


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task}, timeout=PATIENCE)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
