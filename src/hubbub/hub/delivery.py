"""Delivery: a committed batch becomes one payload for each reader.

Readers of one kind who have nothing of their own in the batch share what was rendered once for
all of them. The others (authors, who see their own words differently or not at all, and whoever
is replied to) get their stream joined one by one, in the order in which things were decided.
Delivery knows `Kind` and `Reader`; what a piece or a payload is, only the doors know.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, assert_never

from hubbub.core.events import TALK, Joined, Quit, Replay, Said
from hubbub.hub.batch import Private, ReplayRequest, Reply

if TYPE_CHECKING:
    from hubbub.core.events import Entry, RoomEvent
    from hubbub.core.ports import Kind, Payload, Piece
    from hubbub.core.sessions import Session
    from hubbub.hub.batch import Batch, RoomLog

log = logging.getLogger(__name__)

Streams = dict["Session", list["Piece"]]


def deliver(batch: Batch) -> None:
    """Send a settled batch to all who are to hear it, then run its callbacks."""
    streams = _individual_streams(batch)
    for room_log in batch.logs.values():
        _send_shared(room_log, streams)
        room_log.room.forget_departed(room_log.end)
    for session, pieces in streams.items():
        if pieces:
            reader = session.reader
            reader.send(reader.kind.join(pieces))
    for callback in batch.callbacks:
        callback()


def _individual_streams(batch: Batch) -> Streams:
    streams: Streams = {session: [] for session in batch.individuals}
    for room_log in batch.logs.values():
        streams |= {gone.session: [] for gone in room_log.room.departed}
    listeners = {room_log: _listeners(room_log, streams) for room_log in batch.logs.values()}
    offsets = dict.fromkeys(batch.logs.values(), 0)
    for item in batch.items:
        match item:
            case Said() | Joined() | Quit():
                _remember(item)
                if type(item) is Said and item.audience is not None:
                    _tell_audience(item, item.audience, streams)
                    continue
                room_log = batch.logs[item.room]
                offset = offsets[room_log] = _offset_of(item, room_log, offsets[room_log])
                _tell_listeners(item, room_log, offset, listeners[room_log], streams)
            case Private():
                kind = item.session.reader.kind
                streams[item.session].append(kind.render_own(item.event))
            case Reply():
                streams[item.session].append(item.piece)
            case ReplayRequest():
                replay = Replay(item.room, _last_messages(item))
                streams[item.session].append(item.session.reader.kind.render_own(replay))
            case _:
                assert_never(item)
    return streams


def _remember(event: RoomEvent) -> None:
    if event.kind in TALK:
        event.room.recent.append(event)


def _last_messages(request: ReplayRequest) -> tuple[Entry, ...]:
    recent = request.room.recent
    first = max(0, len(recent) - request.count)
    return tuple(recent[index] for index in range(first, len(recent)))


def _listeners(room_log: RoomLog, streams: Streams) -> list[tuple[Session, int, int]]:
    """Those of the individual readers who hear this log, with the offsets they hear it between."""
    room, start, end = room_log.room, room_log.start, room_log.end
    members = room.members
    here = [(session, members[session] - start, end) for session in streams if session in members]
    gone = [(gone.session, gone.since - start, gone.until - start) for gone in room.departed]
    return here + gone


def _offset_of(event: RoomEvent, room_log: RoomLog, at_least: int) -> int:
    """Where in its log an event stands: they come in order, refused ones left gaps."""
    events = room_log.events
    offset = at_least
    while events[offset] is not event:
        offset += 1
    return offset


def _tell_audience(event: Said, audience: tuple[Session, ...], streams: Streams) -> None:
    for session in dict.fromkeys((*audience, event.session)):
        kind = session.reader.kind
        render = kind.render_own if session is event.session else kind.render
        streams[session].append(render(event))


def _tell_listeners(
    event: RoomEvent,
    room_log: RoomLog,
    offset: int,
    listeners: list[tuple[Session, int, int]],
    streams: Streams,
) -> None:
    for session, since, until in listeners:
        if since <= offset < until:
            kind = session.reader.kind
            if session is event.session:
                streams[session].append(kind.render_own(event))
            else:
                streams[session].append(room_log.pieces(kind)[offset])


def _send_shared(room_log: RoomLog, streams: Streams) -> None:
    """Give every member without a stream of its own what all of its kind get."""
    start, end = room_log.start, room_log.end
    whole: dict[Kind, Payload] = {}
    for session, since in room_log.room.members.items():
        if since >= end or session in streams:
            continue
        reader = session.reader
        kind = reader.kind
        if since > start:
            reader.send(_joined(room_log, kind, since - start))
            continue
        payload = whole.get(kind)
        if payload is None:
            payload = whole[kind] = _joined(room_log, kind, 0)
        reader.send(payload)


def _joined(room_log: RoomLog, kind: Kind, offset: int) -> Payload:
    return kind.join([piece for piece in room_log.pieces(kind)[offset:] if piece is not None])
