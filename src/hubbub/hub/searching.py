"""Searching: what somebody finds of what they may read, in all places or in one of them.

Whatever is found here could have been paged to (`past` decides who reads what), so it can be
opened in its place by its msgid. What somebody said before they searched is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.ports import TooMuchError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import RoomKind
from hubbub.hub import past
from hubbub.hub.amending import as_of_now
from hubbub.hub.restored import said_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Said
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.text.query import Query


async def search(
    hub: Hub,
    session: Session,
    query: Query,
    limit: int,
    *,
    within: str | None = None,
    earliest: bool = False,
) -> list[Said]:
    """The last messages that match, or the first, oldest first; at most `limits.history`.

    `within` is the name of a room or person. Raises `Refused`: NO_SUCH_ROOM, NOT_IN_ROOM,
    NO_SUCH_NICK, TOO_MUCH; `StoreError`.
    """
    if within is None:
        places = await past.everything_readable(hub, session)
    else:
        places = [await past.readable(hub, session, within)]
        await hub.timeline.settled(session)
    reach = past.reach(hub, session, [one.room for one in places if one.room is not None])
    if not reach.rooms:
        return []
    limit = min(limit, hub.limits.history)
    try:
        found = await hub.archive.search(query, limit, reach=reach, earliest=earliest)
    except TooMuchError:
        raise Refused(Reason.TOO_MUCH) from None
    entries = [one.entry for one in (found if earliest else reversed(found))]
    known = {}
    for place in places:
        if place.room is not None:
            room = past.as_open(hub, place.room)
            await past.at_rest(hub, room, entries)
            known[room.id] = place, room
    heard = []
    for entry in past.within(entries, past.PAGE_BYTES, first=earliest):
        where, room = known[entry.room_id]
        to = past.addressed(session, where, entry)
        heard.append(said_again(hub.world, entry, room, to=to))
    return heard


def still_readable(hub: Hub, session: Session, found: Sequence[Said]) -> list[Said]:
    """What of it somebody may read now: they may have left a room, and others may have taken
    something back, since they asked."""
    rooms = {said.room for said in found}
    here = [room for room in rooms if room.kind is RoomKind.DIRECT or room in session.rooms]
    reach = past.reach(hub, session, here)
    return as_of_now(said for said in found if reach.holds(said))
