"""People: who is here, what they are called, whether they answer, and who wants to know.

What changes about somebody is heard once by everybody who shares a room with them, and by those
who watch their name (`Watched`; their door decides whether it shows it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubbub.core import names
from hubbub.core.bans import Peer
from hubbub.core.events import (
    AccountSet,
    AwaySet,
    EntryKind,
    HostSet,
    Offline,
    Online,
    RealNameSet,
    Renamed,
    Watched,
)
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Privilege, Trait
from hubbub.hub.entries import entry
from hubbub.hub.rooms import new_room, require_here
from hubbub.hub.subscribers import tell_watcher
from hubbub.text.split import split_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    sees_all = session.may(Privilege.SEE_ALL)
    for other in hub.world.sessions:
        hidden = Trait.INVISIBLE in other.traits and not sees_all
        if not hidden or other is session or meet(session, other):
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
    """Go by another name: heard once by everybody in a room with the session, and by itself.

    Raises `Refused`: BAD_NAME, NICK_IN_USE, ENDED.
    """
    require_here(session)
    if nick == session.nick:
        return
    require_free(hub, nick, session)
    _require_no_ban(hub, session, nick)
    happenings = [
        (room, entry(Renamed, hub, room, session, EntryKind.NICK, nick)) for room in session.rooms
    ]
    if happenings:
        hub.timeline.record_everywhere(happenings)
    else:
        nowhere = new_room(hub, "*")  # an event has a room: this one is never opened nor saved
        hub.timeline.tell(session, entry(Renamed, hub, nowhere, session, EntryKind.NICK, nick))
    old = session.nick
    hub.memory.remember(session, hub.clock.now())
    hub.world.rename(session, nick)
    session.person.rename(nick)
    _be_heard_anew(session)
    if names.fold(old) != names.fold(nick):
        tell_gone(hub, old)
        tell_here(hub, session)


def require_free(hub: Hub, nick: str, session: Session | None = None) -> None:
    """Raise `Refused` BAD_NAME or NICK_IN_USE unless a session may be called so."""
    why = names.why_no_nick(nick, hub.limits.name)
    if why:
        raise Refused(Reason.BAD_NAME, nick, why)
    owner = hub.world.session(nick)
    if (owner is not None and owner is not session) or hub.world.is_confusing(nick, session):
        raise Refused(Reason.NICK_IN_USE, nick)


def _require_no_ban(hub: Hub, session: Session, nick: str) -> None:
    """Raise `Refused` BAD_NAME when a ban of the server means somebody of that name."""
    peer = Peer(nick, session.username, session.host, session.address.host)
    if hub.bans.find(peer, hub.clock.now()) is not None:
        raise Refused(Reason.BAD_NAME, nick, "it is banned from this server")


def set_away(hub: Hub, session: Session, away: str | None) -> None:
    """Be away, which is why, or be here again (None). What is too long is cut.

    Raises `Refused`: ENDED.
    """
    require_here(session)
    away = None if away is None else split_utf8(away, hub.limits.away)[0]
    if away == session.away:
        return
    session.away = away
    _tell_rooms(hub, session, AwaySet(**_passing(hub, session), away=away))


def set_real_name(hub: Hub, session: Session, real_name: str) -> None:
    """Have another real name. Raises `Refused`: BAD_REAL_NAME, ENDED."""
    require_here(session)
    if not real_name or len(real_name.encode("utf-8", "replace")) > hub.limits.real_name:
        raise Refused(Reason.BAD_REAL_NAME, str(hub.limits.real_name))
    session.real_name = real_name
    _tell_rooms(hub, session, RealNameSet(**_passing(hub, session), real_name=real_name))


def set_host(hub: Hub, session: Session, username: str, host: str) -> None:
    """Be seen with another user name and host."""
    event = HostSet(**_passing(hub, session), username=username, host=host)
    session.place(username, host)
    _be_heard_anew(session)
    _tell_rooms(hub, session, event)


def set_trait(hub: Hub, session: Session, trait: Trait, *, on: bool) -> bool:
    """Say something of oneself; False when it is so already."""
    if on is (trait in session.traits):
        return False
    session.traits = session.traits | {trait} if on else session.traits - {trait}
    hub.world.mark(session)
    return True


def set_account(hub: Hub, session: Session, account: str | None) -> None:
    """Be signed in to an account, or to none (None)."""
    if account == session.account:
        return
    session.account = account
    _be_heard_anew(session)
    _tell_rooms(hub, session, AccountSet(**_passing(hub, session), account=account))


# -- watching ----------------------------------------------------------------------------------


def watch(hub: Hub, session: Session, nick: str) -> Session | None:
    """Hear when somebody comes or goes under a name; who is here under it now.

    Raises `Refused`: BAD_NAME (a mask is no name), TOO_MANY_WATCHED, ENDED.
    """
    require_here(session)
    why = names.why_no_nick(nick, hub.limits.name)
    if why and hub.world.session(nick) is None:
        raise Refused(Reason.BAD_NAME, nick, why)
    watching = hub.watching
    if not watching.is_watching(session, nick) and watching.count(session) >= hub.limits.watched:
        raise Refused(Reason.TOO_MANY_WATCHED, str(hub.limits.watched), nick)
    watching.watch(session, nick)
    return hub.world.session(nick)


def unwatch(hub: Hub, session: Session, nick: str) -> None:
    """Hear no more of a name."""
    hub.watching.unwatch(session, nick)


def watched(hub: Hub, session: Session) -> list[tuple[str, Session | None]]:
    """The names a session watches, as it gave them, and who is here under each."""
    return [(nick, hub.world.session(nick)) for nick in hub.watching.watched(session)]


def tell_here(hub: Hub, session: Session) -> None:
    """Let those who watch a name hear that a session has it now."""
    for watcher in hub.watching.watchers(session.nick):
        hub.timeline.tell(watcher, Online(session.nick, session.mask))
        tell_watcher(hub, watcher, session)


def tell_gone(hub: Hub, nick: str) -> None:
    """Let those who watch a name hear that nobody has it any more."""
    for watcher in hub.watching.watchers(nick):
        hub.timeline.tell(watcher, Offline(nick))


def _tell_rooms(
    hub: Hub, session: Session, event: AwaySet | RealNameSet | HostSet | AccountSet
) -> None:
    """Let all who share a room with a session hear something about it, itself, and its watchers."""
    if session.rooms:
        hub.timeline.record_everywhere([(room, event) for room in session.rooms])
    else:
        hub.timeline.tell(session, event)
    for watcher in hub.watching.watchers(session.nick):
        if watcher is not session and not meet(session, watcher):
            hub.timeline.tell(watcher, Watched(event))


def _be_heard_anew(session: Session) -> None:
    """Let the rooms look again whether a ban means somebody who is seen differently now."""
    for room in session.rooms:
        room.speakers.discard(session)


def _passing(hub: Hub, session: Session) -> dict[str, Any]:
    return {"session": session, "source": session.mask, "time": hub.clock.now()}
