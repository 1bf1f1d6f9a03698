"""The server this family of programs began with: one select loop, headers of ten bytes.

A peer to measure against and to test our client with, so its weaknesses are kept: it takes one
recv for one frame, waits for the name of whoever connects while everybody else waits with it, and
writes to each reader until the system has taken all of it. Standard library only: no part of
hubbub is imported, so that it stays a peer.

    python bench/peers/select_server.py --port 1234
"""

from __future__ import annotations

import argparse
import select
import socket
from typing import TypedDict

HEADER_LENGTH = 10


class Message(TypedDict):
    """One frame as it came; it is passed on without being looked at."""

    header: bytes
    data: bytes


def receive_message(client_socket: socket.socket) -> Message | None:
    """One frame; None when the client closed, however it did that, or sent no header."""
    try:
        message_header = client_socket.recv(HEADER_LENGTH)
        if not message_header:
            return None
        message_length = int(message_header.decode("utf-8").strip())
        return {"header": message_header, "data": client_socket.recv(message_length)}
    except (OSError, ValueError):
        return None


def accept_client(server_socket: socket.socket, clients: dict[socket.socket, Message]) -> None:
    """Let somebody in: the first frame is the name."""
    client_socket, (host, port, *_) = server_socket.accept()
    user = receive_message(client_socket)
    if user is None:
        client_socket.close()
        return
    clients[client_socket] = user
    name = user["data"].decode("utf-8")
    print(f"Accepted new connection from {host}:{port}, username: {name}", flush=True)


def serve_client(client_socket: socket.socket, clients: dict[socket.socket, Message]) -> None:
    """Pass one message on to everybody else, or see its client off."""
    user = clients[client_socket]
    message = receive_message(client_socket)
    if message is None:
        print(f"Closed connection from: {user['data'].decode('utf-8')}", flush=True)
        del clients[client_socket]
        client_socket.close()
        return
    name, text = user["data"].decode("utf-8"), message["data"].decode("utf-8")
    print(f"Received message from {name}: {text}", flush=True)
    for other in clients:
        if other is not client_socket:
            other.send(user["header"] + user["data"] + message["header"] + message["data"])


def run(server_socket: socket.socket) -> None:
    """Serve until killed."""
    clients: dict[socket.socket, Message] = {}
    while True:
        sockets = [server_socket, *clients]
        read_sockets, _, exception_sockets = select.select(sockets, [], sockets)
        for notified_socket in read_sockets:
            if notified_socket is server_socket:
                accept_client(server_socket, clients)
            else:
                serve_client(notified_socket, clients)
        for notified_socket in exception_sockets:
            clients.pop(notified_socket, None)
            notified_socket.close()


def main() -> None:
    """Listen and say where."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1234, help="0 takes a free one")
    options = parser.parse_args()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server_socket:
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server_socket.bind((options.host, options.port))
        server_socket.listen()
        host, port = server_socket.getsockname()
        print(f"Listening for connections on {host}:{port}...", flush=True)
        run(server_socket)


if __name__ == "__main__":
    main()
