"""The control socket: the command line's way to the running server (DATA/control.sock).

JSON, one object a line. The server says `{"hubbub": version}` first. Then, as often as one likes:
a request (`{"call": "history.export", "room": "#lobby"}`, see `requests`), its rows
(`{"row": {…}}`) and one end: `{"done": {"rows": n}}` or `{"error": "…", "misused": false}`.
A page of rows is sent when the one before is on its way, so a slow client costs a page; lines and
clients have limits. Who may use it is a matter of the file's mode (`local_socket`).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final, Self, Union

import msgspec

from hubbub import __version__
from hubbub.server.local_socket import listen_at
from hubbub.server.requests import ANSWERS, Context, Request, RequestError, answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from hubbub.hub.hub import Hub
    from hubbub.hub.operations import Reload
    from hubbub.server.config import Config
    from hubbub.server.folder import DataFolder

log = logging.getLogger(__name__)

LINE: Final = 8 * 1024 * 1024
"""Bytes of the longest line: a record whose text has the largest size that can be configured and
is written in escapes."""

CLIENTS: Final = 16

_decoder = msgspec.json.Decoder(Union[tuple(ANSWERS)])  # noqa: UP007 (made of a table)
_encoder = msgspec.json.Encoder()


class Control:
    """Answers requests at the folder's control socket as long as its context lasts."""

    def __init__(
        self, config: Config, folder: DataFolder, hub: Hub, reload: Reload | None = None
    ) -> None:
        self._context = Context(config, folder, hub, reload)
        self._path = folder.control
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        try:
            listener = listen_at(self._path)
        except OSError as error:
            # The room is worth more than the operators' verbs.
            log.warning(
                "no control socket (%s: %s): `hubbub who` and others cannot reach this server",
                self._path,
                error.strerror or error,
            )
            return self
        self._server = await asyncio.start_unix_server(self._accept, sock=listener, limit=LINE)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= CLIENTS:
            writer.write(_line(_error(f"the server answers {CLIENTS} verbs already; wait")))
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _send(writer, [{"hubbub": __version__}])
            while (line := await reader.readline()).endswith(b"\n"):
                await self._answer(line, writer)
        except ValueError:  # what a StreamReader says of a line beyond its limit
            with suppress(ConnectionError):
                await _send(writer, [_error(f"a request has at most {LINE} bytes", misused=True)])
        except ConnectionError:
            log.debug("a client of the control socket went away")
        finally:
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        count = 0
        try:
            async with aclosing(answer(self._context, _request(line))) as pages:
                async for page in pages:
                    await _send(writer, [{"row": row} for row in page])
                    count += len(page)
        except RequestError as error:
            await _send(writer, [_error(str(error), misused=error.misused)])
        else:
            await _send(writer, [{"done": {"rows": count}}])


def _request(line: bytes) -> Request:
    try:
        request: Request = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(
            f"hubbub {__version__} does not know this request ({error}); is the server of another"
            " version than the command?",
            misused=True,
        ) from error
    return request


async def _send(writer: asyncio.StreamWriter, answers: Iterable[dict[str, Any]]) -> None:
    """Send lines and wait until the client has taken most of them."""
    writer.write(b"".join(map(_line, answers)))
    await writer.drain()


def _line(answer: dict[str, Any]) -> bytes:
    return _encoder.encode(answer) + b"\n"


def _error(text: str, *, misused: bool = False) -> dict[str, Any]:
    return {"error": text, "misused": misused}
