"""What the commands do: one method `do_NAME` for each command of the registry.

Owns the translation of what is typed into what a session does. A deed acts where one is (`Desk`),
and raises `CannotDo` with words for whoever typed it. Which screen there is it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.text.sanitise import one_line
from hubbub.tui.deeds.desk import CannotDo, Desk
from hubbub.tui.deeds.people import People
from hubbub.tui.deeds.rooms import Rooms
from hubbub.tui.deeds.servers import Servers
from hubbub.tui.deeds.talk import Talk
from hubbub.tui.registry import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["CannotDo", "Deeds", "Desk"]


class Deeds(Talk, Rooms, People, Servers):
    """Carries out lines and commands at one desk."""

    async def run(self, text: str, *, reply_to: str = "") -> None:
        """Say it, or do what it commands. Raises CannotDo."""
        if not text.startswith("/"):
            await self._guarded(self._say(text, reply_to=reply_to))
        elif text.startswith("//"):
            await self._guarded(self._say(text[1:], reply_to=reply_to))
        else:
            await self._guarded(self._command(text))

    async def _command(self, text: str) -> None:
        name, _, words = text[1:].partition(" ")
        command = COMMANDS.get(name.lower())
        if command is None:
            raise CannotDo(f"there is no command /{one_line(name)}; /help lists them, // says a /")
        act: Callable[[str], Awaitable[None]] = getattr(self, f"do_{command.name}")
        await act(words.strip())
