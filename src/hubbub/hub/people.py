"""People: who is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


def everybody(hub: Hub) -> list[Session]:
    """Everybody connected, in the order of arrival. For operators."""
    return list(hub.world.sessions)


def members(room: Room) -> list[Session]:
    """Who is in a room, by name."""
    return sorted(room.members, key=lambda session: session.nick.casefold())
