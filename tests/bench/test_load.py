"""The generator counts every delivery: all arrived, some lost, some too many, nobody there."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from bench.load.accounting import ServerAccount
from bench.load.connection import Connection, Room
from bench.load.deliveries import SMALLEST_BODY, Bodies
from bench.load.percentiles import percentiles
from bench.load.wires import Classic, Irc
from bench.processes import ROOT, free_port, running_server
from bench.subjects import SELECT_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALLEST = ("fanout", "--clients", "3", "--senders", "2", "--window", "8", "--max-messages", "200")
BRIEFLY = ("--warmup", "0", "--duration", "1", "--drain", "0.3")

SPOILT = """
import sys
from bench.peers import select_server

whole = select_server.receive_message
count = 0


def spoil(client_socket):
    global count
    count += 1
    message = whole(client_socket)
    if message is not None and count == 100:
        message["data"] = message["data"].replace(b"`", {mark})
    return message


select_server.receive_message = spoil
select_server.main()
"""
"""The select server, but the hundredth frame loses its mark, or gets another one."""


@pytest.fixture
def select_server(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The peer on a free port: (port, process id)."""
    port = free_port()
    command = [part.format(port=port) for part in SELECT_SERVER.command]
    with running_server(command, port, 0, tmp_path / "log") as pid:
        yield port, pid


def drive(port: int, *arguments: str) -> tuple[int, dict[str, object]]:
    """Run the generator; its exit status and figures."""
    command = [sys.executable, "-m", "bench.load", *arguments, "--port", str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_smallest_fan_out_arrives_whole(select_server: tuple[int, int]) -> None:
    port, pid = select_server
    status, figures = drive(port, *SMALLEST, *BRIEFLY, "--verify", "--server-pid", str(pid))
    assert status == 0
    assert figures["ok"] is True
    assert figures["wire"] == "classic"
    assert figures["sent"] == 200
    assert (figures["lost"], figures["extra"], figures["dead"]) == (0, 0, 0)
    assert isinstance(figures["cpu_us_per_delivery"], float)


def test_latency_is_of_every_delivery(select_server: tuple[int, int]) -> None:
    port, _ = select_server
    status, figures = drive(port, "latency", "--clients", "3", "--rate", "50", "--duration", "0.2")
    assert status == 0
    assert figures["delivered"] == 20
    latency = figures["latency_ms"]
    assert isinstance(latency, dict)
    assert 0 < latency["p50"] <= latency["p99"] <= latency["max"]


def test_an_idle_crowd_costs_memory_only(select_server: tuple[int, int]) -> None:
    port, pid = select_server
    status, figures = drive(
        port, "idle", "--clients", "20", "--hold", "0.1", "--server-pid", str(pid)
    )
    assert status == 0
    assert {"connect_cpu_us", "rss_kib_per_connection", "idle_cpu_share"} <= set(figures)


@pytest.mark.parametrize(("mark", "wrong"), [('b"x"', "lost"), ('b"``"', "extra")])
def test_one_delivery_too_few_or_too_many_is_found(tmp_path: Path, mark: str, wrong: str) -> None:
    port = free_port()
    command = [sys.executable, "-c", SPOILT.format(mark=mark), "--port", str(port)]
    with running_server(command, port, 0, tmp_path / "log"):
        status, figures = drive(port, *SMALLEST, *BRIEFLY)
    assert status == 1
    assert figures["ok"] is False
    assert figures[wrong] == 2  # one message, two readers


def test_without_a_server_there_is_an_error_and_still_one_line() -> None:
    status, figures = drive(free_port(), *SMALLEST, "--deadline", "1")
    assert status == 1
    assert "Connection refused" in str(figures["error"])


@pytest.mark.parametrize("wrong", [("--host", "192.0.2.1"), ("--size", "20")])
def test_only_loopback_is_driven_and_bodies_have_room_for_their_head(
    wrong: tuple[str, ...],
) -> None:
    command = [sys.executable, "-m", "bench.load", *SMALLEST, "--port", "1", *wrong]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert wrong[0] in done.stderr


def test_a_body_is_as_long_as_asked_and_ends_in_its_only_mark() -> None:
    bodies = Bodies(100, b"0badcafe")
    for body in (bodies.make(3, 7, 12345), bodies.probe()):
        assert len(body) == 100
        assert body.count(b"`") == 1
        assert body.endswith(b"`")
    with pytest.raises(ValueError, match=f"at least {SMALLEST_BODY}"):
        Bodies(SMALLEST_BODY - 1, b"0badcafe")


def test_a_room_knows_what_each_member_is_due() -> None:
    members = [Connection.__new__(Connection) for _ in range(3)]
    for member in members:
        member.forget_arrivals()
    room = Room(b"#b", members, members[:2], window=4)
    assert [room.next_sender()[1] for _ in range(3)] == [0, 0, 1]
    assert room.free() == 1
    # Two from the first sender, one from the second: due are 1, 2 and 3.
    members[0].got, members[1].got, members[2].got = 1, 1, 5
    assert room.shortfall() == (1, 2)


def test_percentiles_are_milliseconds() -> None:
    figures = percentiles(range(0, 100_000_000, 1_000_000))
    assert figures == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p999": 99.0, "max": 99.0}
    assert percentiles([]) is None


def test_wires_say_what_servers_expect() -> None:
    assert Classic().message(b"", b"hello") == b"5         hello"
    assert Irc().message(b"#b1", b"hello") == b"PRIVMSG #b1 :hello\r\n"
    assert Irc().answer(b":x PRIVMSG #b :y\r\nPING :me\r\n") == b"PONG :me\r\n"


def test_without_a_process_to_watch_the_account_reads_zero() -> None:
    account = ServerAccount([])
    assert account.cpu() == 0
    assert account.ticks() == (0, 0)
    assert account.memory() == (0, 0)
