"""The addresses of this machine that somebody could join at, without asking anybody.

Read from the kernel with `getifaddrs`, through ctypes because the standard library does not offer
it: no packet leaves, no name is looked up. What listens where is decided elsewhere; this module
only sorts what there is, the address most likely to be reachable first.
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

UP = 0x1
"""IFF_UP, the same number on Linux, macOS and the BSDs."""

INNER = ("docker", "br-", "veth", "virbr", "vmnet", "podman", "cni")
"""Interfaces that lead to this machine's own containers, not to people."""


class Interface(NamedTuple):
    """One address of one interface."""

    name: str
    address: ipaddress.IPv4Address | ipaddress.IPv6Address


def local_addresses(host: str | Sequence[str]) -> list[str]:
    """Return where people can join a server that listens on `host`, best first.

    `host` is what the configuration says: "" or () for all addresses, one, several, or several
    with commas between them. Loopback is returned only when there is nothing else.
    """
    return reachable(_hosts(host), interfaces())


def is_private_to_machine(host: str | Sequence[str]) -> bool:
    """Whether a server on `host`, as `local_addresses` reads it, can never be joined from outside.

    One that listens everywhere can, as soon as there is a network.
    """
    return all(is_loopback(one) for one in _hosts(host))


def _hosts(host: str | Sequence[str]) -> list[str]:
    hosts = host.split(",") if isinstance(host, str) else host
    named = [one.strip() for one in hosts if one.strip()]
    return named or ["0.0.0.0", "::"]  # noqa: S104  # not bound here


def reachable(hosts: Iterable[str], available: Iterable[Interface]) -> list[str]:
    """Return the addresses that a server on these hosts has, given the machine's interfaces."""
    here = list(available)
    found: list[str] = []
    for host in hosts:
        if host == "0.0.0.0":  # noqa: S104  # compared, not bound
            found += _sorted(one for one in here if one.address.version == 4)
        elif host == "::":
            found += _sorted(one for one in here if one.address.version == 6)
        else:
            found.append(host)
    outward = [one for one in found if not is_loopback(one)]
    return list(dict.fromkeys(outward or found or ["127.0.0.1"]))


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def interfaces() -> list[Interface]:
    """Return every IPv4 and IPv6 address of every interface that is up; empty if unknown."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        head = ctypes.POINTER(_IfAddrs)()
        if libc.getifaddrs(ctypes.byref(head)) != 0:
            return []
    except (OSError, AttributeError):  # a system without it: the banner then shows less
        return []
    try:
        return list(_walk(head))
    finally:
        libc.freeifaddrs(head)


def _sorted(available: Iterable[Interface]) -> list[str]:
    """Private before public, because people in the room share the private one."""
    usable = [one for one in available if not one.address.is_link_local]
    outward = [one for one in usable if not one.name.startswith(INNER)] or usable
    return [str(one.address) for one in sorted(outward, key=lambda one: not one.address.is_private)]


class _IfAddrs(ctypes.Structure):
    """`struct ifaddrs`, as far as it is read: the fields before ifa_netmask."""


# After the class, because it points to itself.
_IfAddrs._fields_ = [
    ("next", ctypes.POINTER(_IfAddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
]


def _walk(node: ctypes._Pointer[_IfAddrs]) -> Iterator[Interface]:
    while node:  # type: ignore[truthy-bool]  # a null pointer is false
        entry = node.contents
        if entry.flags & UP and entry.address and (address := _address_at(entry.address)):
            yield Interface(entry.name.decode(errors="replace"), address)
        node = entry.next


def _address_at(place: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    # sa_family is two bytes on Linux; the BSDs and macOS have a length byte and then one byte.
    linux = sys.platform == "linux"
    family = int.from_bytes(ctypes.string_at(place + (not linux), 1 + linux), sys.byteorder)
    if family == socket.AF_INET:
        return ipaddress.IPv4Address(ctypes.string_at(place + 4, 4))
    if family == socket.AF_INET6:
        return ipaddress.IPv6Address(ctypes.string_at(place + 8, 16))
    return None
