"""irssi on a real terminal: typed into by tmux, and seen as it stands on the screen."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, ClassVar, Final

from cli.terminal import TMUX, Terminal
from programs.program import ROOM, Program

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from contextlib import AsyncExitStack

_COMMAND: Final = shutil.which("irssi")
_CONFIG: Final = """
settings = {
  core = { real_name = "A tester"; server_reconnect_time = "1s"; server_connect_timeout = "5s"; };
  "irc/core" = { cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; };
  "fe-text" = { paste_verify_line_count = "0"; };
};
"""


class Irssi(Program):
    """irssi with a home and a terminal of its own."""

    missing = "" if _COMMAND and TMUX else "irssi and tmux"
    looks: ClassVar[Mapping[str, str]] = {
        "joined": r"-!- {who} \[.*\] has joined {where}$",
        "left": r"-!- {who} \[.*\] has left {where} \[{text}\]$",
        "quit": r"-!- {who} \[.*\] has quit \[{text}\]$",
        "said": r"<[ @+]?{who}> {text}$",
        "did": r" \* {who} {text}$",
        "noticed": r"-{who}:{where}- {text}$",
        "past": r"!hubbub\.local --- said earlier: ---$",
        "taken back": r"!hubbub\.local {who} took back what they said at \d\d:\d\d$",
        "topic": r"(Topic for {where}|changed the topic of {where} to): {text}$",
        "here": r"\[[ @+]?{who} *\]",
        "away": r"-!- {who} is away: {text}$",
        "renamed": r"-!- {who} is now known as {to}$",
    }

    async def start(self, ending: AsyncExitStack) -> None:
        home = self.folder / ".irssi"
        home.mkdir()
        (home / "config").write_text(_CONFIG, encoding="utf-8")
        shown = {"HOME": str(self.folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self._terminal = Terminal(self.folder / "tmux", os.environ | shown)
        await self._terminal.start(f"{_COMMAND} --noconnect; read _", width=160, height=60)
        ending.push_async_callback(self._terminal.stop)
        await self._terminal.until("[(status)]")
        await self._enter(f"/connect{self._tls()} 127.0.0.1 {self.place.port} '' {self.nick}")
        await self._terminal.until(f"Welcome to hubbub, {self.nick}")
        await self._enter(f"/join {ROOM}")
        await self._terminal.until(f"[{ROOM}]")
        self._window = ROOM

    async def types(self, line: str) -> None:
        await self._look_at(ROOM)
        await self._enter(line)

    async def whispers(self, who: str, text: str) -> None:
        await self._look_at(who)
        await self._enter(text)

    async def until(self, where: str, pattern: re.Pattern[str]) -> None:
        await self._look_at(where)
        await self._terminal.until(pattern)

    async def _look_at(self, window: str) -> None:
        if window != self._window:
            await self._enter(f"/window goto {window}" if window == ROOM else f"/query {window}")
            await self._terminal.until(f"\n[{window}]")
            self._window = window

    async def _enter(self, line: str) -> None:
        await self._terminal.type(line)
        await self._terminal.press("Enter")

    def _tls(self) -> str:
        if self.place.fingerprint is None:
            return ""
        # Nobody has signed the certificate; its fingerprint is compared instead.
        pairs = bytes.fromhex(self.place.fingerprint).hex(":").upper()
        return f" -tls -notls_verify -tls_pinned_cert {pairs}"
