"""Watching: who wants to know whether somebody is here.

A session watches names, not people: it hears when anybody comes or goes under one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.core.sessions import Session


class Watching:
    """Watched names, both ways."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[Session]] = {}
        self._watched: dict[Session, dict[str, str]] = {}

    def watch(self, session: Session, nick: str) -> None:
        """Let a session hear of a name."""
        folded = names.fold(nick)
        self._watchers.setdefault(folded, set()).add(session)
        self._watched.setdefault(session, {})[folded] = nick

    def unwatch(self, session: Session, nick: str) -> None:
        """Let a session hear no more of a name."""
        folded = names.fold(nick)
        if self._watched.get(session, {}).pop(folded, None) is not None:
            self._drop(session, folded)

    def forget(self, session: Session) -> None:
        """Let a session watch nobody."""
        for folded in self._watched.pop(session, {}):
            self._drop(session, folded)

    def watched(self, session: Session) -> list[str]:
        """The names a session watches, as it gave them."""
        return list(self._watched.get(session, {}).values())

    def count(self, session: Session) -> int:
        """How many names a session watches."""
        return len(self._watched.get(session, {}))

    def watchers(self, nick: str) -> Iterable[Session]:
        """Who watches a name."""
        return tuple(self._watchers.get(names.fold(nick), ()))

    def _drop(self, session: Session, folded: str) -> None:
        watchers = self._watchers[folded]
        watchers.discard(session)
        if not watchers:
            del self._watchers[folded]
