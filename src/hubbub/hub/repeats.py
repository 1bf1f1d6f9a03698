"""Repeats: what was said already, of a message that cannot be said now.

Whether a message with a send-once id is a repeat is found out when it is saved (`timeline`). One
that is refused before (somebody left, a room was closed to its author) never comes so far; its
author wants to know all the same whether it was said before the line broke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.events import Said
from hubbub.core.names import fold
from hubbub.core.roles import Role
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.world import direct_name
from hubbub.hub.entries import role_of
from hubbub.hub.history import is_conversation

if TYPE_CHECKING:
    from hubbub.core.ports import Found
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.hub.talk import How


async def find(  # noqa: PLR0917 (as one says it: to whom, what, how)
    hub: Hub, session: Session, to: str, text: str, how: How, role: Role = Role.NONE
) -> Said | None:
    """The first message with the send-once id of this one, as the session would say it now.

    None when there is none, or it is another. `to` is the name of a room, `role` that of those
    in it who were to hear it; or the name of a person, whoever of them has gone. Raises
    `StoreError`.
    """
    if how.send_id is None:
        return None
    await hub.timeline.settled()  # so that what the store answers is the last word
    found = await hub.archive.sent(how.send_id)
    if found is None or not _is_same(found, session, text, how, role):
        return None
    if not _was_told_there(hub, session, found.room, to):
        return None
    kind = RoomKind.DIRECT if is_conversation(found.room) else RoomKind.ROOM
    room = Room(found.entry.room_id, found.room, fold(found.room), kind)
    words = (text, found.entry.msgid, how.kind, to)
    first = Said(session, room, *words, extra=found.entry.extra, tags=how.tags)
    first.time = found.entry.time
    return first


def _is_same(found: Found, session: Session, text: str, how: How, role: Role) -> bool:
    entry = found.entry
    same_words = entry.kind is how.kind and entry.text == text
    return same_words and entry.person_id == session.person.id and role_of(entry) is role


def _was_told_there(hub: Hub, session: Session, where: str, to: str) -> bool:
    if not is_conversation(where):
        return fold(where) == fold(to)
    if to.startswith("#"):
        return False
    other = hub.world.session(to)
    # Of who has gone nobody knows the name any more; the id, the author and the words are enough.
    return other is None or direct_name(session.person.id, other.person.id) == where
