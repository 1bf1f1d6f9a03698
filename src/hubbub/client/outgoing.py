"""What a person says, from the moment it was typed until it is settled, over all connections.

Owns a text and the messages that it became on the wire (`pieces`), and what is known of them
together. Pure. `posting` leads it through connections, `local.outbox` keeps it on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from hubbub.client.pieces import SAID, State

if TYPE_CHECKING:
    from hubbub.client.pieces import Piece

IN_DOUBT = "the line was cut, and nothing tells whether it arrived"


@dataclass(eq=False, slots=True)
class Outgoing:
    """One text. Compared by identity: the same words may be said twice."""

    key: str
    """What it is called; unique."""
    text: str
    to: str = ""
    action: bool = False
    reply_to: str = ""
    time: int = 0
    """When it was typed, in milliseconds since the epoch."""
    named: bool = False
    """Whether the program knows it by its key, and is told under it what becomes of each piece."""
    pieces: list[Piece] | None = field(default=None, repr=False)
    """The messages that it became; None until a server has said how long they may be."""

    under_way: bool = False
    """Whether pieces of it that are new may be sent at any moment."""

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done about it by itself."""
        return self.pieces is not None and all(piece.settled for piece in self.pieces)

    @property
    def said(self) -> bool:
        """Whether all of it was said."""
        return self.pieces is not None and all(piece.state in SAID for piece in self.pieces)

    @property
    def waits(self) -> bool:
        """Whether some of it waits for somebody who is not back yet."""
        return any(piece.state is State.WAITING for piece in self.pieces or ())

    @property
    def failure(self) -> str:
        """Why some of it was not said, or may not have been; "" if that is not so."""
        return next((piece.reason for piece in self.pieces or () if piece.failed), "")

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The parts of it that were not said for sure, and may be by themselves yet."""
        if self.pieces is None:
            return (self.text,)
        open_ones = (one for one in self.pieces if not one.settled or one.state is State.WAITING)
        return tuple(piece.text for piece in open_ones)


class Keeper(Protocol):
    """Who keeps what is to be said where the end of the program does not reach it."""

    async def keep(self, item: Outgoing) -> None:
        """Keep it as it is now; it is safe when this returns."""
        ...

    async def drop(self, item: Outgoing) -> None:
        """Forget it: it was said, or is not to be said any more."""
        ...


class Forgetful:
    """Keeps nothing: what is to be said ends with the program."""

    async def keep(self, item: Outgoing) -> None:
        """As it says."""

    async def drop(self, item: Outgoing) -> None:
        """As it says."""
