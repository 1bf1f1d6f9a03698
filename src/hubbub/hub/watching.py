"""Watching: who wants to know whether somebody is here.

A session watches names, not people: it hears when anybody comes or goes under one of them, and
what changes about them meanwhile. This is the list; the verbs and what is told are in `people`.
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
        self._watchers: dict[str, dict[Session, None]] = {}
        self._watched: dict[Session, dict[str, str]] = {}

    def watch(self, session: Session, nick: str) -> None:
        """Let a session hear of a name."""
        folded = names.fold(nick)
        self._watchers.setdefault(folded, {})[session] = None
        self._watched.setdefault(session, {})[folded] = nick

    def unwatch(self, session: Session, nick: str) -> None:
        """Let a session hear no more of a name."""
        folded = names.fold(nick)
        if self._watched.get(session, {}).pop(folded, None) is not None:
            self._drop(session, folded)
            if not self._watched[session]:
                del self._watched[session]

    def forget(self, session: Session) -> None:
        """Let a session watch nobody."""
        for folded in self._watched.pop(session, {}):
            self._drop(session, folded)

    def hand_over(self, former: Session, session: Session) -> None:
        """Let a session watch whom another watched."""
        for nick in self.watched(former):
            self.watch(session, nick)
        self.forget(former)

    def clear(self) -> None:
        """Let nobody watch anybody."""
        self._watchers.clear()
        self._watched.clear()

    def is_watching(self, session: Session, nick: str) -> bool:
        """Whether a session watches a name."""
        return names.fold(nick) in self._watched.get(session, {})

    def watched(self, session: Session) -> list[str]:
        """The names a session watches, as it gave them."""
        return list(self._watched.get(session, {}).values())

    def count(self, session: Session) -> int:
        """How many names a session watches."""
        return len(self._watched.get(session, {}))

    def watchers(self, nick: str) -> Iterable[Session]:
        """Who watches a name, in the order they began to."""
        return tuple(self._watchers.get(names.fold(nick), ()))

    def _drop(self, session: Session, folded: str) -> None:
        watchers = self._watchers[folded]
        del watchers[session]
        if not watchers:
            del self._watchers[folded]
