"""One TCP connection on which every send is one piece for the other end.

Owns the socket: reaching an address, sends that the system does not merge, reads as they come, a
half-close. It knows no protocol. A raw socket and not a transport, because asyncio's and uvloop's
transports can pass no flags to send. Its user is `connection`.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotConnect

if TYPE_CHECKING:
    from collections.abc import Callable

READ_SIZE = 1 << 16
GAP = 0.020  # seconds

# classic.md §4.2: a reader takes one recv for one frame, so no segment may end inside one. Linux
# never merges what was sent with this flag with what follows; elsewhere a pause must do.
_END_OF_RECORD = socket.MSG_EOR if sys.platform == "linux" else 0


class Stream:
    """A connected socket. `start` it before anything else; `close` it whatever happens."""

    def __init__(self, sock: socket.socket, *, flags: int = _END_OF_RECORD) -> None:
        self._socket = sock
        self._flags = flags
        self._loop = asyncio.get_running_loop()
        self._on_data: Callable[[bytes], None]
        self._on_end: Callable[[OSError | None], None]
        self._writable: asyncio.Future[None] | None = None
        self._error: OSError | None = None
        self._reading = False

    def start(
        self, on_data: Callable[[bytes], None], on_end: Callable[[OSError | None], None]
    ) -> None:
        """Call `on_data` with what comes, then `on_end` once: None for an orderly end."""
        self._on_data, self._on_end = on_data, on_end
        self._reading = True
        self._loop.add_reader(self._socket.fileno(), self._read)

    async def send(self, data: bytes) -> None:
        """Hand all of `data` to the system in one piece. Raises OSError; one caller at a time."""
        try:
            # A short send goes on with the rest of the same bytes, nothing in between.
            while data:
                try:
                    data = data[self._socket.send(data, self._flags) :]
                except (BlockingIOError, InterruptedError):
                    await self._until_writable()
        except OSError as error:
            self._error = self._error or error  # the system reports it only once
            raise
        if not self._flags:
            await asyncio.sleep(GAP)

    def half_close(self) -> None:
        """Say that nothing more will be sent; reading goes on."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._error = self._error or error  # it is over already, as the reader will find

    def close(self) -> None:
        """Let go of the socket; any number of times."""
        self._stop_reading()
        if self._writable is not None:
            # Before the socket: libuv ends the process over a descriptor that closed under it.
            self._loop.remove_writer(self._socket.fileno())
            if not self._writable.done():
                self._writable.set_exception(ConnectionAbortedError("closed while sending"))
        self._socket.close()

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error)
            return
        if data:
            self._on_data(data)
        else:
            self._end(self._error)

    def _end(self, error: OSError | None) -> None:
        self._stop_reading()
        self._on_end(error)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._socket.fileno())

    async def _until_writable(self) -> None:
        writable = self._writable = self._loop.create_future()
        self._loop.add_writer(self._socket.fileno(), _wake, writable)
        try:
            await writable
        finally:
            self._writable = None
            if self._socket.fileno() >= 0:  # not closed meanwhile
                self._loop.remove_writer(self._socket.fileno())


def _wake(writable: asyncio.Future[None]) -> None:
    if not writable.done():
        writable.set_result(None)


async def open_stream(host: str, port: int, *, timeout: float) -> Stream:  # noqa: ASYNC109
    """Connect within `timeout` seconds; raises CannotConnect.

    A host's addresses are tried one after the other and never at once: a connection that is opened
    and not used stops a select() server for everybody (classic.md §4.10).
    """
    try:
        async with asyncio.timeout(timeout):
            return Stream(await _connect_first(host, port))
    except TimeoutError as error:
        raise CannotConnect(
            f"{host} port {port} does not answer: is the host up, and the port open in its "
            "firewall?"
        ) from error
    except (socket.gaierror, UnicodeError) as error:
        raise CannotConnect(
            f"no host is called {host}: check the spelling, or use its address"
        ) from error
    except ConnectionRefusedError as error:
        raise CannotConnect(
            f"nothing listens at {host} port {port}: is the server running, and is this its port?"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotConnect(
            f"{host} port {port} cannot be reached ({reason}): check the network and the address"
        ) from error


async def _connect_first(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = socket.gaierror(f"no address for {host}")
    for family, kind, protocol, _, address in found:
        try:
            return await _connect(socket.socket(family, kind, protocol), address)
        except OSError as error:
            failure = error
    raise failure


async def _connect(sock: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock
