"""A bot on pydle, a public IRC library: what it sees are lines on its output.

`Bot` steers the program `pydle_bot` beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from programs.piped import Piped
from programs.program import Program

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from contextlib import AsyncExitStack

_PROGRAM: Final = Path(__file__).with_name("pydle_bot.py")


class Bot(Program):
    """The bot in a process of its own, which obeys the lines it is given."""

    missing = ""
    looks: ClassVar[Mapping[str, str]] = {
        "joined": r"^{where} joined {who}$",
        "left": r"^{where} left {who}: {text}$",
        "quit": r"^quit {who}: {text}$",
        "said": r"^{where} said {who}: {text}$",
        "did": r"^{where} did {who}: {text}$",
        "noticed": r"^{where} noticed {who}: {text}$",
        "past": r"^{where} noticed hubbub\.local: --- said earlier: ---$",
        "taken back": r"^{where} noticed hubbub\.local: {who} took back what they said at ",
        "topic": r"^{where} topic: {text}$",
        "here": r"^{where} here:.* {who}( |$)",
        "away": r"^away {who}: {text}$",
        "renamed": r"^renamed {who}: {to}$",
    }

    async def start(self, ending: AsyncExitStack) -> None:
        secured = ["--tls"] if self.place.secured else []
        self._piped = Piped(str(_PROGRAM), str(self.place.port), self.nick, *secured)
        await ending.enter_async_context(self._piped)

    async def types(self, line: str) -> None:
        await self._piped.types(line)

    async def whispers(self, who: str, text: str) -> None:
        await self.types(f"/msg {who} {text}")

    async def until(self, where: str, pattern: re.Pattern[str]) -> None:
        await self._piped.until(pattern)
