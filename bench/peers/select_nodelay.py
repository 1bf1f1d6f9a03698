"""The select loop with Nagle's algorithm off: the peer for one message at a time.

As it is, the loop leaves it on, so at window 1 every reader's message waits for the acknowledgement
of the one before (40 ms), the server sleeps most of the time and pays for waking up cold. Here the
listening socket hands TCP_NODELAY down to every connection (Linux); all else is `select_server`.
"""

from __future__ import annotations

import argparse
import socket

from bench.peers.select_server import run


def main() -> None:
    """Listen on loopback and serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.select_nodelay")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server_socket:
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server_socket.bind(("127.0.0.1", port))
        server_socket.listen()
        run(server_socket)


if __name__ == "__main__":
    main()
