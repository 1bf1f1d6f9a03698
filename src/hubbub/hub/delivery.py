"""Delivery: a settled batch becomes one payload for each reader.

Readers of one kind who have nothing of their own in the batch share what was rendered once for
all of them. The others (authors, who see their own words differently or not at all, whoever is
replied to, and who left meanwhile) get a stream of their own, in the order things were decided.
Delivery knows `Kind` and `Reader`; what a piece or a payload is, only the doors know. A piece
that is false shows nothing.
"""

from __future__ import annotations

from copy import copy
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from hubbub.core.events import Edited, Entry, Invited, Passing, Replay, Said, reworded
from hubbub.hub.batch import ReplayRequest, Reply

if TYPE_CHECKING:
    from hubbub.core.ports import Kind, Payload, Piece
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.batch import Batch, PrivateItem, RoomLog


class Slice(NamedTuple):
    """What of a room's log somebody hears: offsets `since` to `until`, exclusive."""

    log: RoomLog
    since: int
    until: int


def deliver(batch: Batch) -> None:
    """Send a settled batch to all who are to hear it."""
    streams = _streams(batch)
    for log in batch.logs.values():
        log.room.recent.extend([event for event in log.events if type(event) is Said])
        _send(log, streams)
        log.room.forget_departed(log.end)
    for session, pieces in streams.items():
        if pieces:
            reader = session.reader
            reader.send(reader.kind.join(pieces))


# -- who hears of one room -----------------------------------------------------------------------


def _send(log: RoomLog, streams: dict[Session, list[Piece]]) -> None:
    """Give every member what of a room's log it is to hear, but those with a stream."""
    start, end, own = log.start, log.end, log.own
    whole: dict[Kind, Payload] = {}
    for session, since in log.room.members.items():
        if since >= end or session in streams:
            continue
        reader = session.reader
        kind = reader.kind
        if since > start or session in own:
            heard = _heard(session, log, max(0, since - start), len(log.events))
            payload = kind.join([piece for piece in heard if piece])
        elif kind in whole:
            payload = whole[kind]
        else:
            payload = whole[kind] = kind.join(log.shown(kind))
        if payload:
            reader.send(payload)


# -- who hears more than that --------------------------------------------------------------------


def _streams(batch: Batch) -> dict[Session, list[Piece]]:
    """What those hear whose parts need an order: of several rooms, of one left, for it alone."""
    slices: dict[Session, list[Slice]] = {session: [] for session in batch.private}
    logs = batch.logs
    for log in logs.values():
        for gone in log.room.departed:
            part = Slice(log, max(0, gone.since - log.start), max(0, gone.until - log.start))
            slices.setdefault(gone.session, []).append(part)
        if len(logs) > 1:
            for session in log.own:
                if len(session.rooms) > 1 and sum(room in logs for room in session.rooms) > 1:
                    slices.setdefault(session, [])
    for session, parts in slices.items():
        for room in session.rooms:
            log_here = logs.get(room)
            if log_here is not None:
                since = max(0, room.members[session] - log_here.start)
                parts.append(Slice(log_here, since, len(log_here.events)))
    return {session: _stream(session, parts, batch) for session, parts in slices.items()}


def _stream(session: Session, parts: list[Slice], batch: Batch) -> list[Piece]:
    """What one session hears: its slices of the rooms' logs and what is for it alone, in order."""
    private = batch.private.get(session)
    indexed: list[tuple[int, Piece]] = []
    for part in parts:
        order = part.log.order[part.since : part.until]
        indexed += zip(order, _heard(session, *part), strict=False)
    indexed += [(index, _render(session, index, item, batch)) for index, item in private or ()]
    indexed.sort(key=itemgetter(0))
    return _without_repeats(indexed)


def _without_repeats(indexed: list[tuple[int, Piece]]) -> list[Piece]:
    """The pieces in order; what happened in several rooms at one index is heard once."""
    pieces = []
    last = -1
    for index, piece in indexed:
        if piece and index != last:
            pieces.append(piece)
            last = index
    return pieces


def _heard(session: Session, log: RoomLog, since: int, until: int) -> list[Piece]:
    """A slice as its reader hears it: its own events in their own form."""
    kind = session.reader.kind
    pieces = log.pieces(kind)[since:until]
    for offset in log.own.get(session, ()):
        if since <= offset < until:
            event = log.events[offset]
            pieces[offset - since] = None if event is None else kind.render_own(event)
    return pieces


def _render(session: Session, index: int, item: PrivateItem, batch: Batch) -> Piece:
    kind = session.reader.kind
    match item:
        case Reply(piece=piece):
            return piece
        case ReplayRequest():
            return kind.render_own(Replay(item.room, _last_messages(item, index, batch)))
        case Invited(guest=guest) if guest is session:
            return kind.render_own(item)
        case Entry() | Passing() if item.session is not session:
            return kind.render(item)
        case _:
            return kind.render_own(item)


def _last_messages(request: ReplayRequest, index: int, batch: Batch) -> tuple[Entry, ...]:
    """A room's last messages at one point of the batch, whose own are not in `recent` yet."""
    room = request.room
    known = {event.msgid: event for event in room.recent if not room.is_gone(event.msgid)}
    log = batch.logs.get(room)
    for event, order in zip(log.events, log.order, strict=True) if log is not None else ():
        if order < index and isinstance(event, Said):
            known[event.msgid] = event
        elif order < index and isinstance(event, Edited) and event.target in known:
            known[event.target] = reworded(known[event.target], event.text, event.time)
    last = list(known.values())[max(0, len(known) - request.count) :]
    return tuple(_as_called_now(event, room) for event in last)


def _as_called_now(event: Said, room: Room) -> Said:
    """What was said under another name of the room, under that which its members know."""
    if event.to == room.name:
        return event
    again = copy(event)
    again.to = room.name
    return again
