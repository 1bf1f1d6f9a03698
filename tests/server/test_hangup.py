"""SIGHUP at a real server: it reads its configuration again, and ends with its terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cli.command import run
from running.peer import ClassicPeer
from running.server import LOOPS, Server, environment, serve_command, start_server

if TYPE_CHECKING:
    from pathlib import Path

IN_A_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execvp(sys.argv[1], sys.argv[1:])"
)
"""A program that makes its standard input the terminal of the command that it becomes."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The configuration that a server is started with."""
    file = tmp_path / "hubbub.toml"
    file.write_text("[history]\nreplay = 0\n")
    return file


@pytest.mark.parametrize("loop", LOOPS)
def test_it_reads_its_configuration_again(tmp_path: Path, file: Path, loop: str) -> None:
    folder = tmp_path / "data"
    with start_server(folder, "--config", str(file), env={"HUBBUB_LOOP": loop}) as server:
        with ClassicPeer(server.port, "alice") as alice:
            alice.barrier()
            alice.say("kept")
            alice.barrier()

            file.write_text('room = "#elsewhere"\n[history]\nreplay = 5\n')
            os.kill(server.pid, signal.SIGHUP)
            changed = r"info server.reload: configuration key=history.replay was=0 now=5"
            server.wait_for_line(changed)
            server.wait_for_line(r"warning .* key=room .*now=#elsewhere effect=\"at the next start")

            alice.barrier()  # is still there
            with ClassicPeer(server.port, "bob") as bob:
                assert [name for name, text in bob.barrier() if text.endswith("] kept")] == [
                    "alice"
                ]

            file.write_text("[history]\nreply = 5\n")
            os.kill(server.pid, signal.SIGHUP)
            server.wait_for_line(r"error .*stays as it was: .*toml: there is no key history.reply")
            alice.barrier()
        assert server.stop() == 0


def test_a_verb_does_the_same(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "data"
    verb = ("config", "reload", "--data", folder)
    status, out, err = run(*verb)
    assert (status, out) == (1, "")
    assert "no server runs" in err
    with start_server(folder, "--config", str(file)) as server:
        assert run(*verb) == (0, "Nothing has changed.\n", "")
        file.write_text(
            'network = "Elsewhere"\n[irc]\npassword = "sesame"\n[history]\nreplay = 3\n'
        )
        status, out, err = run(*verb)
        assert (status, err) == (0, "")
        assert out.splitlines() == [
            'network: "hubbub" becomes "Elsewhere"',
            "irc.password has changed",
            "history.replay: 0 becomes 3",
        ]
        file.write_text("network = 5\n")
        assert run(*verb) == (
            2,
            "",
            f"hubbub: {file}: network is 5, but must be one word, at most 64 characters\n",
        )
        assert server.stop() == 0
        server.wait_for_line(r'operator kind=rehash by="command line"')
        assert not any("sesame" in line for line in server.lines)


@pytest.mark.parametrize("nohup", [False, True])
def test_it_ends_with_its_terminal_unless_told_otherwise(
    tmp_path: Path, file: Path, *, nohup: bool
) -> None:
    """Closing the window sends SIGHUP to what was started in it."""
    ours, theirs = pty.openpty()
    serve = serve_command(tmp_path / "data", "--config", str(file))
    process = subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL, *["nohup"] * nohup, *serve],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    os.close(theirs)
    with Server(process, tmp_path / "log") as server:
        server.wait_for_line(r" open .*\bport=")
        os.kill(server.pid, signal.SIGHUP)  # from elsewhere: the terminal is there
        server.wait_for_line("the configuration was read again: nothing has changed")
        file.write_text("[history]\nreplay = 3\n")
        os.close(ours)
        if nohup:
            server.wait_for_line("key=history.replay was=0 now=3")
            assert server.stop() == 0
        else:
            assert server.wait() == 0
            server.wait_for_line("the terminal is gone")
