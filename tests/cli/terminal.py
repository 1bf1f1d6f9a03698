"""A real terminal for tests: tmux runs the command, types keys and tells what is on the screen."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from cli.program import COMMAND, environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

PATIENCE = 15.0  # seconds until a screen that never comes is a failure
TMUX = shutil.which("tmux")

_servers = count(1)


class Terminal:
    """One pane of a tmux server of its own."""

    def __init__(self, socket: Path, shown: dict[str, str]) -> None:
        self._socket = socket
        self._environment = shown

    async def type(self, text: str) -> None:
        """Type characters."""
        await self._tmux("send-keys", "-l", text)

    async def press(self, key: str) -> None:
        """Press a key by its tmux name: Enter, C-c, Up …"""
        await self._tmux("send-keys", key)

    async def screen(self, *, colours: bool = False) -> str:
        """What is on the screen now; with `colours` the escape sequences too."""
        return await self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    async def until(self, wanted: str | re.Pattern[str]) -> str:
        """The screen as soon as it has this text on it."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        screen = ""
        try:
            async with asyncio.timeout(PATIENCE):
                # A screen tells nobody when it changes, so it is asked.
                while not pattern.search(screen := await self.screen()):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"not on the screen: {pattern.pattern}\n{screen}") from None
        return screen

    async def start(self, command: str, *, width: int = 80, height: int = 24) -> None:
        await self._tmux("new-session", "-d", "-x", str(width), "-y", str(height), command)

    async def stop(self) -> None:
        await self._tmux("kill-server")

    async def _tmux(self, *arguments: str) -> str:
        assert TMUX is not None
        process = await asyncio.create_subprocess_exec(
            *(TMUX, "-S", str(self._socket), "-f", "/dev/null", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


def terminal(
    folder: Path, *arguments: str, **changed: str
) -> AbstractAsyncContextManager[Terminal]:
    """`hubbub ARGUMENTS` on a terminal of 80 by 24; its exit status is shown at the end."""
    return sized(folder, (80, 24), *arguments, **changed)


@asynccontextmanager
async def sized(
    folder: Path, size: tuple[int, int], *arguments: str, **changed: str
) -> AsyncIterator[Terminal]:
    """The same on a terminal of so many columns and rows."""
    # A socket for each: a server that ends would take whoever comes just then with it.
    pane = Terminal(folder / f"tmux-{next(_servers)}", environment(TERM="xterm-256color"))
    settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in changed.items())
    command = f"env {settings} {shlex.join([*COMMAND, *arguments])}; echo status $?; read _"
    await pane.start(command, width=size[0], height=size[1])
    try:
        yield pane
    finally:
        await pane.stop()
