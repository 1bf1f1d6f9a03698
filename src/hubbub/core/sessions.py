"""Sessions: a person's presence on one connection.

A session knows its `reader`, the port through which delivery reaches it, and nothing of what is
behind: neither the protocol's bytes nor the socket. Next: `rooms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubbub.core.people import Person
    from hubbub.core.ports import Reader
    from hubbub.core.rooms import Room


@dataclass(slots=True, frozen=True)
class Address:
    """Where a peer connects from, as an operator reads it. `port` is 0 for a local socket."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Trait(StrEnum):
    """What a session says of itself."""

    INVISIBLE = "invisible"
    """Not listed to those who share no room with it."""
    BOT = "bot"
    LISTENING = "listening"
    """Hears what operators tell all who listen."""


class Privilege(StrEnum):
    """What an operator may do."""

    KILL = "kill"
    REHASH = "rehash"
    WALLOPS = "wallops"
    BAN = "ban"
    ROOMS = "rooms"
    """In every room what its operators may, once in it."""
    SEE_ALL = "see-all"
    """Real addresses, hidden people and rooms, statistics."""


@dataclass(slots=True, frozen=True)
class Operator:
    """The right to act for the server, under the name it was given out as."""

    name: str
    privileges: frozenset[Privilege]


@dataclass(slots=True, eq=False)
class Session:
    """One connection of one person.

    `nick` is the name every protocol shows; `real_name` what was typed, untranslated but cut;
    `username` and `host` what a mask knows them by, `mask` who it is in full,
    `nick!username@host`; `protocol` a word for operators ("classic"); `since` and `spoke` (when it
    said something last) milliseconds since the epoch. `away` is why it does not answer. `rooms`
    are those it is a member of, `conversations` the direct ones with whom each of them is,
    `invitations` the rooms that it may enter once (`hub.rooms.invitations` has those still open).
    It has `ended` when it is not in the world any more, although its connection may last a moment.
    """

    person: Person
    nick: str
    real_name: str
    protocol: str
    address: Address
    since: int
    reader: Reader
    username: str = "guest"
    secure: bool = False
    host: str = ""
    account: str | None = None
    away: str | None = None
    spoke: int = 0
    traits: frozenset[Trait] = frozenset()
    operator: Operator | None = None
    rooms: set[Room] = field(default_factory=set)
    conversations: dict[Room, Session] = field(default_factory=dict)
    invitations: frozenset[Room] = frozenset()
    ended: bool = False
    mask: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.host = self.host or self.address.host
        self.spoke = self.spoke or self.since
        self._make_mask()

    def may(self, privilege: Privilege) -> bool:
        """Whether this is an operator of the server with a privilege."""
        return self.operator is not None and privilege in self.operator.privileges

    def name(self, nick: str) -> None:
        """Be called so; `World.rename` sees to it that it is free and found."""
        self.nick = nick
        self._make_mask()

    def place(self, username: str, host: str) -> None:
        """Be seen with another user name and host."""
        self.username, self.host = username, host
        self._make_mask()

    def _make_mask(self) -> None:
        # Kept, because everything that is said carries it.
        self.mask = f"{self.nick}!{self.username}@{self.host}"

    def __repr__(self) -> str:
        return f"<Session {self.nick} {self.address} {self.protocol}>"
