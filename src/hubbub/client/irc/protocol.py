"""The client's side of IRC, without a socket: bytes in, events out, and what to send.

Owns which part hears which line, and the keeping up with what the server tells of itself. It has
no clock and no randomness: `now` and `ids` are handed in, `deadline` asks for `tick`. The stages of
a connection are in `course`, the socket and the waiting in `hubbub.client.connection`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.events import Message
from hubbub.client.irc.batches import Batch, Batches
from hubbub.client.irc.capabilities import CHATHISTORY, EVERYTHING
from hubbub.client.irc.catchup import is_past
from hubbub.client.irc.course import Course, Stage
from hubbub.client.irc.following import Following
from hubbub.client.irc.memory import Memory
from hubbub.client.irc.outbox import Outbox
from hubbub.client.irc.registration import Registration
from hubbub.client.irc.requests import Requests
from hubbub.client.irc.rooms import Rooms
from hubbub.client.irc.support import Support
from hubbub.client.irc.talk import TALK
from hubbub.client.irc.teller import Teller, is_refusal
from hubbub.client.naming import checked_name
from hubbub.text.sanitise import one_line
from hubbub.wire.irc.buffer import LineBuffer, TooLong
from hubbub.wire.irc.line import BadLine, Line, line, parse
from hubbub.wire.irc.tags import MAX_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hubbub.client.events import Event
    from hubbub.client.irc.batches import Item
    from hubbub.client.pieces import Piece

SILENCE = 90_000
"""Milliseconds without a word after which we ask whether the server is there."""

MAX_BODY = 8192
"""Bytes of a line that we read; LINELEN may be more than the 512 of old."""

_FIRST_WORDS = frozenset({"CAP", "ERROR", "NOTICE", "PING"})
"""What servers say before they know us, some without a source."""

PAST = frozenset({"chathistory", "znc.in/playback"})
"""Batches of what was said before, also of servers that send them unasked."""


class IrcProtocol:
    """One connection to an IRC server. Send what `outgoing` gives, feed `receive`."""

    def __init__(
        self,
        name: str,
        *,
        server: str,
        ids: Callable[[], str],
        rooms: Sequence[str] = (),
        password: str = "",
        recent: int = 0,
        everything: bool = False,
        memory: Memory | None = None,
        secure: bool = False,
    ) -> None:
        """Raises BadName. `rooms` are entered, `recent` earlier messages fetched in new ones.

        With `everything` it is told what becomes of messages and people, too. `ids` makes
        send-once ids. With a `memory` the connection goes on where that ends.
        """
        name = checked_name(name)
        self.failure: str | None = None
        self.heard_irc = False
        """Whether what the server sends is IRC."""
        self.first_bytes = b""
        self.support = Support()
        self.rooms = Rooms(self.support)
        self._keeps = memory is not None
        self._memory = memory or Memory()
        self._wanted = list(rooms)
        self._chunks: list[bytes] = []
        self._buffer = LineBuffer(MAX_TAGS, MAX_BODY)
        self._batches = Batches()
        token = self._memory.token
        self.registration = Registration(
            self._send,
            *(EVERYTHING if everything else ()),
            name=name,
            password=password,
            token=token,
            secure=secure,
        )
        self._caps = self.registration.capabilities
        self._requests = Requests(self._send, self._caps)
        self._teller = Teller(self.support, self.rooms, self._memory, everything=everything)
        self._outbox = Outbox(
            self._requests,
            self._caps,
            self.support,
            self.rooms,
            self._memory,
            ids=ids,
            talk=self._teller.talk,
        )
        self._course = Course(self, self._requests, self._teller, self._outbox, self._memory)
        self._following = Following(
            self.support,
            self.rooms,
            self._memory,
            registration=self.registration,
            outbox=self._outbox,
            teller=self._teller,
            is_in=lambda: self.ready,
            arrived=self._course.arrived,
        )
        self._course.plan(server, self._wanted, recent)
        self._leaving = False
        self._heard_at = self._now = 0

    # --- as `connection` sees it

    @property
    def name(self) -> str:
        """What we are called."""
        return self.rooms.me or self.registration.nick

    @property
    def ready(self) -> bool:
        """Whether we are in, and in our rooms as far as they let us."""
        return self._course.stage > Stage.ENTERING

    @property
    def clean(self) -> bool:
        """Whether an end that came now would be an orderly one: announced, by them or by us."""
        return self._leaving or bool(self.registration.failure)

    @property
    def closing_words(self) -> str:
        """Why the server has closed, as far as it said so."""
        return self.registration.failure or "the server closed"

    @property
    def retry(self) -> bool:
        """Whether connecting again can help."""
        # Two windows with one token would take over from each other for ever.
        return not self.registration.final and "resumed elsewhere" not in self.closing_words

    half_closes = False
    """QUIT is how we leave."""

    def begin(self, now: int) -> list[Event]:
        """Say the first words."""
        self._now = self._heard_at = now
        self.registration.begin()
        return []

    def outgoing(self) -> list[bytes]:
        """What to send now; it is given once."""
        chunks, self._chunks = self._chunks, []
        return [b"".join(chunks)] if chunks else []

    def receive(self, data: bytes, now: int) -> list[Event]:
        """Take what came in one read and give the events that are whole by now."""
        self._now = self._heard_at = now
        self.first_bytes = self.first_bytes or data[:16]
        self._buffer.feed(data)
        while self.failure is None and (raw := self._buffer.next_line()) is not None:
            if not isinstance(raw, TooLong):  # none may be; what it was cannot be known
                self._receive_line(raw)
        if self._buffer.overflow:
            self.failure = "what the server sends is not IRC"
        return self._given()

    def receive_eof(self, now: int) -> list[Event]:
        """Hear that the server will send nothing more."""
        self._now = now
        if not self._keeps or CHATHISTORY not in self._caps:
            self._teller.let_go(now)  # nobody will fetch it again
        return self._given()

    @property
    def deadline(self) -> int | None:
        """When to call `tick` if nothing comes before."""
        due = self._requests.deadline
        return self._heard_at + SILENCE if due is None else due

    def tick(self, now: int) -> list[Event]:
        """Hear that time has passed."""
        self._now = now
        if self._requests.overdue(now):
            self.failure = "the server does not answer"
        elif self._requests.deadline is None and now >= self._heard_at + SILENCE:
            self._requests.barrier(now, lambda: None)
        return self._given()

    # --- what we say

    def pieces(
        self, text: str, to: str = "", *, action: bool = False, reply_to: str = ""
    ) -> list[Piece]:
        """The text as messages; `to` is a room or a person, "" our first room."""
        where = to or self._default_room()
        return self._outbox.pieces(text, where, action=action, reply_to=reply_to)

    @property
    def may_say(self) -> bool:
        """Whether another message may be sent now."""
        # While we catch up an echo would move the mark of what we have heard over what is missing.
        return self._course.stage is Stage.LIVE and self._outbox.has_room

    def say(self, piece: Piece, now: int) -> None:
        """Queue it; it is settled by what comes back."""
        self._outbox.say(piece, now, self._teller.emit)

    def withdraw(self, piece: Piece) -> None:
        """Forget a message that could not be sent."""
        self._outbox.withdraw(piece)

    def outstanding(self, now: int) -> int:
        """How many messages the server has not answered yet."""
        return len(self._outbox)

    def ask(
        self,
        now: int,
        command: str,
        *params: str,
        tags: Mapping[str, str] | None = None,
        done: Callable[[list[Line]], None],
    ) -> None:
        """Ask something; `done` is called with the lines of the answer."""
        self._requests.ask(
            now,
            command,
            *params,
            tags=tags,
            answers=_may_answer,
            done=lambda items: done([one for item in items for one in _lines(item)]),
        )

    def tell(self, command: str, *params: str, tags: Mapping[str, str] | None = None) -> None:
        """Queue something that needs no answer."""
        self._send(command, *params, tags=tags)

    def ask_past(self, now: int, *params: str, done: Callable[[list[Event] | str], None]) -> None:
        """Ask for a page of the past (CHATHISTORY); `done` gets its events, or why not."""
        self._requests.ask(
            now,
            "CHATHISTORY",
            *params,
            answers=is_past,
            done=lambda items: done(self._past(items)),
        )

    def _past(self, items: list[Item]) -> list[Event] | str:
        batches = [item for item in items if isinstance(item, Batch)]
        if batches:
            lines = [one for batch in batches for one in batch.lines()]
            return self._teller.past(lines, self._now)
        words = [item.params[-1] for item in items if isinstance(item, Line) and item.params]
        return one_line(words[-1]) if words else "the server did not answer"

    def holds(self, capability: str) -> bool:
        """Whether the server has given us a capability."""
        return capability in self._caps

    def messages(self, answer: Iterable[Line]) -> list[Message]:
        """What the lines of an answer say, as messages of the past."""
        events = self._teller.past(answer, self._now)
        return [event for event in events if isinstance(event, Message)]

    def leave(self) -> None:
        """Queue what says that we leave."""
        if not self._leaving:
            self._leaving = True
            self._send("QUIT")

    def cut(self, now: int) -> tuple[str, ...]:
        """Hear that the connection is over; gives what was said and is in doubt for good."""
        return self._outbox.cut(keep=self._keeps)

    # --- what we hear

    def _receive_line(self, raw: bytes) -> None:
        try:
            one = parse(raw.decode("utf-8", "replace"))
        except BadLine:
            return
        self.heard_irc = self.heard_irc or _is_irc(one)
        item = self._batches.take(one)
        if item is None:
            return
        if self._requests.take(item):
            for part in _lines(item):
                self._following.hear(part, self._now)
        elif isinstance(item, Line):
            self._hear(item)
        else:
            self._hear_batch(item)

    def _hear_batch(self, batch: Batch) -> None:
        for one in batch.lines():
            if batch.kind not in PAST:
                self._hear(one)
            else:
                self._teller.replay(one, self._now)

    def _hear(self, one: Line) -> None:
        if one.command in TALK:
            if self.registration.welcome:  # what comes before is about looking up our host
                self._teller.talk(one, self._now)
        elif one.command == "PING":
            self._send("PONG", *one.params)
        elif self.registration.hear(one):
            self._memory.token = self.registration.token
            if self.registration.final:
                self.failure = self.registration.failure
        elif one.command == "WARN" and one.params[1:2] == ["MESSAGES_MISSED"] and one.params[2:]:
            self._course.missed(one.params[2], self._now)
        else:
            self._following.hear(one, self._now)
            self._teller.other(one, self._now)

    def _given(self) -> list[Event]:
        self._course.go_on(self._now)
        return self._teller.take()

    def _send(
        self, command: str, *params: str, tags: Mapping[str, str | None] | None = None
    ) -> None:
        self._chunks.append(line(command, *params, tags=tags))

    def enter(self, room: str) -> None:
        """Queue that we want to be in a room."""
        self._send("JOIN", room)

    def _default_room(self) -> str:
        if self._wanted:
            room = self.rooms.get(self._wanted[0])
            return self._wanted[0] if room is None else room.name
        return next((room.name for room in self.rooms), "")


def _is_irc(one: Line) -> bool:
    """Whether a server of another kind could not have sent it."""
    is_command = one.command.isalpha() or (len(one.command) == 3 and one.command.isdigit())
    return one.command in _FIRST_WORDS or (bool(one.source) and is_command)


def _lines(item: Item) -> Iterator[Line]:
    """The lines of an answer, but those of the past, which change nothing now."""
    if isinstance(item, Line):
        yield item
    elif item.kind not in PAST:
        for inner in item.items:
            yield from _lines(inner)


def _may_answer(item: Item) -> bool:
    """Whether an item may be an answer to something that bears no label."""
    if not isinstance(item, Line):
        return False
    return item.command == "FAIL" or item.command.isdigit() or is_refusal(item.command)
