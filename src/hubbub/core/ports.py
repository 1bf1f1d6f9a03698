"""Ports: what the chat needs of the world outside, as protocols.

`Clock` and `Ids` hand in time and randomness. A `Journal` saves, an `Archive` finds again; both
are one store. A `Reader` is a session's way out and a `Kind` renders for all readers alike.
The store and the doors implement these without the core or the hub knowing them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from hubbub.core.audit import Act
    from hubbub.core.bans import Ban
    from hubbub.core.events import Entry, Event, RoomEvent, RoomRenamed
    from hubbub.core.history import Conversation, Place, Reach, Reference
    from hubbub.core.metadata import Change
    from hubbub.core.people import Mark, Person, Proof
    from hubbub.core.retention import Bounds, Rule, Step
    from hubbub.core.roles import Role
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Operator
    from hubbub.core.settings import Settings
    from hubbub.text.query import Query

Piece: TypeAlias = Any
"""One event rendered by a `Kind`; only that kind can join it with others."""

Payload: TypeAlias = Any
"""Joined pieces, what a reader of that kind sends."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...


class Ids(Protocol):
    """Gives new names to things."""

    def msgid(self, now: int) -> str:
        """26 characters of Crockford base32: 48 bits of `now`, 80 random bits."""
        ...

    def token(self) -> str:
        """43 characters of the URL-safe base64: 256 random bits, a secret."""
        ...

    def number(self) -> int:
        """A random positive number of 63 bits, for a person or a room."""
        ...


class Kind(Protocol, Hashable):
    """Renders events for all readers who see them alike: one protocol, one set of capabilities."""

    def render(self, event: Event) -> Piece:
        """The event as a bystander sees it."""
        ...

    def render_own(self, event: Event) -> Piece:
        """The event as the session that caused it, or that it is for, sees it."""
        ...

    def join(self, pieces: Sequence[Piece]) -> Payload:
        """One payload of several pieces, in order."""
        ...


class Reader(Protocol):
    """A session's way out. Never raises, never blocks; bounds what waits for a slow peer."""

    @property
    def kind(self) -> Kind:
        """What renders for this reader."""
        ...

    def send(self, payload: Payload) -> None:
        """Send, or queue within bounds, what its kind has joined."""
        ...

    def moved(self, event: RoomRenamed) -> None:
        """Take note that a room which its session is in goes by another name, as was just decided:
        for readers whose protocol can only say that somebody left one room and entered another."""
        ...

    def end(self, reason: str) -> None:
        """Say why and close, after what was sent: the hub has taken the session out already."""
        ...


class Verifier(Protocol):
    """Knows the operators of the server and their passwords."""

    async def __call__(self, name: str, password: str) -> Operator | None:
        """The operator of that name if the password is theirs, None for any other."""
        ...


class StoreError(Exception):
    """The store could not do it. The text is for the log and the operator."""


class TooMuchError(StoreError):
    """It could, but others wait: whoever asked has to ask for less."""


@dataclass(slots=True, frozen=True)
class Already:
    """A send-once repeat: the same message is stored under `msgid`, said at `time`."""

    msgid: str
    time: int


@dataclass(slots=True, frozen=True)
class Conflict:
    """Not stored: its send-once id or a state it builds on belongs to another."""


Outcome: TypeAlias = Already | Conflict


@dataclass(slots=True, frozen=True)
class Commit:
    """What became of a batch: a failure of the whole, or what was not simply stored.

    `exceptions` maps the msgid of an entry to its outcome; all others are stored.
    """

    failure: StoreError | None = None
    exceptions: Mapping[str, Outcome] = field(default_factory=dict)


class Journal(Protocol):
    """Saves batches, all of one or nothing of it."""

    def write(
        self,
        events: Sequence[RoomEvent],
        done: Callable[[Commit], None],
        rooms: Sequence[Room] = (),
        metadata: Sequence[Change] = (),
    ) -> None:
        """Save sealed events in one transaction, durable as configured, and say so.

        One batch at a time: the caller waits for `done`, which is called once, on the caller's
        thread, at once or later. There may be no events when there are `rooms`. Rows for new
        people and rooms are saved with it, their `kept` is set when it is done; so are the
        settings, lists and roles of each room that is `unsaved`, of those that the events name
        and of `rooms`, and their `changes_saved` is set to what `changes` was when this was called.
        An edit changes what its target says, a redaction blanks it with all of its edits; there is
        a `Conflict` if that is not there any more.
        Changes of `metadata` are saved in their order, with the rooms that they are of; those of
        persons who have no token are left out.
        Never raises.
        """
        ...

    def probe(self, done: Callable[[StoreError | None], None]) -> None:
        """Find out whether a write would succeed now, by writing. Never raises."""
        ...


@dataclass(slots=True, frozen=True)
class Imported:
    """What an import did with a chunk of entries."""

    new: int
    known: int


@dataclass(slots=True, frozen=True)
class RoomRow:
    """A room as the store knows it; `settings` None are the defaults, `roles` by person's id."""

    id: int
    name: str
    folded: str
    kind: str
    last_seq: int
    last_time: int
    created: int = 0
    settings: Settings | None = None
    roles: Mapping[int, Role] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Found:
    """An entry from the archive with the name of its room.

    `between` are the names of the two whose conversation it is, as far as they are asked for and
    known. Where the text is as it was written, `now` is what a message says now, None if it was
    never amended, and `redacted` is when it was taken away (milliseconds), 0 if it was not.
    """

    room: str
    entry: Entry
    between: tuple[str, ...] = ()
    now: str | None = None
    redacted: int = 0


class Archive(Protocol):
    """Finds again what was saved. Reads a committed state, never holds one while you wait.

    All methods raise `StoreError` when the store fails.
    """

    async def room(self, folded: str) -> RoomRow | None:
        """The room of that folded name."""
        ...

    async def direct_room(self, one: int, other: int) -> RoomRow | None:
        """The conversation between two persons (ids, in any order)."""
        ...

    async def latest(
        self,
        room_id: int,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """The last `limit` messages with `after` < seq < `before`, oldest first.

        Texts are those of now, and `edited` says since when. With `events` not talk alone, but all
        that is `PLAYED`.
        """
        ...

    async def earliest(
        self,
        room_id: int,
        limit: int,
        *,
        after: int,
        before: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """The first `limit` messages with `after` < seq < `before`, as `latest` gives them."""
        ...

    async def message(self, room_id: int, msgid: str) -> Entry | None:
        """What somebody said or sent in a room, text of now; None when it was taken away."""
        ...

    async def place(self, room_id: int, reference: Reference) -> Place | None:
        """Where in a room an entry of that msgid, or a moment, stands; None for an unknown msgid.

        Imported entries may be younger than what was said live: the latest of two places that
        a moment has counts for what is before, the earliest for what is after.
        """
        ...

    async def conversations(self, person_id: int, limit: int) -> list[Conversation]:
        """The conversations of a person with most recent words, at most `limit`, the last first."""
        ...

    async def sent(self, send_id: str) -> Found | None:
        """What was said with that send-once id, if it is known still; texts are as written."""
        ...

    def pages(
        self,
        *,
        room: str | None = None,
        since: int | None = None,
        conversations: bool = True,
        size: int = 500,
    ) -> AsyncIterator[list[Found]]:
        """All entries in the order of rooms and seq, a page per read transaction.

        `room` is a folded name, `since` milliseconds; `conversations` False leaves out the rooms
        of two. Texts are as they were written, then edits and redactions follow as entries of their
        own, and `Found` tells what they have made of it; what was redacted is blank.
        """
        ...

    async def search(
        self,
        query: Query,
        limit: int,
        *,
        conversations: bool = True,
        reach: Reach | None = None,
        earliest: bool = False,
    ) -> list[Found]:
        """The last messages that match, newest first; the first, oldest first, with `earliest`.

        `conversations` as for `pages`; a `reach` leaves out what somebody may not read, and bounds
        the time that is taken. Raises `TooMuchError`.
        """
        ...

    async def partners(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Whose conversations those are: of each the names of its two, or as many as are known.

        They are what the two were called last, in the order of the alphabet.
        """
        ...

    async def bans(self) -> list[Ban]:
        """The bans of the server, in the order they were set; expired ones may be among them."""
        ...

    async def acts(self, limit: int) -> list[Act]:
        """The last acts of operators, newest first."""
        ...

    async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
        """Save what an operator did, in one transaction with what it changes of the bans.

        A BAN act sets `ban` (in place of one with the same `target`), an UNBAN act lifts the one
        whose `target` is that of the act. Durable as configured when it returns.
        """
        ...

    async def keep_proofs(self, proofs: Sequence[Proof], *, oldest: int) -> None:
        """Save persons with their tokens, in one transaction; those used before `oldest` may go.

        With a token the marks and the metadata of its person are saved, and go. A person has one
        token, the last.
        Durable as configured when it returns.
        """
        ...

    async def proof(self, digest: bytes, *, oldest: int) -> Proof | None:
        """Whose token it is, if it was given or used at `oldest` or later."""
        ...

    async def keep_marks(self, marks: Sequence[Mark]) -> None:
        """Save up to when persons have read, in one transaction; a mark only goes forward.

        Those of persons who have no token are left out: nobody will ever ask for them. A person
        has at most `MAX_MARKS`. Durable as configured when it returns.
        """
        ...

    async def marks(self, person_id: int) -> dict[int, int]:
        """Up to when a person has read, as `Person.marks` has it."""
        ...

    async def metadata(self, person_id: int) -> dict[str, str]:
        """What a person says of themselves, by key."""
        ...

    async def vacuum(self) -> None:
        """Write the files anew, so that nothing is left in them of what was taken away."""
        ...

    def prune(
        self, rule: Rule, bounds: Bounds, spared: Callable[[], Collection[int]]
    ) -> AsyncIterator[Step]:
        """Delete what goes by a rule, a little in each step; nobody who talks waits for more.

        `spared` gives the ids of the rooms and persons that stay whatever the rule says. It is
        asked in each step; what any others have done is saved by then.
        """
        ...

    async def due(self, rule: Rule, bounds: Bounds, spared: Collection[int]) -> int:
        """How much would go by a rule; by that of size, about how much."""
        ...

    async def import_chunk(
        self, entries: Sequence[Entry], people: Sequence[Person], rooms: Sequence[Room]
    ) -> Imported:
        """Save at most 500 entries of the past before each room's first, in one transaction.

        Entries whose msgid the store knows are left alone. `people` and `rooms` are those that
        the entries name and that may not be kept yet. Within the chunk the order is kept.
        """
        ...
