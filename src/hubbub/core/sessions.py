"""Sessions: a person's presence on one connection.

A session knows its `reader`, the port through which delivery reaches it, and nothing of what is
behind: neither the protocol's bytes nor the socket. Next: `rooms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(slots=True, eq=False)
class Session:
    """One connection of one person.

    `nick` is the name every protocol shows; `real_name` what was typed, untranslated but cut;
    `protocol` a word for operators ("classic"); `since` milliseconds since the epoch. `rooms`
    are those it is a member of, `conversations` the direct ones with whom each of them is.
    """

    person: Person
    nick: str
    real_name: str
    protocol: str
    address: Address
    since: int
    reader: Reader
    rooms: set[Room] = field(default_factory=set)
    conversations: dict[Room, Session] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Session {self.nick} {self.address} {self.protocol}>"
