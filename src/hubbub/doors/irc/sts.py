"""STS: which clients are told to use TLS and nothing else, and in which words ("sts").

The policy is handed in: whether clients can verify the certificate, and under which names, is
found out in `hubbub.server.sts`. The capability is shown by `commands/arrival` and never asked
for: a CAP REQ of it is answered as one of a capability that does not exist.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.doors.tls import server_name

if TYPE_CHECKING:
    from hubbub.doors.link import Link


@dataclass(slots=True, frozen=True)
class Policy:
    """`hosts` are names in lower case for which the certificate is good; `duration` is seconds, 0
    revokes what clients were told; `port` is where they find TLS (0: where they came to)."""

    hosts: frozenset[str]
    duration: int
    port: int = 0


def none() -> Policy | None:
    """There is no policy."""
    return None


def shown(policy: Policy | None, link: Link) -> str:
    """The capability as a client on that connection is shown it; "" when it is not."""
    if policy is None or not policy.hosts:
        return ""
    return _persistence(policy, link) if link.secure else _upgrade(policy, link)


def _persistence(policy: Policy, link: Link) -> str:
    # "Servers SHOULD verify whether the hostname provided by clients … has been whitelisted"; "If
    # no hostname has been provided …, an STS persistence policy SHOULD NOT be advertised."
    known = server_name(link.transport).lower().rstrip(".") in policy.hosts
    # "servers MUST send this key to securely connected clients"; 0 is "an immediate expiry".
    return f"sts=duration={policy.duration}" if known else ""


def _upgrade(policy: Policy, link: Link) -> str:
    # "To enforce an STS upgrade policy, servers MUST send this key to insecurely connected
    # clients." Who comes from this machine has nobody in between, and comes by another name.
    if not policy.duration or _is_loopback(link.address.host):
        return ""
    # The port that they came to takes TLS too, and that is what they do next.
    return f"sts=port={policy.port or link.socket.getsockname()[1]}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return True  # a local socket
