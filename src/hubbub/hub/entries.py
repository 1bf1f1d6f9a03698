"""Entries: what every event that is kept begins with, made in one place; and for whom it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hubbub.core.events import Entry, EntryKind, Live
    from hubbub.core.roles import Role
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

E = TypeVar("E", bound="Live")
_FOR = "for"


def entry(  # noqa: PLR0917 (who, where, what: the words of a sentence)
    event: type[E],
    hub: Hub,
    room: Room,
    session: Session,
    kind: EntryKind,
    text: str = "",
    **more: Any,
) -> E:
    """An event of that class: `session` does it, in `room`, now. `more` are the class's own."""
    return event(
        room.id,
        kind,
        hub.ids.msgid(hub.clock.now()),
        session.person.id,
        session.nick,
        text,
        session.account,
        room=room,
        session=session,
        source=session.mask,
        **more,
    )


def for_role(role: Role) -> str:
    """The `extra` of an entry that only members with a role have heard."""
    return json.dumps({_FOR: str(role.name).lower()})


def is_for_all(entry: Entry) -> bool:
    """Whether everybody who may read a room's history may read this."""
    return entry.extra is None or _FOR not in json.loads(entry.extra)
