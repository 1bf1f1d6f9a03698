"""Listening: the sockets of the one port.

With no host it is one socket for IPv4 and IPv6 together where the system can, so that port 0 is
one port. A number is taken as it is; only a host that the operator wrote as a name is looked up.
"""

from __future__ import annotations

import errno
import socket
from contextlib import suppress

BACKLOG = 1024
"""Connections that may wait to be accepted: a class that comes in at once."""


class ListenError(Exception):
    """The port cannot be had; the message is one line for the operator."""


def listen(hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    """Sockets that listen on each host, all of them on one port. Raises `ListenError`."""
    found: list[socket.socket] = []
    try:
        for family, address in _addresses(hosts, port):
            # Port 0: the system chose one for the first address, the others take the same.
            chosen = found[0].getsockname()[1] if found else port
            found.append(_listen(family, address, chosen, dual=not hosts))
    except BaseException:
        for listener in found:
            listener.close()
        raise
    return found


def _addresses(hosts: tuple[str, ...], port: int) -> list[tuple[socket.AddressFamily, str]]:
    if not hosts:
        if socket.has_dualstack_ipv6():
            return [(socket.AF_INET6, "::")]
        return [(socket.AF_INET, "0.0.0.0")]  # noqa: S104  (everybody on the network may come)
    found: dict[tuple[socket.AddressFamily, str], None] = {}
    for host in hosts:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise ListenError(
                f"host: {host} is no address of this machine ({error.strerror}); "
                "give another with --host, or none for all"
            ) from error
        found |= {(family, str(address[0])): None for family, *_, address in known}
    return list(found)


def _listen(family: socket.AddressFamily, host: str, port: int, *, dual: bool) -> socket.socket:
    # By its number: only so does asyncio know that what it accepts is TCP, and turn Nagle off. With
    # it the second of two small writes would wait for the delayed ACK of the first, 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with suppress(OSError):
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
        listener.settimeout(0)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(_explain(error, host, port)) from error
    return listener


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port: {port} is in use by another program; stop it, or choose another with "
            "--port N (0 takes a free one)"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port: {port} is not ours to take; choose one above 1023 with --port N"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"host: {host} is no address of this machine; choose another with --host H"
    return f"host: cannot listen on {host} port {port}: {error.strerror}"
