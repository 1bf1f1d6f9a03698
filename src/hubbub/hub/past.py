"""The past, as somebody may read it: pages of a room or conversation, and where there are any.

A room is read by those who are in it: all of it, or what was said since they came, as it is
configured and as the room is. A conversation is read by its two persons; whoever has one of
their names today is somebody else. What was said to those with a role stays theirs.
What somebody said before they asked is in the answer: a question waits for that, and for nothing
that others say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from hubbub.core.events import TALK, Entry, EntryKind
from hubbub.core.history import AFTER_ALL, BEFORE_ALL, Reach, Visible, Way
from hubbub.core.names import fold
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.settings import Flag
from hubbub.core.world import direct_name
from hubbub.hub.entries import role_of
from hubbub.hub.restored import restored
from hubbub.hub.rooms import require_member, room_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hubbub.core.events import RoomEvent
    from hubbub.core.history import Conversation, Place, Question
    from hubbub.core.roles import Role
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

E = TypeVar("E", bound=Entry)

PAGE_BYTES: Final = 512 * 1024
"""Bytes of text in one page: messages can be long, and all of them wait for one reader. Only pages
of very long ones come to that; who takes a short page for the last would miss the rest."""

ROUNDS: Final = 10
"""Times that a page is filled up, where there is much that the reader may not see."""

AT_ONCE: Final = 100
"""Entries that are read at least to fill up a page, be it a small one."""

MOST_CONVERSATIONS: Final = 500
"""Conversations that are looked at for one question."""


@dataclass(slots=True, frozen=True)
class Readable:
    """A room, or the conversation with `other`, that somebody may read.

    `name` is what they know it by. There is no `room` where nothing was said yet.
    """

    name: str
    room: Room | None
    other: int | None = None


class Span(NamedTuple):
    """The first or the last `limit` entries with `after` < seq < `before`."""

    limit: int
    after: int = BEFORE_ALL
    before: int = AFTER_ALL
    first: bool = False


# -- what one may read -------------------------------------------------------------------------


async def readable(hub: Hub, session: Session, name: str) -> Readable:
    """The room or conversation of a name.

    Raises `Refused`: NO_SUCH_ROOM, NOT_IN_ROOM, NO_SUCH_NICK; `StoreError`.
    """
    if not name.startswith("#"):
        return await _with(hub, session, name)
    room = hub.world.room(name)
    if room is None:
        raise Refused(Reason.NO_SUCH_ROOM, name)
    require_member(session, room)
    return Readable(room.name, room)


async def _with(hub: Hub, session: Session, nick: str) -> Readable:
    """The conversation with who is here under a name; else the last with one who was."""
    await hub.timeline.settled(session)
    other = hub.world.session(nick)
    if other is not None:
        folded = direct_name(session.person.id, other.person.id)
        return Readable(other.nick, await _conversation(hub, folded), other.person.id)
    for one in await hub.archive.conversations(session.person.id, MOST_CONVERSATIONS):
        if fold(_name(hub, one)) == fold(nick):
            folded = direct_name(session.person.id, one.other)
            return Readable(one.nick, await _conversation(hub, folded), one.other)
    raise Refused(Reason.NO_SUCH_NICK, nick)


async def _conversation(hub: Hub, folded: str) -> Room | None:
    """The room of two as it is open, or as the store knows it; it is not opened for that."""
    room = hub.world.room(folded)
    if room is not None:
        return room
    row = await hub.archive.room(folded)
    return None if row is None else room_of(row)


def _name(hub: Hub, one: Conversation) -> str:
    """What the other of two is called now, or was when they were here last."""
    here = hub.world.acting(one.other)
    return one.nick if here is None else here.nick


def require_readable(session: Session, where: Readable) -> None:
    """Raise `Refused` NOT_IN_ROOM when somebody has left a room since they asked."""
    if where.other is None and where.room is not None:
        require_member(session, where.room)


async def everything_readable(hub: Hub, session: Session) -> list[Readable]:
    """The rooms and conversations that have a name by which somebody may read them.

    Raises `StoreError`.
    """
    await hub.timeline.settled(session)
    person = session.person.id
    found = []
    for name, one in await _conversations(hub, session):
        folded = direct_name(person, one.other)
        room = hub.world.room(folded) or Room(one.room_id, folded, folded, RoomKind.DIRECT)
        found.append(Readable(name, room, one.other))
    return [*(Readable(room.name, room) for room in session.rooms), *found]


def reach(hub: Hub, session: Session, rooms: Collection[Room]) -> Reach:
    """What somebody may read now of rooms that they may read."""
    roles = {room.id: room.role(session) for room in rooms}
    reader = session.person.id
    return Reach(
        {room.id: _since(hub, session, room) for room in rooms},
        lambda entry: _is_for(entry, reader, roles[entry.room_id]),
    )


def is_open(hub: Hub, room: Room) -> bool:
    """Whether those who come may read what was said before."""
    settings = room.settings
    return (
        hub.limits.visible is Visible.ALL
        and settings.key is None
        and Flag.INVITE_ONLY not in settings.flags
    )


def _since(hub: Hub, session: Session, room: Room) -> int:
    """The seq after which somebody may read."""
    if room.kind is RoomKind.DIRECT or is_open(hub, room):
        return BEFORE_ALL
    return room.since(session)


def _is_for(entry: Entry, reader: int, role: Role) -> bool:
    """Whether a person of that id, who has that role, was among those it was said to."""
    return entry.extra is None or entry.person_id == reader or role >= role_of(entry)


def _is_blank(entry: Entry) -> bool:
    """Whether it is an edit of what was taken away since."""
    return not entry.text and entry.kind is EntryKind.EDIT


# -- pages -------------------------------------------------------------------------------------


async def read_page(
    hub: Hub, session: Session, where: Readable, question: Question
) -> list[RoomEvent]:
    """What was asked for, oldest first, as it was heard; at most `limits.history` messages.

    Raises `Refused`: NO_SUCH_MESSAGE; `StoreError`.
    """
    await hub.timeline.settled(session)
    room = where.room
    if room is None:
        return []
    places = []
    for reference in question.references:
        place = await hub.archive.place(room.id, reference)
        if place is None:
            raise Refused(Reason.NO_SUCH_MESSAGE, where.name, str(reference))
        places.append(place)
    since = _since(hub, session, room)
    limit = min(question.limit, hub.limits.history)
    spans = [
        span._replace(after=max(span.after, since)) for span in _spans(question.way, places, limit)
    ]
    found: list[Entry] = []
    for span in spans:
        entries = await _read(hub, session, room, span, question.kinds)
        found += within(entries, PAGE_BYTES // len(spans), first=span.first)
    room = as_open(hub, room)
    await at_rest(hub, room, found)
    return [restored(hub.world, one, room, to=addressed(session, where, one)) for one in found]


def _spans(way: Way, places: Sequence[Place], limit: int) -> list[Span]:
    """The parts of a room that a question asks for, in order."""
    match way, places:
        case Way.LATEST, []:
            return [Span(limit)]
        case Way.LATEST, [place]:
            return [Span(limit, after=place.after)]
        case Way.BEFORE, [place]:
            return [Span(limit, before=place.before)]
        case Way.AFTER, [place]:
            return [Span(limit, after=place.after, first=True)]
        case Way.AROUND, [place]:
            # The place itself belongs to the second part.
            half = limit // 2
            rest = Span(limit - half, after=place.before - 1, first=True)
            return [Span(half, before=place.before), rest] if half else [rest]
        case Way.BETWEEN, [one, other] if one <= other:
            return [Span(limit, after=one.after, before=other.before, first=True)]
        case Way.BETWEEN, [one, other]:
            return [Span(limit, after=other.after, before=one.before)]
        case _:
            raise ValueError(f"{way.name} of {len(places)} places")


async def _read(
    hub: Hub, session: Session, room: Room, span: Span, kinds: frozenset[EntryKind]
) -> list[Entry]:
    """The entries of a span that somebody may read: a page is filled up with the next ones.

    An empty page says that there is nothing more, so one must not come of what is left out.
    """
    read = hub.archive.earliest if span.first else hub.archive.latest
    reader, role, events = session.person.id, room.role(session), kinds != TALK
    found: list[Entry] = []
    wanted = span.limit
    for _ in range(ROUNDS):
        entries = await read(room.id, wanted, after=span.after, before=span.before, events=events)
        seen = [
            one
            for one in entries
            if one.kind in kinds and not _is_blank(one) and _is_for(one, reader, role)
        ]
        found = (found + seen)[: span.limit] if span.first else (seen + found)[-span.limit :]
        if len(entries) < wanted or len(found) == span.limit:
            break
        wanted = max(AT_ONCE, span.limit - len(found))
        if span.first:
            span = span._replace(after=entries[-1].seq)
        else:
            span = span._replace(before=entries[0].seq)
    return found


def as_open(hub: Hub, room: Room) -> Room:
    """A conversation as it is open: somebody may have opened it since the store was asked."""
    if room.kind is not RoomKind.DIRECT:
        return room
    return hub.world.room(room.folded) or room


async def at_rest(hub: Hub, room: Room, entries: Sequence[Entry]) -> None:
    """Wait while an edit of what was read is on its way: the answer must not be older than what
    the asker hears before it, nor show what is not saved."""
    read = {entry.msgid for entry in entries}
    while any(edit.target in read for edit in room.edits):
        await hub.timeline.settled()


def within(entries: list[E], budget: int, *, first: bool = False) -> list[E]:
    """The first or the last entries whose texts fit together; one always does."""
    count = 0
    for entry in entries if first else reversed(entries):
        budget -= len(entry.text.encode("utf-8", "replace"))
        if budget < 0 and count:
            break
        count += 1
    return entries[:count] if first else entries[len(entries) - count :]


def addressed(session: Session, where: Readable, entry: Entry) -> str:
    """To whom something was said, as they are called now: so the asker's client knows them."""
    if where.other is None or entry.person_id == session.person.id:
        return where.name
    return session.nick


# -- where there is something to read ----------------------------------------------------------


async def targets(
    hub: Hub, session: Session, one: int, other: int, limit: int
) -> list[tuple[str, int]]:
    """Rooms and people with what was said last between two moments (milliseconds), by its time.

    They are counted from the first moment named, which may be the later one. Raises `StoreError`.
    """
    await hub.timeline.settled(session)
    early, late = min(one, other), max(one, other)
    last = await _last_in_rooms(hub, session) | await _last_with_people(hub, session)
    found = sorted(
        ((name, time) for name, time in last.items() if early < time < late),
        key=lambda target: target[1],
    )
    limit = min(limit, hub.limits.history)
    return found[:limit] if one <= other else found[max(0, len(found) - limit) :]


async def _last_in_rooms(hub: Hub, session: Session) -> dict[str, int]:
    """When something was said last in each room somebody is in, that they may read."""
    last = {}
    for room in list(session.rooms):
        entries = list(room.recent)[-1:] or await hub.archive.latest(room.id, 1)
        since = _since(hub, session, room)
        if entries and entries[0].seq > since and session in room.members:
            last[room.name] = entries[0].time
    return last


async def _last_with_people(hub: Hub, session: Session) -> dict[str, int]:
    """When something was said last in each conversation."""
    return {name: one.time for name, one in await _conversations(hub, session)}


async def _conversations(hub: Hub, session: Session) -> list[tuple[str, Conversation]]:
    """The conversations of somebody that can be found by a name, and the name."""
    found: dict[str, tuple[str, Conversation]] = {}
    for one in await hub.archive.conversations(session.person.id, MOST_CONVERSATIONS):
        name = _name(hub, one)
        here = hub.world.session(name)
        if name and (here is None or here.person.id == one.other):
            found.setdefault(fold(name), (name, one))  # the last with one of that name
    return list(found.values())
