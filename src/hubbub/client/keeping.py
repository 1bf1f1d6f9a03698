"""What a program that outlives its end needs of a disk: the words between `reconnect` and `local`.

Owns the interface alone. Whoever gives a `Reconnecting` such a notebook goes on, when started
again, where it ended: as the same person, in the same rooms, with what was typed and not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.client.connection import Connection
    from hubbub.client.events import Event
    from hubbub.client.irc.memory import Memory
    from hubbub.client.outgoing import Keeper, Outgoing
    from hubbub.client.pieces import Piece
    from hubbub.client.shown import Shown


class Keeping(Protocol):
    """What is kept of one server for one person."""

    @property
    def memory(self) -> Memory:
        """Who we are there, and how far we have heard."""
        ...

    @property
    def outbox(self) -> Keeper:
        """Where what is typed is kept until it is said."""
        ...

    @property
    def rooms(self) -> Sequence[str]:
        """The rooms to enter again that `memory` does not know."""
        ...

    def take_unsaid(self) -> list[Outgoing]:
        """What was typed in an earlier run and not said; it is given once."""
        ...

    def take_trouble(self) -> str:
        """Why something was not kept, "" if all was; it is given once."""
        ...

    def remind(self, shown: Shown) -> None:
        """Tell what of a classic server was shown before."""
        ...

    def heard(self, event: Event, connection: Connection) -> None:
        """Keep what has happened, a little later."""
        ...

    def said(self, piece: Piece, name: str, now: int) -> None:
        """Keep what we have said."""
        ...
