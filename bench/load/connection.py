"""One client's connection and one room's books, as the generator keeps them.

Plain records with slots: the engine moves bytes, the readers in `deliveries.py` count into
these, the scenarios compare. They know no wire and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket


class LoadError(Exception):
    """A phase could not be completed; the text says which and why."""


class Stage(IntEnum):
    """How far a connection has come."""

    CONNECTING = -1
    CONNECTED = 0
    REGISTERED = 1
    JOINED = 2


class Connection:
    """One client. `got` counts the messages that reached it since the set-up ended."""

    __slots__ = ("carry", "dead", "fd", "got", "index", "room", "seen", "sock", "stage", "unsent")

    def __init__(self, sock: socket.socket, index: int) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.index = index
        self.stage = Stage.CONNECTING
        self.carry = b""
        self.unsent = b""
        self.got = 0
        self.room: Room | None = None
        self.seen: dict[int, int] = {}
        self.dead = False

    def forget_arrivals(self) -> None:
        """Start the books anew: what came during the set-up does not count."""
        self.got, self.carry, self.seen = 0, b"", {}


@dataclass(slots=True, eq=False)
class Room:
    """Members of one room, those of them who send, and what was sent and delivered.

    `window` messages may be in flight: sent, but not yet delivered to all `fan` others.
    """

    name: bytes
    members: list[Connection]
    senders: list[Connection]
    window: int
    turn: int = 0
    sent: int = 0
    delivered: int = 0
    next_seq: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.next_seq = [0] * len(self.senders)

    @property
    def fan(self) -> int:
        """How many connections one message is due at."""
        return len(self.members) - 1

    @property
    def due(self) -> int:
        """Deliveries that everything sent so far must lead to."""
        return self.sent * self.fan

    def free(self) -> int:
        """Messages that may be sent before the window is full."""
        return self.window - self.sent + self.delivered // self.fan

    def next_sender(self) -> tuple[Connection, int]:
        """The sender whose turn it is, and the sequence number of its next message."""
        turn = self.turn
        self.turn = (turn + 1) % len(self.senders)
        seq = self.next_seq[turn]
        self.next_seq[turn] = seq + 1
        self.sent += 1
        return self.senders[turn], seq

    def shortfall(self) -> tuple[int, int]:
        """(lost, extra): deliveries missing and deliveries too many, over all members."""
        own = dict(zip(self.senders, self.next_seq, strict=True))
        lost = extra = 0
        for member in self.members:
            missing = self.sent - own.get(member, 0) - member.got
            lost += max(missing, 0)
            extra += max(-missing, 0)
        return lost, extra
