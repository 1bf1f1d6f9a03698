"""The door that says no, for what is understood but not spoken here yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.doors.link import Link

# A TLS alert record: fatal, protocol_version (RFC 8446 §6.2).
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x46"
PROXY_REFUSAL = b"error: PROXY is accepted from trusted addresses only, and there are none\r\n"


class RefusalDoor(asyncio.Protocol):
    """Answers anything with one refusal and closes."""

    def __init__(self, link: Link, protocol: str, answer: bytes) -> None:
        self._link = link
        self._protocol = protocol
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say no at once."""
        self._link.log_dropped(f"{self._protocol} is not spoken here")
        self._link.transport.write(self._answer)
        self._link.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the front count it out."""
        self._link.lost()


def refusal(protocol: str, answer: bytes) -> Callable[[Link], asyncio.Protocol]:
    """A factory of doors that refuse `protocol` with `answer`."""
    return lambda link: RefusalDoor(link, protocol, answer)
