"""Where a deed is done: what it needs of the screen, and where one is.

Owns the interface to the screen (`Desk`) and what all areas share (`AtDesk`). Next: `talk`,
`rooms`, `people`, `servers`, which are the deeds, and `deeds`, which carries out what is typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hubbub.client import ConnectionLost, Declined, KeptFull, NotSpoken
from hubbub.client.errors import CannotKeep
from hubbub.tui.registry import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from hubbub.client import Connection
    from hubbub.client.buffers import Buffer
    from hubbub.client.timeline import Entry
    from hubbub.tui.servers import Servers
    from hubbub.tui.sessions import Session
    from hubbub.tui.sides import Spot


class CannotDo(Exception):  # noqa: N818
    """A command that was not carried out; the text says why and what to do."""


class Desk(Protocol):
    """What a deed needs of the screen it is typed at."""

    servers: Servers
    my_name: str
    """What we call ourselves on a server that is new."""

    @property
    def here(self) -> Spot | None:
        """Where one is."""
        ...

    def go(self, session: Session, name: str) -> None:
        """Be somewhere else."""
        ...

    def put(self, text: str, *, reply_to: Entry | None = None, edits: Entry | None = None) -> None:
        """Have a text in the box, and what it is to be."""
        ...

    def tell(self, words: str) -> None:
        """Say something to whoever sits here."""
        ...

    def choose_theme(self, name: str) -> None:
        """Change the colours; "" for the next. Raises CannotDo."""
        ...

    def toggle_mute(self, spot: Spot) -> None:
        """Ring no more, or again."""
        ...

    def show_help(self, about: str) -> None:
        """Tell of commands and keys."""
        ...

    def close(self) -> None:
        """End the program."""
        ...


class AtDesk:
    """Somebody who does things at a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def _guarded(self, deed: Awaitable[None]) -> None:
        """Do it; whatever the library says no with becomes `CannotDo`."""
        try:
            await deed
        except ConnectionLost as lost:
            raise CannotDo(f"{lost.reason}; try again when it is back") from lost
        except (NotSpoken, Declined, KeptFull, CannotKeep) as no:
            raise CannotDo(str(no)) from no

    def _spot(self) -> Spot:
        here = self._desk.here
        if here is None:
            raise CannotDo("you are at no server: /connect ADDRESS joins one")
        return here

    def _here(self) -> tuple[Session, Buffer]:
        spot = self._spot()
        return spot.session, spot.buffer

    def _connection(self) -> Connection:
        connection = self._spot().session.connection
        if connection is None:
            raise CannotDo("there is no connection at the moment; try again when it is back")
        return connection

    def _last(self, *, ours: bool) -> Entry:
        """The last message that can be referred to, of us or of somebody else."""
        _, buffer = self._here()
        for entry in reversed(buffer.timeline.entries):
            if entry.is_talk and entry.msgid and not entry.redacted and entry.ours == ours:
                return entry
        raise CannotDo("there is no such message here")


def need(words: str, name: str) -> None:
    if not words.strip():
        raise CannotDo(f"something is missing: {COMMANDS[name].synopsis}")
