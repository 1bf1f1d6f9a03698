"""`hubbub audit`: what operators did, with the server running and stopped."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING

from cli.command import run
from hubbub.server.operators import hash_password
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path


def operate(port: int) -> None:
    """Fail to be an operator, be one, and keep somebody out."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        peer.sendall(
            b"NICK ada\r\nUSER a 0 * :Ada\r\nOPER ada wrong\r\nOPER ada right\r\n"
            b"KLINE 10 192.0.2.1 :too loud\r\nQUIT\r\n"
        )
        while peer.recv(65536):
            pass


def test_what_operators_did(tmp_path: Path) -> None:
    config = tmp_path / "hubbub.toml"
    config.write_text(f'[[irc.operators]]\nname = "ada"\npassword = "{hash_password("right")}"\n')
    data = ("--data", str(tmp_path / "data"))
    with start_server(tmp_path / "data", "--config", str(config)) as server:
        assert run("audit", *data) == (0, "No operator has done anything.\n", "")
        operate(server.port)
        status, running, err = run("audit", *data)
        assert (status, err) == (0, "")
        assert server.stop() == 0
    head, failed, oper, ban = running.splitlines()
    assert re.fullmatch(r"TIME +BY +ACT +TARGET +REASON", head)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d  ada!\S+ +oper-failed +ada.*", failed)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d  ada!\S+.* oper +ada", oper)
    assert re.fullmatch(r".* ban +192\.0\.2\.1 +too loud", ban)
    assert run("audit", *data) == (0, running, "")
    status, out, err = run("audit", *data, "--json", "--limit", "1")
    assert (status, err) == (0, "")
    (last,) = map(json.loads, out.splitlines())
    assert (last["act"], last["target"], last["reason"]) == ("ban", "192.0.2.1", "too loud")


def test_where_nothing_is_there_is_no_record(tmp_path: Path) -> None:
    status, out, err = run("audit", "--data", str(tmp_path / "none"))
    assert (status, out) == (2, "")
    assert err.startswith("hubbub: ")
