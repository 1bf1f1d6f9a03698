"""The disk fails while people talk, and works again.

While nothing can be saved, talk is refused to its author and reaches nobody; who comes and goes is
still told. When the disk works again the server finds out by itself. Nothing that anybody saw is
missing afterwards, and nothing that was refused is there.
"""

from __future__ import annotations

import os
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from faults.archive import complaints, entries_of
from faults.failing import BROKEN, READ_ONLY, WORKS, FailingDisk
from faults.shims import needs_compiler
from hubbub.core.events import TALK
from running.peer import ClassicPeer
from running.server import LOOPS, UNLIMITED, Server, start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOT_SENT = (
    "error: nothing can be saved at the moment, so your message was not sent. "
    "Please try again in a minute"
)
REFUSED = ("server", NOT_SENT)
MIB = 1024 * 1024


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("mood", [READ_ONLY, BROKEN], ids=["read-only", "broken"])
@needs_compiler
def test_a_disk_that_takes_no_writes_for_a_while(tmp_path: Path, loop: str, mood: bytes) -> None:
    folder = tmp_path / "data"
    folder.mkdir(0o700)
    disk = FailingDisk(folder, tmp_path)
    env = UNLIMITED | disk.env | {"HUBBUB_LOOP": loop}
    with start_server(folder, env=env) as server:
        seen = talk_through(server, lambda: disk.turn(mood), lambda: disk.turn(WORKS))
    assert said_in(folder) == seen
    assert complaints(folder) == []


@pytest.mark.parametrize("reserve", [0, MIB], ids=["full", "reserve"])
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system, which only root may")
def test_a_full_disk(tmp_path: Path, reserve: int) -> None:
    with small_disk(tmp_path / "disk") as place:
        folder, ballast = place / "data", place / "ballast"
        env = UNLIMITED | {"HUBBUB_LIMITS__DISK_RESERVE": str(reserve)}
        with start_server(folder, env=env) as server:
            seen = talk_through(server, lambda: fill(ballast), ballast.unlink)
        assert said_in(folder) == seen
        assert complaints(folder) == []


def talk_through(
    server: Server, fail: Callable[[], object], mend: Callable[[], object]
) -> list[str]:
    """Talk before, while and after the disk fails; what the others saw, in order."""
    ann, bob = ClassicPeer(server.port, "ann"), ClassicPeer(server.port, "bob")
    ann.expect("server", "bob joined")
    seen = [say(ann, bob, f"all is well {number}") for number in range(3)]
    assert health(server) == (200, "ok")

    fail()
    refused = False
    for number in range(200):  # what is written in place may still fit on a full disk
        text = f"does it still work? {number} {'x' * 900}"
        ann.say(text)
        refused = REFUSED in ann.barrier()
        heard = [pair for pair in bob.barrier() if pair[0] == "ann"]
        assert heard == ([] if refused else [("ann", text)])
        if refused:
            break
        seen.append(text)
    assert refused

    with ClassicPeer(server.port, "cat") as cat:
        ann.expect("server", "cat joined")
        cat.say("can you hear me?")
        assert REFUSED in cat.barrier()
    assert ann.barrier() == [("server", "cat left")]
    assert bob.barrier() == [("server", "cat joined"), ("server", "cat left")]
    assert said_before(ann, "all is well 2")
    status, words = health(server)
    assert (status, words[:12]) == (503, "cannot save:")

    mend()
    server.wait_for_line("saving again")
    assert health(server) == (200, "ok")
    seen += [say(ann, bob, f"well again {number}") for number in range(3)]
    ann.close()
    bob.close()
    assert server.stop() == 0
    return seen


def say(author: ClassicPeer, witness: ClassicPeer, text: str) -> str:
    """Say something that somebody else sees."""
    author.say(text)
    assert witness.expect(author.name or "", text) == []
    return text


def said_before(peer: ClassicPeer, text: str) -> bool:
    """Whether the history can be read, and has it."""
    peer.say("/history 200")
    return any(said.endswith(text) for _, said in peer.barrier())


def health(server: Server) -> tuple[int, str]:
    """What a probe is told."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz") as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode().strip()


def said_in(folder: Path) -> list[str]:
    return [entry.text for entry in entries_of(folder) if entry.kind in TALK]


def fill(ballast: Path) -> None:
    """Leave no room on the disk."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
