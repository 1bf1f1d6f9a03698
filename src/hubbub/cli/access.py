"""Access: how a verb asks about a data folder, whether its server runs or not.

`with access(config, folder) as server: for row in server.ask(Export())`. A running server is asked
through its control socket; without one this process takes the folder's lock and answers the very
same requests itself (`hubbub.server.requests`). While another process has the folder and does not
answer, because it starts or stops, it is asked again for a moment.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from hubbub.cli.errors import Fail, Unfinished, failing
from hubbub.core.ports import StoreError
from hubbub.server.folder import FolderBusyError, FolderError
from hubbub.server.local_socket import connect_to
from hubbub.server.requests import ANSWERS, Context, Needs, RequestError, answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from hubbub.server.config import Config
    from hubbub.server.folder import DataFolder
    from hubbub.server.requests import Request, Row

PATIENCE: Final = 5.0
"""Seconds that a process which has the folder may take until it answers."""
PAUSE: Final = 0.05


class NotRunning(Fail):
    """The verb is about a running server, and there is none."""

    exit_code = 1


class Server(Protocol):
    """Who answers."""

    def ask(self, request: Request) -> Iterator[Row]:
        """The rows of the answer. Raises `Fail` and, when something broke, `Unfinished`."""
        ...


@contextmanager
def access(config: Config, folder: DataFolder) -> Iterator[Server]:
    """Reach the folder's server, or be it. Raises `Fail`."""
    with ExitStack() as stack:
        until = time.monotonic() + PATIENCE
        while True:
            remote = _connected(folder)
            if remote is not None:
                yield stack.enter_context(closing(remote))
                return
            try:
                if _is_used(folder):
                    folder.lock()
            except FolderBusyError as busy:
                if time.monotonic() < until:
                    time.sleep(PAUSE)
                    continue
                raise Fail(_silent(folder, busy)) from busy
            except FolderError as error:
                raise Fail(str(error)) from error
            stack.callback(folder.release)
            yield stack.enter_context(closing(Here(config, folder)))
            return


class There:
    """A running server, asked through its control socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")

    def greeted(self) -> bool:
        """Whether the server is there to answer; false when it is about to stop.

        Raises `Fail` when it says that it will not.
        """
        try:
            greeting = self._read()
        except OSError:
            return False
        if greeting is not None and "error" in greeting:
            raise Fail(str(greeting["error"]))
        return greeting is not None

    def ask(self, request: Request) -> Iterator[Row]:
        """See `Server.ask`."""
        self._connection.settimeout(None)  # a check of much data takes its time
        try:
            self._connection.sendall(msgspec.json.encode(request) + b"\n")
        except OSError as error:
            raise _gone() from error
        while True:
            try:
                line = self._read()
            except OSError as error:
                raise _gone() from error
            if line is None:
                raise _gone()
            if "row" in line:
                yield line["row"]
            elif "done" in line:
                return
            else:
                raise (Fail if line.get("misused") else Unfinished)(str(line.get("error")))

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._connection.close()

    def _read(self) -> dict[str, Any] | None:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            return None
        answer: dict[str, Any] = msgspec.json.decode(line)
        return answer


class Here:
    """No server runs: this process, which has the folder, answers."""

    def __init__(self, config: Config, folder: DataFolder) -> None:
        self._context = Context(config, folder, None)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()

    def ask(self, request: Request) -> Iterator[Row]:
        """See `Server.ask`."""
        self._prepare(ANSWERS[type(request)].needs)
        pages = answer(self._context, request)

        async def next_page() -> Any:
            return await anext(pages, None)

        try:
            while (page := self._runner.run(next_page())) is not None:
                yield from page
        except RequestError as error:
            raise (Fail if error.misused else Unfinished)(str(error)) from error
        finally:
            self._runner.run(pages.aclose())

    def close(self) -> None:
        """Close the store, if it was opened."""
        try:
            self._runner.run(self._open.aclose())
        finally:
            self._runner.close()

    def _prepare(self, needs: Needs) -> None:
        """See to it that there is what an answer needs. Raises `Fail`."""
        folder, config = self._context.folder, self._context.config
        if needs is Needs.SERVER:
            raise NotRunning(f"no server runs on {folder.path}; `hubbub serve` starts one")
        if needs is Needs.PLACE:
            if config.durability == "none":
                raise Fail('durability is "none": without a running server nothing can be kept')
            with failing(FolderError):
                folder.make()
                folder.lock()
        elif not folder.database.exists():
            raise Fail(_empty(config, folder))
        if self._context.hub is None and needs is not Needs.DATABASE:
            from hubbub.server.assemble import hub_on  # noqa: PLC0415 (a running server needs none)

            # What is in the file can be read however the next server will keep what is new.
            durable = msgspec.structs.replace(config, durability="full")
            with failing(StoreError):
                hub = self._runner.run(self._open.enter_async_context(hub_on(durable, folder.path)))
            self._context = Context(config, folder, hub)


def _connected(folder: DataFolder) -> There | None:
    """The folder's running server, None if nobody answers at its socket. Raises `Fail`."""
    try:
        there = There(connect_to(folder.control, PATIENCE))
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise Fail(f"{folder.control}: not yours; be the user that the server runs as") from error
    except OSError as error:
        raise Fail(f"{folder.control}: {error.strerror or error}") from error
    try:
        if there.greeted():
            return there
    except BaseException:
        there.close()
        raise
    there.close()
    return None


def _is_used(folder: DataFolder) -> bool:
    """Whether it is a data folder; in another, nothing is to be left behind by asking."""
    return (folder.path / "lock").exists() or folder.database.exists()


def _empty(config: Config, folder: DataFolder) -> str:
    if config.durability == "none":
        return (
            f'{folder.path}: nothing is kept there, because durability is "none": what was said'
            " went with the server"
        )
    return f"{folder.path}: nothing is kept there yet; is it the right folder? (--data DIR)"


def _silent(folder: DataFolder, busy: FolderBusyError) -> str:
    owner = f"process {busy.pid}" if busy.pid else "another process"
    return (
        f"{folder.path}: {owner} has this data folder and does not answer; it starts, stops, or is"
        " another verb at work: try again in a moment"
    )


def _gone() -> Unfinished:
    return Unfinished("the server stopped, or was cut off, before it had answered; ask again")
