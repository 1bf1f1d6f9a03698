"""Operations: what the operators of the server do to the whole of it.

Every act is logged and kept in the audit record before it is done, so there is none without its
record but when the disk fails: then the log alone has it, since an operator must be able to act.
Ending a connection is the reader's (`Reader.end`), after those who stay have heard why.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from hubbub.core.audit import Act, ActKind
from hubbub.core.bans import Ban, Peer, canonical, means
from hubbub.core.events import Wallops
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Privilege, Trait
from hubbub.hub import arrival
from hubbub.hub.people import somebody
from hubbub.hub.rooms import require_here

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hubbub.core.ports import Verifier
    from hubbub.core.sessions import Operator, Session
    from hubbub.hub.hub import Hub

log = logging.getLogger(__name__)


@dataclass(slots=True, frozen=True)
class Reloaded:
    """What became of reading the configuration again: what changed, a line for each, and what of
    it does not work; or, when there is a `mistake` in it, why all stays as it was."""

    changes: tuple[str, ...] = ()
    mistake: str = ""


Reload: TypeAlias = "Callable[[], Awaitable[Reloaded]]"


def stop(hub: Hub) -> None:
    """Let nobody in any more and take everybody out, saved with the reason, heard by nobody."""
    hub.stopping = True
    hub.watching.clear()
    leaving = list(hub.world.sessions)
    rooms_of = {session: list(session.rooms) for session in leaving}
    for session, rooms in rooms_of.items():
        for room in rooms:
            room.leave(session)
    for session, rooms in rooms_of.items():
        arrival.depart(hub, session, rooms, "the server stopped")


# -- who is one --------------------------------------------------------------------------------


async def become_operator(
    hub: Hub, session: Session, name: str, password: str, verify: Verifier
) -> Operator:
    """Act for the server from now on, under the name that one's rights were given out to.

    Raises `Refused`: WRONG_PASSWORD (or no such operator), ENDED (left meanwhile).
    """
    operator = await verify(name, password)
    kind = ActKind.OPER_FAILED if operator is None else ActKind.OPER
    await _keep(hub, Act(hub.clock.now(), kind, session.mask, name))
    if operator is None:
        raise Refused(Reason.WRONG_PASSWORD)
    require_here(session)
    session.operator = operator
    hub.world.mark(session)
    return operator


def step_down(session: Session) -> None:
    """Be an operator of the server no more."""
    session.operator = None


def require_privilege(session: Session, privilege: Privilege) -> None:
    """Raise `Refused` NOT_PRIVILEGED unless a session is an operator with a privilege."""
    if not session.may(privilege):
        raise Refused(Reason.NOT_PRIVILEGED)


# -- what they do ------------------------------------------------------------------------------


async def kill(hub: Hub, session: Session, nick: str, reason: str) -> None:
    """End somebody's connection. Raises `Refused`: NOT_PRIVILEGED, NO_SUCH_NICK."""
    require_privilege(session, Privilege.KILL)
    victim = somebody(hub, nick)
    await _keep(hub, _act(hub, session, ActKind.KILL, victim.mask, reason))
    here = hub.world.acting(victim.person.id)  # it may be another session of theirs by now
    if here is None:
        raise Refused(Reason.NO_SUCH_NICK, nick)
    _end(hub, here, f"killed by {session.nick}: {reason}")


async def wallops(hub: Hub, session: Session, text: str) -> None:
    """Tell all who listen. Raises `Refused`: NOT_PRIVILEGED."""
    require_privilege(session, Privilege.WALLOPS)
    await _keep(hub, _act(hub, session, ActKind.WALLOPS, "", text))
    event = Wallops(session=session, source=session.mask, time=hub.clock.now(), text=text)
    for listener in hub.world.sessions:
        if Trait.LISTENING in listener.traits:
            hub.timeline.tell(listener, event)


async def rehash(hub: Hub, session: Session, reload: Reload) -> Reloaded:
    """Read the configuration again. Raises `Refused`: NOT_PRIVILEGED."""
    require_privilege(session, Privilege.REHASH)
    return await reread(hub, _name(session), reload)


async def reread(hub: Hub, by: str, reload: Reload) -> Reloaded:
    """The same for whoever has the machine: `by` is a word for them in the record."""
    await _keep(hub, Act(hub.clock.now(), ActKind.REHASH, by))
    return await reload()


def grant_again(hub: Hub, rights: Callable[[str], Operator | None]) -> list[Session]:
    """Let each operator have what their name is now good for; those who are none any more."""
    no_more = []
    for session in hub.world.sessions:
        if session.operator is None:
            continue
        session.operator = rights(session.operator.name)
        if session.operator is None:
            no_more.append(session)
            log.info("operator no more", extra={"fields": {"name": session.mask}})
    return no_more


# -- bans --------------------------------------------------------------------------------------


async def recall_bans(hub: Hub) -> None:
    """Put the bans in force that the store knows: once, before anybody arrives.

    Raises `StoreError`.
    """
    for ban in await hub.archive.bans():
        if not ban.is_over(hub.clock.now()):
            hub.bans.put(ban)


async def ban(
    hub: Hub, session: Session, target: str, reason: str, *, lasts: int | None = None
) -> tuple[Ban, int]:
    """Ban an address, a network or a mask from the server, for `lasts` milliseconds (None: for
    good), and end the connections of those it means; the ban, and how many they were.

    Raises `Refused`: NOT_PRIVILEGED, BAD_MASK, LIST_FULL.
    """
    require_privilege(session, Privilege.BAN)
    now = hub.clock.now()
    until = None if lasts is None else now + lasts
    new = Ban(_canonical(target), _name(session), reason, now, until)
    if _meant(new, [session]):
        raise Refused(Reason.BAD_MASK, target, "you are one of those it means")
    hub.bans.drop_those_over(now)
    if len(hub.bans) >= hub.limits.bans and new.target not in hub.bans:
        raise Refused(Reason.LIST_FULL, "the server", new.target)
    hub.bans.put(new)  # before it is kept: nobody slips in meanwhile
    await _keep(hub, _act(hub, session, ActKind.BAN, new.target, reason), new)
    meant = _meant(new, [other for other in hub.world.sessions if other is not session])
    for victim in meant:
        _end(hub, victim, f"banned: {reason}" if reason else "banned")
    return new, len(meant)


async def unban(hub: Hub, session: Session, target: str) -> Ban:
    """Lift a ban. Raises `Refused`: NOT_PRIVILEGED, BAD_MASK, NO_SUCH_BAN."""
    require_privilege(session, Privilege.BAN)
    lifted = hub.bans.take(_canonical(target))
    if lifted is None:
        raise Refused(Reason.NO_SUCH_BAN, target)
    await _keep(hub, _act(hub, session, ActKind.UNBAN, lifted.target))
    return lifted


def bans(hub: Hub, session: Session) -> list[Ban]:
    """The bans in force, in the order they were set. Raises `Refused`: NOT_PRIVILEGED."""
    require_privilege(session, Privilege.BAN)
    hub.bans.drop_those_over(hub.clock.now())
    return list(hub.bans)


def _canonical(target: str) -> str:
    try:
        return canonical(target)
    except ValueError as why:
        raise Refused(Reason.BAD_MASK, target, str(why)) from None


def _meant(ban: Ban, sessions: list[Session]) -> list[Session]:
    peers = [Peer(one.nick, one.username, one.host, one.address.host) for one in sessions]
    return [one for one, is_meant in zip(sessions, means(ban, peers), strict=True) if is_meant]


# -- how the server is -------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Statistics:
    """Counts of what is here now; `most` of what was here at once, `started` in milliseconds."""

    people: int
    invisible: int
    operators: int
    rooms: int
    most: int
    started: int
    batches: int
    saved: int
    unsaved: int


def statistics(hub: Hub) -> Statistics:
    """How the server is."""
    # Everybody who arrives is told these, so not everybody is asked.
    marked = hub.world.marked
    return Statistics(
        people=len(hub.world),
        invisible=sum(Trait.INVISIBLE in session.traits for session in marked),
        operators=sum(session.operator is not None for session in marked),
        rooms=sum(1 for _ in hub.world.rooms),
        most=hub.most,
        started=hub.started,
        batches=hub.timeline.batches,
        saved=hub.timeline.saved,
        unsaved=hub.timeline.unsaved,
    )


# -- the audit record --------------------------------------------------------------------------


def _act(hub: Hub, session: Session, kind: ActKind, target: str = "", text: str = "") -> Act:
    return Act(hub.clock.now(), kind, _name(session), target, text)


def _name(session: Session) -> str:
    """An operator as the record names them."""
    operator = session.operator
    return session.mask if operator is None else f"{session.mask} ({operator.name})"


async def _keep(hub: Hub, act: Act, ban: Ban | None = None) -> None:
    fields = {"kind": str(act.kind), "by": act.by, "target": act.target, "text": act.text}
    log.info("operator", extra={"fields": fields})
    try:
        await hub.archive.keep_act(act, ban=ban)
    except StoreError as error:
        log.error("only the log has this act of an operator: %s", error)  # noqa: TRY400 (no bug)


def _end(hub: Hub, victim: Session, reason: str) -> None:
    """Let a session go and, when everybody has heard it, its connection."""
    arrival.quit(hub, victim, reason)
    hub.timeline.then(partial(victim.reader.end, reason))
