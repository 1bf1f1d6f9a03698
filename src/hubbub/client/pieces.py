"""What is being said: one message of the protocol at a time, and what is known of it.

Owns the states of a message between typing and the server's word for it. Pure. A text becomes
pieces in the protocol's dialogue; `connection` sends them and waits until they are settled.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(enum.Enum):
    """How far a piece has come."""

    NEW = "new"
    """Nobody but us has seen it."""
    SENT = "sent"
    """The system took it; what became of it is not known yet."""
    TAKEN = "taken"
    """The server has dealt with it, or nothing more can be known (classic servers say nothing)."""
    SAVED = "saved"
    """The server has sent it back to us: with a hubbub server it is on the disk."""
    REFUSED = "refused"
    """The server said no."""
    WAITING = "waiting"
    """It was kept over a cut, and whoever it is to is not back yet."""
    DOUBTFUL = "doubtful"
    """It was sent before a cut, and nothing will ever tell what became of it."""


SAID = frozenset({State.TAKEN, State.SAVED})
"""Nobody has said no."""

_FAILED = frozenset({State.REFUSED, State.DOUBTFUL})
_SETTLED = SAID | _FAILED | {State.WAITING}


@dataclass(eq=False, slots=True)
class Piece:
    """One message. Compared by identity: the same words may be said twice."""

    text: str
    to: str = ""
    """A room or a person; "" where there is but one room."""
    id: str = ""
    """What makes it the same message when it is sent again; "" if it never is."""
    action: bool = False
    reply_to: str = ""
    """The msgid of what it answers."""
    key: str = ""
    """What the program calls the text that it is of; what becomes of it is told under it."""
    late: bool = False
    """Whether it comes after a cut: its reader may not be back yet, and is waited for."""
    state: State = State.NEW
    msgid: str = ""
    time: int = 0
    """When it was said, by the server's clock, as far as it told: ms since the epoch."""
    reason: str = ""
    """Why it was refused, or is in doubt."""

    @property
    def failed(self) -> bool:
        """Whether it was not said, or may not have been."""
        return self.state in _FAILED

    @property
    def settled(self) -> bool:
        """Whether nothing more will be heard of it."""
        return self.state in _SETTLED


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server made of something that was said."""

    saved: bool
    """Whether the server sent all of it back, which ours does when it is saved."""
    msgids: tuple[str, ...] = ()
    refused: str = ""
    """Why it said no to some of it, "" when it did not."""
    time: int = 0
    """When it was said, by the server's clock, if the server told: ms since the epoch."""
    waits: bool = False
    """Whether some of it waits for somebody who is not back yet."""

    @property
    def said(self) -> bool:
        """Whether nothing of it was refused, or waits."""
        return not self.refused and not self.waits

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> Receipt:
        """The receipt for what became of the pieces of a text."""
        known = list(pieces)
        return cls(
            saved=bool(known) and all(piece.state is State.SAVED for piece in known),
            msgids=tuple(piece.msgid for piece in known if piece.msgid),
            refused=next((piece.reason for piece in known if piece.reason), ""),
            time=next((piece.time for piece in known if piece.time), 0),
            waits=any(piece.state is State.WAITING for piece in known),
        )
