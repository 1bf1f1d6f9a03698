"""People: who is here, what they are called, whether they answer, and who wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubbub.core import names
from hubbub.core.events import AwaySet, EntryKind, HostSet, RealNameSet, Renamed
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Trait
from hubbub.hub.entries import entry
from hubbub.hub.rooms import new_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.events import PassingEvent
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


def everybody(hub: Hub) -> list[Session]:
    """Everybody connected, in the order of arrival. For operators."""
    return list(hub.world.sessions)


def members(room: Room) -> list[Session]:
    """Who is in a room, by name."""
    return sorted(room.members, key=lambda session: session.nick.casefold())


def visible(hub: Hub, session: Session) -> Iterator[Session]:
    """Everybody whom a session may find without knowing their name."""
    for other in hub.world.sessions:
        if other is session or Trait.INVISIBLE not in other.traits or meet(session, other):
            yield other


def meet(session: Session, other: Session) -> bool:
    """Whether two are in a room together."""
    return not session.rooms.isdisjoint(other.rooms)


def somebody(hub: Hub, nick: str) -> Session:
    """Who is here under that name. Raises `Refused` NO_SUCH_NICK."""
    session = hub.world.session(nick)
    if session is None:
        raise Refused(Reason.NO_SUCH_NICK, nick)
    return session


def rename(hub: Hub, session: Session, nick: str) -> None:
    """Go by another name. Raises `Refused`: BAD_NAME, NICK_IN_USE."""
    if nick == session.nick:
        return
    require_free(hub, nick, session)
    happenings = [
        (room, entry(Renamed, hub, room, session, EntryKind.NICK, nick)) for room in session.rooms
    ]
    if happenings:
        hub.timeline.record_everywhere(happenings)
    else:
        nowhere = new_room(hub, "*")
        hub.timeline.tell(session, entry(Renamed, hub, nowhere, session, EntryKind.NICK, nick))
    hub.memory.remember(session, session.nick, hub.clock.now())
    hub.world.rename(session, nick)
    session.person.nick = nick


def require_free(hub: Hub, nick: str, session: Session | None = None) -> None:
    """Raise `Refused` BAD_NAME or NICK_IN_USE unless a session may be called so."""
    why = names.why_no_nick(nick, hub.limits.name)
    if why:
        raise Refused(Reason.BAD_NAME, nick, why)
    owner = hub.world.session(nick)
    if (owner is not None and owner is not session) or hub.world.is_confusing(nick, session):
        raise Refused(Reason.NICK_IN_USE, nick)


def set_away(hub: Hub, session: Session, away: str | None) -> None:
    """Be away, which is why, or be here again (None)."""
    if away == session.away:
        return
    session.away = away
    _tell_rooms(hub, session, AwaySet(**_passing(hub, session), away=away))


def set_real_name(hub: Hub, session: Session, real_name: str) -> None:
    """Have another real name."""
    session.real_name = real_name
    _tell_rooms(hub, session, RealNameSet(**_passing(hub, session), real_name=real_name))


def set_host(hub: Hub, session: Session, username: str, host: str) -> None:
    """Be seen with another user name and host."""
    event = HostSet(**_passing(hub, session), username=username, host=host)
    session.username, session.host = username, host
    _tell_rooms(hub, session, event)


def _tell_rooms(hub: Hub, session: Session, event: PassingEvent) -> None:
    """Let everybody who is in a room with a session hear something about it, and itself."""
    if session.rooms:
        hub.timeline.record_everywhere([(room, event) for room in session.rooms])
    else:
        hub.timeline.tell(session, event)


def _passing(hub: Hub, session: Session) -> dict[str, Any]:
    return {"session": session, "source": session.mask, "time": hub.clock.now()}
