"""Acts of operators: the record of them, and the bans of the server, which they change.

What an act changes and that it was done are one transaction: no ban stands without a record of
who set it. Knows the statements and the schema; `writer` runs the task, `sqlite` the queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hubbub.core.audit import Act, ActKind
from hubbub.core.bans import Ban
from hubbub.core.names import fold
from hubbub.store.schema import audit, server_bans
from hubbub.store.statements import LIFT_SERVER_BAN, SAVE_ACT, SAVE_SERVER_BAN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sqlalchemy import Connection

    from hubbub.core.ports import StoreError


class Deed:
    """A task of the writer: an act with what it changes. `done` gets None, or why it failed."""

    def __init__(
        self, act: Act, ban: Ban | None, done: Callable[[StoreError | None], None]
    ) -> None:
        self._act = act
        self._ban = ban
        self._done = done

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write it; the transaction is the caller's."""
        act, ban = self._act, self._ban
        if ban is not None or act.kind is ActKind.UNBAN:
            connection.execute(LIFT_SERVER_BAN, (fold(ban.target if ban else act.target),))
        if ban is not None:
            row = (fold(ban.target), ban.target, ban.by, ban.reason, ban.time, ban.until)
            connection.execute(SAVE_SERVER_BAN, row)
        connection.execute(SAVE_ACT, (act.time, str(act.kind), act.by, act.target, act.text))

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        self._done(failure)


def bans(connection: Connection) -> list[Ban]:
    """The bans of the server in the order they were set."""
    wanted = select(server_bans).order_by(server_bans.c.time, server_bans.c.folded)
    return [
        Ban(row.target, row.set_by, row.reason, row.time, row.until)
        for row in connection.execute(wanted)
    ]


def latest(connection: Connection, limit: int) -> list[Act]:
    """The last acts, newest first."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
    return [
        Act(row.time, ActKind(row.kind), row.actor, row.target, row.text)
        for row in connection.execute(wanted)
    ]
