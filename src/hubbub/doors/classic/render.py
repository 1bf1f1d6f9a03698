"""What classic readers see: every event as pairs of a name and a text.

A `ClassicKind` renders for all readers of one header width. A piece is a tuple of whole pairs, a
payload a list of segments; a segment never cuts a pair (classic.md §3.4). What goes to a classic
terminal is printed raw, so control characters end here (§3.5).
"""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING, assert_never

from hubbub.core.events import (
    AccountSet,
    AwaySet,
    Changed,
    Edited,
    EntryKind,
    HostSet,
    Invited,
    Joined,
    Kicked,
    Offline,
    Online,
    Parted,
    Quit,
    Reacted,
    RealNameSet,
    Redacted,
    Refusal,
    Renamed,
    Repeated,
    Replay,
    RoomRenamed,
    Said,
    Tagged,
    TopicSet,
    Unsaved,
    Wallops,
    Watched,
)
from hubbub.core.metadata import MetadataSet, MetadataShown, MetadataUnsaved
from hubbub.core.rooms import RoomKind
from hubbub.doors.classic.refusals import explain
from hubbub.hub.amending import in_words
from hubbub.text.sanitise import one_line, without_controls
from hubbub.wire.classic import ERROR_PREFIX, SERVER_NAME, frame, pack, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.core.events import Entry, Event
    from hubbub.core.ports import Clock
    from hubbub.doors.classic.settings import Dialect

REPLAY_BYTES = 16 * 1024
"""What an arrival is shown of the past, at most (classic.md §3.12)."""
HISTORY_BYTES = 256 * 1024
"""What an answer to /history holds, at most."""
MOST_LINES = 32
"""A message of more lines is shown with the rest of them joined to the last."""


class Apart(tuple[bytes, ...]):
    """A piece whose pairs are each sent on their own, as history is (classic.md §3.12)."""

    __slots__ = ()


class ClassicKind:
    """Renders for all classic readers of one width and dialect. Compared by identity."""

    def __init__(
        self, width: int, clock: Clock, *, notices: bool = True, dialect: Dialect = "pairs"
    ) -> None:
        self.width = width
        self._clock = clock
        self._notices = notices
        self._single = dialect == "single"

    def render(self, event: Event) -> tuple[bytes, ...]:
        """The event as a bystander sees it."""
        match event:
            case Said():
                text = event.text
                is_plain = event.audience is None and event.kind is EntryKind.MESSAGE
                if is_plain and text.isprintable() and not self._single:
                    return pairs(event.nick, text, self.width)
                return self._said(event)
            case Joined() | Parted() | Quit() | Renamed() | Kicked() | TopicSet() | RoomRenamed():
                return self.house(_news(event)) if self._notices else ()
            case Edited() | Redacted():
                return self.house(_amended(event, self._clock.now()))
            case Wallops():
                return self.house(f"{event.session.nick} tells everybody: {event.text}")
            case Refusal() | Repeated() | Replay() | Unsaved():
                return self.render_own(event)
            case (
                Reacted()
                | Changed()
                | Tagged()
                | AwaySet()
                | RealNameSet()
                | HostSet()
                | AccountSet()
            ):
                return ()  # the protocol has no word for it, and nobody would miss one
            case (
                Invited()
                | Online()
                | Offline()
                | Watched()
                | MetadataSet()
                | MetadataShown()
                | MetadataUnsaved()
            ):
                return ()  # nor a way to ask for it
            case _:
                assert_never(event)

    def render_own(self, event: Event) -> tuple[bytes, ...]:
        """The event as its author sees it (§3.9): bad news, and that somebody was told."""
        match event:
            case Said():
                if not event.audience:
                    return ()
                if event.session in event.audience:
                    return self._said(event)  # who whispers to oneself reads it
                # A part of the message, so that nobody is told it of one that was not saved.
                is_private = event.room.kind is RoomKind.DIRECT
                return self.house(f"told {event.to}") if is_private else ()
            case Edited() | Redacted():
                return self.render(event)
            case Refusal(reason, _, details):
                return self.error(explain(reason, details))
            case Unsaved(room):
                return self.error(f"what you changed of {room.name} is not saved yet")
            case Replay():
                return Apart(self.past(event.entries, REPLAY_BYTES))
            case _:
                return ()

    def join(self, pieces: Sequence[tuple[bytes, ...]]) -> list[bytes]:
        """Whole pairs in segments that a reader takes in at once."""
        if Apart not in map(type, pieces):
            return pack(chain.from_iterable(pieces))
        segments: list[bytes] = []
        together: list[bytes] = []
        for piece in pieces:
            if type(piece) is Apart:
                segments += pack(together)
                together = []
                segments += piece
            else:
                together += piece
        return segments + pack(together)

    def house(self, text: str) -> tuple[bytes, ...]:
        """Something the house says (§3.8): an ordinary pair, whatever was typed that it quotes."""
        return self._pairs(SERVER_NAME, one_line(text))

    def error(self, text: str) -> tuple[bytes, ...]:
        """Something the house could not do."""
        return self.house(ERROR_PREFIX + text)

    def past(self, entries: Iterable[Entry], budget: int) -> tuple[bytes, ...]:
        """Earlier messages with the time they were said, oldest first, the last that fit."""
        shown: list[tuple[bytes, ...]] = []
        for entry in reversed(list(entries)):
            stamp = time_of_day(entry.time, self._clock.now())
            mark = " (edited)" if entry.edited else ""
            line = self._pairs(entry.nick, f"[{stamp}] {one_line(_words(entry))}{mark}")
            budget -= sum(map(len, line))
            if budget < 0:
                break
            shown.append(line)
        return tuple(pair for line in reversed(shown) for pair in line)

    def acknowledgement(self, nick: str) -> bytes:
        """The lone frame that the `ack` dialect expects after its name (§3.16)."""
        return frame(f"Username assigned to you: {nick}".encode(), self.width)

    def _said(self, event: Said) -> tuple[bytes, ...]:
        lines = _lines(_words(event))
        return tuple(pair for line in lines for pair in self._pairs(event.nick, line))

    def _pairs(self, name: str, text: str) -> tuple[bytes, ...]:
        if self._single:
            whole = f"{name} > {text}"
            # One frame an event (§3.16): a pair without its first frame, that of an empty name.
            return tuple(pair[self.width :] for pair in pairs("", whole, self.width))
        return pairs(name, text, self.width)


def _news(event: Joined | Parted | Quit | Renamed | Kicked | TopicSet | RoomRenamed) -> str:
    """What the house tells of people and rooms."""
    match event:
        case Joined():
            return f"{event.nick} joined"
        case Parted() | Quit():
            return f"{event.nick} left"
        case Renamed():
            return f"{event.nick} is now called {event.text}"
        case Kicked():
            why = f" ({event.text})" if event.text and event.text != event.nick else ""
            return f"{event.target} was sent out by {event.nick}{why}"
        case TopicSet():
            if not event.text:
                return f"{event.nick} took the topic away"
            return f"{event.nick} says this room is about: {event.text}"
        case RoomRenamed():
            why = f" ({event.reason})" if event.reason else ""
            return f"{event.nick} calls this room {event.text} now{why}"
        case _:
            assert_never(event)


def _amended(event: Edited | Redacted, now: int) -> str:
    """What has become of a message, and that it was for few when it is told what it says."""
    told = in_words(event, time_of_day(event.said, now))
    private = isinstance(event, Edited) and event.room.kind is RoomKind.DIRECT
    return f"(private) {told}" if private else told


def _words(entry: Entry) -> str:
    """A text with what a classic reader could not know otherwise."""
    text = f"* {entry.text}" if entry.kind is EntryKind.ACTION else entry.text
    private = isinstance(entry, Said) and entry.room.kind is RoomKind.DIRECT
    return f"(private) {text}" if private else text


def _lines(text: str) -> list[str]:
    """A text as lines that cannot pass for somebody else's: each becomes a pair of its own."""
    lines = [line for line in without_controls(text).replace("\t", " ").split("\n") if line]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [" ".join(lines[MOST_LINES - 1 :])]
    return lines


def time_of_day(moment: int, now: int) -> str:
    """A time (milliseconds) as people here read it: `12:03`, with the day if that is not today."""
    then, today = time.localtime(moment / 1000), time.localtime(now / 1000)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b %H:%M" if then.tm_year == today.tm_year else "%Y-%m-%d %H:%M", then)
