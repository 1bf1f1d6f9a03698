"""What happens to a client, whatever protocol its server speaks.

Owns the words a program that uses the library sees. Every text and name in an event is safe to
print: control characters are gone (a text may hold newlines and tabs). Times are of receipt, int
milliseconds since the epoch, UTC. `classic` makes most of them, `reconnect` the last two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Joined:
    """The server is reached and has been told our name. Classic servers confirm nothing."""

    time: int
    name: str
    server: str
    """Its address, as `host:port`."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The server knows us by another name than the one we gave."""

    time: int
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody said something."""

    time: int
    sender: str
    text: str

    replayed: str = ""
    """When it was said, if the server tells it again to us who have just arrived: `12:03`, or
    `21 Nov 12:03`, in the server's zone. The text begins with it, `[12:03] `, as it came."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The house says something: who joined, an answer to a command. Programs never answer it."""

    time: int
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The house says no to something we did; the connection lives unless it ends next."""

    time: int
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What we hear looks as if the server spoke another dialect; `text` says what to try."""

    time: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """The program did not read: the `count` oldest events that waited here were dropped."""

    time: int
    count: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is over. Always the last event of a connection, and there always is one."""

    time: int
    reason: str
    clean: bool
    """Whether it was closed in order, by the server or by us, at the end of an event."""

    retry: bool = True
    """Whether connecting again can help; not when the server speaks another dialect."""

    doubtful: tuple[str, ...] = ()
    """What we sent in the last moments before an end that we did not ask for, oldest first.

    The system took it, but nothing tells whether the server did: sending it again might say it
    twice.
    """


@dataclass(frozen=True, slots=True)
class Waiting:
    """The connection is cut, or the last attempt failed; the next one is `delay` seconds away."""

    time: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was said while there was no connection has now been sent, in order."""

    time: int
    texts: tuple[str, ...]


Event: TypeAlias = (
    Joined | Renamed | Message | Notice | Refused | Hint | Gap | Disconnected | Waiting | CaughtUp
)
