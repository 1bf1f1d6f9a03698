"""The client's side of the classic protocol, without a socket: bytes in, events out, and back.

Owns what a client knows of its server: the dialect, the pairing of frames, which lines are our
own coming back, and when to say that something looks wrong. It has no clock: `now` is handed in,
`deadline` asks to be called back by `tick`. The rules are docs/protocols/classic.md §4. The
socket and the waiting are in `connection`, the frames in `hubbub.wire.classic`.
"""

from __future__ import annotations

import re
from collections import deque

from hubbub.client.diagnosis import TIME_OF_DAY, BurstWatch, find_width, nothing_heard
from hubbub.client.dialect import Dialect
from hubbub.client.events import Event, Hint, Message, Notice, Refused, Renamed
from hubbub.client.naming import checked_name
from hubbub.client.replay import DEFAULT_HISTORY, ReplayWatch
from hubbub.text.sanitise import one_line, without_controls
from hubbub.text.split import split_utf8
from hubbub.wire.classic import (
    ERROR_PREFIX,
    QUIET,
    SEGMENT_LIMIT,
    SERVER_NAME,
    BadFrame,
    Decoder,
    frame,
    nick_called,
)

PASSED_ON = 180
"""Bytes that a server needs beside its two headers to pass a text on in one segment: a name, of at
most 64 bytes with ours, and the time before it when it is told again."""
ECHO_WINDOW = 2_000  # ms
ECHO_LIMIT = 1_000  # own texts remembered; the oldest are forgotten and would then be shown twice
ACK_WINDOW = 1_000  # ms
SILENCE = 20_000  # ms
HEARD_LIMIT = 1 << 16  # bytes of the beginning of the stream that are kept to find its width

HOUSE_NAMES = frozenset({SERVER_NAME, f"#{SERVER_NAME}#", "*"})
"""Whose words are notices; compared without case."""

_SINGLE = re.compile(r"(?P<sender>[^\n>]{1,64}?) > (?P<text>.*)", re.DOTALL)
_HISTORY = re.compile(r"(?i)/history(?:\s+(\d{1,5}))?\s*")
_TAKEN = re.compile(r"(?i)\b(?:taken|occupied|exists?|already|in use|denied|invalid)\b")


class ClassicProtocol:
    """One connection as the client sees it.

    Send `hello` first and at once. Then whatever comes goes through `receive`, whatever is said
    through `pieces` and `encode`, one send each. When `failure` is set, close: a stream that has
    lost step is found again by reconnecting, never by guessing (classic.md §4.6).
    """

    def __init__(self, name: str, dialect: Dialect | None = None) -> None:
        """Raises BadName."""
        self.dialect = dialect or Dialect()
        self.name = checked_name(name, self.dialect)
        self.failure: str | None = None
        self.wrong_width = False
        self._decoder = Decoder(width=self.dialect.width)
        self._parts: list[bytes] = []
        self._heard = bytearray()
        self._echoes: deque[tuple[int, str]] = deque(maxlen=ECHO_LIMIT)
        self._bursts = BurstWatch(self.dialect)
        self._replay: ReplayWatch | None = None
        self._ack_until: int | None = None
        self._bad: BadFrame | None = None
        self._quiet_at: int | None = None
        self._silence_at: int | None = None

    def hello(self, now: int) -> bytes:
        """What to send first, in one piece, as soon as the connection stands."""
        # classic.md §4.1: a select() server waits for this, and everybody in it with it.
        self._silence_at = now + SILENCE
        self._replay = ReplayWatch(now)
        if self.dialect.ack:
            self._ack_until = now + ACK_WINDOW
        return frame(self.name.encode(), self.dialect.width)

    # --- what we say

    def pieces(self, text: str) -> list[str]:
        """The text as messages that reach any server whole; none if there is nothing in it.

        Each line is a message of its own. A longer one is split, nothing is trimmed.
        """
        # classic.md §4.2: servers take one recv for one frame. §4.3: an empty frame, a NUL or a
        # byte that is no UTF-8 ends most of them, for everybody.
        lines = without_controls(text).split("\n")
        limit = self._text_limit()
        return [piece for line in lines if line.strip() for piece in split_utf8(line, limit)]

    def encode(self, piece: str, now: int) -> bytes:
        """The bytes of one piece, to be handed over in one send; expects that it may come back."""
        self._echoes.append((now + ECHO_WINDOW, piece.strip()))
        asked = _HISTORY.fullmatch(piece)
        if asked is not None:
            self._replay = ReplayWatch(now, most=int(asked[1] or DEFAULT_HISTORY))
        return frame(piece.encode(), self.dialect.width)

    def _text_limit(self) -> int:
        width = self.dialect.width
        # What fits our segment and not the server's pair would be cut again there, to a stub.
        room = SEGMENT_LIMIT - 2 * width - PASSED_ON
        if room < PASSED_ON:  # no pair of theirs is short, whatever we do
            room = SEGMENT_LIMIT - width
        # The widest headers are longer than any segment, whatever they carry.
        return min(room if room >= 4 else SEGMENT_LIMIT, self.dialect.countable)

    # --- what we hear

    def receive(self, data: bytes, now: int) -> list[Event]:
        """Take what came in one read and give the events that are whole by now."""
        if self.failure is not None:
            return []
        self._silence_at = None
        self._heard += data[: HEARD_LIMIT - len(self._heard)]
        if self._bad is not None:
            return []  # more of it to tell the width by
        self._decoder.feed(data)
        return self._drain(now)

    def receive_eof(self, now: int) -> list[Event]:
        """Hear that the server will send nothing more. Half an event is no event: see `failure`."""
        if self.failure is not None:
            return []
        self._decoder.eof()
        events = self._drain(now) if self._bad is None else []
        if self._bad is not None:
            return [*events, self._diagnose(self._bad, now)]
        if self._decoder.pending or self._parts:
            self.failure = "the server closed in the middle of a message"
        return events

    @property
    def deadline(self) -> int | None:
        """When to call `tick` if nothing comes before; None for never."""
        times = [time for time in (self._quiet_at, self._silence_at) if time is not None]
        return min(times, default=None)

    def tick(self, now: int) -> list[Event]:
        """Hear that time has passed."""
        events: list[Event] = []
        if self._silence_at is not None and now >= self._silence_at:
            self._silence_at = None
            events.append(Hint(now, nothing_heard(self.dialect.width)))  # classic.md §4.4
        if self._quiet_at is not None and now >= self._quiet_at:
            self._quiet_at = None
            if self._bad is not None:
                return [*events, self._diagnose(self._bad, now)]
            self._decoder.quiet()
            events += self._drain(now)
        return events

    def _drain(self, now: int) -> list[Event]:
        frames: list[bytes] = []
        try:
            while (body := self._decoder.next_frame()) is not None:
                frames.append(body)
        except BadFrame as bad:
            self._bad = bad
        waits = self._bad is not None or self._decoder.undecided
        self._quiet_at = now + int(QUIET * 1000) if waits else None
        if self._bad is not None and self._find_width() is not None:
            return []  # cut with the wrong ruler, they are no frames at all
        hint = self._bursts.look(frames, whole=not self._decoder.pending)
        events = self._events(frames, now)
        return events if hint is None else [*events, Hint(now, hint)]

    def _diagnose(self, bad: BadFrame, now: int) -> Hint:
        """Fail, with the reason; a little later than the bad header, to see more of the stream."""
        width = self._find_width()
        if width is None:
            self.failure = f"what the server sends is no longer classic frames ({bad.reason})"
            return Hint(now, f"{self.failure}; only a new connection finds the beginning again")
        self.wrong_width = True
        self.failure = f"the server's headers are {width} bytes long, not {self.dialect.width}"
        return Hint(now, f"{self.failure}: try --header-length {width}")

    def _find_width(self) -> int | None:
        if len(self._heard) >= HEARD_LIMIT:
            return None  # it made sense for too long
        return find_width(bytes(self._heard), self.dialect.width)

    # --- frames to events

    def _events(self, frames: list[bytes], now: int) -> list[Event]:
        events: list[Event] = []
        for body in frames:
            if self._ack_until is not None:
                in_time, self._ack_until = now <= self._ack_until, None
                if in_time:
                    events.append(_answer_to_name(body, now))
                    continue
            self._parts.append(body)
            if len(self._parts) == self.dialect.frames:
                sender, text = _sender_and_text(self._parts)
                self._parts = []
                if not self._is_echo(sender, text, now):
                    events.append(self._spoken(sender, text, now))
        return events

    def _spoken(self, sender: str, text: str, now: int) -> Event:
        if sender == SERVER_NAME and (nick := nick_called(text)) is not None:
            self.name = nick
            return Renamed(now, nick)
        if sender.casefold() not in HOUSE_NAMES:
            stamp = self._replay.stamp(sender, text, now) if self._replay is not None else ""
            return Message(now, sender, text, stamp)
        if self._replay is not None:
            self._replay.end()  # the house speaks of now
        if sender == SERVER_NAME and text.startswith(ERROR_PREFIX):
            return Refused(now, sender, text.removeprefix(ERROR_PREFIX))
        return Notice(now, sender, text)

    def _is_echo(self, sender: str, text: str, now: int) -> bool:
        # classic.md §4.5: our own line is on the screen already; one copy that comes back is not
        # shown again. The same words from a namesake, later or once more, are.
        if sender != self.name:
            return False
        while self._echoes and self._echoes[0][0] < now:
            self._echoes.popleft()
        for echo in self._echoes:
            if echo[1] == text.strip():
                self._echoes.remove(echo)
                return True
        return False


def _answer_to_name(body: bytes, now: int) -> Event:
    # classic.md §4.7: this one frame stands alone and must not shift the pairing.
    text = one_line(body.decode("utf-8", "replace"))
    if _TAKEN.search(text):
        return Refused(now, SERVER_NAME, text)
    return Notice(now, SERVER_NAME, text)


def _sender_and_text(parts: list[bytes]) -> tuple[str, str]:
    if len(parts) == 3:
        # A time of day that is not ours to trust; it comes first, in a few programs last.
        timed_last = TIME_OF_DAY.fullmatch(parts[2]) and not TIME_OF_DAY.fullmatch(parts[0])
        parts = parts[:2] if timed_last else parts[1:]
    words = [part.decode("utf-8", "replace") for part in parts]
    if len(words) == 1:
        whole = without_controls(words[0])
        single = _SINGLE.fullmatch(whole)
        return (one_line(single["sender"]), single["text"]) if single else ("", whole)
    return one_line(words[0]).strip(), without_controls(words[1])
