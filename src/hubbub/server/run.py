"""Running: from the start of the server to its end.

It opens the store before the port, so nobody comes in before there is something to keep what they
say, and ends in the opposite order: no new connections, the last commit, the last words, the rest.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from hubbub.hub import operations
from hubbub.hub.retention import pruning
from hubbub.server.announce import Announcement, announced, outward
from hubbub.server.assemble import doors_on, hub_on
from hubbub.server.control import Control
from hubbub.server.hangup import on_hangup
from hubbub.server.ids import SystemClock
from hubbub.server.listen import BACKLOG, listen
from hubbub.server.reload import Reloading
from hubbub.server.tls import open_certificate

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from hubbub.hub.hub import Hub
    from hubbub.server.assemble import Doors
    from hubbub.server.config import Config
    from hubbub.server.folder import DataFolder
    from hubbub.server.tls import Certificate

log = logging.getLogger(__name__)

COMMIT_PATIENCE = 2.0
"""Seconds that the last commit may take when the server stops."""
OUTBOX_PATIENCE = 2.0
"""Seconds that readers have for our last words."""


@dataclass(slots=True, frozen=True)
class Stopped:
    """`settled`: all that was decided was saved or refused."""

    settled: bool


async def serve_on(
    folder: DataFolder,
    config: Config,
    read: Callable[[], Config],
    announce: Callable[[tuple[str, ...], int, Certificate | None], None],
) -> Stopped:
    """Serve until SIGTERM or SIGINT. The caller owns the folder.

    `read` gives the configuration as it is written by then, or raises `ConfigError`. `announce` is
    told the hosts (none: all), the port and the certificate when everybody may come.
    Raises `StoreError`, `ListenError`, `TlsError`, `ConfigError`.
    """
    stopping = asyncio.Event()
    certificate = open_certificate(config.tls, config.hosts, folder.path, now=SystemClock().now())
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(hub_on(config, folder.path))
        doors = await stack.enter_async_context(doors_on(config, hub, certificate))
        listeners = listen(config.hosts, config.port)
        port = int(listeners[0].getsockname()[1])
        servers = [await _serve_on(listener, doors) for listener in listeners]
        reload = doors.irc.reload = Reloading(doors, read, folder.path)
        await stack.enter_async_context(Control(config, folder, hub, reload))
        await stack.enter_async_context(pruning(hub))
        _on_signals(stopping.set)
        on_hangup(stopping.set, lambda: operations.reread(hub, "SIGHUP", reload))
        _collect_less_garbage()
        announce(config.hosts, port, certificate)
        if config.lan.announce:
            addresses = partial(outward, config.hosts)
            what = Announcement(config.network, port, certificate is not None, addresses)
            await stack.enter_async_context(announced(what))
        await stopping.wait()
        for server in servers:
            server.close()
        return await _stop(hub, doors)
    raise AssertionError("unreachable")


def run(main: Coroutine[Any, Any, Stopped], *, loop: str = "auto") -> Stopped:
    """Run on uvloop where there is one, else (or with "asyncio") on the standard loop."""
    with asyncio.Runner(loop_factory=None if loop == "asyncio" else _fastest_loop()) as runner:
        return runner.run(main)


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        log.info("uvloop is not installed: using the standard event loop")
        return None
    return cast("Callable[[], asyncio.AbstractEventLoop]", uvloop.new_event_loop)


async def _serve_on(listener: socket.socket, doors: Doors) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(doors.front.protocol, sock=listener, backlog=BACKLOG)


async def _stop(hub: Hub, doors: Doors) -> Stopped:
    log.info("stopping")
    operations.stop(hub)
    doors.front.close()
    settled = await _settle(hub)
    await doors.stop(OUTBOX_PATIENCE)
    if settled:
        log.info("stopped")
    else:
        log.error("stopped before everything that was said could be saved: the disk did not answer")
    return Stopped(settled)


async def _settle(hub: Hub) -> bool:
    try:
        await asyncio.wait_for(hub.timeline.settled(), COMMIT_PATIENCE)
    except TimeoutError:
        return False
    return True


def _collect_less_garbage() -> None:
    """Leave what is here for good alone, and look at what is new less often.

    Events are dropped without a cycle as soon as they are delivered; with the usual threshold the
    collector walks over them in the middle of a batch, which costs a busy room some 5 %.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _on_signals(callback: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, callback)
