"""Assembly: the only place that chooses parts and puts them together.

From a configuration and an owned folder to a hub with a store, and from there to doors on a port.
`hub_on` is all that a verb of the command line needs; `Doors` is what `serve` adds to it.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import threading
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from hubbub import __version__
from hubbub.core.limits import Limits
from hubbub.doors.classic.factory import ClassicDoors
from hubbub.doors.classic.settings import ClassicSettings
from hubbub.doors.front import Front, FrontLimits
from hubbub.doors.irc.factory import IrcDoors
from hubbub.doors.irc.settings import IrcSettings
from hubbub.doors.networks import Networks
from hubbub.doors.refusal import PROXY_REFUSAL, TLS_ALERT, refusal
from hubbub.doors.web.app import Status, WebSettings
from hubbub.doors.web.factory import WebDoors
from hubbub.hub import operations, rooms
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.server.config import ConfigError
from hubbub.server.config.keys import several
from hubbub.server.ids import RandomIds, SystemClock
from hubbub.server.metrics import Metrics
from hubbub.server.operators import Operators
from hubbub.store import SqliteStore, open_store
from hubbub.store.memory import MemoryStore
from hubbub.wire.sniff import Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hubbub.server.config import Config
    from hubbub.server.tls import Certificate

log = logging.getLogger(__name__)

CLOSE_PATIENCE = 10.0
"""Seconds that the store has to write its log back when all is saved; the log is as good."""

MOST_DESCRIPTORS = 10_240
"""What is taken where the system names no limit: macOS refuses more (OPEN_MAX)."""

DESCRIPTORS_PER_CONNECTION = 2
"""A classic connection has its socket and a duplicate to write to (doors/classic/outbox)."""


@asynccontextmanager
async def hub_on(config: Config, folder: Path) -> AsyncIterator[Hub]:
    """A hub on the store in a folder that this process owns. Raises `StoreError`."""
    store = await _open(config, folder)
    timeline = Timeline(store, SystemClock(), backlog=config.limits.backlog)
    try:
        yield Hub(timeline, store, SystemClock(), RandomIds(), _limits(config))
    finally:
        timeline.close()
        # A disk that still owes us a commit would not let the store close either.
        await _close(store, CLOSE_PATIENCE if timeline.idle else 0)


async def _open(config: Config, folder: Path) -> SqliteStore | MemoryStore:
    if config.durability == "none":
        return MemoryStore(keep=config.history.keep_memory)
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(
        open_store,
        folder,
        durability=config.durability,
        post=partial(_post, loop),
        reserve=config.limits.disk_reserve,
    )


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
    """The one port's front with a door for each protocol."""

    def __init__(
        self,
        config: Config,
        hub: Hub,
        classic: ClassicDoors,
        irc: IrcDoors,
        certificate: Certificate | None = None,
    ) -> None:
        self._config = config
        self._hub = hub
        self._metrics = Metrics(hub)
        self.classic = classic
        self.irc = irc
        self.web = WebDoors(
            WebSettings(
                self.status,
                metrics=self._metrics.text if config.http.metrics else None,
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
            _front_limits(config),
            tls=None if certificate is None else certificate.context,
            proxies=trusted_gateways(config),
        )
        self._metrics.front, self._metrics.classic = self.front, classic

    async def stop(self, patience: float) -> None:
        """End all connections; those that do not read within `patience` seconds are cut."""
        await asyncio.gather(self.classic.stop(patience), self.irc.stop(patience))

    def status(self) -> Status:
        """How the server is, for the pages."""
        trouble = self._hub.timeline.trouble
        return Status(
            network=self._config.network,
            room=self.classic.room.name,
            people=len(self._hub.world),
            version=__version__,
            trouble=None if trouble is None else str(trouble),
        )


@asynccontextmanager
async def doors_on(
    config: Config, hub: Hub, certificate: Certificate | None = None
) -> AsyncIterator[Doors]:
    """The doors of a hub, ready for connections, encrypted ones if there is a certificate.

    Raises `ConfigError`.
    """
    lobby = hub.lobby = await rooms.open_room(hub, config.room)
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


def trusted_gateways(config: Config) -> Networks:
    """Those who may say for whom they connect. Raises `ConfigError`."""
    try:
        return Networks(several(config.gateways.trusted))
    except ValueError as error:
        raise ConfigError(f"gateways.trusted: {error}; give addresses or networks") from error


def _limits(config: Config) -> Limits:
    return Limits(
        message=config.limits.message,
        name=config.limits.name,
        replay=config.history.replay,
        history=config.limits.history_lines,
    )


def _front_limits(config: Config) -> FrontLimits:
    return FrontLimits(
        connections=config.limits.connections_for(
            raise_descriptors() // DESCRIPTORS_PER_CONNECTION
        ),
        connections_per_address=config.limits.connections_per_address,
        half_open=config.limits.half_open,
        login_timeout=config.limits.login_timeout,
    )


def classic_settings(config: Config) -> ClassicSettings:
    """What of the configuration the classic door obeys."""
    return ClassicSettings(
        width=None if config.classic.width == "auto" else config.classic.width,
        notices=config.classic.notices,
        quit_words=config.classic.quit_words,
        dialect=config.classic.dialect,
        frame=config.limits.frame,
        message=config.limits.message,
        outbox=config.limits.outbox,
        rate=config.limits.messages_per_second,
        burst=config.limits.message_burst,
        flood_seconds=config.limits.flood_seconds,
    )


def irc_settings(config: Config) -> IrcSettings:
    """What of the configuration the IRC door obeys."""
    return IrcSettings(
        server=config.irc.name,
        description=config.irc.description,
        network=config.network,
        motd=config.irc.motd,
        admin=config.irc.admin,
        icon=config.irc.icon,
        password=config.irc.password,
        gateways=trusted_gateways(config),
        webirc_password=config.gateways.webirc_password,
        ping_interval=config.irc.ping_interval,
        ping_timeout=config.irc.ping_timeout,
        sendq=config.irc.sendq,
        rate=config.limits.messages_per_second,
        burst=config.limits.message_burst,
        flood_seconds=config.limits.flood_seconds,
    )


def raise_descriptors() -> int:
    """Let this process open as many files as it may; return how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return most if soft == resource.RLIM_INFINITY else soft
