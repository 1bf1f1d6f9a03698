"""Starting and ending the programs of a measurement, each on its own core.

A server counts as started when the kernel lists its port as listening: no probe connects, for a
select loop stands still until a new connection has said its name. Every program is ended by the
id it was started with.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

Figures = dict[str, object]
ROOT = Path(__file__).resolve().parent.parent
TCP_LISTEN = "0A"  # include/net/tcp_states.h
START_SECONDS = 20.0
STOP_SECONDS = 10.0
GENERATOR_SECONDS = 600.0


class MeasurementError(Exception):
    """A program did not start, did not end in time, or printed no figures."""


@contextlib.contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """What is started inside inherits this core, all its threads included."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def allow_many_files() -> None:
    """Raise this process's limit on open files, which servers inherit, as far as it goes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def running_server(command: list[str], port: int, core: int, log: Path) -> Iterator[int]:
    """Start a server, wait until it listens, hand out its process id, end it."""
    with log.open("wb") as errors, pinned_to(core):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        _wait_until_listening(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_for_figures(command: list[str], core: int, seconds: float = GENERATOR_SECONDS) -> Figures:
    """Run a program that prints one line of JSON; returns it, whatever the exit status."""
    with pinned_to(core):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"{command[2]} did not end within {seconds:.0f} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    try:
        return cast("Figures", json.loads(output))
    except ValueError:
        last = (errors.strip().splitlines() or ["no output"])[-1]
        raise MeasurementError(f"{command[2]} printed no figures: {last}") from None


def run_to_the_end(command: list[str]) -> None:
    """Run a program that a server needs before it can start."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=START_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MeasurementError(f"{command[0]}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise MeasurementError(f"{command[0]} ended with {done.returncode}: {last}")


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while not _listens(port):
        if process.poll() is not None:
            raise MeasurementError(f"server ended with {process.returncode}: {_last_line(log)}")
        if time.monotonic() > limit:
            raise MeasurementError(f"server does not listen after {START_SECONDS:.0f} s")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    wanted = f":{port:04X}"
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            if fields[1].endswith(wanted) and fields[3] == TCP_LISTEN:
                return True
    return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
