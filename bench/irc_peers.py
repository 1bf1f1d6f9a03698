"""The other IRC servers of tables 2 and 3: how each is started, and how one comes by it.

Their settings are in `peers/`: flood control and limits lifted, no lookups, everything else as it
comes. Nothing is installed here; who is not on this machine is left out, with a line that says
what to do.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.subjects import BENCH, Server

if TYPE_CHECKING:
    from collections.abc import Mapping

INSPIRCD, NGIRCD, ERGO = "InspIRCd", "ngIRCd", "Ergo"
JOINED, SINGLE = "C", "C single"
SETTINGS = BENCH / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server, the program that it needs (a name or a path), and how to come by that."""

    server: Server
    program: str
    install: str

    @property
    def is_here(self) -> bool:
        """Whether it can be started."""
        return shutil.which(self.program) is not None

    @property
    def version(self) -> str:
        """What the program says of itself."""
        words = [self.program, "--version"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
        return (done.stdout or done.stderr).partition("\n")[0].strip()


def inspircd() -> Peer:
    """It ends registrations on a tick of one second, so many are begun at once."""
    command = ("inspircd", "--runasroot", "--nofork", "--config", "{data}/inspircd.conf")
    server = Server(INSPIRCD, command, wire="irc", settings=SETTINGS / "inspircd.conf", burst=2000)
    return Peer(server, "inspircd", "apt-get install inspircd")


def ngircd() -> Peer:
    """It accepts slowly, so few are begun at once."""
    command = ("ngircd", "--nodaemon", "--config", "{data}/ngircd.conf")
    server = Server(NGIRCD, command, wire="irc", settings=SETTINGS / "ngircd.conf", burst=64)
    return Peer(server, "ngircd", "apt-get install ngircd")


def ergo(program: str, *, keeps: bool = False) -> Peer:
    """Its binary is given (`ERGO=`), for Debian has none. `keeps`: history in SQLite, for which it
    was built with `make build_full`."""
    path = str(Path(program).resolve()) if "/" in program else program
    words = ("--conf", "{data}/ergo.yaml", "--quiet")
    server = Server(
        ERGO,
        (path, "run", *words),
        wire="ircv3" if keeps else "irc",
        settings=SETTINGS / "ergo.yaml",
        before=(path, "initdb", *words),
        values=(("keeps", str(keeps).lower()),),
    )
    return Peer(server, path, "make bench ERGO=path/to/ergo")


def given_ergo(environment: Mapping[str, str], *, keeps: bool = False) -> Peer:
    """The Ergo that the environment names, which may be none."""
    return ergo(environment.get("ERGO") or "no binary was given", keeps=keeps)


def fanout_limit(mode: str) -> Peer:
    """The limit in C, built anew where it runs; `mode` is `joined` or `single`."""
    binary = "{data}/fanout_limit"
    server = Server(
        JOINED if mode == "joined" else SINGLE,
        (binary, "{port}", mode),
        wire="irc",
        before=("gcc", "-O2", "-o", binary, str(SETTINGS / "fanout_limit.c")),
    )
    return Peer(server, "gcc", "apt-get install gcc libc6-dev")


def peers(environment: Mapping[str, str]) -> list[Peer]:
    """All of them, in the order of the table."""
    return [
        inspircd(),
        ngircd(),
        given_ergo(environment),
        fanout_limit("joined"),
        fanout_limit("single"),
    ]


def versions(environment: Mapping[str, str]) -> dict[str, str]:
    """What those who are here say of themselves, by program."""
    return {Path(peer.program).name: peer.version for peer in peers(environment) if peer.is_here}


def absence(peer: Peer) -> str:
    """The line about one who is not here."""
    return f"{peer.server.name} is left out, it is not here: {peer.install}"
