"""What is spoken at an address, found out without harming a server that speaks something else.

Owns the order of guesses and how long to listen (docs/decisions/0008). IRC is tried first: our
first words reach a classic server at once and are no header to it, so it drops us and nobody in it
waits. A bare connection, or TLS, would be worse for it.
"""

from __future__ import annotations

import asyncio
import enum
from dataclasses import replace
from typing import TYPE_CHECKING

from hubbub.client.address import Address, Scheme
from hubbub.client.dialect import Dialect
from hubbub.client.errors import BadTrust, CannotConnect

if TYPE_CHECKING:
    from hubbub.client.connection import Connection
    from hubbub.client.irc.protocol import IrcProtocol

PATIENCE = 2.0
"""Seconds until a server that has said nothing to IRC is taken for a classic one."""

TLS_PORTS = frozenset({6697})
IRC_PORTS = frozenset({*range(6660, 6670), 7000})
"""Where nothing but IRC is to be expected; a slow server there is no classic one."""


class Found(enum.Enum):
    """What answered."""

    IRC = "irc"
    TLS = "tls"
    CLASSIC = "classic"


def spoken_at(where: Address, *, has_password: bool = False, has_trust: bool = False) -> Address:
    """The address with what is known without asking.

    A certificate to trust means TLS. Raises BadTrust where the address says that there is none.
    """
    known = _known(where, has_password=has_password, wants_tls=where.tls or has_trust)
    if has_trust and not known.tls:
        word = "classic" if known.scheme is Scheme.CLASSIC else "irc"
        raise BadTrust(
            f"{where} is spoken to in the clear ({word}://), where no certificate is shown to "
            f"trust: write {where} or ircs://{where}"
        )
    return known


def _known(where: Address, *, has_password: bool, wants_tls: bool) -> Address:
    if where.scheme is not Scheme.ANY:
        return where
    if where.dialect != Dialect():
        return replace(where, scheme=Scheme.CLASSIC)  # who knows the width knows the server
    if wants_tls or where.port in TLS_PORTS:
        return replace(where, scheme=Scheme.IRC, tls=True)
    if where.port in IRC_PORTS or has_password or where.room:
        return replace(where, scheme=Scheme.IRC)
    return where


async def listen(connection: Connection, protocol: IrcProtocol) -> Found:
    """What the first bytes of the server tell, after our first words. Raises CannotConnect."""
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.until(lambda: protocol.heard_irc)
    except TimeoutError:
        return Found.CLASSIC
    if protocol.heard_irc:
        return Found.IRC
    first = protocol.first_bytes
    if first[:2] == b"\x15\x03":  # a TLS alert: what we sent was no handshake
        return Found.TLS
    if first.startswith((b"HTTP/", b"<")):
        raise CannotConnect(f"{connection.address} is a web server: is this the right port?")
    return Found.CLASSIC
