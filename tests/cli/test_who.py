"""`hubbub who`: who is there, and what is said when nobody could be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cli.command import run
from hubbub.text.times import parse_rfc3339
from running.peer import ClassicPeer
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path


def test_who_is_there(tmp_path: Path) -> None:
    with start_server(tmp_path / "data") as server, ClassicPeer(server.port, "alice") as alice:
        data = ("--data", str(tmp_path / "data"))
        alice.barrier()
        port = alice.socket.getsockname()[1]
        status, out, err = run("who", *data)
        assert (status, err) == (0, "")
        head, row = out.splitlines()
        assert re.fullmatch(r"NAME +ADDRESS +PROTOCOL +SINCE", head)
        assert re.fullmatch(
            rf"alice  127\.0\.0\.1:{port} +classic   \d{{4}}-\d\d-\d\d \d\d:\d\d", row
        )
        status, out, err = run("who", *data, "--json")
        (found,) = map(json.loads, out.splitlines())
        assert parse_rfc3339(found.pop("since"))
        assert found == {
            "name": "alice",
            "address": "127.0.0.1",
            "port": port,
            "protocol": "classic",
        }
        alice.say("/quit")
        assert list(alice.pairs()) == []  # and the server closed
        assert run("who", *data) == (0, "Nobody is connected.\n", "")
        assert server.stop() == 0
    status, out, err = run("who", *data)
    assert (status, out) == (1, "")
    assert err == f"hubbub: no server runs on {tmp_path}/data; `hubbub serve` starts one\n"


def test_asking_about_any_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    assert (run("who", "--data", str(tmp_path))).status == 1
    assert (run("who", "--data", str(tmp_path / "none"))).status == 1
    assert contents(tmp_path) == []


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
