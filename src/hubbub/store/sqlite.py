"""The store on SQLite: a journal and an archive in one file.

Writing goes to the `writer`'s thread and comes back through `post`. Reading runs on `readers`,
and searching on one of its own: a long search delays neither a commit nor anybody's history.
Nothing here decides: what is written is in `batch` and `importing`, what is read in `reading` and
`search`.
Open it with `opening.open_store`, which brings the file to the newest schema first.
"""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from hubbub.core.ports import Commit, StoreError
from hubbub.store import acts, marks, metadata, places, reading, tokens
from hubbub.store.amending import Vacuum
from hubbub.store.batch import Batch
from hubbub.store.connect import failure, reading_engine
from hubbub.store.files import INDEX
from hubbub.store.importing import Import
from hubbub.store.indexer import Indexer
from hubbub.store.partners import partners
from hubbub.store.pruning import Pruning
from hubbub.store.readers import Readers
from hubbub.store.search import Wanted, search
from hubbub.store.space import Reserve
from hubbub.store.statements import SAVE_META
from hubbub.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from hubbub.core.audit import Act
    from hubbub.core.bans import Ban
    from hubbub.core.events import Entry, RoomEvent
    from hubbub.core.history import Conversation, Place, Reach, Reference
    from hubbub.core.metadata import Change
    from hubbub.core.people import Mark, Person, Proof
    from hubbub.core.ports import Found, Imported, RoomRow
    from hubbub.core.retention import Bounds, Rule, Step
    from hubbub.core.rooms import Room
    from hubbub.store.connect import Durability
    from hubbub.store.writer import Task
    from hubbub.text.query import Query

T = TypeVar("T")

READERS: Final = 2
"""Threads for questions that are answered soon: a page at most."""

SEARCHERS: Final = 1
"""Threads for searches, which may read everything: whoever asks waits in turn."""

PROBE_SIZE: Final = 64 * 1024
"""Bytes. A full disk often has room for a line and not for the batch that comes next."""


class SqliteStore:
    """Implements `core.ports.Journal` and `core.ports.Archive`."""

    def __init__(
        self,
        path: Path,
        *,
        durability: Durability,
        post: Callable[[Callable[[], None]], object],
        reserve: int = 0,
        index: Path | None = None,
    ) -> None:
        """Open a file that has the newest schema.

        `post` runs a callable on the caller's thread (the loop's `call_soon_threadsafe`);
        `reserve` bytes are kept free on the disk; `index` is the search index, by default
        `search.sqlite` beside the file. Raises `sqlite3.Error`.
        """
        self.path = path
        self._post = post
        self._space = Reserve(path.parent, reserve)
        self.indexer = Indexer(path, index or path.with_name(INDEX), Reserve(path.parent, reserve))
        self._writer = Writer(path, durability, post, self._space, self.indexer.wake)
        self._engine = reading_engine(path, READERS)
        self._keep_log()
        self._readers = Readers(READERS, "hubbub-reader")
        self._searchers = Readers(SEARCHERS, "hubbub-searcher")
        self.indexer.start()

    def write(
        self,
        events: Sequence[RoomEvent],
        done: Callable[[Commit], None],
        rooms: Sequence[Room] = (),
        metadata: Sequence[Change] = (),
    ) -> None:
        """See `Journal.write`."""
        try:
            self._writer.put(Batch(events, done, rooms, metadata))
        except StoreError as error:
            done(Commit(failure=error))

    def probe(self, done: Callable[[StoreError | None], None]) -> None:
        """See `Journal.probe`."""
        try:
            self._writer.put(_Probe(self._space, done))
        except StoreError as error:
            done(error)

    async def room(self, folded: str) -> RoomRow | None:
        """See `Archive.room`."""
        return await self._read(lambda connection: reading.room(connection, folded))

    async def direct_room(self, one: int, other: int) -> RoomRow | None:
        """See `Archive.direct_room`."""
        return await self._read(lambda connection: reading.direct_room(connection, one, other))

    async def latest(
        self,
        room_id: int,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """See `Archive.latest`."""
        span = reading.Span(room_id, after, before, events)
        return await self._read(lambda connection: reading.latest(connection, span, limit))

    async def earliest(
        self,
        room_id: int,
        limit: int,
        *,
        after: int,
        before: int | None = None,
        events: bool = False,
    ) -> list[Entry]:
        """See `Archive.earliest`."""
        span = reading.Span(room_id, after, before, events)
        return await self._read(lambda connection: reading.earliest(connection, span, limit))

    async def message(self, room_id: int, msgid: str) -> Entry | None:
        """See `Archive.message`."""
        return await self._read(lambda connection: reading.message(connection, room_id, msgid))

    async def place(self, room_id: int, reference: Reference) -> Place | None:
        """See `Archive.place`."""
        return await self._read(lambda connection: places.place(connection, room_id, reference))

    async def conversations(self, person_id: int, limit: int) -> list[Conversation]:
        """See `Archive.conversations`."""
        return await self._read(
            lambda connection: places.conversations(connection, person_id, limit)
        )

    async def sent(self, send_id: str) -> Found | None:
        """See `Archive.sent`."""
        return await self._read(lambda connection: reading.sent(connection, send_id))

    async def pages(
        self,
        *,
        room: str | None = None,
        since: int | None = None,
        conversations: bool = True,
        size: int = 500,
    ) -> AsyncIterator[list[Found]]:
        """See `Archive.pages`."""
        cursor: reading.Cursor | None = None
        while True:
            read = partial(
                reading.page,
                after=cursor,
                size=size,
                only=room,
                since=since,
                conversations=conversations,
            )
            found, cursor = await self._read(read)
            if found:
                yield found
            if cursor is None:
                return

    async def search(
        self,
        query: Query,
        limit: int,
        *,
        conversations: bool = True,
        reach: Reach | None = None,
        earliest: bool = False,
    ) -> list[Found]:
        """See `Archive.search`."""
        wanted = Wanted(query, limit, conversations, reach, earliest)
        return await self._ask(self._searchers, partial(search, self.path, self.indexer, wanted))

    async def partners(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """See `Archive.partners`."""
        return await self._read(lambda connection: partners(connection, names))

    async def bans(self) -> list[Ban]:
        """See `Archive.bans`."""
        return await self._read(acts.bans)

    async def acts(self, limit: int) -> list[Act]:
        """See `Archive.acts`."""
        return await self._read(lambda connection: acts.latest(connection, limit))

    async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
        """See `Archive.keep_act`."""

        def deed(settle: Callable[[StoreError | None], None]) -> Task:
            return acts.Deed(act, ban, settle)

        await self._written(deed)

    async def keep_proofs(self, proofs: Sequence[Proof], *, oldest: int) -> None:
        """See `Archive.keep_proofs`."""

        def keeping(settle: Callable[[StoreError | None], None]) -> Task:
            return tokens.Keeping(proofs, oldest, settle)

        await self._written(keeping)

    async def proof(self, digest: bytes, *, oldest: int) -> Proof | None:
        """See `Archive.proof`."""
        return await self._read(lambda connection: tokens.find(connection, digest, oldest))

    async def keep_marks(self, marks_: Sequence[Mark]) -> None:
        """See `Archive.keep_marks`."""

        def marking(settle: Callable[[StoreError | None], None]) -> Task:
            return marks.Marking(marks_, settle)

        await self._written(marking)

    async def marks(self, person_id: int) -> dict[int, int]:
        """See `Archive.marks`."""
        return await self._read(lambda connection: marks.find(connection, person_id))

    async def metadata(self, person_id: int) -> dict[str, str]:
        """See `Archive.metadata`."""
        return await self._read(lambda connection: metadata.find(connection, person_id))

    async def vacuum(self) -> None:
        """See `Archive.vacuum`. Nothing is written meanwhile, and then nothing searched."""

        def vacuum(settle: Callable[[StoreError | None], None]) -> Task:
            return Vacuum(self.path, settle)

        await self._written(vacuum)
        await self._ask(self._searchers, self.indexer.vacuum)

    def prune(
        self, rule: Rule, bounds: Bounds, spared: Callable[[], Collection[int]]
    ) -> AsyncIterator[Step]:
        """See `Archive.prune`."""
        pruning = Pruning(self._read, self._written, self.indexer, self._post)
        return pruning.steps(rule, bounds, spared)

    async def due(self, rule: Rule, bounds: Bounds, spared: Collection[int]) -> int:
        """See `Archive.due`."""
        pruning = Pruning(self._read, self._written, self.indexer, self._post, dry=True)
        return await pruning.due(rule, bounds, spared)

    async def import_chunk(
        self, entries: Sequence[Entry], people: Sequence[Person], rooms: Sequence[Room]
    ) -> Imported:
        """See `Archive.import_chunk`; where entries stand is told in `past`."""
        return await self._written(lambda settle: Import(entries, people, rooms, settle))

    def close(self) -> None:
        """Finish what is queued, then let go of the files. Blocks: run it in a thread."""
        self._writer.close()
        self.indexer.close()
        self._readers.close()
        self._searchers.close()
        self._engine.dispose()

    def _keep_log(self) -> None:
        """Open a reader that stays open, so that the log outlives the writer's connection.

        Whoever closes the last one removes the log with its index, and on a disk that has become
        full nobody could make them again: a refused batch would take reading with it.
        """
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    async def _written(self, task: Callable[[Callable[[T | StoreError], None]], Task]) -> T:
        """Let the writer run a task that is told how to settle, and wait for what it settles."""
        waiting: asyncio.Future[T | StoreError] = asyncio.get_running_loop().create_future()

        def settle(outcome: T | StoreError) -> None:
            if not waiting.done():
                waiting.set_result(outcome)

        self._writer.put(task(settle))
        outcome = await waiting
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    async def _read(self, query: Callable[[Connection], T]) -> T:
        def in_transaction() -> T:
            with self._engine.begin() as connection:
                return query(connection)

        return await self._ask(self._readers, in_transaction)

    async def _ask(self, readers: Readers, question: Callable[[], T]) -> T:
        def guarded() -> T:
            try:
                return question()
            except (SQLAlchemyError, sqlite3.Error, OSError) as error:
                raise failure(self.path, error) from None

        if readers.closed:
            raise StoreError(f"{self.path.name}: closed")
        return await readers.run(guarded)


class _Probe:
    """A row as large as a good batch and as durable, to find out whether one would succeed."""

    def __init__(self, space: Reserve, done: Callable[[StoreError | None], None]) -> None:
        self._space = space
        self._done = done

    def apply(self, connection: sqlite3.Connection) -> None:
        self._space.check(look=True)
        connection.execute(SAVE_META, ("probe", "x" * PROBE_SIZE))

    def settle(self, failure: StoreError | None) -> None:
        self._done(failure)
