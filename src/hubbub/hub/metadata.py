"""Metadata: what persons and rooms say of themselves, set and asked for.

Everybody sees a person's but for what is private, and of an open room's; of a room with a key, for
the invited only, or secret, its members do. What is set is saved before anybody hears of it; a
person's lasts for those who can come back, as their marks do. Who hears of a change is
`subscribers`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core import metadata
from hubbub.core.metadata import Change, MetadataSet
from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room
from hubbub.core.settings import Flag
from hubbub.hub.rooms import may_govern, may_know, require_here
from hubbub.hub.subscribers import tell_change

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hubbub.core.metadata import Owner
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

SELF: Final = "*"
"""Oneself, as a target."""

EVERYTHING: Final = "*ALL"
"""All that one hears of, as a target of `synchronise`."""

AT_ONCE: Final = 1000
"""Values that one question for all is answered with; the next goes on from there."""

ON_ENTERING: Final = 250
"""Values that who enters a room is shown unasked, if there are no more."""


@dataclass(slots=True, frozen=True)
class Target:
    """Whose metadata is meant, and what they are called."""

    name: str
    owner: Owner


class Part(NamedTuple):
    """Some of what one asked for: of the target `name`, and whether there is more."""

    name: str
    values: list[MetadataSet]
    more: bool


# -- asking ------------------------------------------------------------------------------------


def find(hub: Hub, session: Session, name: str) -> Target:
    """Whose metadata a name means. Raises `Refused`: NO_SUCH_TARGET."""
    if name.startswith("#"):
        room = hub.world.room(name)
        if room is not None and _may_read(session, room):
            return Target(room.name, room)
    else:
        who = session if name == SELF else hub.world.session(name)
        if who is not None:
            return Target(who.nick, who.person)
    raise Refused(Reason.NO_SUCH_TARGET, name)


def _may_read(session: Session, room: Room) -> bool:
    """Whether a session may read a room's metadata: from outside that of one open to all."""
    settings = room.settings
    is_open = settings.key is None and Flag.INVITE_ONLY not in settings.flags
    return session in room.members or (is_open and may_know(session, room))


def values(session: Session, target: Target) -> dict[str, str]:
    """What a session may see of a target, by key."""
    if isinstance(target.owner, Person) and target.owner is not session.person:
        return metadata.public(target.owner.metadata)
    return dict(target.owner.metadata)


# -- setting -----------------------------------------------------------------------------------


def change(hub: Hub, session: Session, name: str, key: str, value: str) -> str | None:
    """Give a key a value, or take it away (""); what it is then, which may be otherwise.

    Raises `Refused`: NO_SUCH_TARGET, BAD_METADATA_KEY, NOT_YOURS, BAD_METADATA_VALUE,
    TOO_MUCH_METADATA, TOO_MANY_CHANGES, UNWRITABLE, ENDED.
    """
    require_here(session)
    target = find(hub, session, name)
    require_key(key)
    _require_own(session, target, key)
    now = require_value(hub, key, value) or None
    if target.owner.metadata.get(key) == now:
        return now
    is_new = key not in target.owner.metadata
    if is_new and len(target.owner.metadata) >= hub.limits.metadata_keys:
        raise Refused(Reason.TOO_MUCH_METADATA, target.name, str(hub.limits.metadata_keys))
    _require_patience(hub, session, target, key)
    _record(hub, session, Change(target.owner, key, now))
    return now


def clear(hub: Hub, session: Session, name: str) -> tuple[str, list[str]]:
    """Take all keys away: of whom, and which.

    Raises `Refused`: NO_SUCH_TARGET, NOT_YOURS, TOO_MANY_CHANGES, UNWRITABLE, ENDED.
    """
    require_here(session)
    target = find(hub, session, name)
    _require_own(session, target, "*")
    keys = sorted(target.owner.metadata)
    if keys:
        _require_patience(hub, session, target, "*")
    for key in keys:
        _record(hub, session, Change(target.owner, key, None))
    return target.name, keys


def require_key(key: str) -> None:
    """Raise `Refused` BAD_METADATA_KEY unless something can be set under it."""
    if not metadata.is_key(key):
        raise Refused(Reason.BAD_METADATA_KEY, key)


def require_value(hub: Hub, key: str, value: str) -> str:
    """A value as it is kept. Raises `Refused`: BAD_METADATA_VALUE."""
    now = metadata.cleaned(key, value)
    if len(now.encode("utf-8", "replace")) > hub.limits.metadata_value:
        raise Refused(Reason.BAD_METADATA_VALUE, key, str(hub.limits.metadata_value))
    return now


def _require_own(session: Session, target: Target, key: str) -> None:
    owner = target.owner
    if isinstance(owner, Room):
        is_own = owner in session.rooms and may_govern(session, owner)
        is_own = is_own and not metadata.is_private(key)  # nobody could be said to own it
    else:
        is_own = owner is session.person
    if not is_own:
        raise Refused(Reason.NOT_YOURS, target.name, key)


def _require_patience(hub: Hub, session: Session, target: Target, key: str) -> None:
    hub.timeline.require_writable()
    wait = hub.subscribers.wait(session, hub.clock.now())
    if wait:
        raise Refused(Reason.TOO_MANY_CHANGES, target.name, key, str(ceil(wait / 1000)))


def _record(hub: Hub, session: Session, one: Change) -> None:
    if one.value is None:
        del one.owner.metadata[one.key]
    else:
        one.owner.metadata[one.key] = one.value
    hub.timeline.keep(session, one)
    tell_change(hub, session, one)


# -- hearing of it -----------------------------------------------------------------------------


def subscribe(hub: Hub, session: Session, key: str) -> bool:
    """Hear of a key from now on; whether one did not before.

    Raises `Refused`: BAD_METADATA_KEY, TOO_MANY_SUBSCRIPTIONS.
    """
    require_key(key)
    keys = hub.subscribers.keys(session)
    if key in keys:
        return False
    if len(keys) >= hub.limits.subscriptions:
        raise Refused(Reason.TOO_MANY_SUBSCRIPTIONS, key, str(hub.limits.subscriptions))
    hub.subscribers.subscribe(session, key)
    return True


def unsubscribe(hub: Hub, session: Session, key: str) -> None:
    """Hear no more of a key. Raises `Refused`: BAD_METADATA_KEY."""
    require_key(key)
    hub.subscribers.unsubscribe(session, key)


def synchronise(hub: Hub, session: Session, name: str) -> Part:
    """What of a target one hears of, as it is now; of a room's members, too.

    When that is very much it is a part of it, and the next question gives the next.
    Raises `Refused`: NO_SUCH_TARGET.
    """
    called, owners = _heard_of(hub, session, name)
    after = hub.subscribers.reached(session, called)
    part, last = _part(hub, session, [one for one in owners if one.owner.id > after], AT_ONCE)
    hub.subscribers.reach(session, called, last)
    return Part(called, part, more=last != 0)


def on_entering(hub: Hub, session: Session, room: Room) -> Part:
    """What one who enters a room hears of it and its members: all of it, or that there is more."""
    hub.subscribers.reach(session, room.name, 0)
    # Who hears of no key need not cost a look at all who are there.
    owners = _inside(session, room) if hub.subscribers.keys(session) else []
    part, last = _part(hub, session, owners, ON_ENTERING)
    return Part(room.name, [] if last else part, more=last != 0)


def _heard_of(hub: Hub, session: Session, name: str) -> tuple[str, list[Target]]:
    """What a target is called, and whose metadata belongs to it, in the order of their ids."""
    if name == EVERYTHING:
        found = {room.id: Target(room.name, room) for room in session.rooms}
        watched = [hub.world.session(nick) for nick in hub.watching.watched(session)]
        here = [one for one in watched if one is not None]
        companions = (member for room in session.rooms for member in room.members)
        found |= _persons(chain((session,), companions, here))
        return name, sorted(found.values(), key=lambda one: one.owner.id)
    target = find(hub, session, name)
    if not isinstance(target.owner, Room):
        return target.name, [target]
    if target.owner not in session.rooms:
        raise Refused(Reason.NO_SUCH_TARGET, name)  # one hears of it when one is in it
    return target.name, _inside(session, target.owner)


def _inside(session: Session, room: Room) -> list[Target]:
    """A room and its other members."""
    found = _persons(member for member in room.members if member is not session)
    found[room.id] = Target(room.name, room)
    return sorted(found.values(), key=lambda one: one.owner.id)


def _persons(sessions: Iterable[Session]) -> dict[int, Target]:
    """Those who say anything of themselves: few of many."""
    return {one.person.id: Target(one.nick, one.person) for one in sessions if one.person.metadata}


def _part(
    hub: Hub, session: Session, owners: Collection[Target], most: int
) -> tuple[list[MetadataSet], int]:
    """So many values, of each owner all; and the id of the last owner if there are more."""
    found: list[MetadataSet] = []
    last = 0
    for one in owners:
        wanted = hub.subscribers.wanted(session, values(session, one))
        if wanted and found and len(found) + len(wanted) > most:
            return found, last
        found += [MetadataSet(one.name, key, value) for key, value in wanted]
        last = one.owner.id
    return found, 0
