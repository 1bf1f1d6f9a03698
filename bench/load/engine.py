"""The generator's sockets and its one epoll loop.

It moves bytes: connects, sends what is due, hands what arrives to `on_read`, remembers which
connections were lost and why. What arrivals mean is the readers' business (`deliveries.py`);
when a phase is over is the set-up's and the scenarios' (`setup.py`, `scenarios.py`).
"""

from __future__ import annotations

import os
import select
import socket
import time
from typing import TYPE_CHECKING

from bench.load.connection import Connection, LoadError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load.wires import Wire

    Reader = Callable[[Connection, int], None]

RECEIVE_BYTES = 1 << 18
EVENTS_PER_POLL = 4096
CONNECT_STARTED = (0, 115)  # done at once, or EINPROGRESS


class Engine:
    """Connections to one server. `on_read(connection, n)` finds n fresh bytes in `buffer`."""

    def __init__(self, host: str, port: int, wire: Wire) -> None:
        self.address = (host, port)
        self.wire = wire
        self.epoll = select.epoll()
        self.connections: dict[int, Connection] = {}
        self.buffer = bytearray(RECEIVE_BYTES)
        self.lost: list[tuple[int, str]] = []
        self.on_read: Reader = self.read_setup
        self.last_activity = time.monotonic()

    def open(self, index: int) -> Connection:
        """Begin to connect client number `index`; its hello leaves when the connection stands."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = sock.connect_ex(self.address)
        if error not in CONNECT_STARTED:
            sock.close()
            raise LoadError(f"connect: {os.strerror(error)}")
        connection = Connection(sock, index)
        self.connections[connection.fd] = connection
        self.epoll.register(connection.fd, select.EPOLLIN | select.EPOLLOUT)
        return connection

    def close(self) -> None:
        """Close every connection that still stands, and the loop."""
        for connection in self.connections.values():
            connection.sock.close()
        self.epoll.close()

    def check(self, phase: str) -> None:
        """Raise LoadError when connections were lost in `phase`."""
        if self.lost:
            raise LoadError(f"{phase}: {len(self.lost)} connections lost, first {self.lost[:3]}")

    # -- sending ---------------------------------------------------------------------------

    def send(self, connection: Connection, data: bytes) -> None:
        """Send now, or queue behind what the socket has not taken yet."""
        if connection.unsent:
            connection.unsent += data
            return
        try:
            taken = connection.sock.send(data)
        except BlockingIOError:
            taken = 0
        except OSError as error:
            self._lose(connection, str(error))
            return
        if taken < len(data):
            connection.unsent = data[taken:]
            self.epoll.modify(connection.fd, select.EPOLLIN | select.EPOLLOUT)

    def _flush(self, connection: Connection) -> None:
        try:
            taken = connection.sock.send(connection.unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(connection, str(error))
            return
        connection.unsent = connection.unsent[taken:]
        if not connection.unsent:
            self.epoll.modify(connection.fd, select.EPOLLIN)

    def _lose(self, connection: Connection, why: str) -> None:
        if not connection.dead:
            connection.dead = True
            self.lost.append((connection.index, why[:80]))
            self.epoll.unregister(connection.fd)
            connection.sock.close()

    # -- the loop --------------------------------------------------------------------------

    def poll(self, timeout: float) -> int:
        """One epoll round of at most `timeout` seconds; returns the number of events."""
        events = self.epoll.poll(timeout, EVENTS_PER_POLL)
        connections, buffer, on_read = self.connections, self.buffer, self.on_read
        for fd, event in events:
            connection = connections[fd]
            if connection.dead:
                continue
            if event & select.EPOLLOUT:
                if connection.stage == Stage.CONNECTING:
                    self._connected(connection)
                    continue
                self._flush(connection)  # if that loses it, the read below finds a closed socket
            if event & ~select.EPOLLOUT:
                try:
                    n = connection.sock.recv_into(buffer)
                except BlockingIOError:
                    continue
                except OSError as error:
                    self._lose(connection, str(error))
                    continue
                if not n:
                    self._lose(connection, "closed by server")
                    continue
                on_read(connection, n)
        return len(events)

    def _connected(self, connection: Connection) -> None:
        error = connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._lose(connection, os.strerror(error))
            return
        connection.stage = Stage.CONNECTED
        self.epoll.modify(connection.fd, select.EPOLLIN)
        self.send(connection, self.wire.hello(connection.index))

    def quiet(self, deadline: float, silence: float = 0.3) -> None:
        """Drop whatever arrives until nothing has arrived for `silence` seconds."""
        self.on_read, self.last_activity = self.read_ignore, time.monotonic()
        limit = time.monotonic() + deadline
        while time.monotonic() - self.last_activity < silence:
            self.poll(0.05)
            if time.monotonic() > limit:
                raise LoadError("the server does not fall silent")

    # -- the two readers that count nothing ------------------------------------------------

    def read_setup(self, connection: Connection, n: int) -> None:
        """Hand set-up replies to the wire."""
        reply = self.wire.settle(connection, bytes(self.buffer[:n]))
        if reply:
            self.send(connection, reply)

    def read_ignore(self, connection: Connection, n: int) -> None:
        """Note that something came; answer keep-alives."""
        self.last_activity = time.monotonic()
        self.answer(connection, n)

    def answer(self, connection: Connection, n: int) -> None:
        """Answer a keep-alive among the n fresh bytes, if there is one."""
        ping = self.wire.ping
        if ping is not None and self.buffer.find(ping, 0, n) >= 0:
            reply = self.wire.answer(bytes(self.buffer[:n]))
            if reply:
                self.send(connection, reply)
