"""`hubbub serve`: open the room."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from hubbub.cli.errors import Unfinished, failing
from hubbub.cli.options import config_option, data_option
from hubbub.cli.program import program
from hubbub.core.ports import StoreError
from hubbub.server import logs
from hubbub.server.addresses import is_private_to_machine
from hubbub.server.banner import announce, local_addresses
from hubbub.server.config import ConfigError, data_folder, load_config
from hubbub.server.folder import DataFolder, FolderError
from hubbub.server.listen import ListenError
from hubbub.server.run import run, serve_on
from hubbub.server.tls import TlsError

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.server.tls import Certificate


@click.command()
@click.option("--host", metavar="H", help="Address to listen on.  [default: all, IPv4 and IPv6]")
@click.option("--port", type=int, metavar="P", help="Port; 0 takes a free one.  [default: 1234]")
@data_option
@config_option
@click.option(
    "--durability",
    metavar="full|os|none",
    help="What a message has survived when people see it: a power cut, a crash of the server, "
    "nothing.  [default: full]",
)
@click.option(
    "--tls",
    metavar="auto|off|CERT,KEY",
    help="Encryption on the same port, with a certificate of our own or yours.  "
    "[default: auto, or off when only this machine can connect]",
)
@click.option("--log-format", metavar="text|json", help="Lines for people or for machines.")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
def serve(  # noqa: PLR0917 (click passes by name)
    host: str | None,
    port: int | None,
    data: Path | None,
    config: Path | None,
    durability: str | None,
    tls: str | None,
    log_format: str | None,
    log_level: str | None,
) -> None:
    """Open a chat for everyone on this network.

    One port takes terminals, IRC clients, classic programs and browsers; everything that is said
    is kept in the data folder. Where to join is printed at the start. Ctrl-C or SIGTERM ends it;
    SIGHUP makes it read its configuration again.

    \b
    Examples:
      hubbub serve                          everybody on the network, port 1234
      hubbub serve --host 127.0.0.1         this machine only
      hubbub serve --port 0 --data ./room   any free port, data beside you

    Exit status: 0 stopped and everything saved; 1 stopped with something unsaved; 2 it could not
    start, with one line that says why.
    """
    flags = {
        "host": host,
        "port": port,
        "durability": durability,
        "tls": tls,
        "log.format": log_format,
        "log.level": log_level,
    }
    os.umask(0o077)  # what is kept here is for the owner, even in a folder that is open to others
    read = partial(load_config, config, os.environ, flags)
    with failing(ConfigError, FolderError, ListenError, StoreError, TlsError):
        settings = read()
        logs.set_up(settings.log)
        said = partial(_announce, settings.room)
        with DataFolder(data_folder(data, os.environ)) as folder:
            stopped = run(serve_on(folder, settings, read, said), loop=settings.loop)
    if not stopped.settled:  # the log has said so
        sys.exit(Unfinished.exit_code)


def _announce(
    room: str, hosts: tuple[str, ...], port: int, certificate: Certificate | None
) -> None:
    """Say where to join, for people when they are watching."""
    announce(
        local_addresses(hosts),
        port,
        sys.stdout,
        room=room,
        is_terminal=sys.stdout.isatty(),
        columns=shutil.get_terminal_size().columns,
        program=program(sys.argv[0], shutil.which("hubbub")),
        certificate=certificate,
        on_loopback=is_private_to_machine(hosts),
    )
