"""What outlives a connection: who we are to the server, where we are, and how far we have heard.

Owns no behaviour but the keeping of places. Hand one `Memory` to each connection of the same
person to the same server, one after the other: then nothing is lost or heard twice between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.client.irc.seen import Seen

if TYPE_CHECKING:
    from hubbub.client.address import Address
    from hubbub.client.pieces import Piece


@dataclass(slots=True)
class Place:
    """How far we have heard in a room, or from a person."""

    name: str
    is_room: bool = True
    last: str = ""
    """The msgid of the last message, of which more lines may have been cut off."""
    before: str = ""
    """That of the message before it, which we have whole."""
    time: int = 0
    """When we came or last heard something, by the server's clock: milliseconds since the epoch."""

    def heard(self, msgid: str, time: int) -> None:
        """Hear of another message, or of one more line of the last."""
        self.time = max(self.time, time)
        if msgid and msgid != self.last:
            self.last, self.before = msgid, self.last


@dataclass(slots=True)
class Memory:
    """What is kept of one person at one server. All of it may be empty."""

    token: str = field(default="", repr=False)
    """What resumes the person (docs/protocols/irc.md): a secret."""
    places: dict[str, Place] = field(default_factory=dict)
    """By folded name. The rooms among them are entered again."""
    left: set[str] = field(default_factory=set)
    """The rooms that we went out of ourselves, by folded name; they are not entered again."""
    in_doubt: list[Piece] = field(default_factory=list)
    """What may have been said before a cut, oldest first; it is said again, once."""
    absent: list[Piece] = field(default_factory=list)
    """What is said when somebody is back, oldest first."""
    seen: Seen = field(default_factory=Seen)
    latest: int = 0
    """The latest time of the server's clock that we heard; 0 for none."""
    found: Address | None = None
    """The server as it was found to speak."""
