"""Talk: saying something, to a room, to those with a role in it, or to one person.

The length of a text is checked here for every protocol; cutting a longer frame into several
messages is the door's courtesy. What is said is heard only when it is saved (`timeline`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.core.events import EntryKind, Said, Tagged
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.rooms import RoomKind
from hubbub.core.settings import Flag
from hubbub.core.world import direct_name
from hubbub.hub.entries import for_role, with_cuts, with_tags
from hubbub.hub.people import somebody
from hubbub.hub.rooms import new_room, room_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

CTCP = "\x01"
"""What a text begins with that is meant for a program."""


@dataclass(slots=True, frozen=True)
class How:
    """In what manner something is said: see `core.events.Said`.

    `cuts` are where, in characters, the author's client went on in another line; None is one line.
    """

    kind: EntryKind = EntryKind.MESSAGE
    tags: Mapping[str, str] = field(default_factory=dict)
    send_id: str | None = None
    cuts: tuple[int, ...] | None = None


PLAINLY = How()


def say(hub: Hub, session: Session, room: Room, text: str, *, how: How = PLAINLY) -> Said:
    """Say something in a room.

    Raises `Refused`: CANNOT_SPEAK, TEXT_TOO_LONG, UNWRITABLE, STOPPING, ENDED.
    """
    _require_here(hub, session)
    require_voice(session, room, text)
    return _say(hub, session, room, text, how, room.name)


def say_to_roles(
    hub: Hub, session: Session, room: Room, text: str, *, role: Role, to: str, how: How = PLAINLY
) -> Said:
    """Say something to those members who have a role, or a higher one; `to` is how it was put."""
    _require_here(hub, session)
    require_voice(session, room, text)
    audience = with_role(room, role)
    return _say(hub, session, room, text, how, to, audience, for_role(role))


def tell(
    hub: Hub, session: Session, other: Session, room: Room, text: str, *, how: How = PLAINLY
) -> Said:
    """Say something to one person, in their `conversation`."""
    _require_here(hub, session)
    session.conversations[room] = other
    other.conversations[room] = session
    return _say(hub, session, room, text, how, other.nick, (other,))


def conversation(hub: Hub, session: Session, other: Session) -> Room | None:
    """The conversation of two, if it is open or new; None when the store may know one."""
    name = direct_name(session.person.id, other.person.id)
    room = hub.world.room(name)
    # A conversation is closed when either leaves, so one who came back is enough.
    may_be_known = session.person.returning or other.person.returning
    if room is None and not may_be_known and not session.ended:
        room = new_room(hub, name, RoomKind.DIRECT)
        _converse(hub, room, session, other)
    return room


async def open_conversation(hub: Hub, session: Session, nick: str) -> tuple[Session, Room]:
    """Who is meant by a name, and the conversation with them: open, stored, or new.

    Raises `Refused`: NO_SUCH_NICK; `StoreError`.
    """
    other = somebody(hub, nick)
    room = conversation(hub, session, other)
    if room is not None:
        return other, room
    await hub.timeline.settled()  # so that what the store answers is the last word
    meant = other.person.id
    row = await hub.retention.undisturbed(lambda: hub.archive.direct_room(session.person.id, meant))
    other = somebody(hub, nick)
    if session not in hub.world or other.person.id != meant:
        # Somebody left while the store was asked; who has the name now is not who was meant.
        raise Refused(Reason.NO_SUCH_NICK, nick)
    room = conversation(hub, session, other)
    if room is None:
        folded = direct_name(session.person.id, meant)
        room = new_room(hub, folded, RoomKind.DIRECT) if row is None else room_of(row)
        _converse(hub, room, session, other)
    return other, room


def _converse(hub: Hub, room: Room, session: Session, other: Session) -> None:
    """Open the conversation of two, so that it is closed when either leaves."""
    hub.world.add_room(room)
    session.conversations[room] = other
    other.conversations[room] = session


def send_tags(hub: Hub, session: Session, room: Room, tags: Mapping[str, str]) -> None:
    """Send tags alone to a room. Raises `Refused`: CANNOT_SPEAK, STOPPING, ENDED."""
    _require_here(hub, session)
    require_voice(session, room)
    hub.timeline.record_everywhere([(room, _tagged(hub, session, room.name, tags))])


def send_tags_to(
    hub: Hub, session: Session, audience: tuple[Session, ...], tags: Mapping[str, str], *, to: str
) -> None:
    """Send tags alone to some. Raises `Refused`: STOPPING, ENDED."""
    _require_here(hub, session)
    event = _tagged(hub, session, to, tags)
    for other in dict.fromkeys((*audience, session)):
        hub.timeline.tell(other, event)


def with_role(room: Room, role: Role) -> tuple[Session, ...]:
    """The members who have a role or a higher one."""
    return tuple(member for member in room.members if room.role(member) >= role)


def require_voice(session: Session, room: Room, text: str = "") -> None:
    """Raise `Refused` CANNOT_SPEAK unless a session may say that in a room.

    Asked for every word, so the room remembers who was free to speak.
    """
    is_ctcp = text.startswith(CTCP)
    if session in room.speakers and not is_ctcp:
        return
    flags = room.settings.flags
    is_member = session in room.members
    if Flag.MEMBERS_ONLY in flags and not is_member:
        raise Refused(Reason.CANNOT_SPEAK, room.name, "you are not in it")
    role = room.role(session) if is_member else Role.NONE
    if Flag.NO_CTCP in flags and is_ctcp and not text.startswith(f"{CTCP}ACTION"):
        raise Refused(Reason.CANNOT_SPEAK, room.name, "CTCP is not wanted there")
    if not role and Flag.MODERATED in flags:
        raise Refused(Reason.CANNOT_SPEAK, room.name, "it is moderated, and you have no voice")
    if not role and (room.is_banned(session) or room.is_banned(session, mutes=True)):
        raise Refused(Reason.CANNOT_SPEAK, room.name, "you are banned or muted")
    if is_member:
        room.speakers.add(session)


def _say(  # noqa: PLR0917 (the path of every message: names would cost more than it does)
    hub: Hub,
    session: Session,
    room: Room,
    text: str,
    how: How,
    to: str,
    audience: tuple[Session, ...] | None = None,
    extra: str | None = None,
) -> Said:
    if hub.timeline.trouble is not None:  # asked twice for speed: a call less for each message
        hub.timeline.require_writable()
    if len(text) * 4 > hub.limits.message:
        require_length(text, hub.limits.message)
    if how.tags:
        extra = with_tags(extra, how.tags)
    if how.cuts:
        extra = with_cuts(extra, text, how.cuts)
    now = session.spoke = hub.clock.now()
    msgid = hub.ids.msgid(now)
    event = Said(session, room, text, msgid, how.kind, to, audience, extra, how.tags, how.send_id)
    hub.timeline.record(event)
    return event


def _require_here(hub: Hub, session: Session) -> None:
    if session.ended:
        raise Refused(Reason.STOPPING if hub.stopping else Reason.ENDED)


def _tagged(hub: Hub, session: Session, to: str, tags: Mapping[str, str]) -> Tagged:
    now = hub.clock.now()
    return Tagged(
        session=session, source=session.mask, time=now, to=to, tags=tags, msgid=hub.ids.msgid(now)
    )


def require_length(text: str, limit: int) -> None:
    """Raise `Refused` TEXT_TOO_LONG unless a text has at most `limit` bytes."""
    if len(text.encode("utf-8", "replace")) > limit:
        raise Refused(Reason.TEXT_TOO_LONG, str(limit))
