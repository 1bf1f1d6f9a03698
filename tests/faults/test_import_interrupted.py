"""An import that is killed, or whose server is, and run again: the same as in one go."""

from __future__ import annotations

import json
import subprocess
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from cli.command import run
from cli.program import COMMAND, environment
from faults.archive import complaints
from running.peer import ClassicPeer
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = 6000
"""At least so many that an import says a few times how far it is."""

ROUNDS = 3


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that knows only minutes, of three rooms, in which people repeat themselves."""
    path = tmp_path_factory.mktemp("import") / "log.jsonl"
    with path.open("w") as log:
        for number in range(ENTRIES):
            record = {
                "time": f"2026-10-{1 + number * 28 // ENTRIES:02}T10:{number % 60:02}:00Z",
                "room": f"#room-{number % 3}",
                "sender": f"person-{number % 50}",
                "text": f"text {number % 700}",
            }
            log.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def in_one_go(file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What an export gives after an import that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    assert run("history", "import", file, "--data", folder).status == 0
    exported = run("history", "export", "--data", folder).out
    assert exported.count("\n") == ENTRIES
    return exported


def importing(file: Path, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "history", "import", str(file), "--data", str(folder), "--progress"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )


def test_an_import_that_is_killed_is_finished_by_running_it_again(
    file: Path, in_one_go: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    kept = []
    for reports in range(1, ROUNDS + 1):
        with importing(file, folder) as process:
            assert process.stderr is not None
            for line in islice(process.stderr, reports):
                assert f" of {ENTRIES:,} entries" in line
            process.kill()  # unless it is done: what is known already goes fast
        kept.append(run("history", "export", "--data", folder).out.count("\n"))
    assert 0 < kept[0] <= kept[-1]
    assert kept[0] < ENTRIES, "the first was killed in the middle"
    done = run("history", "import", file, "--data", folder)
    assert done.out == f"imported {ENTRIES - kept[-1]} new, {kept[-1]} known already\n"
    assert run("history", "export", "--data", folder).out == in_one_go
    assert complaints(folder) == []


def test_a_server_that_is_killed_while_it_takes_an_import_loses_nothing_of_both(
    file: Path, in_one_go: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server, ClassicPeer(server.port, "alice") as alice:
        alice.say("before")
        alice.barrier()
        with importing(file, folder) as process:
            assert process.stderr is not None
            process.stderr.readline()
            alice.say("meanwhile")
            alice.barrier()
            server.kill()
            error = process.stderr.read().splitlines()[-1]
            assert process.wait() == 1
    assert "run it again, what was taken is not taken twice" in error
    with start_server(folder):
        assert run("history", "import", file, "--data", folder).status == 0
        exported = run("history", "export", "--data", folder).out
    imported = [line for line in exported.splitlines(keepends=True) if '"#room-' in line]
    assert "".join(imported) == in_one_go
    live = [json.loads(line)["text"] for line in exported.splitlines() if '"#lobby"' in line]
    assert [text for text in live if text] == ["before", "meanwhile"]
    assert complaints(folder) == []
