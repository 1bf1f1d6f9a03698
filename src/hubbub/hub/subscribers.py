"""Subscribers: who follows metadata, which keys they want to hear of, and what they hear unasked.

A session that follows has a list of keys, empty at first. Of a person hear those who share a room
with them or watch their name, of a room those who are in it. The list is the connection's: who
takes over another begins anew. What is set, and by whom, is `metadata`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hubbub.core.limits import Allowance
from hubbub.core.metadata import MetadataSet, MetadataShown, is_private, public
from hubbub.core.rooms import Room

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from hubbub.core.metadata import Change
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

CHANGES_AT_ONCE: Final = 100
CHANGES_PER_SECOND: Final = 1.0
"""What one session may change of metadata: all who follow it hear of each change."""


_NOBODY: Final[Mapping[Session, None]] = MappingProxyType({})


@dataclass(slots=True)
class _Following:
    """What one session hears of; `reached` is how far it has been told of a target by parts."""

    keys: dict[str, None] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)


class Subscribers:
    """Sessions by key, and keys by session."""

    def __init__(self) -> None:
        self._following: dict[Session, _Following] = {}
        self._by_key: dict[str, dict[Session, None]] = {}
        self._allowances: dict[Session, Allowance] = {}

    def follow(self, session: Session) -> None:
        """Let a session hear of metadata; of no key yet, if it did not before."""
        self._following.setdefault(session, _Following())

    def follows(self, session: Session) -> bool:
        """Whether a session hears of metadata."""
        return session in self._following

    def stop(self, session: Session) -> None:
        """Let a session hear nothing more of metadata."""
        for key in self.keys(session):
            self.unsubscribe(session, key)
        self._following.pop(session, None)

    def forget(self, session: Session) -> None:
        """Forget a session that has ended."""
        self.stop(session)
        self._allowances.pop(session, None)

    def subscribe(self, session: Session, key: str) -> None:
        """Let a session that follows hear of a key."""
        following = self._following[session]
        following.keys[key] = None
        following.reached.clear()  # what it was told of others did not have this
        self._by_key.setdefault(key, {})[session] = None

    def unsubscribe(self, session: Session, key: str) -> None:
        """Let a session hear no more of a key."""
        following = self._following.get(session)
        if following is None or key not in following.keys:
            return
        del following.keys[key]
        del self._by_key[key][session]
        if not self._by_key[key]:
            del self._by_key[key]

    def keys(self, session: Session) -> tuple[str, ...]:
        """The keys that a session hears of, in the order it asked for them."""
        following = self._following.get(session)
        return () if following is None else tuple(following.keys)

    def of(self, key: str) -> AbstractSet[Session]:
        """Who hears of a key."""
        return self._by_key.get(key, _NOBODY).keys()

    def wanted(self, session: Session, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What of metadata a session hears of."""
        return [(key, values[key]) for key in self.keys(session) if key in values]

    def reached(self, session: Session, target: str) -> int:
        """The id of the last of a target of whom it was told, when it was told a part; else 0."""
        following = self._following.get(session)
        return 0 if following is None else following.reached.get(target, 0)

    def reach(self, session: Session, target: str, last: int) -> None:
        """Note how far a session was told of a target; 0 is all of it."""
        following = self._following.get(session)
        if following is not None:
            following.reached.pop(target, None)
            if last:
                following.reached[target] = last

    def wait(self, session: Session, now: int) -> float:
        """How many milliseconds a session has to wait before it changes something; 0 is not at all,
        and counts as a change."""
        allowance = self._allowances.get(session)
        if allowance is None:
            allowance = Allowance(CHANGES_PER_SECOND, CHANGES_AT_ONCE, now)
            self._allowances[session] = allowance
        wait = allowance.spend(now)
        if wait:
            allowance.spend(now, -1.0)  # it was not changed
        return wait


# -- what they are told ------------------------------------------------------------------------


def tell_change(hub: Hub, session: Session, change: Change) -> None:
    """Let those who follow hear what a session has changed; it hears that in the answer."""
    owner, key, value = change
    subscribers = hub.subscribers.of(key)
    if not subscribers or is_private(key):
        return
    if isinstance(owner, Room):
        event = MetadataSet(owner.name, key, value)
        audience = set(subscribers & owner.members.keys())
    else:
        event = MetadataSet(session.nick, key, value)
        audience = {one for one in hub.watching.watchers(session.nick) if one in subscribers}
        for room in session.rooms:
            audience |= subscribers & room.members.keys()
    for one in audience - {session}:
        hub.timeline.tell(one, event)


def tell_arrival(hub: Hub, session: Session, room: Room) -> None:
    """Let those in a room who follow hear what is to be known of one who has entered it."""
    for key, value in public(session.person.metadata).items():
        event = MetadataSet(session.nick, key, value)
        for one in (hub.subscribers.of(key) & room.members.keys()) - {session}:
            hub.timeline.tell(one, event)


def tell_watcher(hub: Hub, watcher: Session, session: Session) -> None:
    """Let one who watches a name and follows hear what is to be known of who has it now."""
    # "metadata": with RPL_MONONLINE comes "a `metadata` batch containing the monitored user's".
    if hub.subscribers.follows(watcher):
        wanted = hub.subscribers.wanted(watcher, public(session.person.metadata))
        values = tuple(MetadataSet(session.nick, key, value) for key, value in wanted)
        hub.timeline.tell(watcher, MetadataShown(session.nick, values))
