"""Resumption: whoever was cut off comes back as the person they were.

A session is given a token, of which only the digest is kept (`tokens`). Who shows it acts as that
person again: in place of their former session if it is still here, so that nobody notices, or else
as somebody who arrives. What was decided before belongs to the former session, what is decided
after to the new one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from hubbub.core.metadata import changed
from hubbub.core.people import Proof
from hubbub.core.refusals import Reason, Refused
from hubbub.hub import arrival
from hubbub.hub.nobody import NOBODY
from hubbub.hub.people import require_free
from hubbub.hub.tokens import DAY, LIFETIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.people import Person
    from hubbub.core.sessions import Session
    from hubbub.hub.arrival import Newcomer
    from hubbub.hub.hub import Hub

ELSEWHERE = "Closing link: resumed elsewhere"


# -- tokens ------------------------------------------------------------------------------------


def issue(hub: Hub, session: Session, give: Callable[[str], None]) -> None:
    """Make a token for the person of a session; `give` gets it as soon as it is kept.

    It takes the place of one that they had. Whoever leaves before that gets none.
    """
    token = hub.ids.token()
    proof = Proof(session.person, _digest(token), hub.clock.now())
    hub.tokens.keep(proof, lambda: not session.ended, partial(give, token))


async def find(hub: Hub, token: str) -> Person:
    """Whose token it is; to ask is to use it. Raises `Refused`: BAD_TOKEN; `StoreError`."""
    now = hub.clock.now()
    proof = await hub.archive.proof(_digest(token), oldest=now - LIFETIME)
    if proof is None:
        raise Refused(Reason.BAD_TOKEN)
    hub.tokens.note(proof)
    person = proof.person
    person.marks = await hub.marks.of(person)
    on_its_way = hub.timeline.owed(person.id)
    kept = await hub.archive.metadata(person.id)
    person.metadata = changed(kept, (*on_its_way, *hub.timeline.owed(person.id)))
    former = hub.world.acting(person.id)
    if former is not None:
        person.marks = former.person.marks  # so that what it reads until then is read
        person.metadata = former.person.metadata
    if now - proof.time >= DAY:
        hub.tokens.keep(replace(proof, time=now), lambda: True, lambda: None)
    return person


def _digest(token: str) -> bytes:
    """What is kept. A token has 256 random bits, so that nobody finds it by trying."""
    return sha256(token.encode("utf-8", "replace")).digest()


# -- coming back -------------------------------------------------------------------------------


def resume(hub: Hub, newcomer: Newcomer, person: Person, nick: str) -> tuple[Session, bool]:
    """Let somebody in as a person that is known, and say whether they were here still.

    Who is not here is called as they were last or, if somebody else is called so now, `nick`
    ("" for none). Raises `Refused`: BAD_NAME, NICK_IN_USE; fatal: STOPPING, BANNED_HERE.
    """
    former = hub.world.acting(person.id)
    if former is not None:
        return _take_over(hub, newcomer, former), True
    name = person.nick if not nick or _is_free(hub, person.nick) else nick
    return arrival.arrive_as(hub, newcomer, name, person), False


def _is_free(hub: Hub, nick: str) -> bool:
    try:
        require_free(hub, nick)
    except Refused:
        return False
    return True


def _take_over(hub: Hub, newcomer: Newcomer, former: Session) -> Session:
    """Let a new session be where the former was, as it was, and end that.

    It is no operator of the server: that takes a password. Its mask stays too; a host that has
    changed is told by who called this (`people.set_host`), when the new session can hear of it.
    """
    arrival.require_welcome(hub, newcomer, former.nick)
    session = replace(
        former,
        reader=newcomer.reader,
        protocol=newcomer.protocol,
        address=newcomer.address,
        secure=newcomer.secure,
        operator=None,
        rooms=set(),
        conversations={},
    )
    hub.world.remove_session(former)
    hub.world.add_session(session)
    for room in list(former.rooms):
        room.hand_over(former, session)
    conversations, former.conversations = former.conversations, {}
    for room, partner in conversations.items():
        # Whoever talks to themselves is their own partner.
        session.conversations[room] = other = session if partner is former else partner
        other.conversations[room] = session
    hub.watching.hand_over(former, session)
    hub.subscribers.forget(former)
    former.ended = True
    hub.timeline.then(partial(former.reader.end, ELSEWHERE))
    hub.timeline.then(partial(setattr, former, "reader", NOBODY))
    arrival.note("resumed", session, protocol=newcomer.protocol, former=str(former.address))
    return session
