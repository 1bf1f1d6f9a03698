"""Finding servers without being told where: on this machine, and on the local network.

Owns the looking. On the network it is multicast DNS, by the extra `lan`; where that is not heard it
says so (`CannotLook`). On this machine the system is asked who listens: a connection would make a
classic server wait. What a server says of itself is `hubbub.text.nearby`; it is a stranger's word,
so nothing is believed by it but where to knock.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hubbub.client.address import DEFAULT_PORT, Address
from hubbub.text.nearby import SERVICE, read_properties
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from zeroconf import ServiceStateChange
    from zeroconf.asyncio import AsyncZeroconf

LOOK: Final = 2.0
"""Seconds in which whoever is there has answered."""

ASK: Final = 2_000
"""Milliseconds that a server may take to tell its addresses."""

MOST: Final = 100
"""Servers that are listed."""

_GROUP: Final = ("224.0.0.251", 5353)
_LISTENS: Final = "0A"
_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


class CannotLook(Exception):  # noqa: N818
    """The network cannot be searched. The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A server that was found."""

    name: str
    """What it is called: `hubbub on ship`."""
    address: Address
    others: tuple[str, ...] = ()
    """More of its addresses, without the port."""
    network: str = ""
    tls: bool = False


async def servers_nearby(
    within: float = LOOK, *, interfaces: Sequence[str] | None = None
) -> list[Nearby]:
    """The servers that announce themselves on this network. Raises CannotLook.

    `interfaces` are addresses of this machine to ask from; all of them without it.
    """
    found: dict[str, asyncio.Task[Nearby | None]] = {}
    async with _listening(interfaces) as ear:

        def changed(*, name: str, state_change: ServiceStateChange, **_: object) -> None:
            if state_change.name == "Removed":
                found.pop(name, None)
            elif name not in found and len(found) < MOST:
                found[name] = asyncio.create_task(_ask(ear, name))

        async with _browsing(ear, changed):
            await asyncio.sleep(within)
        answers = await asyncio.gather(*found.values())
    if not answers and not await hears_itself(interfaces):
        raise CannotLook(
            "nothing of this network's multicast reaches this program, so no server can be found"
            " by itself: a firewall (UDP port 5353) or the network keeps it away. Ask for the"
            " address that the server shows when it starts"
        )
    servers = [answer for answer in answers if answer is not None]
    return sorted(servers, key=lambda one: (one.name, str(one.address)))


def listens_here(port: int = DEFAULT_PORT) -> bool | None:
    """Whether something on this machine listens at a port; None where that cannot be known."""
    known = False
    for table in _TABLES:
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        known = True
        for line in lines:
            _, local, _, state, *_ = line.split()
            if state == _LISTENS and int(local.rpartition(":")[2], 16) == port:
                return True
    return False if known else None


async def hears_itself(interfaces: Sequence[str] | None = None, *, within: float = 0.5) -> bool:
    """Whether what we say to the group of multicast DNS comes back to us."""
    loop = asyncio.get_running_loop()
    # A question for our service: whoever hears it may answer, and nobody is disturbed by it.
    labels = b"".join(bytes([len(part)]) + part.encode() for part in SERVICE.split("."))
    question = bytes([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + labels + bytes([0, 12, 0, 1])
    try:
        with _member(interfaces) as ear:
            ear.sendto(question, _GROUP)
            async with asyncio.timeout(within):
                while True:
                    heard = await loop.sock_recv(ear, 9000)
                    if heard == question:
                        return True
    except (OSError, TimeoutError):
        return False


def _member(interfaces: Sequence[str] | None) -> socket.socket:
    """A socket that is in the group. Raises OSError."""
    here = socket.inet_aton(interfaces[0] if interfaces else "0.0.0.0")  # noqa: S104 (any of ours)
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        ear.bind(("", _GROUP[1]))
        ear.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(_GROUP[0]) + here
        )
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        ear.settimeout(0)
    except BaseException:
        ear.close()
        raise
    return ear


@asynccontextmanager
async def _listening(interfaces: Sequence[str] | None) -> AsyncIterator[AsyncZeroconf]:
    try:
        from zeroconf import InterfaceChoice  # noqa: PLC0415 (an extra)
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415
    except ImportError as error:
        raise CannotLook(
            "looking for servers on this network takes zeroconf, which is not installed:"
            " pip install 'hubbub[lan]'"
        ) from error
    try:
        ear = AsyncZeroconf(interfaces=list(interfaces) if interfaces else InterfaceChoice.All)
    except OSError as error:
        raise CannotLook(
            f"this network cannot be searched ({error.strerror or error}): ask for the address"
            " that the server shows when it starts"
        ) from error
    try:
        yield ear
    finally:
        await ear.async_close()


@asynccontextmanager
async def _browsing(ear: AsyncZeroconf, changed: Callable[..., None]) -> AsyncIterator[None]:
    from zeroconf.asyncio import AsyncServiceBrowser  # noqa: PLC0415 (an extra)

    browser = AsyncServiceBrowser(ear.zeroconf, SERVICE, handlers=[changed])
    try:
        yield
    finally:
        await browser.async_cancel()


async def _ask(ear: AsyncZeroconf, name: str) -> Nearby | None:
    """Where a server is; None if it does not tell."""
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415 (an extra)

    told = AsyncServiceInfo(SERVICE, name)
    if not await told.async_request(ear.zeroconf, ASK) or not told.port:
        return None
    hosts = told.parsed_scoped_addresses()
    if not hosts:
        return None
    network, tls = read_properties(told.properties)
    return Nearby(
        one_line(name.removesuffix(f".{SERVICE}")),
        Address(hosts[0], told.port),
        tuple(hosts[1:]),
        network,
        tls,
    )
