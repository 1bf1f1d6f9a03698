"""The default server, from start to stop with clients in it, calls nobody and asks for no name.

The system's own record of its calls (strace) is searched: no connection and no datagram to an
internet address, and none of the files read that a look-up of a name begins with.
"""

from __future__ import annotations

import re
import shutil
import socket
import urllib.request
from typing import TYPE_CHECKING

import pytest

from running.peer import ClassicPeer
from running.server import LOOPS, start_server

if TYPE_CHECKING:
    from pathlib import Path

CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,bind,listen"
OUTGOING = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?\b")
LOOKS_UP = re.compile(r"/etc/(?:resolv\.conf|hosts|nsswitch\.conf|host\.conf|gai\.conf)|libnss_dns")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed (`make test` does)")
def test_the_default_server_calls_nobody(tmp_path: Path, loop: str) -> None:
    record = tmp_path / "calls"
    under = ("strace", "-D", "-f", "-qq", "-s", "256", "-e", f"trace={CALLS}", "-o", str(record))
    with start_server(
        tmp_path / "data", "--host", "", under=under, env={"HUBBUB_LOOP": loop}
    ) as server:
        with ClassicPeer(server.port, "ann") as ann, ClassicPeer(server.port, "bob") as bob:
            ann.expect("server", "bob joined")
            ann.say("does anybody outside hear us?")
            bob.expect("ann", "does anybody outside hear us?")
            bob.say("/history")
            bob.say("/msg ann no")
            ann.expect("bob", "(private) no")
            bob.barrier()
        for path in ("", "healthz"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{path}").close()
        irc = ask(server.port, b"NICK carl\r\nUSER c 0 * :Carl\r\nLIST\r\nQUIT\r\n")
        assert b" 001 carl " in irc
        ask(server.port, b"\x16\x03\x01\0\x05\x01\0\0\x01\xff")  # no TLS after all: it is closed
        assert server.stop() == 0

    calls = record.read_text(errors="replace").splitlines()
    assert [call for call in calls if " bind(" in call and "sin6_port" in call], "no record"
    assert [call for call in calls if OUTGOING.search(call)] == []
    assert [call for call in calls if LOOKS_UP.search(call)] == []


def test_the_search_finds_what_it_looks_for() -> None:
    call = '7 connect(6, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}'
    assert OUTGOING.search(call)
    assert OUTGOING.search('7 sendto(6, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53)}')
    assert not OUTGOING.search('7 sendto(6, "sa", 2, MSG_EOR, NULL, 0) = 2')
    assert LOOKS_UP.search('7 openat(AT_FDCWD, "/etc/resolv.conf", O_RDONLY) = 5')


def ask(port: int, question: bytes) -> bytes:
    """Everything that a stranger is told."""
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(question)
        answer = b""
        while data := stranger.recv(4096):
            answer += data
        return answer
