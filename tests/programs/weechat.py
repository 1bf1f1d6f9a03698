"""WeeChat without a screen: typed into by its pipe, and seen by the log of each of its buffers.

`weechat-headless` is WeeChat less its terminal. A line written to its `fifo` is typed into the
buffer it names; its `logger` writes what a buffer shows, a file for each. Debian has the first in
`weechat-headless` and the second in `weechat-plugins`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import TYPE_CHECKING, ClassVar, Final

from programs.program import PATIENCE, ROOM, Program

if TYPE_CHECKING:
    import re
    from asyncio.subprocess import Process
    from collections.abc import Callable, Mapping
    from contextlib import AsyncExitStack
    from pathlib import Path

_COMMAND: Final = "weechat-headless"
_SETTINGS: Final = (
    "/set logger.file.flush_delay 0",  # a line is in the file when it is in the buffer
    "/set irc.look.display_join_message 329,332,333,353,366",  # with the names
    "/set irc.server_default.autoreconnect_delay 1",
    "/set irc.network.autoreconnect_delay_growing 1",
    "/set irc.server_default.anti_flood_prio_high 0",
    "/set irc.server_default.anti_flood_prio_low 0",
    "/set irc.server_default.anti_flood 0",  # the two above since 4.3
)


class WeeChat(Program):
    """WeeChat with a folder of its own."""

    missing = "" if shutil.which(_COMMAND) else "weechat-headless and weechat-plugins"
    looks: ClassVar[Mapping[str, str]] = {
        "joined": r"-->\t{who} .*has joined {where}$",
        "left": r"<--\t{who} .*has left {where} \({text}\)$",
        "quit": r"<--\t{who} .*has quit \({text}\)$",
        "said": r"\t[@+]?{who}\t{text}$",
        "did": r"\t *\*\t{who} {text}$",
        "noticed": r"Notice\({who}\): {text}$",
        "past": r"Notice\(hubbub\.local\): --- said earlier: ---$",
        "taken back": r"Notice\(hubbub\.local\): {who} took back what they said at \d\d:\d\d$",
        "topic": r'(?i:topic for {where}) .*"{text}"$',
        "here": r"Nicks {where}: \[(.* )?[@+]?{who}[ \]]",
        "away": r"--\t\[{who}\] is away: {text}$",
        "renamed": r"--\t{who} is now known as {to}$",
    }

    async def start(self, ending: AsyncExitStack) -> None:
        given = [word for line in _SETTINGS for word in ("-r", line)]
        process = await asyncio.create_subprocess_exec(
            *(_COMMAND, "--dir", str(self.folder), *given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ending.push_async_callback(_end, process)
        fifo = self.folder / f"weechat_fifo_{process.pid}"
        await _until(fifo.exists, lambda: f"no {fifo}: is weechat-plugins installed?")
        self._fifo = ending.enter_context(fifo.open("wb", buffering=0))
        self._type_into("core.weechat", f"/server add hub 127.0.0.1/{self.place.port}{self._tls()}")
        self._type_into("core.weechat", f"/set irc.server.hub.nicks {self.nick}")
        self._type_into("core.weechat", f"/set irc.server.hub.autojoin {ROOM}")
        self._type_into("core.weechat", "/connect hub")

    async def types(self, line: str) -> None:
        self._type_into(f"irc.hub.{ROOM}", line)

    async def whispers(self, who: str, text: str) -> None:
        await self.types(f"/query {who} {text}")

    async def until(self, where: str, pattern: re.Pattern[str]) -> None:
        def shown() -> str:
            log = self._log(where)
            return log.read_text(encoding="utf-8") if log.exists() else ""

        def logs() -> str:
            files = sorted((self.folder / "logs").glob("*"))
            texts = (f"--- {file.name}\n{file.read_text(encoding='utf-8')}" for file in files)
            return f"{where} does not show {pattern.pattern}\n{''.join(texts)}"

        await _until(lambda: pattern.search(shown()) is not None, logs)

    def _log(self, where: str) -> Path:
        return self.folder / "logs" / f"irc.hub.{where}.weechatlog"

    def _type_into(self, buffer: str, line: str) -> None:
        self._fifo.write(f"{buffer} *{line}\n".encode())

    def _tls(self) -> str:
        """Options of `/server add`, which are called `tls` since version 4."""
        version = subprocess.run([_COMMAND, "--version"], capture_output=True, check=True).stdout
        word = "ssl" if int(version.partition(b".")[0]) < 4 else "tls"
        if not self.place.secured:
            return f" -no{word}"
        return f" -{word} -{word}_fingerprint={self.place.fingerprint}"


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def _until(true: Callable[[], bool], failure: Callable[[], str]) -> None:
    """Wait until something is so. Neither a folder nor a file tells when it changes."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(failure()) from None
