"""Peers that misbehave, and the others who must not notice.

Each goes against a real server on both loops. What one peer sends has arrived when another, who
speaks after it, has an answer: the loop reads who wrote first no later.
"""

from __future__ import annotations

import os
import re
import resource
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faults.archive import entries_of
from hubbub.core.events import TALK
from running.peer import ClassicPeer
from running.server import LOOPS, UNLIMITED, Server, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024
IDLE = 5000
TIME_OF_DAY = re.compile(r"^\[\d\d:\d\d\] ")
TOO_SLOW = "you read too slowly: some messages were left out (/history)"


@pytest.fixture(params=LOOPS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that does not mind how many come and how fast they talk."""
    with start_server(tmp_path / "data", env=UNLIMITED | {"HUBBUB_LOOP": request.param}) as one:
        yield one


@pytest.fixture
def bob(server: Server) -> Iterator[ClassicPeer]:
    """Somebody ordinary, who was there before."""
    with ClassicPeer(server.port, "bob") as bob:
        bob.barrier()
        yield bob


def test_frames_torn_at_every_byte(server: Server, bob: ClassicPeer) -> None:
    text = "hä 東京"
    with ExitStack() as stack:
        size = len(flight(bob, "torn-00", text))
        torn = {cut: stack.enter_context(ClassicPeer(server.port, None)) for cut in range(1, size)}
        for cut, peer in torn.items():
            peer.send(flight(peer, f"torn-{cut:02}", text)[:cut])
        heard = bob.barrier()
        for cut, peer in torn.items():
            peer.send(flight(peer, f"torn-{cut:02}", text)[cut:])
        while sum(pair[1] == text for pair in heard) < len(torn):
            heard.append(next(bob.pairs()))
    said = sorted(name for name, words in heard if words == text)
    assert said == [f"torn-{cut:02}" for cut in torn]
    joined = [words for name, words in heard if name == "server" and words.endswith(" joined")]
    assert sorted(joined) == [f"torn-{cut:02} joined" for cut in torn]
    assert [words for name, words in heard if words.startswith("error")] == []


def test_a_trickle_of_single_bytes(server: Server, bob: ClassicPeer) -> None:
    with ClassicPeer(server.port, None) as slow:
        heard = []
        for byte in flight(slow, "drop", "by drop"):
            slow.send(bytes([byte]))
            heard += bob.barrier()
        assert heard == [("server", "drop joined"), ("drop", "by drop")]


def test_a_reset_in_the_middle_of_a_frame(server: Server, bob: ClassicPeer) -> None:
    carl = ClassicPeer(server.port, "carl")
    bob.expect("server", "carl joined")
    carl.send(carl.frame("this came whole") + carl.frame("this did not")[:-3])
    bob.expect("carl", "this came whole")
    carl.reset()
    bob.expect("server", "carl left")
    bob.say("still here")
    assert bob.barrier() == []


def test_a_half_close_with_messages_in_flight(
    server: Server, bob: ClassicPeer, tmp_path: Path
) -> None:
    texts = [f"in flight {number}" for number in range(200)]
    with ClassicPeer(server.port, None) as ann:
        ann.send(b"".join(map(ann.frame, ["ann", *texts, "/history 2", "/nonsense", "the end"])))
        ann.half_close()
        answers = list(ann.pairs())
    *history, answer = answers
    assert [TIME_OF_DAY.sub("", said) for _, said in history] == texts[-2:]
    assert answer[1].startswith("error: there is no command /nonsense")
    heard = bob.expect("server", "ann left")
    assert heard == [("server", "ann joined"), *(("ann", text) for text in [*texts, "the end"])]
    bob.close()
    assert server.stop() == 0
    saved = [entry.text for entry in entries_of(tmp_path / "data") if entry.kind in TALK]
    assert saved == [*texts, "the end"]


def test_silent_connections_delay_nobody(server: Server, bob: ClassicPeer) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(ClassicPeer(server.port, None))
        ann = stack.enter_context(ClassicPeer(server.port, "ann"))
        ann.socket.settimeout(2)
        bob.expect("server", "ann joined")
        for number in range(20):
            ann.say(f"anybody? {number}")
            assert bob.expect("ann", f"anybody? {number}") == []
            assert ann.barrier() == []
    assert bob.expect("server", "ann left") == []


@pytest.mark.slow
def test_a_deaf_reader_while_thousands_of_messages_pass(server: Server, bob: ClassicPeer) -> None:
    texts = [f"{number} {'la ' * 250}" for number in range(9000)]
    with (
        ClassicPeer(server.port, "deaf", hears_little=True) as deaf,
        ClassicPeer(server.port, "ann") as ann,
    ):
        bob.expect("server", "ann joined")
        resident = resident_bytes(server)
        for start in range(0, len(texts), 100):
            burst = texts[start : start + 100]
            ann.send(b"".join(map(ann.frame, burst)))
            assert bob.expect("ann", burst[-1]) == [("ann", text) for text in burst[:-1]]
        assert resident_bytes(server) - resident < 48 * MIB

        heard = deaf.barrier()
        numbers = [int(text.split()[0]) for name, text in heard if name == "ann"]
        assert all(text == texts[int(text.split()[0])] for name, text in heard if name == "ann")
        assert numbers == sorted(set(numbers))
        assert numbers[0] == 0
        assert numbers[-1] == 8999
        assert len(numbers) < 9000, "nothing was dropped: it was not deaf enough"
        gap = heard.index(("server", TOO_SLOW))
        before, after = (int(heard[at][1].split()[0]) for at in (gap - 1, gap + 1))
        assert after > before + 1, "told where something is missing"
        assert ann.barrier() == []


def test_two_who_leave_at_once_with_a_reset(server: Server, bob: ClassicPeer) -> None:
    for _ in range(5):
        leaving = [ClassicPeer(server.port, name) for name in ("ann", "cat")]
        for peer in leaving:
            bob.expect("server", f"{peer.name} joined")
        bob.say("unread by those who leave")
        for peer in leaving:
            peer.reset()
        heard = bob.barrier()
        while len(heard) < 2:
            heard.append(next(bob.pairs()))
        assert sorted(heard) == [("server", "ann left"), ("server", "cat left")]


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Let this process, and the server it starts, open as many files as so many peers take."""
    needed = 2 * IDLE * 10 // 9 + 500  # two for each in the server, which keeps a tenth back
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        pytest.skip(f"needs {needed} file descriptors, this system allows {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("descriptors")
@pytest.mark.parametrize("loop", LOOPS)
def test_five_thousand_idle_connections_while_three_people_talk(tmp_path: Path, loop: str) -> None:
    env = UNLIMITED | {"HUBBUB_LOOP": loop, "HUBBUB_CLASSIC__NOTICES": "false"}
    with start_server(tmp_path / "data", env=env) as server, ExitStack() as stack:
        # Half of them are in the room, the others have not even said who they are.
        idle = [
            stack.enter_context(ClassicPeer(server.port, f"idle-{number}" if number % 2 else None))
            for number in range(IDLE)
        ]
        people = [
            stack.enter_context(ClassicPeer(server.port, name)) for name in ("ann", "bob", "cat")
        ]
        for peer in people:
            peer.barrier()
        talk = [(author, f"{n} from {author.name}") for n in range(10) for author in people]
        for author, text in talk:
            author.say(text)
            for other in people:
                if other is not author:
                    assert other.expect(author.name or "", text) == []
        said = [(author.name, text) for author, text in talk]
        assert idle[-1].barrier() == said
        idle[0].say("late")  # who was silent until now may still come in, and sees the last twenty
        assert len(idle[0].barrier()) == 20
        assert resident_bytes(server) < 400 * MIB
        assert server.running


# -- what they need ----------------------------------------------------------------------------


def flight(peer: ClassicPeer, name: str, text: str) -> bytes:
    """A name and a first message."""
    return peer.frame(name) + peer.frame(text)


def resident_bytes(server: Server) -> int:
    """How much memory the server uses now."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
