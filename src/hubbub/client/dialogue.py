"""What every protocol of a client is to `connection`: a state machine without a socket.

Two things are one: `classic_dialogue.ClassicDialogue` and `irc.protocol.IrcProtocol`. Whoever
holds one gives it bytes and the time, sends what it has to send, and hands its events on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hubbub.client.events import Event
    from hubbub.client.pieces import Piece


class Dialogue(Protocol):
    """One connection as the client sees it. Times are int milliseconds."""

    failure: str | None
    """Why the connection is of no use any more: close it."""

    @property
    def name(self) -> str:
        """What we are called, as far as we know."""
        ...

    @property
    def ready(self) -> bool:
        """Whether we are in."""
        ...

    @property
    def clean(self) -> bool:
        """Whether an end that came now would be an orderly one."""
        ...

    @property
    def closing_words(self) -> str:
        """Why the server has closed, as far as it said so."""
        ...

    @property
    def retry(self) -> bool:
        """Whether connecting again can help."""
        ...

    @property
    def half_closes(self) -> bool:
        """Whether shutting our side is how we say that we leave."""
        ...

    def begin(self, now: int) -> list[Event]:
        """Prepare the first words."""
        ...

    def outgoing(self) -> list[bytes]:
        """What to send now, each in one piece; it is given once."""
        ...

    def receive(self, data: bytes, now: int) -> list[Event]:
        """Take what came in one read and give the events that are whole by now."""
        ...

    def receive_eof(self, now: int) -> list[Event]:
        """Hear that the server will send nothing more."""
        ...

    @property
    def deadline(self) -> int | None:
        """When to call `tick` if nothing comes before; None for never."""
        ...

    def tick(self, now: int) -> list[Event]:
        """Hear that time has passed."""
        ...

    def pieces(
        self, text: str, to: str = "", *, action: bool = False, reply_to: str = ""
    ) -> list[Piece]:
        """The text as messages that reach others whole."""
        ...

    @property
    def may_say(self) -> bool:
        """Whether another message may be sent now."""
        ...

    def say(self, piece: Piece, now: int) -> None:
        """Prepare to send a message."""
        ...

    def withdraw(self, piece: Piece) -> None:
        """Hear that it could not be sent."""
        ...

    def outstanding(self, now: int) -> int:
        """How many messages the server may not have dealt with yet, at most."""
        ...

    def leave(self) -> None:
        """Prepare what says that we leave."""
        ...

    def cut(self, now: int) -> tuple[str, ...]:
        """Hear that it is over, unasked; gives what was said and is in doubt."""
        ...
