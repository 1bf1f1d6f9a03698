"""Reacting: what people send about a message is kept with it, and returned with its history.

Whoever may speak where the message stands may react to it. The reaction goes to those who have
heard the message, and can be taken away as the message can (`amending`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hubbub.core.events import Reacted
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import RoomKind
from hubbub.hub.amending import audience_of, opened
from hubbub.hub.entries import entry, for_role, role_of, with_tags
from hubbub.hub.past import require_readable
from hubbub.hub.rooms import require_here
from hubbub.hub.talk import require_voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.core.events import EntryKind
    from hubbub.core.sessions import Session
    from hubbub.hub.amending import Meant
    from hubbub.hub.hub import Hub


class Reaction(NamedTuple):
    """REACT or UNREACT with what; `tags` say it to other clients."""

    kind: EntryKind
    text: str
    tags: Mapping[str, str]


def react(hub: Hub, session: Session, meant: Meant, reaction: Reaction) -> Reacted:
    """React to a message, or take that back.

    Raises `Refused`: NOT_IN_ROOM, CANNOT_SPEAK, NO_SUCH_NICK, NO_SUCH_MESSAGE, UNWRITABLE, ENDED.
    """
    require_here(session)
    require_readable(session, meant.where)
    hub.timeline.require_writable()
    audience, message = audience_of(hub, meant), meant.message
    if meant.where.other is not None and not audience:
        raise Refused(Reason.NO_SUCH_NICK, meant.where.name)
    room = opened(hub, session, meant)
    if room.kind is RoomKind.ROOM:
        require_voice(session, room)
    if room.is_gone(message.msgid):
        raise Refused(Reason.NO_SUCH_MESSAGE, meant.where.name, message.msgid)
    role = role_of(message)
    event = entry(
        Reacted,
        hub,
        room,
        session,
        reaction.kind,
        reaction.text,
        target=message.msgid,
        extra=with_tags(for_role(role) if role else None, reaction.tags),
        audience=audience,
        to=room.name if room.kind is RoomKind.ROOM else meant.where.name,
        tags=reaction.tags,
    )
    hub.timeline.record(event)
    return event
