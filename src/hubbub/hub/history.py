"""History: what was said, for those who ask.

What somebody said before they asked is in the answer: a question waits for the timeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubbub.core.events import Entry
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


def replay(hub: Hub, session: Session, room: Room) -> None:
    """Show an arrival the last messages of a room, up to this very moment of the timeline."""
    if hub.limits.replay:
        hub.timeline.replay(session, room, hub.limits.replay)


async def recent(hub: Hub, room: Room, count: int) -> list[Entry]:
    """The last messages of a room, oldest first, at most `limits.history`.

    Raises `StoreError`.
    """
    await hub.timeline.settled()
    return await hub.archive.latest(room.id, min(count, hub.limits.history))
