"""Actors: who plays a part in a conversation, one class per protocol.

A play knows only this. An actor writes what its part says in its protocol and tells what came back
as `Heard`, in words that every protocol has; what only one protocol can say is in its own class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class What(StrEnum):
    """What can be heard, seen or told."""

    SAYS = "says"
    WHISPERS = "whispers"
    SAID = "said earlier"
    ARRIVES = "arrives"
    LEAVES = "leaves"
    DOES = "does"
    """Something that only one protocol has a word for; `text` is the deed."""
    REACHES = "is told of"
    """A whisper of one's own has reached somebody: the receipt."""
    ANSWERED = "is answered"
    NAMED = "is called"
    TOLD = "is told"
    REFUSED = "is refused"
    GONE = "is shut out"


@dataclass(frozen=True)
class Heard:
    """One thing that reached an actor: `who` did it ("" is the house), `text` if there is one.

    `room` is where it was said, "" for the lobby.
    """

    what: What
    who: str = ""
    text: str = ""
    room: str = ""

    def __str__(self) -> str:
        parts = (self.who or "the house", self.what, self.text, self.room and f"in {self.room}")
        return " ".join(part for part in parts if part)


class Actor(Protocol):
    """A part in a play. Reading goes on in the background unless the play says otherwise."""

    async def arrive(self, port: int, name: str) -> None:
        """Connect and give a name."""
        ...

    async def say(self, text: str) -> None:
        """Say something in the room."""
        ...

    async def whisper(self, nick: str, text: str) -> None:
        """Say something to one person."""
        ...

    async def type(self, line: str) -> None:
        """Send a line that means something in this protocol only."""
        ...

    async def hear(self) -> Heard:
        """The next thing that reaches this actor; fails when nothing does for long."""
        ...

    async def hear_all(self) -> list[Heard]:
        """All that reached it before the answer to a question asked now: the barrier."""
        ...

    async def leave(self) -> None:
        """Say good-bye as this protocol does."""
        ...

    async def hang_up(self) -> None:
        """Send no more, but listen on: a half-close."""
        ...

    def vanish(self) -> None:
        """Go with a reset."""
        ...

    def stop_reading(self) -> None:
        """Leave everything in the system's buffers."""
        ...

    def read_again(self) -> None:
        """Go on reading."""
        ...

    async def close(self) -> None:
        """Go home, when the play is over."""
        ...
