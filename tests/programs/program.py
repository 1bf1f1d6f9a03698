"""What the story asks of somebody else's IRC program, whichever it is.

A program is typed into as a person would, and shows what happens in its own words, each in the
window where it belongs. `looks` is the table of these words: the story says `sees("said", …)`, and
the program knows how a thing that was said looks on it. `weechat`, `irssi` and `bot` are programs.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROOM: Final = "#lobby"
PATIENCE: Final = 20.0
"""Seconds until a program that shows nothing has failed. None waits so long when all is well."""


@dataclass(frozen=True)
class Place:
    """Where a program is to go: a port of this machine, in the clear or inside TLS.

    `fingerprint` is the SHA-256 of the server's certificate in hex, as the server prints it.
    """

    port: int
    fingerprint: str | None

    @property
    def secured(self) -> bool:
        """Whether to speak TLS."""
        return self.fingerprint is not None


class Program(ABC):
    """`async with WeeChat(folder, place, "paula") as paula:` starts it, connects and ends it."""

    looks: ClassVar[Mapping[str, str]]
    """How each thing looks: a pattern around `{where}` and the other words of the story."""

    missing: ClassVar[str]
    """What to install when it cannot be started, empty when it can."""

    def __init__(self, folder: Path, place: Place, nick: str) -> None:
        self.folder = folder
        self.place = place
        self.nick = nick

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as ending:
            await self.start(ending)
            self._ending = ending.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ending.aclose()

    @abstractmethod
    async def start(self, ending: AsyncExitStack) -> None:
        """Start, connect and enter the room; put on `ending` what ends it, however far it came."""

    async def sees(self, what: str, *, where: str = ROOM, **words: str) -> None:
        """Wait until it shows something in the window of a room or of a person."""
        escaped = {name: re.escape(word) for name, word in {"where": where, **words}.items()}
        pattern = self.looks[what].format(**escaped)
        await self.until(where, re.compile(pattern, re.MULTILINE))

    @abstractmethod
    async def types(self, line: str) -> None:
        """Type a line into the room's window: something to say, or a command with its slash."""

    @abstractmethod
    async def whispers(self, who: str, text: str) -> None:
        """Say something to one person, in a window for the two of them."""

    @abstractmethod
    async def until(self, where: str, pattern: re.Pattern[str]) -> None:
        """Wait until this stands in a window. AssertionError when it does not in time."""
