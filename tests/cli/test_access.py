"""Reaching a folder's server: while it starts, while it stops, and when it breaks off."""

from __future__ import annotations

import fcntl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from hubbub.cli import access as reaching
from hubbub.cli.access import PATIENCE, NotRunning, access
from hubbub.cli.errors import Fail, Unfinished
from hubbub.server.config import Config
from hubbub.server.folder import DataFolder
from hubbub.server.local_socket import listen_at
from hubbub.server.requests import Check, Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GREETING = b'{"hubbub":"1.2.3"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


@pytest.fixture
def release(folder: DataFolder) -> Iterator[Callable[[], None]]:
    """Another process has the folder until this is called."""
    with (folder.path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(other, fcntl.LOCK_UN)


class Waiting:
    """Time that passes when somebody waits; `then` happens at the first time."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.then: Callable[[], object] = lambda: None

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        if not self.waited:
            self.then()
        self.waited += seconds


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    clock = Waiting()
    monkeypatch.setattr(reaching, "time", clock)
    return clock


@contextmanager
def server(folder: DataFolder, *answers: bytes) -> Iterator[None]:
    """A server that gives each of these to one connection: a line, and after a request the rest."""
    listener = listen_at(folder.control)

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                greeting, line, rest = answer.partition(b"\n")
                connection.sendall(greeting + line)
                if line and connection.recv(1000):
                    connection.sendall(rest)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        listener.close()
        folder.control.unlink()


@pytest.mark.usefixtures("release")
def test_an_owner_who_stays_silent_is_named_after_a_while(
    folder: DataFolder, waiting: Waiting
) -> None:
    with (
        pytest.raises(Fail, match="has this data folder and does not answer"),
        access(Config(), folder),
    ):
        pass
    assert waiting.waited == pytest.approx(PATIENCE, abs=0.1)


@pytest.mark.usefixtures("release")
def test_a_server_that_starts_is_asked_as_soon_as_it_answers(
    folder: DataFolder, waiting: Waiting
) -> None:
    opened = server(folder, GREETING + b'{"row":{"name":"alice"}}\n{"done":{"rows":1}}\n')
    waiting.then = opened.__enter__
    with access(Config(), folder) as found:
        assert list(found.ask(Who())) == [{"name": "alice"}]
    opened.__exit__(None, None, None)
    assert 0 < waiting.waited < 1


def test_a_server_that_stops_is_waited_for_and_then_done_without(
    folder: DataFolder, waiting: Waiting, release: Callable[[], None]
) -> None:
    waiting.then = release
    with (
        server(folder, b"", b""),
        access(Config(), folder) as found,
        pytest.raises(NotRunning, match="no server runs"),
    ):
        list(found.ask(Who()))
    with DataFolder(folder.path):
        pass  # the folder was given back


def test_a_killed_server_is_done_without_although_its_socket_is_there(folder: DataFolder) -> None:
    listen_at(folder.control).close()
    (folder.path / "lock").touch()
    with access(Config(), folder) as found, pytest.raises(NotRunning):
        list(found.ask(Who()))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b'{"error":"no such room","misused":true}\n', Fail, "no such room"),
        (b'{"error":"the disk is full","misused":false}\n', Unfinished, "the disk is full"),
        (b"", Unfinished, "the server stopped, or was cut off"),
        (b'{"row":{"na', Unfinished, "the server stopped, or was cut off"),
        (b'{"row":{"name":"alice"}}\n', Unfinished, "the server stopped, or was cut off"),
    ],
)
def test_an_answer_without_its_end_is_not_taken_for_one(
    folder: DataFolder, answer: bytes, kind: type[Fail], words: str
) -> None:
    with server(folder, GREETING + answer), access(Config(), folder) as found:
        with pytest.raises(Fail, match=words) as caught:
            list(found.ask(Who()))
        assert type(caught.value) is kind


def test_a_server_that_answers_too_many_says_so(folder: DataFolder) -> None:
    full = b'{"error":"the server answers 16 verbs already; wait","misused":false}\n'
    with server(folder, full), pytest.raises(Fail, match="16 verbs"), access(Config(), folder):
        pass


def test_nothing_is_made_where_nothing_is_kept(folder: DataFolder) -> None:
    with access(Config(), folder) as found, pytest.raises(Fail, match="nothing is kept there yet"):
        list(found.ask(Check()))
    memory = Config(durability="none")
    with access(memory, folder) as found, pytest.raises(Fail, match="went with the server"):
        list(found.ask(Check()))
    assert list(folder.path.iterdir()) == []
