"""Talk: saying something, to a room or to one person.

The length of a text is checked here for every protocol; cutting a longer frame into several
messages is the door's courtesy. What is said is heard only when it is saved (`timeline`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.events import EntryKind, Said
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.world import direct_name

if TYPE_CHECKING:
    from hubbub.core.ports import RoomRow
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


def say(
    hub: Hub,
    session: Session,
    room: Room,
    text: str,
    *,
    kind: EntryKind = EntryKind.MESSAGE,
    send_id: str | None = None,
    audience: tuple[Session, ...] | None = None,
) -> Said:
    """Say something in a room. Raises `Refused`: STOPPING, UNWRITABLE, TEXT_TOO_LONG."""
    if hub.stopping:
        raise Refused(Reason.STOPPING)
    if hub.timeline.trouble is not None:  # asked twice for speed: a call less for each message
        hub.timeline.require_writable()
    if len(text) * 4 > hub.limits.message:
        _require_length(text, hub.limits.message)
    event = Said(
        room.id,
        kind,
        hub.ids.msgid(hub.clock.now()),
        session.person.id,
        session.nick,
        text,
        room=room,
        session=session,
        audience=audience,
        send_id=send_id,
    )
    hub.timeline.record(event)
    return event


async def tell(
    hub: Hub, session: Session, nick: str, text: str, *, send_id: str | None = None
) -> Said:
    """Say something to one person.

    Raises `Refused`: NO_SUCH_NICK, and what `say` raises.
    """
    hub.timeline.require_writable()
    other = _somebody(hub, nick)
    folded = direct_name(session.person.id, other.person.id)
    row = None
    if hub.world.room(folded) is None:
        await hub.timeline.settled()  # so that what the store answers is the last word
        row = await hub.archive.direct_room(session.person.id, other.person.id)
        if session not in hub.world or hub.world.session(nick) is not other:
            # Somebody left while the store was asked; who has the name now is not who was meant.
            raise Refused(Reason.NO_SUCH_NICK, nick)
    room = hub.world.room(folded) or _open_conversation(hub, folded, row)
    session.conversations[room] = other
    other.conversations[room] = session
    return say(hub, session, room, text, send_id=send_id, audience=(other,))


def _open_conversation(hub: Hub, folded: str, row: RoomRow | None) -> Room:
    """The direct conversation that the store knows as `row`, or a new one."""
    room = Room(hub.ids.number() if row is None else row.id, folded, folded, RoomKind.DIRECT)
    if row is not None:
        room.last_seq, room.last_time, room.kept = row.last_seq, row.last_time, True
    hub.world.add_room(room)
    return room


def _somebody(hub: Hub, nick: str) -> Session:
    session = hub.world.session(nick)
    if session is None:
        raise Refused(Reason.NO_SUCH_NICK, nick)
    return session


def _require_length(text: str, limit: int) -> None:
    if len(text.encode("utf-8", "replace")) > limit:
        raise Refused(Reason.TEXT_TOO_LONG, str(limit))
