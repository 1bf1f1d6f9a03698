"""The programs of the bench: starting and ending servers, the disk probe, the table itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from bench.__main__ import measure_all
from bench.disk import fdatasync_rate
from bench.machine import describe_machine
from bench.plan import Experiment, Row, Table
from bench.processes import (
    ROOT,
    MeasurementError,
    free_port,
    pinned_to,
    run_for_figures,
    running_server,
)
from bench.subjects import DISK, SELECT_SERVER, Workplace

if TYPE_CHECKING:
    from pathlib import Path

CORE = min(os.sched_getaffinity(0))


def test_a_server_is_up_when_its_port_listens_and_gone_afterwards(tmp_path: Path) -> None:
    port = free_port()
    command = [part.format(port=port) for part in SELECT_SERVER.command]
    with running_server(command, port, CORE, tmp_path / "log") as pid:
        assert os.sched_getaffinity(pid) == {CORE}
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room on this port')"]
    with (
        pytest.raises(MeasurementError, match="no room on this port"),
        running_server(command, free_port(), CORE, tmp_path / "log"),
    ):
        pass


def test_what_prints_no_figures_is_an_error_with_its_last_line() -> None:
    with pytest.raises(MeasurementError, match="nothing to say"):
        run_for_figures([sys.executable, "-c", "raise SystemExit('nothing to say')"], CORE)


def test_what_does_not_end_is_ended() -> None:
    with pytest.raises(MeasurementError, match="did not end"):
        run_for_figures([sys.executable, "-c", "import signal; signal.pause()"], CORE, seconds=0.2)


def test_pinning_is_for_what_is_started_inside_only() -> None:
    before = os.sched_getaffinity(0)
    with pinned_to(CORE):
        assert os.sched_getaffinity(0) == {CORE}
    assert os.sched_getaffinity(0) == before


def test_the_disk_is_asked_for_its_own_rate_and_left_clean(tmp_path: Path) -> None:
    figures = fdatasync_rate(tmp_path, 0.05)
    assert isinstance(figures["messages_per_second"], float)
    assert figures["messages_per_second"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_subject_is_measured_in_a_folder_of_its_own_that_goes_away(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, CORE, CORE)
    load = ("fanout", "--clients", "3", "--max-messages", "50", "--warmup", "0")
    assert SELECT_SERVER.measure(load, workplace)["label"] == "select_server"
    assert DISK.measure(("--seconds", "0.05"), workplace)["ok"] is True
    assert list(tmp_path.iterdir()) == []


def test_the_machine_is_described_without_paths_or_names(tmp_path: Path) -> None:
    facts = " ".join(describe_machine(tmp_path).values())
    assert str(tmp_path) not in facts
    assert socket.gethostname() not in facts


def test_time_that_is_up_ends_the_rounds_and_keeps_what_is_there(tmp_path: Path) -> None:
    row = Row("sync", "latency_ms.p50")
    probe = Experiment("a section", {"full": DISK}, ("--seconds", "0.05"), (row,))
    table = Table("a table", ("full",), (probe,), rounds=3, limit=0.0)
    results = measure_all(table, Workplace(tmp_path, CORE, CORE))
    assert results.rounds() == 1
    assert results.failures == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the bench pins to two cores")
def test_the_bench_prints_a_table_and_writes_the_same_as_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--only", "10 receivers, window 64"]
    command += ["--table", "1"]
    command += ["--folder", str(tmp_path), "--json", str(tmp_path / "figures.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((tmp_path / "figures.json").read_text())
    (table,) = document["tables"]
    (row,) = table["rows"]
    assert row["title"] in done.stdout
    assert set(row["figures"]) == {"reference", "none", "full"}
    assert all(figure["median"] > 0 for figure in row["figures"].values())
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the bench pins to two cores")
def test_the_bench_that_is_ended_ends_what_it_started_and_prints_what_it_has(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "bench", "--rounds", "99", "--only", "p99"]
    command += ["--table", "1"]
    command += ["--folder", str(tmp_path)]
    bench = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert bench.stderr is not None
    bench.stderr.readline()  # the first measurement has begun
    bench.terminate()
    output, _ = bench.communicate()
    assert bench.returncode == 1
    assert "p99" in output
    assert "interrupted" in output
    assert list(tmp_path.iterdir()) == []
