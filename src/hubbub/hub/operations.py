"""Operations: what the operator does to the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.hub import arrival

if TYPE_CHECKING:
    from hubbub.hub.hub import Hub


def stop(hub: Hub) -> None:
    """Let nobody in any more and take everybody out, saved with the reason, heard by nobody."""
    hub.stopping = True
    leaving = list(hub.world.sessions)
    rooms_of = {session: list(session.rooms) for session in leaving}
    for session, rooms in rooms_of.items():
        for room in rooms:
            room.leave(session)
    for session, rooms in rooms_of.items():
        arrival.depart(hub, session, rooms, "the server stopped")
