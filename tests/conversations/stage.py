"""The stage: a whole server in this process, on a port of its own, that can stop and come back.

It is put together by `server/assemble` and stopped by `server/run`, as the real one is; only the
signals and the command line are missing. Not for what needs a process of its own: `tests/faults`.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from hubbub.server import run
from hubbub.server.assemble import SYSTEM_CLOCK, doors_on, hub_on
from hubbub.server.config import Config, ConfigError
from hubbub.server.config.describe import all_keys
from hubbub.server.ids import SystemClock
from hubbub.server.listen import listen
from hubbub.server.reload import Reloading
from hubbub.server.tls import open_certificate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hubbub.core.ports import Clock
    from hubbub.hub.hub import Hub
    from hubbub.server.assemble import Doors


class Stage:
    """`async with Stage(folder, {"durability": "none"}) as stage:` and connect to `stage.port`.

    `send_buffer` narrows what the system keeps for a reader who does not read (bytes); `clock` is
    what the chat goes by, timers excepted.
    """

    hub: Hub
    doors: Doors
    port: int

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
        *,
        send_buffer: int | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.config = configured(settings or {})
        self.written: Config | ConfigError = self.config
        """What is found when the configuration is read again."""
        self.folder = folder
        self._send_buffer = send_buffer
        self._clock = clock
        self._stack = AsyncExitStack()
        self._is_open = False

    async def __aenter__(self) -> Self:
        hub = hub_on(self.config, self.folder, self._clock)
        self.hub = await self._stack.enter_async_context(hub)
        self.certificate = open_certificate(
            self.config.tls, ["127.0.0.1"], self.folder, now=SystemClock().now()
        )
        doors = doors_on(self.config, self.hub, self.certificate)
        self.doors = await self._stack.enter_async_context(doors)
        self.reload = Reloading(self.doors, self._read, self.folder)
        self.doors.irc.reload = self.reload
        (listener,) = listen(("127.0.0.1",), 0)
        if self._send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
        self.port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.doors.front.protocol, sock=listener)
        self._is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def rewrite(self, settings: Mapping[str, Any]) -> None:
        """Let these keys be written, beside those of the start, when it is read again."""
        self.written = configured(settings, self.config)

    def _read(self) -> Config:
        if isinstance(self.written, ConfigError):
            raise self.written
        return self.written

    async def stop(self) -> run.Stopped | None:
        """End as the real server does; None when it has ended before."""
        if not self._is_open:
            return None
        self._is_open = False
        self._server.close()
        stopped = await run._stop(self.hub, self.doors)
        await self._stack.aclose()
        return stopped

    async def restart(self) -> None:
        """Stop, and open again on the same folder, on another port."""
        await self.stop()
        self._stack = AsyncExitStack()
        await self.__aenter__()


def configured(settings: Mapping[str, Any], config: Config | None = None) -> Config:
    """A configuration with some keys set: `{"limits.outbox": 65536}`.

    Values are taken as they are: a test may set less than an operator may.
    """
    config = config or Config()
    for key, value in settings.items():
        config = all_keys()[key].put_in(config, value)
    return config
