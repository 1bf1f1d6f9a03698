"""Who is measured: the peers and hubbub as programs on a port, the timeline, the disk.

A subject takes one measurement at a time, everything started anew in an empty folder or on a copy
of a past that was made once, and returns the figures that the measuring program printed. A new peer
is one more `Server` here.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, cast

from bench.processes import (
    Figures,
    MeasurementError,
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


class Past(Subject, Protocol):
    """What was said before a server starts. Measuring it tells what it took to make it."""

    def folder(self, workplace: Workplace) -> Path:
        """Where it is, made by the first who asks. To be copied, not touched.

        Raises MeasurementError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A program that listens. `{port}` and `{data}` in its commands and settings are filled in.

    `settings` is copied into its folder, `before` runs there first (it makes a database, or the
    program itself); `burst` is how many handshakes it takes at once, when that is not the load's.
    With a `past` the folder is a copy of that, and nothing runs before.
    """

    name: str
    command: tuple[str, ...]
    wire: str = "classic"
    settings: Path | None = None
    before: tuple[str, ...] = ()
    burst: int | None = None
    values: tuple[tuple[str, str], ...] = ()
    """What else is filled in, by name."""
    past: Past | None = None

    def measure(self, load: tuple[str, ...], workplace: Workplace) -> Figures:
        """Start the server, drive it with the generator, end it."""
        with tempfile.TemporaryDirectory(dir=workplace.folder) as folder:
            data = Path(folder) / "data"
            if self.past is None:
                data.mkdir()
            else:
                shutil.copytree(self.past.folder(workplace), data)
            return self.drive(load, workplace, data)

    def drive(self, load: tuple[str, ...], workplace: Workplace, data: Path) -> Figures:
        """The same in a folder that stays."""
        port = free_port()
        if self.settings is not None:
            template = self.settings.read_text()
            (data / self.settings.name).write_text(self._filled(template, port, data))
        if self.before and self.past is None:
            run_to_the_end([self._filled(word, port, data) for word in self.before])
        command = [self._filled(word, port, data) for word in self.command]
        with running_server(command, port, workplace.server_core, data.parent / "log") as pid:
            words = [self._filled(word, port, data) for word in load]
            generator = [PYTHON, "-m", "bench.load", *words, "--label", self.name]
            generator += ["--wire", self.wire, "--port", str(port), "--server-pid", str(pid)]
            generator += ["--burst", str(self.burst)] if self.burst is not None else []
            return run_for_figures(generator, workplace.generator_core)

    def _filled(self, text: str, port: int, data: Path) -> str:
        for name, value in (("port", str(port)), ("data", str(data)), *self.values):
            text = text.replace(f"{{{name}}}", value)
        return text


@dataclass(frozen=True, slots=True)
class Imported:
    """A past of ours: a year of talk, imported and indexed by `bench.record`."""

    messages: int
    rooms: int
    name: str = "hubbub's import"

    def folder(self, workplace: Workplace) -> Path:
        """See `Past.folder`."""
        return _made(self, workplace)

    def measure(self, _load: tuple[str, ...], workplace: Workplace) -> Figures:
        """What importing and indexing took."""
        return _what_it_took(self, workplace)

    def make(self, folder: Path, workplace: Workplace) -> Figures:
        """Fill an empty folder."""
        command = [PYTHON, "-m", "bench.record", "--folder", str(folder)]
        command += ["--messages", str(self.messages), "--rooms", str(self.rooms)]
        return run_for_figures(command, workplace.server_core)


@dataclass(frozen=True, slots=True)
class Told:
    """A past of a server that takes no imports: it was all said there, as fast as it takes it."""

    server: Server
    messages: int
    rooms: int

    @property
    def name(self) -> str:
        """The server's, and what it was told."""
        return f"what {self.server.name} was told"

    def folder(self, workplace: Workplace) -> Path:
        """See `Past.folder`."""
        return _made(self, workplace)

    def measure(self, _load: tuple[str, ...], workplace: Workplace) -> Figures:
        """What telling took."""
        return _what_it_took(self, workplace)

    def make(self, folder: Path, workplace: Workplace) -> Figures:
        """Start the server in an empty folder and say it all."""
        load = ("tell", "--rooms", str(self.rooms), "--messages", str(self.messages))
        return self.server.drive(load, workplace, folder)

    def remembered(self) -> Server:
        """The server, with that past."""
        return replace(self.server, past=self)


def _made(past: Imported | Told, workplace: Workplace) -> Path:
    home = workplace.folder / past.name.replace(" ", "-")
    data, figures = home / "data", home / "figures.json"
    if not figures.exists():
        data.mkdir(parents=True)
        made = past.make(data, workplace)
        if made.get("ok") is not True:
            raise MeasurementError(f"{past.name}: {made.get('error', 'it was not made')}")
        figures.write_text(json.dumps(made))
    return data


def _what_it_took(past: Imported | Told, workplace: Workplace) -> Figures:
    figures = _made(past, workplace).with_name("figures.json")
    return cast("Figures", json.loads(figures.read_text()))


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


def hubbub(durability: str, wire: str = "classic", past: Past | None = None) -> Server:
    """Our server with the bench's configuration."""
    serve = ("serve", "--host", "127.0.0.1", "--port", "{port}", "--data", "{data}")
    options = ("--config", str(BENCH / "hubbub.toml"), "--durability", durability)
    command = (PYTHON, "-m", "hubbub", *serve, *options)
    return Server(f"hubbub {durability}", command, wire, past=past)


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
