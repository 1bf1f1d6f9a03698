"""Hands what comes to several ports on to one, in the order in which it comes.

The conformance suite wants a port of its own for WebSocket, and hubbub has one for everything.
The suite also counts on what it sends first, on whichever connection, arriving first: so all of it
passes through this one loop. `python relay.py TO PORT...`; it runs until it is killed.
"""

from __future__ import annotations

import selectors
import socket
import sys


def main(to: int, ports: list[int]) -> None:
    """Listen on the ports, and carry bytes until killed."""
    selector = selectors.EpollSelector()
    for port in ports:
        listener = socket.create_server(("127.0.0.1", port))
        selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            if key.data is None:
                accept(key.fileobj, to, selector)
            else:
                carry(key.fileobj, key.data, selector)


def accept(listener: socket.socket, to: int, selector: selectors.BaseSelector) -> None:
    """Connect a newcomer to the server; refuse while there is none, as it would."""
    here, _ = listener.accept()
    try:
        there = socket.create_connection(("127.0.0.1", to))
    except ConnectionRefusedError:
        here.close()
        return
    for one, other in ((here, there), (there, here)):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(one, selectors.EVENT_READ, other)


def carry(one: socket.socket, other: socket.socket, selector: selectors.BaseSelector) -> None:
    """Take what has come on one to the other, and an end as well."""
    try:
        data = one.recv(1 << 16)
        if data:
            other.sendall(data)
            return
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    selector.unregister(one)
    if other.fileno() not in selector.get_map():
        one.close()
        other.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(port) for port in sys.argv[2:]])
