"""The front: one port, every client.

It counts connections, finds out by the first bytes what each one speaks (`wire/sniff`), and hands
it with those bytes to the door for it; TLS is taken off and what is inside is told apart in the
same way. It knows factories, no door. A connection that says nothing costs a socket until the
login timeout, which runs until its door says the peer is known.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from hubbub.core.sessions import Address
from hubbub.doors.link import Link
from hubbub.doors.networks import Networks
from hubbub.doors.tls import reason, start_tls
from hubbub.wire import proxy
from hubbub.wire.sniff import Protocol, sniff

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Mapping

    DoorFactory = Callable[[Link], asyncio.Protocol]

log = logging.getLogger(__name__)

SURPLUS = 32
"""Connections above a limit that are still told, in their own protocol, that we are full."""


@dataclass(slots=True, frozen=True)
class FrontLimits:
    """How many may come in. Times are seconds; 0 connections per address is no limit."""

    connections: int = 1000
    connections_per_address: int = 32
    half_open: int = 1000
    login_timeout: float = 120.0


class Front:
    """Admits connections and hands them to doors."""

    def __init__(
        self,
        doors: Mapping[Protocol, DoorFactory],
        limits: FrontLimits,
        *,
        tls: Callable[[bytes], ssl.SSLContext | None] | None = None,
        proxies: Networks | None = None,
    ) -> None:
        """`tls` gives the context for a connection that begins with those bytes; without one TLS
        is a door like others.

        `proxies` are believed when they say for whom they connect.
        """
        self.tls: Callable[[bytes], ssl.SSLContext | None] = tls or _no_tls
        self.proxies = proxies or Networks()
        self._tasks: set[asyncio.Task[None]] = set()
        self._doors = doors
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._per_address: Counter[str] = Counter()
        self._half_open: dict[Link, float] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._full_logged = -60.0
        self.connections = 0
        self.accepted = 0

    def obey(
        self,
        limits: FrontLimits,
        *,
        tls: Callable[[bytes], ssl.SSLContext | None] | None,
        proxies: Networks,
    ) -> None:
        """Go by other limits and certificates; connections that are here stay.

        Who has not said who they are gets as much time as if they came under the new limits.
        """
        more = limits.login_timeout - self._limits.login_timeout
        self._limits, self.tls, self.proxies = limits, tls or _no_tls, proxies
        if more and self._half_open:
            self._half_open = {link: due + more for link, due in self._half_open.items()}
            if self._sweep is not None:
                self._sweep.cancel()
            self._expire_due()

    def protocol(self) -> asyncio.Protocol:
        """A protocol for a new connection, for `loop.create_server`."""
        return _Sniffer(self)

    def close(self) -> None:
        """Forget the login timeouts and drop who has not said who they are."""
        if self._sweep is not None:
            self._sweep.cancel()
        for link in list(self._half_open):
            link.transport.abort()

    def admit(self, link: Link) -> bool:
        """Count a connection in; False when there is no room even to refuse it."""
        self.connections += 1
        self.accepted += 1
        link.host = self
        over = self._place(link)
        self.stranger(link)
        return over <= SURPLUS

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something finish in the background."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def door_for(self, protocol: Protocol) -> DoorFactory | None:
        """Who answers what was sniffed."""
        return self._doors.get(protocol)

    # -- who has not said who they are ---------------------------------------------------------

    def stranger(self, link: Link) -> None:
        """Wait for a connection to say who it is."""
        self._half_open.pop(link, None)  # so that who came last stands last
        self._half_open[link] = self._loop.time() + self._limits.login_timeout
        if len(self._half_open) > self._limits.half_open:
            oldest = next(iter(self._half_open))
            self._expire(oldest, "too many connections have not said who they are")
        if self._sweep is None:
            self._sweep_at(self._half_open[link])

    def _sweep_at(self, when: float) -> None:
        self._sweep = self._loop.call_at(when, self._expire_due)

    def _expire_due(self) -> None:
        self._sweep = None
        now = self._loop.time()
        for link, due in list(self._half_open.items()):
            if due > now:
                self._sweep_at(due)
                return
            self._expire(link, "did not say who they are in time")

    def _expire(self, link: Link, reason: str) -> None:
        del self._half_open[link]
        link.expire(reason)

    def known(self, link: Link) -> None:
        """Wait no longer for a connection to say who it is."""
        self._half_open.pop(link, None)

    def lost(self, link: Link) -> None:
        """Count a connection out."""
        self.connections -= 1
        self._half_open.pop(link, None)
        self._leave(link)

    # -- how many are where --------------------------------------------------------------------

    def _place(self, link: Link) -> int:
        """Count a connection at its address; how many it is above what is allowed."""
        over = self.connections - self._limits.connections
        if over > 0:
            self._log_full()
        if self._limits.connections_per_address and _is_public(link.address.host):
            self._per_address[link.address.host] += 1
            crowd = self._per_address[link.address.host]
            over = max(over, crowd - self._limits.connections_per_address)
        link.surplus = over > 0
        return over

    def move(self, link: Link, address: Address) -> None:
        """Count a connection at the address for which a proxy or a gateway has made it."""
        self._leave(link)
        link.address = address
        self._place(link)

    def _leave(self, link: Link) -> None:
        host = link.address.host
        if host in self._per_address:
            self._per_address[host] -= 1
            if not self._per_address[host]:
                del self._per_address[host]

    def _log_full(self) -> None:
        now = self._loop.time()
        if now - self._full_logged >= 60:
            self._full_logged = now
            log.warning(
                "the server is full: %d connections (limits.connections)", self._limits.connections
            )


class _Sniffer(asyncio.Protocol):
    """Holds the first bytes of a connection until they tell what is spoken.

    It may have to read a proxy's word first, and begins anew inside TLS, where it is the protocol
    of the inner transport until a door takes over.
    """

    def __init__(self, front: Front) -> None:
        self._front = front
        self._held = b""
        self._is_shaking_hands = False
        self._has_proxy_spoken = False
        self._is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio.Transport, but not its type.
        self._link = Link(cast("asyncio.Transport", transport))
        self._link.watch()
        if not self._front.admit(self._link):
            self._link.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._is_shaking_hands:
            self._decide()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._link.lost()

    def _decide(self) -> None:
        protocol = sniff(self._held, inside_tls=self._link.secure)
        if protocol is Protocol.MORE:
            return
        if protocol is Protocol.PROXY and self._may_speak_for_others():
            self._hear_proxy()
            return
        if protocol is Protocol.TLS and (context := self._front.tls(self._held)) is not None:
            self._front.run(self._secure(context))
            return
        factory = self._front.door_for(protocol)
        if factory is None:
            self._refuse("unknown protocol")
            return
        door = self._hand_over(factory)
        if door is not None:
            door.data_received(self._held)

    def _hand_over(self, factory: DoorFactory) -> asyncio.Protocol | None:
        """The door, which has the connection from now on; None when it could not take it.

        A door takes what may be short first, a descriptor above all: one that fails has nothing
        to give back, and the connection is ours again, so that it is counted out.
        """
        transport = self._link.transport
        try:
            door = factory(self._link)
            transport.set_protocol(door)
            door.connection_made(transport)
        except Exception as error:
            transport.set_protocol(self)
            why = error.strerror if isinstance(error, OSError) else None
            if why is None:
                log.exception("a door failed")
            self._link.drop(f"no door could take it: {why or type(error).__name__}")
            return None
        return door

    # -- a proxy's word ------------------------------------------------------------------------

    def _may_speak_for_others(self) -> bool:
        return not self._has_proxy_spoken and self._link.address.host in self._front.proxies

    def _hear_proxy(self) -> None:
        try:
            header = proxy.parse(self._held)
        except proxy.BadHeader as bad:
            self._refuse(f"bad PROXY header: {bad}")
            return
        if header is None:
            return
        self._has_proxy_spoken = True
        self._held = self._held[header.size :]
        if header.host is not None:
            self._link.move(Address(header.host, header.port))
        self._decide()

    # -- TLS -----------------------------------------------------------------------------------

    def _secure(self, context: ssl.SSLContext) -> Coroutine[Any, Any, None]:
        """Begin TLS: from now on what comes here is what is inside."""
        held, self._held = self._held, b""
        self._is_shaking_hands = True
        self._link.transport.pause_reading()
        return self._shake_hands(context, held)

    async def _shake_hands(self, context: ssl.SSLContext, held: bytes) -> None:
        link = self._link
        try:
            link.transport = await start_tls(link.transport, self, context, held)
        except OSError as error:
            link.log_dropped(f"TLS: {reason(error)}")
            link.transport.abort()
            self.connection_lost(error)
            return
        link.secure = True
        self._is_shaking_hands = False
        if self._held and not self._is_lost:
            self._decide()

    def _refuse(self, why: str) -> None:
        """Say no to something that is none of our languages."""
        self._link.log_dropped(why, bytes=self._held[:64].hex(" "))
        self._link.transport.write(
            b"error: this port speaks IRC, HTTP and the classic chat protocol (a 10 byte length "
            b"before each field); what you sent is none of them. Try: hubbub chat\r\n"
        )
        self._link.transport.close()


def _no_tls(_hello: bytes) -> None:
    """No certificate, no TLS."""


def _is_public(host: str) -> bool:
    """Whether strangers share that address: not a loopback, link-local or private one."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False
