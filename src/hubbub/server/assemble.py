"""Assembly: the only place that chooses parts and puts them together.

From a configuration and an owned folder to a hub with a store, and from there to doors on a port.
`hub_on` is all that a verb of the command line needs; `Doors` is what `serve` adds to it, and what
goes by another configuration when `reload` has read one. What each part obeys is in `settings`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from hubbub import __version__
from hubbub.core.settings import Flag, Settings
from hubbub.doors.classic.factory import ClassicDoors
from hubbub.doors.front import Front
from hubbub.doors.irc.factory import IrcDoors
from hubbub.doors.refusal import PROXY_REFUSAL, TLS_ALERT, refusal
from hubbub.doors.web.app import Status, WebSettings
from hubbub.doors.web.factory import WebDoors
from hubbub.hub import operations, rooms
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.server.config.keys import several
from hubbub.server.ids import RandomIds, SystemClock
from hubbub.server.metrics import Metrics
from hubbub.server.operators import Operators
from hubbub.server.settings import (
    classic_settings,
    front_limits,
    hub_limits,
    irc_settings,
    require_sound,
    trusted_gateways,
)
from hubbub.server.sts import Bound
from hubbub.server.threads import in_thread
from hubbub.store import SqliteStore, open_store
from hubbub.store.memory import MemoryStore
from hubbub.wire.sniff import Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hubbub.core.ports import Clock
    from hubbub.server.config import Config
    from hubbub.server.tls import Certificate

log = logging.getLogger(__name__)

SYSTEM_CLOCK = SystemClock()
"""What everybody goes by, but for tests."""

CLOSE_PATIENCE = 10.0
"""Seconds that the store has to write its log back when all is saved; the log is as good."""


@asynccontextmanager
async def hub_on(config: Config, folder: Path, clock: Clock = SYSTEM_CLOCK) -> AsyncIterator[Hub]:
    """A hub on the store in a folder that this process owns. Raises `StoreError`."""
    store = await _open(config, folder)
    timeline = Timeline(store, clock, backlog=config.limits.backlog)
    try:
        yield Hub(timeline, store, clock, RandomIds(), hub_limits(config))
    finally:
        timeline.close()
        # A disk that still owes us a commit would not let the store close either.
        await _close(store, CLOSE_PATIENCE if timeline.idle else 0)


async def _open(config: Config, folder: Path) -> SqliteStore | MemoryStore:
    if config.durability == "none":
        return MemoryStore(keep=config.history.keep_memory)
    opening = partial(
        open_store,
        folder,
        durability=config.durability,
        post=partial(_post, asyncio.get_running_loop()),
        reserve=config.limits.disk_reserve,
    )
    return await in_thread(opening, "hubbub-open")


async def _close(store: SqliteStore | MemoryStore, patience: float) -> None:
    """Close the store in a thread that, should the disk hang, does not keep the process alive."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def close() -> None:
        try:
            store.close()
        finally:
            _post(loop, closed.set)

    threading.Thread(target=close, name="hubbub-close", daemon=True).start()
    try:
        await asyncio.wait_for(closed.wait(), patience)
    except TimeoutError:
        if patience:  # else whoever had none has said why
            log.warning("the disk does not answer: the next start will tidy up the database")


def _post(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Run something on the loop's thread, unless the loop has ended meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)


class Doors:
    """The one port's front with a door for each protocol.

    `certificate` is shown to those who want TLS, if there is one.
    """

    def __init__(
        self,
        config: Config,
        hub: Hub,
        classic: ClassicDoors,
        irc: IrcDoors,
        certificate: Certificate | None = None,
    ) -> None:
        """Raises `ConfigError`."""
        self.config = config
        self.hub = hub
        self.certificate = certificate
        self.classic = classic
        self.irc = irc
        self.web = WebDoors(
            WebSettings(
                self.status,
                metrics=self._metrics_if_shown,
                sessions=irc,
                origins=several(config.http.origins),
            )
        )
        self.front = Front(
            {
                Protocol.CLASSIC: classic,
                Protocol.HTTP: self.web,
                Protocol.IRC: irc,
                Protocol.TLS: refusal("TLS", TLS_ALERT),
                Protocol.PROXY: refusal("PROXY", PROXY_REFUSAL),
            },
            front_limits(config),
            tls=None if certificate is None else certificate.context,
            proxies=trusted_gateways(config),
        )
        self.policy = irc.policy = Bound(config, certificate, hub.clock)
        self.policy()  # now, so that whoever starts a server reads why it tells nobody
        self._metrics = Metrics(hub, self.front, classic)

    def obey(self, config: Config, certificate: Certificate | None) -> None:
        """Go by another configuration, which is sound, from now on; nobody is dropped.

        What it says of keys that wait for the next start must be what was said so far.
        """
        if config.sts != self.config.sts or certificate is not self.certificate:
            self.policy = Bound(config, certificate, self.hub.clock)
        self.config, self.certificate = config, certificate
        self.hub.limits = hub_limits(config)
        operators = Operators(config.irc.operators)
        no_operators = operations.grant_again(self.hub, operators.rights)
        self.irc.obey(irc_settings(config), operators, self.policy, no_operators)
        self.classic.obey(classic_settings(config))
        self.web.obey(several(config.http.origins))
        self.front.obey(
            front_limits(config),
            tls=None if certificate is None else certificate.context,
            proxies=trusted_gateways(config),
        )

    async def stop(self, patience: float) -> None:
        """End all connections; those that do not read within `patience` seconds are cut."""
        await asyncio.gather(self.classic.stop(patience), self.irc.stop(patience))

    def status(self) -> Status:
        """How the server is, for the pages."""
        trouble = self.hub.timeline.trouble
        return Status(
            network=self.config.network,
            room=self.classic.room.name,
            people=len(self.hub.world),
            version=__version__,
            trouble=None if trouble is None else str(trouble),
        )

    def _metrics_if_shown(self) -> bytes | None:
        return self._metrics.text() if self.config.http.metrics else None


@asynccontextmanager
async def doors_on(
    config: Config, hub: Hub, certificate: Certificate | None = None
) -> AsyncIterator[Doors]:
    """The doors of a hub, ready for connections, encrypted ones if there is a certificate.

    Raises `ConfigError`.
    """
    require_sound(config)
    # Nobody founds the lobby, so nobody is its operator: whoever is in it says what it is about.
    open_to_all = Settings(flags={Flag.MEMBERS_ONLY})
    lobby = hub.lobby = await rooms.open_room(hub, config.room, settings=open_to_all)
    await operations.recall_bans(hub)
    doors = Doors(
        config,
        hub,
        ClassicDoors(hub, lobby, classic_settings(config)),
        IrcDoors(hub, irc_settings(config), Operators(config.irc.operators)),
        certificate,
    )
    await doors.web.start()
    try:
        yield doors
    finally:
        await doors.web.stop()
