"""A gap: what a reader who does not keep up is not shown of what others say, and is told so.

While much waits for a reader it hears through a `ThinKind`: all that keeps its picture of the rooms
right, its own words and its answers, and no word of others; readers who are behind share this as
readers share all that is rendered. When it has read what waited, or says something itself, it is
told where to catch up (docs/protocols/irc.md, "Gaps"). Nobody waits for it. The hub knows nothing
of this: what was left out is part of the payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from hubbub.core.events import Tagged, TalkEvent
from hubbub.core.rooms import RoomKind
from hubbub.doors.irc.capabilities import Cap
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Event
    from hubbub.core.rooms import Room
    from hubbub.doors.irc.answers import Answers
    from hubbub.doors.irc.kind import IrcKind
    from hubbub.doors.irc.labels import Piece
    from hubbub.doors.irc.outbox import Outbox

MOST_PLACES: Final = 200
"""Rooms and conversations of which one reader is told that it has missed something."""


class Missed(NamedTuple):
    """A piece in place of what is not shown."""

    event: TalkEvent


class Own(NamedTuple):
    """A piece of what the reader says itself: what it has missed by then comes first."""

    piece: Piece


ThinPiece: TypeAlias = "Piece | Missed | Own"


class Thinned(NamedTuple):
    """A payload: what is shown, and what is not. `own`: some of it the reader has said itself."""

    shown: bytes
    missed: tuple[TalkEvent, ...]
    own: bool


class ThinKind:
    """Renders for readers who are behind; for all else they are of the `whole` kind."""

    def __init__(self, whole: IrcKind) -> None:
        self._whole = whole

    def render(self, event: Event) -> ThinPiece:
        """The event as a bystander sees it, who is behind."""
        if isinstance(event, TalkEvent):
            return Missed(event)
        return b"" if isinstance(event, Tagged) else self._whole.render(event)

    def render_own(self, event: Event) -> ThinPiece:
        """The event as the session that caused it, or that it is for, sees it."""
        piece = self._whole.render_own(event)
        return Own(piece) if piece and isinstance(event, TalkEvent) else piece

    def join(self, pieces: Sequence[ThinPiece]) -> Thinned:
        """One payload of several pieces, in order."""
        shown = [
            piece.piece if isinstance(piece, Own) else piece
            for piece in pieces
            if not isinstance(piece, Missed)
        ]
        missed = tuple(piece.event for piece in pieces if isinstance(piece, Missed))
        own = any(isinstance(piece, Own) for piece in pieces)
        return Thinned(self._whole.join(shown), missed, own)


class Gap:
    """What one reader misses, from when it is behind until nothing waits for it any more."""

    def __init__(self, client: Answers, outbox: Outbox) -> None:
        self._client = client
        self._outbox = outbox
        self._missed: dict[Room, tuple[TalkEvent, int]] = {}  # the first, and how many

    def open(self) -> None:
        """Show no more of what others say."""
        client = self._client
        client.kind = client.doors.kinds.thin(client.whole)
        client.send = self._send
        self._outbox.when_empty(self._close)

    def _close(self) -> None:
        client = self._client
        client.kind = client.whole
        client.send = self._outbox.send
        self._tell()

    def _send(self, payload: bytes | Thinned) -> None:
        if isinstance(payload, Thinned):
            for event in payload.missed:
                self._miss(event)
            if payload.own:
                # Else its own words would seem to follow what it has read, and hide the gap.
                self._tell()
            payload = payload.shown
        if payload:
            self._outbox.send(payload)

    def _miss(self, event: TalkEvent) -> None:
        first, count = self._missed.get(event.room, (event, 0))
        if count or len(self._missed) < MOST_PLACES:
            self._missed[event.room] = (first, count + 1)

    def _tell(self) -> None:
        missed, self._missed = self._missed, {}
        for room, (first, count) in missed.items():
            if room.kind is RoomKind.DIRECT or room in self._client.session.rooms:
                self._outbox.send(self._told(room, first, count))

    def _told(self, room: Room, first: TalkEvent, count: int) -> bytes:
        """WARN for those who can fetch what is missing, and for others a notice."""
        client, is_direct = self._client, room.kind is RoomKind.DIRECT
        server = client.doors.settings.server
        where = first.session.nick if is_direct else room.name
        messages = f"{count} message{'s' if count > 1 else ''} {'from' if is_direct else 'in'}"
        text = f"{messages} {where} left out: your connection does not keep up"
        if client.caps & Cap.CHATHISTORY:
            words = ("*", "MESSAGES_MISSED", where, first.msgid, text)
            return line("WARN", *words, source=server, trailing=True)
        to = client.nick if is_direct else where
        return line("NOTICE", to, text, source=server, trailing=True)
