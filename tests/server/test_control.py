"""The control socket: who may ask, what is answered, and what a bad client can do (nothing)."""

from __future__ import annotations

import asyncio
import logging
import socket
import stat
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pytest

from hubbub import __version__
from hubbub.core.events import Entry, EntryKind
from hubbub.core.limits import Limits
from hubbub.core.people import Person
from hubbub.core.ports import Found
from hubbub.core.sessions import Address, Session
from hubbub.hub import history
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.server import control
from hubbub.server.config import Config
from hubbub.server.control import CLIENTS, LINE, Control
from hubbub.server.folder import DataFolder
from hubbub.server.ids import RandomIds
from hubbub.server.local_socket import LONGEST, connect_to
from hubbub.server.requests import ANSWERS, Request
from hubbub.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATIENCE = 10.0


class Noon:
    """A clock that stands."""

    def now(self) -> int:
        return 1_795_348_800_000


class Client:
    """Somebody at the socket who reads line by line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def next(self) -> Any:
        """The next line; None at the end."""
        line = await asyncio.wait_for(self.reader.readline(), PATIENCE)
        return msgspec.json.decode(line) if line else None

    async def ask(self, request: dict[str, Any] | bytes) -> list[dict[str, Any]]:
        """All lines of an answer."""
        line = request if isinstance(request, bytes) else msgspec.json.encode(request)
        self.writer.write(line + b"\n")
        lines = [await self.next()]
        while lines[-1] is not None and "row" in lines[-1]:
            lines.append(await self.next())
        return lines

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(ConnectionError):  # it was cut off already
            await self.writer.wait_closed()


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    store = MemoryStore(keep=1_000_000)
    timeline = Timeline(store, Noon())
    yield Hub(timeline, store, Noon(), RandomIds(), Limits())
    timeline.close()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


@asynccontextmanager
async def client(folder: DataFolder) -> AsyncIterator[Client]:
    """A client that was greeted."""
    connection = await asyncio.to_thread(connect_to, folder.control, PATIENCE)
    async with Client(*await asyncio.open_unix_connection(sock=connection)) as found:
        assert await found.next() == {"hubbub": __version__}
        yield found


def message(number: int, size: int = 10) -> Found:
    text = f"{number} ".ljust(size, ".")
    return Found("#lobby", Entry(0, EntryKind.MESSAGE, f"m{number}", 7, "alice", text, time=number))


async def test_a_client_is_greeted_and_asks_as_often_as_it_likes(
    hub: Hub, folder: DataFolder
) -> None:
    address = Address("192.0.2.7", 5000)
    session: Any = Session(Person(1, "alice"), "alice", "Alice", "classic", address, 0, None)  # type: ignore[arg-type]
    hub.world.add_session(session)
    row = {
        "name": "alice",
        "address": "192.0.2.7",
        "port": 5000,
        "protocol": "classic",
        "since": "1970-01-01T00:00:00.000Z",
    }
    async with Control(Config(), folder, hub), client(folder) as somebody:
        for _ in range(3):
            assert await somebody.ask({"call": "who"}) == [{"row": row}, {"done": {"rows": 1}}]


async def test_pages_come_in_order_and_are_counted(hub: Hub, folder: DataFolder) -> None:
    for start in range(0, 1500, 500):
        await history.import_past(hub, [message(n) for n in range(start, start + 500)])
    async with Control(Config(), folder, hub), client(folder) as somebody:
        *rows, end = await somebody.ask({"call": "history.export"})
        assert [line["row"]["msgid"] for line in rows] == [f"m{n}" for n in range(1500)]
        assert end == {"done": {"rows": 1500}}


@pytest.mark.parametrize(
    ("request_line", "words"),
    [
        (b'{"call": "shutdown"}', "does not know this request (Invalid value 'shutdown'"),
        (b'{"call": "who", "and": 1}', "unknown field `and`"),
        (b'{"call": "history.export", "room": 7}', "Expected `str | null`"),
        (b'{"call": "db.backup", "to": "here.sqlite"}', "holds no database"),
        (b"who", "does not know this request"),
        (b"\xff", "does not know this request"),
        (b"[" * 100_000, "does not know this request"),
        (b'{"call": "history.export", "room": "#x"}', "no such room: #x"),
        (b'{"call": "history.import", "records": [{"text": "a"}]}', "sender: is missing"),
        (
            b'{"call": "history.import", "records": [%s]}'
            % b'{"text": "a", "sender": "a", "room": "#a", "time": "2026-11-01T00:00:00Z"}',
            "msgid: is missing",
        ),
    ],
)
async def test_what_cannot_be_answered_is_one_line_and_the_next_is(
    hub: Hub, folder: DataFolder, request_line: bytes, words: str
) -> None:
    async with Control(Config(), folder, hub), client(folder) as somebody:
        (error,) = await somebody.ask(request_line)
        assert words in error["error"]
        assert error["misused"] is True
        assert await somebody.ask({"call": "who"}) == [{"done": {"rows": 0}}]


async def test_a_failure_inside_goes_to_the_log_and_not_to_the_peer(
    hub: Hub,
    folder: DataFolder,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "world", None)
    async with Control(Config(), folder, hub), client(folder) as somebody:
        assert await somebody.ask({"call": "who"}) == [
            {"error": "it failed inside; the log has more", "misused": False}
        ]
    assert "a request of the command line failed" in caplog.text


async def test_a_line_beyond_the_limit_ends_the_client(hub: Hub, folder: DataFolder) -> None:
    async with Control(Config(), folder, hub), client(folder) as somebody:
        somebody.writer.write(b"x" * (2 * LINE + 1))
        assert "at most" in (await somebody.next())["error"]
        async with client(folder) as other:
            assert await other.ask({"call": "who"}) == [{"done": {"rows": 0}}]


async def test_a_client_who_does_not_read_costs_a_page(
    hub: Hub, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in range(0, 3_000, 500):
        await history.import_past(hub, [message(n, 5000) for n in range(start, start + 500)])
    sizes: list[int] = []
    blocked = asyncio.Event()

    async def send(writer: asyncio.StreamWriter, answers: list[dict[str, Any]]) -> None:
        writer.write(b"".join(map(control._line, answers)))
        sizes.append(writer.transport.get_write_buffer_size())
        draining = asyncio.ensure_future(writer.drain())
        await asyncio.wait({draining}, timeout=0)
        if not draining.done():
            blocked.set()
        await draining

    monkeypatch.setattr(control, "_send", send)
    async with Control(Config(), folder, hub), client(folder) as deaf:
        deaf.reader._transport.pause_reading()  # type: ignore[attr-defined]
        deaf.writer.write(b'{"call": "history.export"}\n')
        await asyncio.wait_for(blocked.wait(), PATIENCE)
        async with client(folder) as other:  # and nobody waits for it
            assert await other.ask({"call": "who"}) == [{"done": {"rows": 0}}]
        assert max(sizes) < 3_000_000, "all of it is 15 MB"
        deaf.reader._transport.resume_reading()  # type: ignore[attr-defined]
        lines = [await deaf.next()]
        while "row" in lines[-1]:
            lines.append(await deaf.next())
        assert lines[-1] == {"done": {"rows": 3_000}}


async def test_a_client_who_goes_in_the_middle_is_forgotten(hub: Hub, folder: DataFolder) -> None:
    for start in range(0, 3_000, 500):
        await history.import_past(hub, [message(n, 5000) for n in range(start, start + 500)])
    async with Control(Config(), folder, hub) as opened:
        async with client(folder) as somebody:
            somebody.writer.write(b'{"call": "history.export"}\n')
            assert "row" in await somebody.next()
            somebody.writer.transport.abort()
        (task,) = opened._clients
        await asyncio.wait_for(asyncio.wait({task}), PATIENCE)
        assert task.exception() is None


async def test_there_are_so_many_clients_and_no_more(hub: Hub, folder: DataFolder) -> None:
    async with Control(Config(), folder, hub), asyncio.TaskGroup() as group:
        done, full = asyncio.Event(), asyncio.Semaphore(0)

        async def stay() -> None:
            async with client(folder):
                full.release()
                await done.wait()

        for _ in range(CLIENTS):
            group.create_task(stay())
        for _ in range(CLIENTS):
            await asyncio.wait_for(full.acquire(), PATIENCE)
        connection = connect_to(folder.control, PATIENCE)
        async with Client(*await asyncio.open_unix_connection(sock=connection)) as late:
            assert (await late.next())[
                "error"
            ] == f"the server answers {CLIENTS} verbs already; wait"
            assert await late.next() is None
        done.set()


async def test_only_the_owner_may_ask(hub: Hub, folder: DataFolder) -> None:
    async with Control(Config(), folder, hub):
        mode = folder.control.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


async def test_what_a_killed_server_left_is_replaced_and_what_a_stopped_one_had_is_gone(
    hub: Hub, folder: DataFolder
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder.control))
    async with Control(Config(), folder, hub), client(folder) as somebody:
        assert await somebody.ask({"call": "who"}) == [{"done": {"rows": 0}}]
    assert not folder.control.exists()


async def test_a_client_hears_the_end_when_the_server_stops(hub: Hub, folder: DataFolder) -> None:
    async with Control(Config(), folder, hub) as opened, client(folder) as somebody:
        await opened.__aexit__(None, None, None)
        assert await somebody.next() is None


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + 5, 900])
async def test_a_folder_may_have_a_path_longer_than_an_address(
    hub: Hub, tmp_path: Path, length: int
) -> None:
    missing = length - len(f"{tmp_path}//control.sock")
    names = "d" * missing if missing < 200 else "/".join(["d" * 99] * (missing // 100))
    folder = DataFolder(tmp_path / names.ljust(missing, "e"))
    folder.path.mkdir(parents=True)
    assert len(str(folder.control)) == length
    async with Control(Config(), folder, hub), client(folder) as somebody:
        assert folder.control.is_socket()
        assert await somebody.ask({"call": "who"}) == [{"done": {"rows": 0}}]
    assert not folder.control.exists()


async def test_a_room_opens_also_where_there_can_be_no_socket(
    hub: Hub, folder: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.control.mkdir()
    with caplog.at_level(logging.WARNING):
        async with Control(Config(), folder, hub):
            pass
    assert "cannot reach this server" in caplog.text


def test_every_request_is_in_the_table_and_says_what_it_gives() -> None:
    assert set(Request.__subclasses__()) == set(ANSWERS)
    for request in ANSWERS:
        assert request.__doc__
        assert msgspec.inspect.type_info(request).tag  # type: ignore[attr-defined]
