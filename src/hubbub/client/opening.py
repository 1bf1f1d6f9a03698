"""How a connection is made: what to try, in which order, until somebody lets us in.

Owns the options that every way of connecting takes, and the change from one protocol or carrier to
another when the server wants it. What a server speaks is told by `discovery`.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

from hubbub.client import discovery
from hubbub.client.address import Address, Scheme
from hubbub.client.classic import ClassicProtocol
from hubbub.client.classic_dialogue import ClassicDialogue
from hubbub.client.connection import Connection
from hubbub.client.discovery import Found
from hubbub.client.errors import CannotConnect, ConnectionLost
from hubbub.client.events import Hint
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.client.secure import checked_trust
from hubbub.client.stream import open_stream
from hubbub.client.trusting import FirstUse, Why, first_sight, open_secure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from typing import Unpack

    from hubbub.client.irc.memory import Memory
    from hubbub.client.secure import Trust

CONNECT_TIMEOUT = 10.0
"""Seconds until a host that does not answer is given up."""

ARRIVE_TIMEOUT = 30.0
"""Seconds until a server that answers must have let us in; some look up names first."""

LOBBY = "#lobby"
"""The room that everybody is in on a hubbub server."""


def system_time() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A send-once id: 128 random bits, as docs/protocols/irc.md wants them."""
    return secrets.token_urlsafe(16)


class Options(TypedDict, total=False):
    """What may be said about how to connect; none of it has to be.

    `rooms`: those to enter on an IRC server, the first being where `say` says things; `#lobby`.
    `recent`: how many earlier messages to fetch there, if the server keeps them; none.
    `everything`: whether it is told, too, what becomes of messages (edits, redactions, reactions),
    who is away, what was read. Without it a server that can tells of some of that in a `Notice`.
    `password`: that of the server; IRC is spoken then, for classic servers have none.
    `trust`: which TLS certificate to believe: a fingerprint (hex, or the words a hubbub server
    shows), or a function that is given one in hex; without it the system's authorities decide.
    With it the connection is encrypted, or there is none. A `FirstUse` does not ask for encryption;
    where there is some, it believes whom the authorities do not know at first sight, and remembers.
    `memory`: what is known from the connection before this one, and is kept for the next.
    """

    rooms: Sequence[str]
    recent: int
    everything: bool
    password: str
    trust: Trust | FirstUse
    memory: Memory | None
    connect_timeout: float
    clock: Callable[[], int]
    ids: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Plan:
    """`Options`, whole."""

    name: str
    rooms: Sequence[str] = (LOBBY,)
    recent: int = 0
    everything: bool = False
    password: str = field(default="", repr=False)
    trust: Trust | FirstUse = None
    memory: Memory | None = None
    connect_timeout: float = CONNECT_TIMEOUT
    clock: Callable[[], int] = system_time
    ids: Callable[[], str] = new_id

    @property
    def names_certificate(self) -> bool:
        """Whether we were told which certificate to believe."""
        return self.trust is not None and not isinstance(self.trust, FirstUse)


async def open_connection(
    address: Address | str, *, name: str, **options: Unpack[Options]
) -> Connection:
    """Connect, find out what is spoken, and get in.

    Raises BadAddress, BadName, BadTrust, CannotConnect.
    """
    where = Address.parse(address) if isinstance(address, str) else address
    plan = _Plan(name, **options)
    if not isinstance(plan.trust, FirstUse):
        checked_trust(plan.trust)
    if plan.memory is not None and plan.memory.found is not None:
        where = plan.memory.found
    connection = await _open(where, plan)
    if plan.memory is not None:
        plan.memory.found = connection.address
    return connection


@asynccontextmanager
async def connect(
    address: Address | str, *, name: str, **options: Unpack[Options]
) -> AsyncIterator[Connection]:
    """Connect for the length of an `async with`, and leave well at its end.

    `address` is written as `Address.parse` reads it. Raises BadAddress, BadName, BadTrust or
    CannotConnect.
    """
    connection = await open_connection(address, name=name, **options)
    try:
        yield connection
    finally:
        await connection.close()


async def _open(where: Address, plan: _Plan) -> Connection:
    known = discovery.spoken_at(
        where, has_password=bool(plan.password), has_trust=plan.names_certificate
    )
    if known.scheme is Scheme.CLASSIC:
        return await _open_classic(known, plan)
    found = await _try_irc(known, plan)
    if isinstance(found, Connection):
        return found
    # Only who listened comes here, and nobody listens where TLS is known to be spoken.
    if found is Found.TLS:
        return await _open(replace(known, scheme=Scheme.IRC, tls=True), plan)
    return await _open_classic(replace(known, scheme=Scheme.CLASSIC), plan)


async def _open_classic(where: Address, plan: _Plan) -> Connection:
    if where.tls:
        raise CannotConnect(f"{where} is to be encrypted: that is done in IRC only, as ircs://")
    protocol = ClassicProtocol(plan.name, where.dialect)
    stream = await open_stream(where.host, where.port, timeout=plan.connect_timeout)
    dialogue = ClassicDialogue(protocol, str(where))
    connection = Connection(where, dialogue, stream, plan.clock)
    await connection.begin()
    return connection


async def _try_irc(where: Address, plan: _Plan) -> Connection | Found:
    """Get in, or tell what is spoken instead. Raises CannotConnect."""
    protocol = IrcProtocol(
        plan.name,
        server=str(where),
        ids=plan.ids,
        rooms=[where.room] if where.room else plan.rooms,
        password=plan.password,
        recent=plan.recent,
        everything=plan.everything,
        memory=plan.memory,
        secure=where.tls,
    )
    connection = await _begin_irc(where, protocol, plan)
    try:
        if where.scheme is Scheme.ANY:
            found = await discovery.listen(connection, protocol)
            if found is not Found.IRC:
                connection.take_back()
                return found
        async with asyncio.timeout(ARRIVE_TIMEOUT):
            arrived = await connection.until(lambda: protocol.ready)
    except TimeoutError:
        connection.abort()
        raise CannotConnect(f"{where} does not let us in: it stopped answering") from None
    except BaseException:
        connection.abort()
        raise
    if arrived:
        connection.address = replace(where, scheme=Scheme.IRC)
        return connection
    return await _turned_away(connection, protocol, where, plan)


async def _begin_irc(where: Address, protocol: IrcProtocol, plan: _Plan) -> Connection:
    if where.tls:
        secured, seen = await open_secure(where, plan.trust, plan.connect_timeout)
        connection = Connection(where, protocol, secured, plan.clock)
        connection.certificate = seen
        if seen.why is Why.FIRST:
            connection.tell(Hint(plan.clock(), first_sight(where, seen)))
    else:
        stream = await open_stream(where.host, where.port, timeout=plan.connect_timeout)
        connection = Connection(where, protocol, stream, plan.clock)
    try:
        await connection.begin()
    except ConnectionLost as lost:
        raise CannotConnect(f"{where}: {lost.reason}") from lost
    return connection


async def _turned_away(
    connection: Connection, protocol: IrcProtocol, where: Address, plan: _Plan
) -> Connection | Found:
    port = protocol.registration.tls_port
    if port:  # "strict-transport-security": come again, with TLS
        secured = replace(where, port=port, tls=True, scheme=Scheme.IRC)
        # Its certificate is one that anybody can verify, or it is none ("MUST NOT … continue").
        strict = plan if plan.names_certificate else replace(plan, trust=None)
        return await _try_irc(secured, strict)
    end = connection.ended
    reason = protocol.registration.failure or (end.reason if end is not None else "it closed")
    raise CannotConnect(f"{where} did not let us in: {reason}")
