"""Memory: who was here under which name, for a while after they gave it up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.core import names

if TYPE_CHECKING:
    from hubbub.core.sessions import Session


@dataclass(slots=True, frozen=True)
class Past:
    """Somebody who was here under a name; `time` (milliseconds) is when the name was given up."""

    nick: str
    username: str
    host: str
    real_name: str
    time: int


class Memory:
    """The names that were given up last, newest first."""

    def __init__(self, most: int = 1000) -> None:
        self._past: deque[Past] = deque(maxlen=most)

    def remember(self, session: Session, now: int) -> None:
        """Note that a session gives up the name it has."""
        past = Past(session.nick, session.username, session.host, session.real_name, now)
        self._past.appendleft(past)

    def of(self, nick: str) -> list[Past]:
        """Who was here under a name, the last first."""
        folded = names.fold(nick)
        return [past for past in self._past if names.fold(past.nick) == folded]
