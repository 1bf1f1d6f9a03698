"""What stands in for the world outside the hub: a clock and a journal that do as they are told.

Only time and faults are doubled (the house rule); readers and kinds are the simplest there can be:
a piece is a sentence, a payload a list of them, and a reader keeps what it was sent.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from hubbub.core.events import (
    AccountSet,
    AwaySet,
    Changed,
    Edited,
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
from hubbub.core.limits import Limits
from hubbub.core.metadata import MetadataSet, MetadataShown, MetadataUnsaved
from hubbub.core.ports import Commit, StoreError
from hubbub.core.roles import Role
from hubbub.core.rooms import Room
from hubbub.core.sessions import Address
from hubbub.hub import arrival, rooms
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubbub.core.events import Event, PassingEvent, PrivateEvent, RoomEvent
    from hubbub.core.metadata import Change
    from hubbub.core.ports import Journal
    from hubbub.core.sessions import Session

FULL_DISK = StoreError("the disk is full")


class ManualClock:
    """Says what it was set to."""

    def __init__(self, time: int = 1_000) -> None:
        self.time = time

    def now(self) -> int:
        return self.time


class CountingIds:
    """1, 2, 3 …"""

    def __init__(self) -> None:
        self.last = 0

    def msgid(self, now: int) -> str:
        return f"id-{self.number()}"

    def token(self) -> str:
        return f"token-{self.number()}"

    def number(self) -> int:
        self.last += 1
        return self.last


class Sentences:
    """A kind whose pieces are sentences. `fails` makes the next rendering raise."""

    def __init__(self) -> None:
        self.fails = False
        self.rendered = 0

    def render(self, event: Event) -> str:
        self.rendered += 1
        if self.fails:
            self.fails = False
            raise RuntimeError("a bug in a renderer")
        return sentence(event)

    def render_own(self, event: Event) -> str:
        return f"own: {sentence(event)}"

    def join(self, pieces: Sequence[str]) -> list[str]:
        return list(pieces)


def sentence(event: Event) -> str:
    """What an event looks like to whoever sees it.

    What is heard once although it happens in several rooms names none of them.
    """
    match event:
        case Said():
            return f"{event.nick} in {event.room.name}: {event.text}"
        case Reacted():
            return f"{event.nick} reacts to {event.target} in {event.to}: {event.kind} {event.text}"
        case Edited():
            return f"{event.nick} changed {event.target} in {event.to}: {event.text}"
        case Redacted():
            return f"{event.nick} took back {event.target} in {event.to}: {event.text}"
        case Joined():
            role = f" as {str(event.role.name).lower()}" if event.role else ""
            return f"{event.nick} joined {event.where}{role}"
        case Parted():
            return f"{event.nick} left {event.where}: {event.text}"
        case Quit():
            return f"{event.nick} quit: {event.text}"
        case Renamed():
            return f"{event.nick} is now {event.text}"
        case Kicked():
            return f"{event.nick} kicked {event.victim.nick} from {event.where}: {event.text}"
        case TopicSet():
            return f"{event.nick} set the topic of {event.where}: {event.text}"
        case Changed():
            return f"{event.nick} changed {event.where}: {len(event.changes)}"
        case RoomRenamed():
            return f"{event.nick} calls {event.where} {event.text}: {event.reason}"
        case _:
            return _of_the_moment(event)


def _of_the_moment(
    event: PassingEvent | PrivateEvent,
) -> str:
    match event:
        case Tagged():
            return f"{event.source} sends {event.to} {dict(event.tags)}"
        case AwaySet():
            return f"{event.source} is away: {event.away}"
        case RealNameSet():
            return f"{event.source} is really {event.real_name}"
        case HostSet():
            return f"{event.source} is at {event.username}@{event.host}"
        case AccountSet():
            return f"{event.source} has the account {event.account}"
        case Invited():
            return f"{event.source} invites {event.guest.nick} to {event.room.name}"
        case Wallops():
            return f"{event.source} tells all: {event.text}"
        case Refusal(reason):
            return f"refused: {reason}"
        case Repeated(first):
            return f"repeated {first.text}: {first.msgid} at {first.time}"
        case Replay(room, entries):
            return f"{room.name} was: {' | '.join(entry.text for entry in entries)}"
        case Unsaved(room):
            return f"unsaved: {room.name}"
        case Online(_, source):
            return f"online: {source}"
        case Offline(nick):
            return f"offline: {nick}"
        case Watched(inner):
            return f"watched: {sentence(inner)}"
        case MetadataSet(target, key, value):
            return f"{target} has {key}: {value}"
        case MetadataShown(target, values):
            return f"{target} is {' | '.join(map(sentence, values))}"
        case MetadataUnsaved(target):
            return f"unsaved metadata: {target}"
        case _:
            assert_never(event)


class KeepingReader:
    """Keeps each payload."""

    def __init__(self, kind: Sentences) -> None:
        self.kind = kind
        self.payloads: list[list[str]] = []
        self.ended: str | None = None
        self.moves: list[str] = []

    def send(self, payload: list[str]) -> None:
        self.payloads.append(payload)

    def moved(self, event: RoomRenamed) -> None:
        self.moves.append(f"{event.where} is {event.room.name}")

    def end(self, reason: str) -> None:
        self.ended = reason

    def take(self) -> list[str]:
        """All sentences since the last time."""
        sentences = [one for payload in self.payloads for one in payload]
        self.payloads.clear()
        return sentences


class ObedientJournal:
    """Keeps each batch until it is told what became of it. Only `write` and `probe` wait."""

    def __init__(self) -> None:
        self.written: list[list[RoomEvent]] = []
        self.rooms: list[Room] = []
        """Those of the last call, beside its events."""
        self.metadata: list[Change] = []
        self._counts: dict[Room, int] = {}
        self._done: Callable[[Commit], None] | None = None
        self._probed: Callable[[StoreError | None], None] | None = None

    def write(
        self,
        events: Sequence[RoomEvent],
        done: Callable[[Commit], None],
        rooms: Sequence[Room] = (),
        metadata: Sequence[Change] = (),
    ) -> None:
        assert self._done is None, "a second batch while one is in flight"
        assert events or rooms or metadata, "an empty batch"
        self.metadata = list(metadata)
        self.written.append(list(events))
        self.rooms = list(rooms)
        self._counts = {room: room.changes for room in [*(e.room for e in events), *rooms]}
        self._done = done

    def probe(self, done: Callable[[StoreError | None], None]) -> None:
        self._probed = done

    @property
    def is_writing(self) -> bool:
        """Whether a batch waits for its fate."""
        return self._done is not None

    @property
    def is_probing(self) -> bool:
        """Whether the timeline has asked if a write would succeed."""
        return self._probed is not None

    def commit(self, **exceptions: Any) -> None:
        """Let the batch in flight be saved, but for what has an outcome of its own."""
        for room, count in self._counts.items():
            room.changes_saved = count
        self._settle(
            Commit(exceptions={key.replace("_", "-"): exceptions[key] for key in exceptions})
        )

    def fail(self) -> None:
        """Let the batch in flight fail."""
        self._settle(Commit(failure=FULL_DISK))

    def answer_probe(self, failure: StoreError | None = None) -> None:
        """Say whether a write would succeed."""
        done, self._probed = self._probed, None
        assert done is not None, "nobody asked"
        done(failure)

    def _settle(self, commit: Commit) -> None:
        done, self._done = self._done, None
        assert done is not None, "nothing is in flight"
        done(commit)


@dataclass
class Scene:
    """A hub with one room, and sessions of people who keep what they hear."""

    hub: Hub
    room: Room
    journal: ObedientJournal
    clock: ManualClock
    kind: Sentences
    readers: dict[str, KeepingReader] = field(default_factory=dict)
    _readers_of: dict[Session, KeepingReader] = field(default_factory=dict)

    def arrive(
        self, name: str, *, kind: Sentences | None = None, address: str = "192.0.2.1"
    ) -> Session:
        """Somebody connects. They are in no room yet."""
        reader = KeepingReader(kind or self.kind)
        newcomer = arrival.Newcomer("test", Address(address, 5), reader, real_name=name)
        session = arrival.arrive(self.hub, newcomer, name)
        self.readers[session.nick] = self._readers_of[session] = reader
        return session

    def reader(self, session: Session) -> KeepingReader:
        """What keeps what a session hears, or has heard before it ended."""
        return self._readers_of[session]

    def open(self, name: str, *operators: Session) -> Room:
        """A room, with some who govern it and are in it."""
        room = Room(self.hub.ids.number(), name, name, governed=self.clock.now())
        self.hub.world.add_room(room)
        for session in operators:
            room.grant(session.person.id, Role.OPERATOR)
            rooms.join(self.hub, session, room)
        return room

    def come_in(self, *names: str) -> list[Session]:
        """People arrive and enter the room."""
        sessions = [self.arrive(name) for name in names]
        for session in sessions:
            rooms.join(self.hub, session, self.room)
        return sessions

    async def settle(self) -> None:
        """Let everything decided be saved and delivered."""
        await turn()
        while self.journal.is_writing:
            self.journal.commit()
            await turn()

    def heard(self, name: str) -> list[str]:
        """What somebody who came under that name has heard since the last time."""
        return self.readers[name].take()

    async def quiet(self) -> None:
        """Let everything be heard, and forget it."""
        await self.settle()
        for reader in self.readers.values():
            reader.take()


def scene(*, journal: Journal | None = None, backlog: int = 10_000, **limits: Any) -> Scene:
    """A new scene; call it inside a running loop. Stored facts come from an empty store."""
    obedient, clock, ids = ObedientJournal(), ManualClock(), CountingIds()
    timeline = Timeline(journal or obedient, clock, backlog=backlog)
    hub = Hub(timeline, MemoryStore(), clock, ids, Limits(**limits))
    room = hub.lobby = Room(ids.number(), "#lobby", "#lobby")
    hub.world.add_room(room)
    return Scene(hub, room, obedient, clock, Sentences())


async def turn() -> None:
    """Let the loop go round until all that was due now is done: batches begin at its next turn."""
    for _ in range(3):
        await asyncio.sleep(0)
