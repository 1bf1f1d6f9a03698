"""`hubbub servers`: where one could go, as far as it can be known without being told."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime

import click

from hubbub.cli.columns import columns
from hubbub.cli.errors import failing
from hubbub.client import DEFAULT_PORT, Address, CannotKeep
from hubbub.client.lan import LOOK, CannotLook, listens_here, servers_nearby
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.servers import Servers


@click.command()
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 60),
    default=LOOK,
    show_default=True,
    metavar="SECONDS",
    help="How long to look on this network.",
)
def servers(timeout: float) -> None:
    """List the servers that can be joined from here.

    Those that announce themselves on this network (`lan.announce`), one on this machine, and those
    that were joined lately with the full-screen client. The last column is what to give to chat.

    Exit status: 0, also when there are none.
    """
    rows = [*_nearby(timeout), *_here(), *_recent()]
    for line in columns(rows):
        click.echo(line)
    if not rows:
        click.echo("no server was found; `hubbub serve` opens one", err=True)


def _nearby(seconds: float) -> list[tuple[str, str, str]]:
    try:
        found = asyncio.run(servers_nearby(seconds))
    except CannotLook as error:
        click.echo(f"hint: {error}", err=True)
        return []
    return [("nearby", server.name, str(server.address)) for server in found]


def _here() -> list[tuple[str, str, str]]:
    listens = listens_here(DEFAULT_PORT)
    return [("this machine", "", str(Address("localhost")))] if listens else []


def _recent() -> list[tuple[str, str, str]]:
    with failing(CannotKeep):
        known = Servers(ClientFolder.of(os.environ)).all()
    return [(_day(one.last), f"as {one.name}", one.address.written) for one in known]


def _day(time: int) -> str:
    return datetime.fromtimestamp(time / 1000).astimezone().date().isoformat()
