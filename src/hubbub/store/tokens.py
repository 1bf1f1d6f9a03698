"""Tokens: by which a person is known again. Only their hashes are kept.

One row of `people` holds a person and their token. Expired hashes go with the writing of others,
a few at a time. Knows the statements and the schema; `writer` runs the task, `sqlite` the query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hubbub.core.people import Mark, Person, PersonKind, Proof
from hubbub.store import marks, metadata
from hubbub.store.schema import people
from hubbub.store.statements import FORGET_MARKS, FORGET_METADATA, FORGET_TOKENS, SAVE_TOKEN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from hubbub.core.ports import StoreError


class Keeping:
    """A task of the writer: persons with their tokens. `done` gets None, or why it failed."""

    def __init__(
        self, proofs: Sequence[Proof], oldest: int, done: Callable[[StoreError | None], None]
    ) -> None:
        self._oldest = oldest
        self._nicks = [(proof.person, proof.person.nick) for proof in proofs]
        self._rows = [
            (proof.person.id, str(proof.person.kind), proof.person.nick, proof.digest, proof.time)
            for proof in proofs
        ]
        # What they had read and said of themselves before they were given one is worth keeping
        # from now on.
        self._marks = [
            Mark(proof.person.id, target, time)
            for proof in proofs
            for target, time in proof.person.marks.items()
        ]
        self._metadata = [row for proof in proofs for row in metadata.rows_of(proof.person)]
        self._done = done

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write it; the transaction is the caller's."""
        forget(connection, self._oldest)
        connection.executemany(SAVE_TOKEN, self._rows)
        if self._marks:
            marks.save(connection, self._marks)
        metadata.save(connection, self._metadata)

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        if failure is None:
            for person, nick in self._nicks:
                person.kept_as(nick)
        self._done(failure)


def expired(connection: Connection, before: int) -> int:
    """How many tokens were used last before a moment."""
    wanted = select(func.count()).select_from(people).where(people.c.token_time < before)
    return connection.scalar(wanted) or 0


def forget(connection: sqlite3.Connection, before: int) -> int:
    """Delete some of those with what was kept for their persons, and say how many.

    The transaction is the caller's.
    """
    connection.execute(FORGET_MARKS, (before,))
    connection.execute(FORGET_METADATA, (before,))
    return connection.execute(FORGET_TOKENS, (before,)).rowcount


def find(connection: Connection, digest: bytes, oldest: int) -> Proof | None:
    """Whose token it is that was used at `oldest` or later."""
    wanted = select(people.c.id, people.c.kind, people.c.nick, people.c.token_time).where(
        people.c.token_hash == digest, people.c.token_time >= oldest
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    person = Person(row.id, row.nick, PersonKind(row.kind), kept=True, returning=True)
    return Proof(person, digest, row.token_time)
