"""The ten lines in docs/protocols/classic.md are a client: they run here, as printed."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from hubbub.wire.classic import Decoder, frame, pairs
from wire.peer import frames_of

PAGE = Path(__file__).parents[2] / "docs" / "protocols" / "classic.md"


def tutorial() -> str:
    """The program that the page prints."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_it_has_ten_lines() -> None:
    assert len(tutorial().splitlines()) == 10


def test_it_talks_and_leaves() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        program = tutorial().replace("1234", str(port))
        with subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", program, "127.0.0.1", "José"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as client:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"".join(pairs("bob", "grüß dich")))
                assert client.stdout is not None
                assert client.stdout.readline().decode().split() == ["bob", ">", "grüß", "dich"]
                assert client.stdin is not None
                client.stdin.write("hello\nmoin, мир\n".encode())
                client.stdin.close()
                decoder = Decoder(width=None)
                while data := peer.recv(4096):  # its half-close
                    decoder.feed(data)
                assert frames_of(decoder) == [b"Jos\xc3\xa9", b"hello", "moin, мир".encode()]
                peer.sendall(frame(b"server") + frame(b"goodbye"))
            assert client.stdout.read().decode().split() == ["server", ">", "goodbye"]
    assert client.returncode == 0


def test_ctrl_c_ends_it_while_others_talk_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        program = tutorial().replace("1234", str(listening.getsockname()[1]))
        with subprocess.Popen(
            [sys.executable, "-c", program, "127.0.0.1", "ann"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as client:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"".join(pairs("bob", "hi")))
                assert client.stdout is not None
                assert client.stdout.readline() == b"bob > hi\n"
                client.send_signal(signal.SIGINT)
                assert client.wait(10) != 0
