"""The power goes at hundreds of moments, and nothing that anybody saw is lost.

`kill -9` does not test fsync: what was written stays in the system's memory. Here a shim records
what the server really did to its folder and what it sent, from the first start over a `kill -9`
and a second start to the end. Then the folder is made again as a power cut might leave it, opened
with our own code and compared with what had been sent by then, which is all that anyone can have
seen. That the test can fail is shown by `--durability os`, which promises less.

`POWER_CUTS=5000 pytest tests/faults/test_power_cut.py` looks at more moments, `POWER_SEED=…`
draws the same ones again, as far as the server's own timing allows.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from faults.archive import complaints, entries_of, tokens_of
from faults.crowd import TOKEN, Listener, Talker
from faults.recording import SEND, SYNC_ENDED, Disk, Operation, read_record, recorded
from faults.shims import needs_compiler
from hubbub.store import DATABASE
from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

CUTS = int(os.environ.get("POWER_CUTS", "240"))
SEED = int(os.environ.get("POWER_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How much of what was not synced a disk has kept."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120 + CUTS),
    needs_compiler,
]


@dataclass
class Recording:
    """All that a server did, and the history as it was in the end."""

    operations: list[Operation]
    history: list[str]


@dataclass
class Cut:
    """A moment without power: the folder that is found, and what had been sent before."""

    position: int
    share: float
    files: dict[str, bytes]
    sent: set[str]


@pytest.fixture
def new_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine was started anew: the search index, which is never synced, is not to be
    trusted."""
    monkeypatch.setattr("hubbub.store.index.boot_id", lambda: "the boot after the power cut")


@pytest.fixture
def found_folder(tmp_path: Path) -> Iterator[Path]:
    """Where folders are made again; in memory where that can be, because there are many."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as place:
        yield Path(place) / "found"


@pytest.mark.usefixtures("new_boot")
def test_what_anybody_saw_survives_a_power_cut(tmp_path: Path, found_folder: Path) -> None:
    recording = record(tmp_path, "full")
    for number, cut in enumerate(cuts(recording, CUTS)):
        found = history_after(cut, found_folder, recording, searching=number % 24 == 0)
        lost = sorted(cut.sent.difference(found))
        assert lost == [], f"seen and lost {where(cut)}"


@pytest.mark.usefixtures("new_boot")
def test_the_recorder_sees_what_durability_os_may_lose(tmp_path: Path, found_folder: Path) -> None:
    recording = record(tmp_path, "os")
    lost = 0
    for cut in cuts(recording, CUTS // 4):
        found = history_after(cut, found_folder, recording)
        lost += len(cut.sent.difference(found))
    assert lost > 0, f"nothing was lost without syncing (POWER_SEED={SEED})"


def where(cut: Cut) -> str:
    return f"at operation {cut.position}, {cut.share:.0%} kept (POWER_SEED={SEED})"


def history_after(
    cut: Cut, folder: Path, recording: Recording, *, searching: bool = False
) -> list[str]:
    """What our own code finds in the folder: a sound database with the beginning of the history."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in cut.files.items():
        (folder / name).write_bytes(content)
    try:
        found = tokens_of(entries_of(folder, searching=searching))
    except Exception as error:
        raise AssertionError(f"cannot be opened {where(cut)}") from error
    assert complaints(folder) == [], where(cut)
    assert found == recording.history[: len(found)], f"another history {where(cut)}"
    return found


# -- recording ---------------------------------------------------------------------------------


def record(place: Path, durability: str) -> Recording:
    """Two servers on one folder, the first of them killed in the middle of talk."""
    folder, to = place / "data", place / "record"
    folder.mkdir(0o700)
    env = UNLIMITED | recorded(folder, to)
    seen: set[str] = set()
    with start_server(folder, "--durability", durability, env=env) as server:
        # Long messages, so that the log is written back and begun anew several times.
        seen |= talk(server.port, "one", 300, most_bytes=16_000)
        listeners, talkers = begin_to_talk(server.port, "two", most_bytes=500)
        listeners[0].has_seen_so_many(50)
        os.kill(server.pid, signal.SIGUSR2)  # to the shim: kill -9, with nothing unrecorded
        assert server.wait() == -signal.SIGKILL
        seen |= end_of_talk(listeners, talkers)
    with start_server(folder, "--durability", durability, env=env) as server:
        seen |= talk(server.port, "three", 300, most_bytes=200)
        assert server.stop() == 0
    operations = read_record(to)
    disk = Disk()
    for operation in operations:
        disk.take(operation)
    assert_is_the_folder(disk.as_written(), folder)
    history = tokens_of(entries_of(folder))
    sent = set().union(*map(tokens_sent, operations))
    assert seen <= sent <= set(history)
    kinds = Counter(operation.kind for operation in operations)
    print(f"POWER_SEED={SEED}: {len(history)} messages, {dict(kinds)}")
    if durability == "full":
        assert kinds[SYNC_ENDED] > 50
    return Recording(operations, history)


def assert_is_the_folder(files: dict[str, bytes], folder: Path) -> None:
    """The record is complete: made again from it, the folder is the one that is there."""
    there = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {name for name in there if there[name] != files.get(name)} == set()
    assert set(files) == set(there)
    assert DATABASE in there


def begin_to_talk(port: int, prefix: str, most_bytes: int) -> tuple[list[Listener], list[Talker]]:
    listeners = [Listener(port, f"{prefix}-{name}") for name in ("reads", "ann", "bob")]
    assert listeners[0].has_read("server", f"{prefix}-bob joined")
    talkers = [
        Talker(
            listener,
            listeners[0],
            random.Random(f"{SEED} {listener.peer.name}"),
            prefix=f"{prefix}_{index}",
            most_at_once=6,
            most_bytes=most_bytes,
        )
        for index, listener in enumerate(listeners[1:])
    ]
    return listeners, talkers


def talk(port: int, prefix: str, count: int, most_bytes: int) -> set[str]:
    """Talk until so many messages were seen; all tokens that anyone saw."""
    listeners, talkers = begin_to_talk(port, prefix, most_bytes)
    listeners[0].has_seen_so_many(count)
    for talker in talkers:
        talker.stop()
    for listener in listeners:
        listener.peer.half_close()
    return end_of_talk(listeners, talkers)


def end_of_talk(listeners: list[Listener], talkers: list[Talker]) -> set[str]:
    for talker in talkers:
        talker.join()
    for listener in listeners:
        listener.join()
    return set().union(*(listener.all_seen for listener in listeners))


# -- cutting -----------------------------------------------------------------------------------


def cuts(recording: Recording, count: int) -> Iterator[Cut]:
    """Moments without power, in order: half of them anywhere, half where it matters most."""
    chance = random.Random(SEED)
    operations = recording.operations
    turns = [at for at, one in enumerate(operations) if one.kind in "cture"]
    chosen = chance.sample(turns, min(count // 2, len(turns)))
    chosen += chance.sample(range(len(operations)), count - len(chosen))
    moments = Counter(chosen)
    disk = Disk()
    sent: set[str] = set()
    for position, operation in enumerate(operations):
        disk.take(operation)
        sent |= tokens_sent(operation)
        for _ in range(moments[position]):
            share = chance.choice(SHARES)
            yield Cut(position, share, disk.after_power_cut(chance, share), set(sent))


def tokens_sent(operation: Operation) -> set[str]:
    if operation.kind != SEND:
        return set()
    return set(TOKEN.findall(operation.data.decode("utf-8", "replace")))
