"""Who is measured: the peers and hubbub as programs on a port, the timeline, the disk.

A subject takes one measurement at a time, everything started anew in an empty folder, and
returns the figures that the measuring program printed. A new peer is one more `Server` here.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.processes import (
    Figures,
    free_port,
    run_for_figures,
    run_to_the_end,
    running_server,
)

BENCH = Path(__file__).resolve().parent
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where measurements happen: the parent of all data folders, and the two cores."""

    folder: Path
    server_core: int
    generator_core: int


class Subject(Protocol):
    """Something that can be measured."""

    @property
    def name(self) -> str:
        """What the table and the output call it."""
        ...

    def measure(self, load: tuple[str, ...], workplace: Workplace) -> Figures:
        """Take one measurement; `load` are the arguments of the measuring program.

        Raises MeasurementError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A program that listens. `{port}` and `{data}` in its commands and settings are filled in.

    `settings` is copied into its folder, `before` runs there first (it makes a database, or the
    program itself); `burst` is how many handshakes it takes at once, when that is not the load's.
    """

    name: str
    command: tuple[str, ...]
    wire: str = "classic"
    settings: Path | None = None
    before: tuple[str, ...] = ()
    burst: int | None = None

    def measure(self, load: tuple[str, ...], workplace: Workplace) -> Figures:
        """Start the server, drive it with the generator, end it."""
        port = free_port()
        with tempfile.TemporaryDirectory(dir=workplace.folder) as folder:
            data = Path(folder) / "data"
            data.mkdir()
            if self.settings is not None:
                template = self.settings.read_text()
                (data / self.settings.name).write_text(_filled(template, port, data))
            if self.before:
                run_to_the_end([_filled(word, port, data) for word in self.before])
            command = [_filled(word, port, data) for word in self.command]
            log = Path(folder) / "log"
            with running_server(command, port, workplace.server_core, log) as pid:
                generator = [PYTHON, "-m", "bench.load", *load, "--label", self.name]
                generator += ["--wire", self.wire, "--port", str(port), "--server-pid", str(pid)]
                generator += ["--burst", str(self.burst)] if self.burst is not None else []
                return run_for_figures(generator, workplace.generator_core)


def _filled(text: str, port: int, data: Path) -> str:
    return text.replace("{port}", str(port)).replace("{data}", str(data))


@dataclass(frozen=True, slots=True)
class Probe:
    """A program of the bench that works on an empty folder and listens to nobody."""

    name: str
    module: str
    arguments: tuple[str, ...] = field(default=())

    def measure(self, load: tuple[str, ...], workplace: Workplace) -> Figures:
        """Run it on the server's core."""
        with tempfile.TemporaryDirectory(dir=workplace.folder) as folder:
            command = [PYTHON, "-m", self.module, "--folder", folder, *self.arguments, *load]
            return run_for_figures(command, workplace.server_core)


def hubbub(durability: str, wire: str = "classic") -> Server:
    """Our server with the bench's configuration."""
    serve = ("serve", "--host", "127.0.0.1", "--port", "{port}", "--data", "{data}")
    options = ("--config", str(BENCH / "hubbub.toml"), "--durability", durability)
    return Server(f"hubbub {durability}", (PYTHON, "-m", "hubbub", *serve, *options), wire)


SELECT_SERVER = Server(
    "select_server", (PYTHON, str(BENCH / "peers" / "select_server.py"), "--port", "{port}")
)
SELECT_NODELAY = Server(
    "select_nodelay", (PYTHON, "-m", "bench.peers.select_nodelay", "--port", "{port}")
)
DISK = Probe("fdatasync", "bench.disk")


def timeline(durability: str) -> Probe:
    """Our hub and store in one process, without sockets."""
    return Probe(f"timeline {durability}", "bench.timeline", ("--durability", durability))
