"""How events look to all IRC readers who see them alike: those with the same capabilities.

A piece is bytes of whole lines (or a mark of `labels`), a payload is bytes. The tags of an event
are made here: its time, its msgid, its author's account, and what its author's client added.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from hubbub.core.events import (
    AccountSet,
    AwaySet,
    Edited,
    Entry,
    Invited,
    Joined,
    Passing,
    Quit,
    Reacted,
    Redacted,
    Repeated,
    Replay,
    Said,
    Tagged,
    Watched,
)
from hubbub.core.rooms import RoomKind
from hubbub.core.sessions import Trait
from hubbub.doors.irc import edits, labels, multiline, playback
from hubbub.doors.irc.capabilities import RENDERED, SEVERAL_LINES, Cap
from hubbub.doors.irc.edits import EDITS
from hubbub.doors.irc.gap import ThinKind
from hubbub.doors.irc.labels import Twice
from hubbub.doors.irc.render import invitation, lines, said
from hubbub.hub.amending import in_words
from hubbub.hub.past import within
from hubbub.wire.irc.line import line
from hubbub.wire.irc.tags import escape, format_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Event, Live
    from hubbub.core.ports import Clock
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.labels import Piece

_TAGS = Cap.MESSAGE_TAGS | Cap.SERVER_TIME | Cap.ACCOUNT_TAG
_BY_SOMEBODY = (Entry, Passing)
_WITH_MSGID = (Entry, Tagged)
_WITH_TAGS = (Said, Tagged, Reacted)


class IrcKind:
    """Renders for all IRC readers with one set of capabilities. Compared by identity."""

    def __init__(self, caps: Cap, server: str, clock: Clock) -> None:
        self.caps = caps
        self.server = server
        self._clock = clock
        # Asked for every word that is said; an operation on flags costs as much as all the rest.
        self._tagged = bool(caps & _TAGS)
        self._with_time = bool(caps & Cap.SERVER_TIME)
        self._with_account = bool(caps & Cap.ACCOUNT_TAG)
        self._with_tags = bool(caps & Cap.MESSAGE_TAGS)
        self._knows_edits = caps & EDITS == EDITS
        self._knows_multiline = caps & SEVERAL_LINES == SEVERAL_LINES

    def render(self, event: Event) -> bytes:
        """The event as a bystander sees it."""
        # What is said is nearly all there is to show, so it does not pass the table of events.
        if type(event) is Said:
            found = said(event)
            if self._knows_multiline and multiline.is_meant(event, found):
                return multiline.batch(event, self._tags(event), self.server)
        elif type(event) is Edited and self._knows_edits and edits.fits(event.text):
            edit = line("EDIT", event.to, source=event.source)
            return edits.tagged(self._tags(event), event) + edit
        else:
            found = lines(event, self.caps, self.server)
        if isinstance(event, Watched):
            event = event.event
        if not self._tagged or not found or not isinstance(event, _BY_SOMEBODY):
            return found[0] if len(found) == 1 else b"".join(found)
        tags = self._tags(event)
        if len(found) == 1:
            return tags + found[0]
        # "multiline": servers "MUST only include a message ID on the first message".
        first, *others = found
        tags_of_others = self._tags(event, with_msgid=False)
        return tags + first + b"".join([tags_of_others + one for one in others])

    def render_own(self, event: Event) -> Piece:
        """The event as the session that caused it, or that it is for, sees it."""
        if isinstance(event, _WITH_TAGS):
            return self._own_words(event)
        if isinstance(event, Repeated):
            return self.render(event.first) if _echoes(event.first.session) else b""
        if isinstance(event, Replay):
            return self._replayed(event)
        if isinstance(event, Edited | Redacted):
            return self._own_amendment(event)
        if isinstance(event, Quit | AwaySet | AccountSet):
            return b""  # ERROR or a numeric says it
        if isinstance(event, Invited):
            return self._tags(event) + invitation(event) if self._tagged else invitation(event)
        if isinstance(event, Joined):
            # Whoever enters is told in NAMES what they are.
            first, *_ = lines(event, self.caps & ~Cap.AWAY_NOTIFY, self.server)
            return self._tags(event) + first if self._tagged else first
        return self.render(event)

    def join(self, pieces: Sequence[Piece]) -> bytes:
        """One payload of several pieces, in order."""
        try:
            return b"".join(pieces)  # type: ignore[arg-type]  # they nearly always are
        except TypeError:  # there are marks among them
            return labels.join(pieces)

    def _own_words(self, event: Said | Tagged | Reacted) -> Piece:
        """An echo for those who asked for it ("echo-message"), and what one says to oneself."""
        echoes = _echoes(event.session)
        if _is_to_self(event):
            copy = self.render(event)
            return Twice(copy if echoes else b"", copy)
        return self.render(event) if echoes else b""

    def _own_amendment(self, event: Edited | Redacted) -> bytes:
        """Confirmed to everybody, echoes or not: nothing else would say that it was done."""
        if isinstance(event, Edited):
            is_known = self._knows_edits or _echoes(event.session)
        else:
            is_known = bool(self.caps & Cap.MESSAGE_REDACTION)
        if is_known:
            return self.render(event)
        # A notice names who is to read it.
        to = event.to if event.room.kind is RoomKind.ROOM else event.session.nick
        told = in_words(event, playback.time_of_day(event.said, event.time))
        return self._tags(event) + line("NOTICE", to, told, source=self.server, trailing=True)

    def _replayed(self, event: Replay) -> bytes:
        """What was said before a client came, which has not asked for it."""
        said = within(playback.spoken(event.entries), playback.REPLAY_BYTES)
        if not said:
            return b""
        now = self._clock.now()
        return playback.batch(said, self, target=event.room.name, now=now)

    # -- tags ----------------------------------------------------------------------------------

    def _tags(self, event: Live | Passing, *, with_msgid: bool = True) -> bytes:
        """The section of tags of an event, which every word that is said has for most readers."""
        tags = []
        if self._with_time:
            tags.append(f"time={timestamp(event.time)}")
        account = event.session.account
        if account is not None and self._with_account:
            tags.append(f"account={escape(account)}")
        if self._with_tags:
            if with_msgid and isinstance(event, _WITH_MSGID):
                tags.append(f"msgid={event.msgid}")
            if Trait.BOT in event.session.traits:
                tags.append("bot")
            if self._knows_edits and with_msgid and isinstance(event, Said) and event.edited:
                tags.append(f"{edits.CHANGED}={timestamp(event.edited)}")
            if isinstance(event, _WITH_TAGS) and event.tags:
                tags.append(format_tags(event.tags))
        return f"@{';'.join(tags)} ".encode("utf-8", "replace") if tags else b""


class Kinds:
    """The kinds in use, one for each set of capabilities that changes how events look."""

    def __init__(self, server: str, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._kinds: dict[Cap, IrcKind] = {}
        self._thin: dict[IrcKind, ThinKind] = {}

    def of(self, caps: Cap) -> IrcKind:
        """The kind of readers with these capabilities."""
        caps &= RENDERED
        kind = self._kinds.get(caps)
        if kind is None:
            kind = self._kinds[caps] = IrcKind(caps, self._server, self._clock)
        return kind

    def thin(self, kind: IrcKind) -> ThinKind:
        """What a kind is for those of its readers who are behind."""
        return self._thin.setdefault(kind, ThinKind(kind))


@lru_cache(256)
def timestamp(time: int) -> str:
    """Milliseconds since the epoch as "server-time" writes them."""
    moment = datetime.fromtimestamp(time / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03d}Z"


def _echoes(session: Session) -> bool:
    """Whether a session wants to hear what it says itself."""
    echoes: bool = session.reader.echoes  # type: ignore[attr-defined]  # it is an `IrcDoor`
    return echoes


def _is_to_self(event: Said | Tagged | Reacted) -> bool:
    if isinstance(event, Said | Reacted):
        return event.room.kind is RoomKind.DIRECT and event.audience == (event.session,)
    return event.to == event.session.nick
