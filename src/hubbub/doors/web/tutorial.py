"""The ten-line client of docs/protocols/classic.md §2, for those who have no client yet.

Owns the program and how it is made to fit the server it is shown by. The page in the docs prints
the same lines, and a test compares the two.
"""

from __future__ import annotations

CLIENT = """\
import itertools, socket, sys, threading
sock = socket.create_connection((sys.argv[1], 1234))
wire = sock.makefile("rb")
def send(body): sock.sendall(b"%-10d%b" % (len(body), body))
def read(): return wire.read(int(wire.read(10) or 0)).decode()
def show():
    while name := read(): print(name, ">", read(), flush=True)
(shown := threading.Thread(target=show, daemon=True)).start()
for text in itertools.chain([sys.argv[2]], sys.stdin): send(text.strip().encode())
sock.shutdown(socket.SHUT_WR); shown.join()
"""


def client_for(host: str, port: int) -> str:
    """The client of one server: `python client.py NAME` joins it."""
    return CLIENT.replace("(sys.argv[1], 1234)", repr((host, port))).replace("argv[2]", "argv[1]")
