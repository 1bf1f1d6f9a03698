"""A real server in a process of its own, as tests see it.

`start_server` returns when everybody may come, which it reads from the log; nothing here sleeps.
Whoever starts one ends it: `with start_server(folder) as server:`. Next: `peer`, who talks to it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

START_PATIENCE: Final = 30.0
STOP_PATIENCE: Final = 20.0
"""Seconds. Nothing waits so long unless something is wrong or the machine is very busy."""

UNLIMITED: Final = {"HUBBUB_CONFIG": str(Path(__file__).parents[2] / "bench" / "hubbub.toml")}
"""For `env=`: lifts flood control and the limits on connections, for loads and storms."""

LOOPS: Final = ("auto", "asyncio")
"""What `HUBBUB_LOOP` may say: uvloop, and the loop that comes with Python."""

_OPEN = re.compile(r" open .*\bport=(\d+)")


class Server:
    """A running `hubbub serve`. `log` is the file its standard error is copied to."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self.log = log
        self.pid = process.pid
        self.port = 0
        self._copying = threading.Thread(target=self._copy, name="server log", daemon=True)
        self._copying.start()

    @property
    def lines(self) -> list[str]:
        """What was logged so far."""
        with self._news:
            return list(self._lines)

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def wait_for_line(self, pattern: str, patience: float = START_PATIENCE) -> re.Match[str]:
        """The first line of the log that matches, as soon as there is one.

        Raises AssertionError when there is none in time, or the server ended without it.
        """
        wanted = re.compile(pattern)

        def match() -> re.Match[str] | None:
            return next(filter(None, map(wanted.search, self._lines)), None)

        with self._news:
            self._news.wait_for(lambda: self._ended or match(), patience)
            found = match()
        assert found is not None, f"no line matches {pattern!r} in:\n{self._text()}"
        return found

    def stop(self, patience: float = STOP_PATIENCE) -> int:
        """End it as an operator does (SIGTERM) and return its exit status."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        return self.wait(patience)

    def wait(self, patience: float = STOP_PATIENCE) -> int:
        """The exit status once it has ended; fails when it does not end in time."""
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not end:\n{self._text()}") from None
        self._copying.join()
        return status

    def kill(self) -> None:
        """End it as a crash does (SIGKILL). Ending it twice is harmless."""
        if self.running:
            self._process.kill()
        self._process.wait()
        self._copying.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _text(self) -> str:
        return "\n".join(self._lines)

    def _copy(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream, self.log.open("ab", buffering=0) as copy:
            for line in stream:
                copy.write(line)
                with self._news:
                    self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def start_server(
    folder: Path, *flags: str, env: Mapping[str, str] | None = None, under: tuple[str, ...] = ()
) -> Server:
    """Start `hubbub serve` on a data folder and a free port, and wait until it is open.

    `env` is added to the environment (`UNLIMITED`, `HUBBUB_LOOP`, …), `under` is a command line
    that runs another and leaves it its process id (`strace -D …`). Raises AssertionError with
    the log when the server does not open.
    """
    process = subprocess.Popen(
        [*under, *serve_command(folder, *flags)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(env),
    )
    server = Server(process, folder.with_name(f"{folder.name}.log"))
    try:
        server.port = int(server.wait_for_line(_OPEN.pattern)[1])
    except BaseException:
        server.kill()
        raise
    return server


def serve_command(folder: Path, *flags: str) -> list[str]:
    """The command line: this machine only, any free port unless the flags say another."""
    host_and_port = ["--host", "127.0.0.1", "--port", "0"]
    return [*_HUBBUB, "serve", *host_and_port, "--data", str(folder), *flags]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without anything that configures hubbub, and `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HUBBUB_")}
    return plain | dict(more or {})


_HUBBUB: Final = (sys.executable, "-m", "hubbub")
