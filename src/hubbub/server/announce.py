"""Announcing the server on the local network, so that clients find it without being told.

Owns what is said by multicast DNS (RFC 6762, 6763) under `_hubbub._tcp`, and that it follows the
machine's addresses. Nothing of it leaves the local network, and nothing is sent unless
`lan.announce` says so. Who looks is `hubbub.client.lan`. A server that cannot announce itself
serves all the same, and logs why.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hubbub.server.addresses import is_loopback, local_addresses
from hubbub.server.logs import fields
from hubbub.text.nearby import SERVICE, instance, properties

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from zeroconf import ServiceInfo

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 30.0
"""Seconds between two looks at the machine's addresses: it may join a network later."""

FAREWELL: Final = 1.0
"""Seconds that saying goodbye may take when the server stops."""


def outward(hosts: Sequence[str]) -> list[str]:
    """The addresses at which others can join a server that listens on these hosts."""
    return [one for one in local_addresses(hosts) if not is_loopback(one)]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said of a server. `addresses` gives those that it has at the moment."""

    network: str
    port: int
    tls: bool
    addresses: Callable[[], list[str]]

    def service(self, here: Sequence[str]) -> ServiceInfo:
        """The records for it. Raises ImportError where the extra is not installed."""
        from zeroconf import ServiceInfo  # noqa: PLC0415 (an extra)

        host = socket.gethostname().partition(".")[0] or "host"
        return ServiceInfo(
            SERVICE,
            f"{instance(self.network, host)}.{SERVICE}",
            port=self.port,
            properties=properties(self.network, tls=self.tls),
            # Not the machine's own name: that is another responder's to announce.
            server=f"hubbub-{self.port}-on-{host}.local.",
            addresses=[ipaddress.ip_address(one).packed for one in here],
        )


@asynccontextmanager
async def announced(what: Announcement, *, look_every: float = LOOK_EVERY) -> AsyncIterator[None]:
    """Announce a server for the length of the block, at the addresses that it has by then."""
    announcing = asyncio.create_task(_announce(what, look_every))
    try:
        yield
    finally:
        announcing.cancel()
        with suppress(asyncio.CancelledError):
            await announcing


async def _announce(what: Announcement, look_every: float) -> None:
    while True:
        here = what.addresses()
        try:
            if here:
                await _announce_at(what, here, look_every)
        except ImportError:
            log.warning(
                "lan.announce: the server is not announced, for zeroconf is not installed: "
                "pip install 'hubbub[lan]'"
            )
            return
        except OSError as error:
            log.warning("lan.announce: the server is not announced: %s", error.strerror or error)
            await asyncio.sleep(look_every)
        else:
            if not here:
                await asyncio.sleep(look_every)


async def _announce_at(what: Announcement, here: list[str], look_every: float) -> None:
    """Announce it until the addresses have changed. Raises ImportError and OSError."""
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415 (an extra)

    service = what.service(here)
    voice = AsyncZeroconf(interfaces=_interfaces(here))
    try:
        await voice.async_register_service(service, allow_name_change=True)
        log.info("announced", extra=fields(name=service.get_name(), addresses=",".join(here)))
        while what.addresses() == here:  # noqa: ASYNC110 (the system tells nobody)
            await asyncio.sleep(look_every)
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await voice.async_unregister_all_services()
        await voice.async_close()


def _interfaces(addresses: list[str]) -> list[str | int | tuple[tuple[str, int, int], int]]:
    """The addresses by which zeroconf speaks: those of IPv4, if there are some."""
    old = [one for one in addresses if ":" not in one]
    return list(old or addresses)
