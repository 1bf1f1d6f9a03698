"""Keys and values as lines: what IRC clients are shown of metadata ("metadata").

How it looks, and what follows a client's own JOIN or stands in its welcome; what is set and who
hears of it is `hub/metadata`'s, the command `commands/metadata`'s. Of a number of values one batch
is made for those who know batches.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hubbub.core.metadata import MAX_KEY, MetadataSet, is_private
from hubbub.doors.irc import labels
from hubbub.doors.irc.capabilities import Cap
from hubbub.hub import metadata
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.core.limits import Limits
    from hubbub.core.metadata import MetadataShown
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.hub.metadata import Part

NAME: Final = "draft/metadata-3"

AWARE: Final = Cap.METADATA | Cap.BATCH
""""metadata": a metadata-aware client has "both the `draft/metadata-3` … and the `batch`"."""

VISIBLE: Final = "*"
"""The visibility of a key that everybody sees."""
PRIVATE: Final = "private"
"""That of a key that nobody sees but its person."""

ON_WHOIS: Final = 10
"""Values that WHOIS shows of one person."""

NOT_SET: Final = "Key not set"


def capability(limits: Limits) -> str:
    """What the capability says of our limits."""
    return (
        f"before-connect,max-subs={limits.subscriptions},max-keys={limits.metadata_keys}"
        f",max-key-bytes={MAX_KEY},max-value-bytes={limits.metadata_value}"
    )


def is_aware(door: IrcDoor) -> bool:
    """Whether a client is told of metadata unasked."""
    return door.caps & AWARE == AWARE


# -- lines -------------------------------------------------------------------------------------


@lru_cache(256)
def unasked(event: MetadataSet, server: str) -> bytes:
    """A change as all who hear of it are told; like that of MONITOR it may be to `*`."""
    return keyvalue(event, "*", server)


def shown(event: MetadataShown, server: str) -> bytes:
    """What is to be known of somebody whom a client watches."""
    lines = [keyvalue(one, "*", server) for one in event.values]
    return labels.batched(lines, f"metadata {event.target}", server)


def keyvalue(event: MetadataSet, nick: str, server: str) -> bytes:
    """A key as one client, which is called `nick`, is told of it."""
    target, key, value = event.target, event.key, event.value
    if value is None:
        words: tuple[str, ...] = (n.RPL_KEYNOTSET, nick, target, key, NOT_SET)
    else:
        words = (n.RPL_KEYVALUE, nick, target, key, visibility(key), value)
    return line(*words, source=server, trailing=True)


def visibility(key: str) -> str:
    """Who sees a key."""
    return PRIVATE if is_private(key) else VISIBLE


def answers(door: IrcDoor, target: str, values: Iterable[tuple[str, str | None]]) -> list[bytes]:
    """Keys of one target as this client is told of them."""
    server = door.doors.settings.server
    return [keyvalue(MetadataSet(target, *one), door.nick, server) for one in values]


def put(door: IrcDoor, target: str, lines: Sequence[bytes], kind: str = "metadata") -> None:
    """Answer with lines, none are an answer, too; in a batch if the client knows what that is."""
    if door.caps & Cap.BATCH:
        name = f"{kind} {target}" if target else kind
        door.put(labels.batched(lines, name, door.doors.settings.server))
    elif lines:
        door.put(b"".join(lines))


# -- what is shown unasked ---------------------------------------------------------------------


def show_own(door: IrcDoor) -> None:
    """What a client that has just arrived says of itself, before the end of its welcome."""
    if is_aware(door):
        session = door.session
        put(door, session.nick, answers(door, session.nick, session.person.metadata.items()))


def show_room(door: IrcDoor, room: Room) -> None:
    """What a client that enters a room hears of it and of who is there."""
    if is_aware(door):
        part(door, metadata.on_entering(door.hub, door.session, room))


def show_watched(door: IrcDoor, watched: Iterable[Session]) -> None:
    """What a client hears of those whom it watches and who are here."""
    if is_aware(door):
        for one in watched:
            part(door, metadata.synchronise(door.hub, door.session, one.nick))


def part(door: IrcDoor, found: Part) -> None:
    """What was found, and that there is more."""
    server = door.doors.settings.server
    if found.values or not found.more:
        put(door, found.name, [keyvalue(one, door.nick, server) for one in found.values])
    if found.more:
        later(door, found.name)


def later(door: IrcDoor, target: str) -> None:
    """Let a client ask for what it hears of when it likes."""
    door.answer(n.RPL_METADATASYNCLATER, target, "0", "Ask with METADATA SYNC")


def on_whois(door: IrcDoor, who: Session) -> None:
    """What somebody says of themselves, to who asks for them."""
    if door.caps & Cap.METADATA:
        target = metadata.find(door.hub, door.session, who.nick)
        # "RPL_WHOISKEYVALUE": "a subset of that metadata MAY be sent": what is no vendor's.
        found = [one for one in metadata.values(door.session, target).items() if "/" not in one[0]]
        for key, value in sorted(found)[:ON_WHOIS]:
            door.answer(n.RPL_WHOISKEYVALUE, target.name, key, VISIBLE, value)
