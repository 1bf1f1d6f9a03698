"""Requests: what operators can ask of a server, each declared once.

A request is a struct; its tag is its name on the control socket, its fields are checked before
anything runs. `ANSWERS` says who answers and what that needs. `control` answers them for the
command line while the server runs; while it does not, `hubbub.cli.access` answers the same ones
in its own process. An answer is pages of rows, and may be asked for again without harm.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.hub import history, operations, people, retention, rooms
from hubbub.hub.transcript.partners import named
from hubbub.hub.transcript.reading import BadRecordError, Rules, read_record
from hubbub.hub.transcript.records import record_of
from hubbub.server.threads import in_thread
from hubbub.text.query import Query  # noqa: TC001 (msgspec reads the fields' types)
from hubbub.text.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence

    from hubbub.core.ports import Found
    from hubbub.hub.hub import Hub
    from hubbub.server.config import Config
    from hubbub.server.folder import DataFolder

log = logging.getLogger(__name__)

T = TypeVar("T")

UPKEEP: Final = "hubbub-upkeep"
"""The name of the threads that work on the database as a file."""

MAX_ACTS: Final = 100_000
"""Acts in one answer."""

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = "AsyncIterator[Sequence[Row]]"


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="call"):
    """Something an operator asks."""


class Who(Request, frozen=True, tag="who"):
    """Everybody connected: name, address, port, protocol, since."""


class Audit(Request, frozen=True, tag="audit"):
    """The last acts of operators, oldest first: time, by, act, target, reason."""

    limit: Annotated[int, Meta(ge=1, le=MAX_ACTS)] = 50


class Export(Request, frozen=True, tag="history.export"):
    """The record, as records. `since` is milliseconds."""

    room: str | None = None
    since: int | None = None
    conversations: bool = False


class Search(Request, frozen=True, tag="history.search"):
    """The last messages that match, oldest first, as records."""

    query: Query
    limit: Annotated[int, Meta(ge=1, le=history.MAX_FOUND)] = 50
    conversations: bool = False


class AskRules(Request, frozen=True, tag="history.rules"):
    """What an import has to keep to, as the fields of `Rules`."""


class Import(Request, frozen=True, tag="history.import"):
    """Keep these records, all of them or nothing; how many were `new`, how many `known`."""

    records: Annotated[list[dict[str, Any]], Meta(max_length=history.CHUNK)]


class Check(Request, frozen=True, tag="db.check"):
    """What is wrong with the database, and how much is in it: the fields of `upkeep.Report`."""


class Backup(Request, frozen=True, tag="db.backup"):
    """Copy the database to an absolute path; the `size` of the copy in bytes."""

    to: str


class Vacuum(Request, frozen=True, tag="db.vacuum"):
    """Write the files anew; the `size` of the database then, in bytes."""


class Prune(Request, frozen=True, tag="db.prune"):
    """Delete what is due: a `rule` (`core.retention.Rule`) and a `count` for each step that did, or
    for each rule that would (`dry`)."""

    dry: bool = False


class Reload(Request, frozen=True, tag="config.reload"):
    """Read the configuration again: a `change` for each key that has changed."""


class RequestError(Exception):
    """No answer, or no further one; the message is one line for whoever asked.

    `misused`: it can never be answered as asked. Else something failed on the way.
    """

    def __init__(self, message: str, *, misused: bool = False) -> None:
        super().__init__(message)
        self.misused = misused


@dataclass(slots=True, frozen=True)
class Context:
    """What answers are made of. There is no hub for those that do not need one, and no `reload`
    in a process that does not serve."""

    config: Config
    folder: DataFolder
    hub: Hub | None
    reload: operations.Reload | None = None

    @property
    def here(self) -> Hub:
        """The hub, for answers that said they need it."""
        assert self.hub is not None
        return self.hub


class Needs(Enum):
    """What must be there for an answer, from little to much."""

    DATABASE = auto()
    """The database as a file, opened by nobody or by the server."""
    RECORD = auto()
    """An open store with something in it."""
    PLACE = auto()
    """An open store, made if there is none."""
    SERVER = auto()
    """A running server."""


@dataclass(slots=True, frozen=True)
class Answer:
    """Who answers a request. `answer` takes the context and the request."""

    needs: Needs
    answer: Callable[[Context, Any], Rows]


async def answer(context: Context, request: Request) -> AsyncGenerator[Sequence[Row], None]:
    """The answer in pages of rows. Raises `RequestError` and nothing else."""
    try:
        async for page in ANSWERS[type(request)].answer(context, request):
            yield page
    except RequestError:
        raise
    except Refused as error:
        detail = ": " + ", ".join(error.details) if error.details else ""
        raise RequestError(f"{error.reason}{detail}", misused=True) from error
    except BadRecordError as error:
        raise RequestError(str(error), misused=True) from error
    except StoreError as error:
        raise RequestError(str(error)) from error
    except OSError as error:
        raise RequestError(f"{error.filename or 'the disk'}: {error.strerror or error}") from error
    except Exception as error:
        log.exception("a request of the command line failed")
        raise RequestError("it failed inside; the log has more") from error


async def _who(context: Context, _: Who) -> AsyncIterator[Sequence[Row]]:
    rows = [
        {
            "name": session.nick,
            "address": session.address.host,
            "port": session.address.port,
            "protocol": session.protocol,
            "since": rfc3339(session.since),
        }
        for session in people.everybody(context.here)
    ]
    for page in _pages(rows):
        yield page


async def _reload(context: Context, _: Reload) -> AsyncIterator[Sequence[Row]]:
    if context.reload is None:
        raise RequestError("this server has no configuration to read again", misused=True)
    reloaded = await operations.reread(context.here, "command line", context.reload)
    if reloaded.mistake:
        raise RequestError(reloaded.mistake, misused=True)
    yield [{"change": change} for change in reloaded.changes]


async def _audit(context: Context, asked: Audit) -> AsyncIterator[Sequence[Row]]:
    acts = await context.here.archive.acts(asked.limit)
    rows = [
        {
            "time": rfc3339(act.time),
            "by": act.by,
            "act": act.kind.value,
            "target": act.target,
            "reason": act.text,
        }
        for act in reversed(acts)
    ]
    for page in _pages(rows):
        yield page


async def _export(context: Context, asked: Export) -> AsyncIterator[Sequence[Row]]:
    pages = history.everything(
        context.here, room=asked.room, since=asked.since, conversations=asked.conversations
    )
    async for page in pages:
        yield [record_of(one) for one in await named(context.here, page)]


async def _search(context: Context, asked: Search) -> AsyncIterator[Sequence[Row]]:
    found = await history.search(
        context.here, asked.query, asked.limit, conversations=asked.conversations
    )
    for page in _pages(found):
        yield [record_of(one) for one in await named(context.here, page)]


async def _ask_rules(context: Context, _: AskRules) -> AsyncIterator[Sequence[Row]]:
    rules = _rules(context.here)
    yield [{"message": rules.message, "name": rules.name, "now": rules.now}]


async def _import(context: Context, asked: Import) -> AsyncIterator[Sequence[Row]]:
    rules = _rules(context.here)
    past = [_with_msgid(read_record(record, rules)) for record in asked.records]
    imported = await history.import_past(context.here, past)
    yield [{"new": imported.new, "known": imported.known}]


async def _check(context: Context, _: Check) -> AsyncIterator[Sequence[Row]]:
    database = _database(context)
    yield [await in_thread(lambda: _look(database, context.folder), UPKEEP)]


async def _backup(context: Context, asked: Backup) -> AsyncIterator[Sequence[Row]]:
    database, to = _database(context), Path(asked.to)
    if not to.is_absolute():
        raise RequestError(f"{to}: is no absolute path", misused=True)
    yield [{"size": await in_thread(lambda: _copy(database, to), UPKEEP)}]


async def _vacuum(context: Context, _: Vacuum) -> AsyncIterator[Sequence[Row]]:
    database = _database(context)
    await context.here.archive.vacuum()
    yield [{"size": database.stat().st_size}]


async def _prune(context: Context, asked: Prune) -> AsyncIterator[Sequence[Row]]:
    hub = context.here
    if hub.lobby is None:  # where nobody serves; it is spared in any case
        hub.lobby = await rooms.open_room(hub, context.config.room)
    async with aclosing(retention.due(hub) if asked.dry else retention.prune(hub)) as steps:
        async for rule, count in steps:
            yield [{"rule": rule, "count": count}]


ANSWERS: Final[dict[type[Request], Answer]] = {
    Who: Answer(Needs.SERVER, _who),
    Reload: Answer(Needs.SERVER, _reload),
    Audit: Answer(Needs.RECORD, _audit),
    Export: Answer(Needs.RECORD, _export),
    Search: Answer(Needs.RECORD, _search),
    AskRules: Answer(Needs.PLACE, _ask_rules),
    Import: Answer(Needs.PLACE, _import),
    Check: Answer(Needs.DATABASE, _check),
    Backup: Answer(Needs.DATABASE, _backup),
    Vacuum: Answer(Needs.RECORD, _vacuum),
    Prune: Answer(Needs.RECORD, _prune),
}


def _rules(hub: Hub) -> Rules:
    return Rules(message=hub.limits.message, name=hub.limits.name, now=hub.clock.now())


def _with_msgid(found: Found) -> Found:
    if not found.entry.msgid:
        raise BadRecordError("msgid: is missing")
    return found


def _database(context: Context) -> Path:
    path = context.folder.database
    if not path.exists():
        raise RequestError(
            f'{path.parent}: holds no database; with durability = "none" there is none',
            misused=True,
        )
    return path


def _look(database: Path, folder: DataFolder) -> Row:
    from hubbub.store import upkeep  # noqa: PLC0415 (who asks a running server needs no driver)

    report: Row = msgspec.to_builtins(upkeep.check(database, folder.search))
    return report


def _copy(database: Path, to: Path) -> int:
    from hubbub.store import upkeep  # noqa: PLC0415

    return upkeep.backup(database, to)


def _pages(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), history.PAGE):
        yield rows[start : start + history.PAGE]
