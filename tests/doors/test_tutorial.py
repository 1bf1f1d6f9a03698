"""The ten lines that docs/protocols/classic.md prints, on our own server, beside another client."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from running.peer import ClassicPeer
from running.server import start_server

PAGE = Path(__file__).parents[2] / "docs" / "protocols" / "classic.md"


def test_the_ten_lines_talk_and_listen_here(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    with start_server(tmp_path / "data") as server, ClassicPeer(server.port, "bob") as bob:
        program = found[1].replace("1234", str(server.port))
        with subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", program, "127.0.0.1", "José"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            bob.expect("server", "José joined")
            bob.say("grüß dich")
            assert client.stdout.readline().decode().split() == ["bob", ">", "grüß", "dich"]
            client.stdin.write("moin, мир\n".encode())
            client.stdin.close()
            bob.expect("José", "moin, мир")
            bob.expect("server", "José left")
        assert client.returncode == 0
