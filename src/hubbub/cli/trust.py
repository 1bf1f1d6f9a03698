"""`hubbub trust`: the certificates of servers that were believed at first sight.

Owns nothing: they are in a file of `hubbub.client.local.trusted`, and what they are for is told in
`hubbub.client.trusting`.
"""

from __future__ import annotations

import os
from datetime import datetime

import click

from hubbub.cli.columns import columns
from hubbub.cli.errors import Unfinished, failing
from hubbub.cli.joining import read_address
from hubbub.cli.options import VerbGroup
from hubbub.client import Address, CannotKeep
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.trusted import TrustedServers
from hubbub.client.secure import words_of


@click.group(cls=VerbGroup)
def trust() -> None:
    """List and forget the certificates that were believed at first sight.

    A server whose certificate no authority vouches for, as that of most hubbub servers, is believed
    when it is met first. If it shows another one later, chat, say and tail refuse it.
    """


@trust.command(name="list")
def list_() -> None:
    """List the servers, with the words that each shows when it starts, and since when."""
    with failing(CannotKeep):
        known = TrustedServers(ClientFolder.of(os.environ)).all()
    rows = [(name, words_of(pin.fingerprint), _day(pin.since)) for name, pin in known.items()]
    for line in columns(rows):
        click.echo(line)


@trust.command()
@click.argument("server", callback=read_address, metavar="HOST[:PORT]")
def forget(server: Address) -> None:
    """Forget a server's certificate; the next one that it shows is believed.

    Do it when the server was given a new one. If you do not know why it has changed, compare the
    words first: somebody else may answer in its place.
    """
    with failing(CannotKeep):
        known = TrustedServers(ClientFolder.of(os.environ)).forget(server.host, server.port)
    if not known:
        raise Unfinished(f"of {server} no certificate was remembered; `hubbub trust list` has all")


def _day(since: int) -> str:
    return datetime.fromtimestamp(since / 1000).astimezone().date().isoformat()
