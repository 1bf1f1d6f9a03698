"""How the public conformance suite starts our server, and what we claim to have.

`make conformance IRCTEST=checkout` runs it (docs/conformance.md); the suite imports this module
and calls `get_irctest_controller_class`. Everything that changes with what is built stands
between the two ADAPT marks. IRCTEST_HUBBUB is the program with its leading arguments
("hubbub"); IRCTEST_DEBUG_LOGS=1, the suite's own switch, shows what the server prints.
"""

# mypy: ignore-errors
# The suite is no dependency of ours: its types are not known here, and its attributes are as it
# wants them.

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irctest import patma
from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.runner import NotImplementedByController
from irctest.specifications import Capabilities, OptionalBehaviors

if TYPE_CHECKING:
    import subprocess

    from irctest.cases import BaseServerTestCase

COMMAND = shlex.split(os.environ.get("IRCTEST_HUBBUB", "hubbub"))
SHARED_MEMORY = Path("/dev/shm")
RELAY = Path(__file__).with_name("relay.py")
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
PORTS = range(16_384, int(EPHEMERAL.read_text().split()[0]))
"""Below those that the system hands out by itself, be it for a connection of the suite's own."""


# ---- TOML ------------------------------------------------------------------
# irctest needs no TOML writer, so a small one: tables, arrays of tables and
# scalar or list values. A JSON string is a valid TOML basic string.


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def to_toml(table: dict[str, Any], path: str = "") -> str:
    """Plain values first, then sub-tables, as TOML asks for."""
    scalars: list[str] = []
    blocks: list[str] = []
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            blocks.append(f"\n[{name}]\n" + to_toml(value, name))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            blocks.extend(f"\n[[{name}]]\n" + to_toml(v, name) for v in value)
        elif value is not None:
            scalars.append(f"{key} = {_toml_value(value)}\n")
    return "".join(scalars) + "".join(blocks)


class HubbubController(BaseServerController, DirectoryBasedController):
    # The name is only compared with irctest's lists of excused servers. A name
    # that is in no list is excused from nothing.
    software_name = "hubbub"

    # Seconds between two tries to connect after a start; one server is started
    # per test, so this is paid several hundred times.
    _port_wait_interval = 0.02

    # 0 is right while a PONG leaves only after everything that the same
    # connection caused before has been put on every receiver's queue.
    sync_sleep_time = 0.0

    _relay_process: subprocess.Popen[bytes] | None = None

    # Only read by client tests; kept because the base class declares it.
    supports_sts = False

    # ==== ADAPT (claims) ====================================================
    # Each claim turns "skipped because the server lacks it" into "failed", so
    # add one as soon as hubbub has the feature: it then guards the feature.

    # Decides whether the SASL tests run at all (others are skipped).
    supported_sasl_mechanisms: set[str] = set()

    # The letter of the mute extended ban, or None to skip those tests.
    extban_mute_char: str | None = "m"

    # A NAK for one of these fails the test.
    capabilities = frozenset(
        {
            Capabilities.ACCOUNT_NOTIFY,
            Capabilities.ACCOUNT_TAG,
            Capabilities.AWAY_NOTIFY,
            Capabilities.BATCH,
            Capabilities.ECHO_MESSAGE,
            Capabilities.EXTENDED_JOIN,
            Capabilities.EXTENDED_MONITOR,
            Capabilities.LABELED_RESPONSE,
            Capabilities.MESSAGE_REDACTION,
            Capabilities.MESSAGE_REDACTION,
            Capabilities.MESSAGE_TAGS,
            Capabilities.MULTI_PREFIX,
            Capabilities.READ_MARKER,
            Capabilities.SERVER_TIME,
            Capabilities.SETNAME,
        }
    )

    # A missing one of these fails the test.
    optional_behaviors = frozenset(
        {
            OptionalBehaviors.BAN_EXCEPTION_MODE,
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.ELIST_C,
            OptionalBehaviors.ELIST_M,
            OptionalBehaviors.ELIST_N,
            OptionalBehaviors.ELIST_T,
            OptionalBehaviors.ELIST_U,
            OptionalBehaviors.INVITE_EXCEPTION_MODE,
            OptionalBehaviors.INVITE_LIST,
            OptionalBehaviors.INVITE_OVERRIDES_LIMIT,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_NAMES_COMMAND,
            OptionalBehaviors.MULTI_PRIVMSG,
            OptionalBehaviors.NO_CTCP,
            # Not NON_UTF8_MESSAGE: it cannot be had together with UTF8ONLY.
        }
    )

    # Tokens that must stand in RPL_ISUPPORT with these values (None: no value).
    isupport = {
        "ACCOUNTEXTBAN": patma.ANYSTR,
        "BOT": "B",
        "CASEMAPPING": "ascii",
        "ELIST": patma.ANYSTR,
        "EXTBAN": patma.ANYSTR,
        "MONITOR": patma.ANYSTR,
        "PREFIX": patma.ANYSTR,
        "STATUSMSG": patma.ANYSTR,
        "TARGMAX": patma.ANYSTR,
        "UTF8ONLY": None,
        "WHOX": None,
    }

    def make_config(
        self,
        *,
        port: int,
        password: str | None,
        ssl: bool,
    ) -> dict[str, Any]:
        """hubbub's configuration as nested dicts, in hubbub's own key names."""
        assert self.directory is not None

        config: dict[str, Any] = {
            # irctest hands out 0.0.0.0 as host name; loopback is enough for it and
            # keeps test servers off the network.
            "host": "127.0.0.1",
            "port": port,
            "durability": "none",
            "network": "hubbubtest",  # no "=" in it: 005 is split on "="
            "irc": {
                "name": "My.Little.Server",  # compared literally in many tests
                "description": "test server",  # compared by the LINKS tests
                "password": password or "",
                # Exactly this name and password are used by the OPER tests.
                "operators": [{"name": "operuser", "password": "operpassword"}],
                # The multiline tests know the limits by heart.
                "message_lines": 32,
            },
            # tests count the lines that follow a JOIN
            "history": {"replay": 0},
            "gateways": {"trusted": ["127.0.0.1"]},  # the PROXY tests come from there
            "limits": {
                # tests send bursts, and byte by byte
                "messages_per_second": 1e6,
                "message_burst": 1_000_000,
                "message": 4096,
            },
        }
        if ssl:
            config["tls"] = f"{self.pem_path},{self.key_path}"
        if self.debug_mode:
            config["log"] = {"level": "debug"}
        return config

    def serve_command(self) -> list[str]:
        data = str(self.directory / "data") if self.directory else ""
        return [*COMMAND, "serve", "--config", str(self.config_path), "--data", data]

    # ==== end of ADAPT ======================================================

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: str | None,
        ssl: bool,
        run_services: bool,
        faketime: str | None,
        websocket_hostname: str | None = None,
        websocket_port: int | None = None,
    ) -> None:
        # run_services only asks for accounts. They are built in, so there is
        # nothing more to start; see wait_for_services().
        assert self.proc is None
        self.hostname = hostname
        self.port = port
        self.create_config()  # makes self.directory, which kill() removes
        assert self.directory is not None
        self.config_path = self.directory / "hubbub.toml"
        if ssl:
            self.gen_ssl()  # sets pem_path and key_path
        # The suite wants a second port for WebSocket; we have one, behind a relay then.
        own_port = port if websocket_port is None else self.get_hostname_and_port()[1]
        self._write_config(
            self.make_config(
                port=own_port,
                password=password,
                ssl=ssl,
            )
        )

        self._prefix: list[str] = []
        if faketime and shutil.which("faketime"):
            self._prefix = ["faketime", "-f", faketime]
            self.faketime_enabled = True  # tests then sleep 2 s, not 60 s
        self._start()
        if websocket_port is not None:
            # These tests count on one client's line being read before another's that was sent
            # later; when both are there as the server wakes up, the kernel promises no order.
            self.sync_sleep_time = 0.05
            self._relay(own_port, port, websocket_port)

    def get_hostname_and_port(self) -> tuple[str, int]:
        """A port that stays free until the server takes it.

        The suite's own choice is one that the system hands out, and may hand out again meanwhile.
        """
        with self._used_ports() as used:
            while True:
                place = ("0.0.0.0", random.choice(PORTS))
                if place not in used and _is_free(place[1]):
                    used.add(place)
                    self._own_ports.add(place)
                    return place

    def kill_proc(self) -> None:
        """Nothing is kept: a server that says good-bye to every client would only take longer.

        faketime is a process beside the server, so it is the group that goes.
        """
        assert self.proc
        os.killpg(self.proc.pid, signal.SIGKILL)
        self.proc.wait()
        for leftover in ("faketime_shm_{}", "sem.faketime_sem_{}"):
            (SHARED_MEMORY / leftover.format(self.proc.pid)).unlink(missing_ok=True)
        self.proc = None

    def _relay(self, own_port: int, *ports: int) -> None:
        """Let the server be reached at other ports, as soon as it is there."""
        while True:
            self.check_is_alive()
            try:
                socket.create_connection(("127.0.0.1", own_port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        relay = [sys.executable, RELAY, str(own_port), *map(str, ports)]
        self._relay_process = self.execute(relay)

    def kill(self) -> None:
        """End everything; once more does no harm."""
        if self._relay_process is not None:
            self._relay_process.kill()
            self._relay_process.wait()
            self._relay_process = None
        super().kill()
        self.directory = None

    def _start(self) -> None:
        self.port_open = False
        self.proc = self.execute([*self._prefix, *self.serve_command()])

    def _write_config(self, config: dict[str, Any]) -> None:
        self._config = config
        self.config_path.write_text(to_toml(config), encoding="utf-8")

    def restart(self) -> None:
        """Used by the always-on and channel-registration tests (marked Ergo)."""
        self.kill_proc()
        self._start()
        self.wait_for_port()

    def wait_for_services(self) -> None:
        # The base class would insist on a separate services process.
        pass

    # ---- accounts ----------------------------------------------------------

    def registerUser(
        self, case: BaseServerTestCase, username: str, password: str | None = None
    ) -> None:
        # Accounts come later; until then the tests that need one are skipped. Some ask while
        # they are set up: what has been started then is never taken down by the suite.
        self.kill()
        raise NotImplementedByController("accounts")


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def get_irctest_controller_class() -> type[HubbubController]:
    return HubbubController
