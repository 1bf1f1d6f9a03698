"""Following: what a client wants to hear of metadata, and says of itself, before it is there.

The specification lets clients set and subscribe while they register ("before-connect"); what
they say then waits in `registration` and is done as soon as they are somebody. Who gives the
capability up hears no more. Next: `commands/metadata`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc.keyvalues import is_aware
from hubbub.hub import metadata

if TYPE_CHECKING:
    from hubbub.doors.irc.door import IrcDoor

COMMAND = "METADATA"


def obey(door: IrcDoor) -> None:
    """Follow metadata, or do not any more, as the capabilities of a client now are."""
    session, subscribers = door.session_or_none, door.hub.subscribers
    if is_aware(door):
        if session is not None:
            subscribers.follow(session)
        return
    # "metadata": who removes "this capability or the batch capability" has no subscriptions more.
    door.registration.keys.clear()
    if session is not None:
        subscribers.stop(session)


def begin(door: IrcDoor) -> None:
    """Do what was asked for before there was anybody to do it for."""
    obey(door)
    who, hub, session = door.registration, door.hub, door.session
    for key in who.keys:
        metadata.subscribe(hub, session, key)
    for key, value in who.metadata.items():
        try:
            metadata.change(hub, session, metadata.SELF, key, value or "")
        except Refused as no:  # it may be somebody who has as many as they may, or the disk
            door.refuse(no, COMMAND)
    who.keys.clear()
    who.metadata.clear()


def said(door: IrcDoor) -> dict[str, str]:
    """What a client that is not there yet says of itself, be it since earlier, by key."""
    who = door.registration
    before = {} if who.person is None else who.person.metadata
    now = before | {key: value for key, value in who.metadata.items() if value is not None}
    return {key: value for key, value in now.items() if who.metadata.get(key, value) is not None}


def say(door: IrcDoor, key: str, value: str) -> str | None:
    """Have a key with a value, or none (""), as soon as one is there; what it will be.

    Raises `Refused`: BAD_METADATA_KEY, BAD_METADATA_VALUE, TOO_MUCH_METADATA.
    """
    metadata.require_key(key)
    now = metadata.require_value(door.hub, key, value) or None
    waiting, most = door.registration.metadata, door.hub.limits.metadata_keys
    if key not in waiting and len(waiting) >= most:
        raise Refused(Reason.TOO_MUCH_METADATA, metadata.SELF, str(most))
    waiting[key] = now
    return now


def want(door: IrcDoor, key: str) -> None:
    """Hear of a key as soon as one is there.

    Raises `Refused`: BAD_METADATA_KEY, TOO_MANY_SUBSCRIPTIONS.
    """
    metadata.require_key(key)
    keys, most = door.registration.keys, door.hub.limits.subscriptions
    if key not in keys and len(keys) >= most:
        raise Refused(Reason.TOO_MANY_SUBSCRIPTIONS, key, str(most))
    keys[key] = None
