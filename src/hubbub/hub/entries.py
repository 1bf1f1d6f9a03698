"""Entries: what every event that is kept begins with, made in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hubbub.core.events import EntryKind, Live
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

E = TypeVar("E", bound="Live")


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
