"""The classic protocol as `connection` wants it: one room, nothing confirmed, one send per frame.

Owns what follows from a server that says nothing of what it has taken: a message is settled when
the system has it, and what was said in the last moments before a cut is in doubt.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from hubbub.client.backlog import Backlog
from hubbub.client.errors import NotSpoken
from hubbub.client.events import Joined
from hubbub.client.pieces import Piece, State

if TYPE_CHECKING:
    from hubbub.client.classic import ClassicProtocol
    from hubbub.client.events import Event

DOUBT_WINDOW = 2_000  # ms


class ClassicDialogue:
    """A `ClassicProtocol` and what was said over it."""

    ready = may_say = clean = half_closes = True
    closing_words = "the server closed"

    def __init__(self, protocol: ClassicProtocol, server: str) -> None:
        self._protocol = protocol
        self._server = server
        self._chunks: list[bytes] = []
        self._said: deque[tuple[int, str]] = deque(maxlen=100)
        self._backlog = Backlog()
        self.failure: str | None = None

    @property
    def name(self) -> str:
        """The name we gave, or the one our server then gave us; others may know us by another."""
        return self._protocol.name

    @property
    def retry(self) -> bool:
        """Not when the server's headers are of another width."""
        return not self._protocol.wrong_width

    def begin(self, now: int) -> list[Event]:
        """Say our name; nothing will confirm it."""
        self._chunks.append(self._protocol.hello(now))
        return [Joined(now, self.name, self._server)]

    def outgoing(self) -> list[bytes]:
        """One frame each."""
        chunks, self._chunks = self._chunks, []
        return chunks

    def receive(self, data: bytes, now: int) -> list[Event]:
        """Frames to events."""
        return self._given(self._protocol.receive(data, now))

    def receive_eof(self, now: int) -> list[Event]:
        """Half an event is no event."""
        return self._given(self._protocol.receive_eof(now))

    @property
    def deadline(self) -> int | None:
        """As the protocol's."""
        return self._protocol.deadline

    def tick(self, now: int) -> list[Event]:
        """As the protocol's."""
        return self._given(self._protocol.tick(now))

    def pieces(
        self, text: str, to: str = "", *, action: bool = False, reply_to: str = ""
    ) -> list[Piece]:
        """Each line, in pieces that fit a segment. Raises NotSpoken for all but plain talk."""
        if to:
            # A command of our own server would be said aloud by any other.
            raise NotSpoken("classic servers have one room, and no direct messages")
        if action or reply_to:
            raise NotSpoken("classic servers know words only")
        return [Piece(piece) for piece in self._protocol.pieces(text)]

    def say(self, piece: Piece, now: int) -> None:
        """One frame; nothing more will be heard of it."""
        self._chunks.append(self._protocol.encode(piece.text, now))
        self._said.append((now, piece.text))
        self._backlog.said(now)
        piece.state = State.TAKEN

    def withdraw(self, piece: Piece) -> None:
        """The system did not take it."""
        if self._said and self._said[-1][1] == piece.text:
            self._said.pop()
        piece.state = State.NEW

    def outstanding(self, now: int) -> int:
        """A guess: the lines that a slow server may have before it."""
        return self._backlog.lines(now)

    def leave(self) -> None:
        """The half-close says it."""

    def cut(self, now: int) -> tuple[str, ...]:
        """What was said in the last moments."""
        return tuple(text for at, text in self._said if now - at < DOUBT_WINDOW)

    def _given(self, events: list[Event]) -> list[Event]:
        self.failure = self._protocol.failure
        return events
