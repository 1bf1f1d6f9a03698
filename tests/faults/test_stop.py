"""The server is told to end (SIGTERM) while people talk."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import pytest

from faults.archive import complaints, entries_of, tokens_of
from faults.crowd import Listener, Talker
from faults.failing import STUCK, FailingDisk
from faults.shims import needs_compiler
from running.peer import ClassicPeer
from running.server import LOOPS, UNLIMITED, start_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("loop", LOOPS)
def test_ending_under_load_loses_nothing(tmp_path: Path, loop: str) -> None:
    folder = tmp_path / "data"
    with start_server(folder, env=UNLIMITED | {"HUBBUB_LOOP": loop}) as server:
        crowd = {name: Listener(server.port, name) for name in ("dan", "ann", "bob", "cat")}
        dan = crowd["dan"]
        assert dan.has_read("server", "cat joined")
        talkers = [
            Talker(crowd[name], dan, random.Random(name), prefix=name)
            for name in ("ann", "bob", "cat")
        ]
        dan.has_seen_so_many(300)
        status = server.stop()
        for talker in talkers:
            talker.join()
        for listener in crowd.values():
            listener.join()
    assert status == 0
    assert server.lines[-1].endswith("stopped")
    assert [name for name, listener in crowd.items() if not listener.clean_end] == []

    saved = tokens_of(entries_of(folder))
    assert complaints(folder) == []
    for listener in crowd.values():
        assert [token for token in listener.seen if token not in saved] == []
    # What was decided is saved, and what was saved is delivered: dan, who said nothing, saw all.
    assert dan.seen == saved


@pytest.mark.parametrize("loop", LOOPS)
def test_ending_with_somebody_who_does_not_read(tmp_path: Path, loop: str) -> None:
    texts = [f"{number} {'la ' * 300}" for number in range(6000)]
    with (
        start_server(tmp_path / "data", env=UNLIMITED | {"HUBBUB_LOOP": loop}) as server,
        ClassicPeer(server.port, "deaf", hears_little=True),
        ClassicPeer(server.port, "ann") as ann,
        ClassicPeer(server.port, "bob") as bob,
    ):
        ann.expect("server", "bob joined")
        for start in range(0, len(texts), 200):
            burst = texts[start : start + 200]
            ann.send(b"".join(map(ann.frame, burst)))
            bob.expect("ann", burst[-1])
        os.kill(server.pid, signal.SIGTERM)
        assert list(bob.pairs()) == []
        bob.close()
        assert server.wait(patience=10) == 0


@pytest.mark.parametrize("loop", LOOPS)
@needs_compiler
def test_ending_when_the_disk_does_not_answer(tmp_path: Path, loop: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir(0o700)
    disk = FailingDisk(folder, tmp_path)
    with start_server(folder, env=disk.env | {"HUBBUB_LOOP": loop}) as server:
        with ClassicPeer(server.port, "ann") as ann, ClassicPeer(server.port, "bob") as bob:
            ann.expect("server", "bob joined")
            disk.turn(STUCK)
            ann.say("is this saved?")
            server_takes_it(server.port)
            os.kill(server.pid, signal.SIGTERM)
            assert list(bob.pairs()) == [], "seen before it was saved"
        assert server.wait() == 1
    assert "the disk did not answer" in server.lines[-1]
    assert [line for line in server.lines if "Traceback" in line] == []


def server_takes_it(port: int) -> None:
    """Wait until the server has read what was said before: it ends this one without the disk."""
    with ClassicPeer(port, None) as stranger:
        stranger.send(b"QUIT\r\n")
        while stranger.socket.recv(4096):
            pass
