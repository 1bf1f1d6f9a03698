"""Bans of the server: who may not be on it, by address, network or mask, for a time or for good.

A target is an address (`192.0.2.1`), a network (`2001:db8::/32`) or a mask (`*!user@host`). The
host of a mask may be a network too: `*!bot@192.0.2.0/24`. The real address counts, whatever is
shown of it.
Next: `hub/operations.py`, which sets and lifts them; a room's own bans are in `settings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from hubbub.core import masks
from hubbub.core.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Network

    IpAddress: TypeAlias = IPv4Address | IPv6Address
    Network: TypeAlias = IPv4Network | IPv6Network

_WILD = frozenset("*?.:")

_MAPPED = 96
"""Bits before an IPv4 address that is written as one of IPv6 (RFC 4291 §2.5.5.2)."""


@dataclass(slots=True, frozen=True)
class Ban:
    """`target` is in its canonical form (see `canonical`), `by` who set it, as they were seen.

    `time` is when it was set and `until` when it ends (None: never), both milliseconds.
    """

    target: str
    by: str
    reason: str
    time: int
    until: int | None = None

    def is_over(self, now: int) -> bool:
        """Whether it has ended."""
        return self.until is not None and self.until <= now


@dataclass(slots=True, frozen=True)
class Peer:
    """Whoever may be banned: the parts of their mask, and their real address."""

    nick: str
    username: str
    host: str
    address: str


@dataclass(slots=True, frozen=True)
class _Target:
    """A target taken apart: patterns for nick and user name, and a network or a pattern for the
    host."""

    nick: str
    username: str
    host: str
    network: Network | None

    def means(self, peer: Peer, address: IpAddress | None) -> bool:
        if self.network is not None:
            return (
                address is not None
                and address in self.network
                and masks.matches(self.nick, peer.nick)
                and masks.matches(self.username, peer.username)
            )
        who = f"{peer.nick}!{peer.username}@"
        pattern = f"{self.nick}!{self.username}@{self.host}"
        return any(masks.matches(pattern, who + host) for host in (peer.host, peer.address))


def canonical(text: str) -> str:
    """A target as it is kept: a network without host bits, a mask with all its parts.

    Raises `ValueError`, with a reason for people: what it says of everybody is no ban.
    """
    target = _taken_apart(text)
    if target.network is not None and target.network.prefixlen == 0:
        raise ValueError("it is everybody")
    host = target.host if target.network is None else _shown(target.network)
    if target.network is not None and target.nick == target.username == "*":
        return host
    if not set(target.nick + target.username + host) - _WILD:
        raise ValueError("it is everybody")
    return f"{target.nick}!{target.username}@{host}"


class Bans:
    """The bans in force, by their target."""

    def __init__(self) -> None:
        self._bans: dict[str, tuple[Ban, _Target]] = {}

    def __len__(self) -> int:
        return len(self._bans)

    def __contains__(self, target: str) -> bool:
        return fold(target) in self._bans

    def __iter__(self) -> Iterator[Ban]:
        """All, in the order they were set; those that are over may be among them."""
        return (ban for ban, _ in self._bans.values())

    def put(self, ban: Ban) -> None:
        """Set a ban, in place of one with the same target."""
        self._bans.pop(fold(ban.target), None)
        self._bans[fold(ban.target)] = (ban, _taken_apart(ban.target))

    def take(self, target: str) -> Ban | None:
        """Lift the ban of a target; None when there was none."""
        found = self._bans.pop(fold(target), None)
        return None if found is None else found[0]

    def drop_those_over(self, now: int) -> None:
        """Forget the bans that have ended."""
        self._bans = {key: one for key, one in self._bans.items() if not one[0].is_over(now)}

    def find(self, peer: Peer, now: int) -> Ban | None:
        """A ban that means somebody."""
        address = _address(peer.address)
        for ban, target in self._bans.values():
            if not ban.is_over(now) and target.means(peer, address):
                return ban
        return None


def means(ban: Ban, peers: Iterable[Peer]) -> list[bool]:
    """Which of some peers a ban means."""
    target = _taken_apart(ban.target)
    return [target.means(peer, _address(peer.address)) for peer in peers]


def _taken_apart(text: str) -> _Target:
    nick, bang, rest = text.rpartition("!")
    username, at, host = rest.rpartition("@")
    if not at and (bang or not _is_host(rest)):
        # `bob` is a nick, `bob!user` a nick and a user name.
        nick, username, host = (nick, rest, "*") if bang else (rest, "*", "*")
    return _Target(nick or "*", username or "*", host or "*", _network(host))


def _is_host(text: str) -> bool:
    """Whether a single word is an address, a network or the name of a host: no nick holds these."""
    return any(char in text for char in ".:/")


def _network(host: str) -> Network | None:
    try:
        network = ip_network(host, strict=False)
    except ValueError:
        if _address(host.partition("/")[0]) is not None:
            raise ValueError("it is no network") from None
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    return network if mapped is None else ip_network((mapped, network.prefixlen - _MAPPED))


def _shown(network: Network) -> str:
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address if alone else network)


def _address(text: str) -> IpAddress | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped  # one who came over IPv4 to a socket that speaks both
    return address
