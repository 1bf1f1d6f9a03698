"""Amending: what was said is taken away ("redaction").

One's own words for a time, and in a room its operators whatever was said there. What is amended
stands in the record already, so the store is asked first (`find`), and what may have changed since
is checked again when it is decided. The text itself is the store's to blank; here the room forgets
it, and remembers the msgid for those whose answers are still on their way (`as_of_now`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from hubbub.core.events import EntryKind, Redacted
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import RoomKind
from hubbub.hub.entries import entry, for_role, role_of
from hubbub.hub.past import readable, require_readable
from hubbub.hub.rooms import require_here
from hubbub.hub.talk import with_role
from hubbub.text.split import split_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.core.events import Entry, Live
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.hub.past import Readable

E = TypeVar("E", bound="Live")


@dataclass(slots=True, frozen=True)
class Meant:
    """A message that somebody means, and where it stands."""

    where: Readable
    room: Room
    message: Entry


async def find(hub: Hub, session: Session, to: str, msgid: str) -> Meant:
    """The message of that msgid in a room, or in the conversation with somebody.

    Raises `Refused`: NO_SUCH_ROOM, NOT_IN_ROOM, NO_SUCH_NICK, NO_SUCH_MESSAGE; `StoreError`.
    """
    where = await readable(hub, session, to)
    await hub.timeline.settled()  # what was said in the same breath is found, too
    room = where.room
    message = None if room is None else await hub.archive.message(room.id, msgid)
    if room is None or message is None:
        raise Refused(Reason.NO_SUCH_MESSAGE, where.name, msgid)
    return Meant(where, room, message)


def redact(hub: Hub, session: Session, meant: Meant, reason: str = "") -> Redacted:
    """Take a message away; a longer reason is cut.

    Raises `Refused`: NOT_IN_ROOM, NO_SUCH_MESSAGE, NOT_AUTHOR, TOO_LATE, UNWRITABLE, STOPPING,
    ENDED.
    """
    require_here(session)
    require_readable(session, meant.where)
    hub.timeline.require_writable()
    room, message = opened(hub, session, meant), meant.message
    if message.msgid in room.amended:
        raise Refused(Reason.NO_SUCH_MESSAGE, meant.where.name, message.msgid)
    _require_right(hub, session, meant)
    role = role_of(message)
    event = entry(
        Redacted,
        hub,
        room,
        session,
        EntryKind.REDACT,
        split_utf8(reason, hub.limits.topic)[0] if reason else "",
        target=message.msgid,
        extra=for_role(role) if role else None,
        audience=audience_of(hub, meant),
        to=room.name if room.kind is RoomKind.ROOM else meant.where.name,
        author=message.nick,
        said=message.time,
    )
    room.amend(message.msgid)
    hub.timeline.record(event)
    hub.timeline.then(partial(_settle, event))
    return event


def as_of_now(events: Iterable[E]) -> list[E]:
    """What was read a moment ago, without what was taken away since."""
    return [event for event in events if event.msgid not in event.room.amended]


def in_words(event: Redacted, when: str) -> str:
    """What happened, for those whose protocol has no word for it; `when` the message was said."""
    if event.author == event.nick:
        told = f"{event.nick} took back what they said at {when}"
    else:
        told = f"{event.nick} removed what {event.author} said at {when}"
    return f"{told}: {event.text}" if event.text else told


def _require_right(hub: Hub, session: Session, meant: Meant) -> None:
    if meant.room.is_operator(session):
        return
    message, details = meant.message, (meant.where.name, meant.message.msgid)
    if message.person_id != session.person.id:
        raise Refused(Reason.NOT_AUTHOR, *details)
    window = hub.limits.redact_own
    if hub.clock.now() - message.time >= window:
        raise Refused(Reason.TOO_LATE, *details, str(window // 1000))


def audience_of(hub: Hub, meant: Meant) -> tuple[Session, ...] | None:
    """Those who have heard the message, None for all of a room."""
    if meant.where.other is not None:
        other = hub.world.acting(meant.where.other)
        return () if other is None else (other,)
    role = role_of(meant.message)
    return with_role(meant.room, role) if role else None


def opened(hub: Hub, session: Session, meant: Meant) -> Room:
    """The room as it is open; a conversation that is open no more, or not yet, is opened for this.

    With oneself, should the other person have left: it is closed when either of them leaves.
    """
    room = hub.world.room(meant.room.folded)
    if room is None and meant.where.other is not None:
        room = meant.room
        other = hub.world.acting(meant.where.other) or session
        hub.world.add_room(room)
        session.conversations[room] = other
        other.conversations[room] = session
    return room or meant.room


def _settle(event: Redacted) -> None:
    """Forget the message, or that it was to be forgotten, when that could not be saved."""
    msgid = event.target or ""
    if event.seq:
        event.room.forget(msgid)
    else:
        event.room.amended.pop(msgid, None)
