"""`hubbub who`: who is connected to the server on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from hubbub.cli.columns import columns
from hubbub.cli.operating import folder_options, reach
from hubbub.hub.transcript.phrases import moment
from hubbub.server.requests import Who
from hubbub.text.sanitise import one_line
from hubbub.text.times import parse_rfc3339
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.server.requests import Row

HEAD = ("NAME", "ADDRESS", "PROTOCOL", "SINCE")


@click.command()
@folder_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def who(*, data: Path | None, config: Path | None, as_json: bool) -> None:
    """List who is connected to the server on this machine.

    With --json each line has `name`, `address`, `port`, `protocol` and `since` (RFC 3339, UTC).

    \b
    Exit status:
      0  the list, even when nobody is there
      1  no server runs on the data folder
      2  wrong usage, or the server cannot be asked
    """
    with reach(config, data) as server:
        rows = list(server.ask(Who()))
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
    elif not rows:
        click.echo("Nobody is connected.")
    else:
        click.echo("\n".join(columns([HEAD, *map(_line, rows)])))


def _line(row: Row) -> tuple[str, ...]:
    host, port = row["address"], row["port"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    since = moment(parse_rfc3339(row["since"]), LocalZone())
    return (one_line(row["name"]), address, row["protocol"], f"{since:%Y-%m-%d %H:%M}")
