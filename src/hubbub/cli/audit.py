"""`hubbub audit`: what operators of the server did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from hubbub.cli.columns import columns
from hubbub.cli.operating import folder_options, reach
from hubbub.hub.transcript.phrases import moment
from hubbub.server.requests import MAX_ACTS, Audit
from hubbub.text.sanitise import one_line
from hubbub.text.times import parse_rfc3339
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.server.requests import Row

HEAD = ("TIME", "BY", "ACT", "TARGET", "REASON")


@click.command()
@folder_options
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_ACTS),
    default=50,
    show_default=True,
    help="How many, counted from the last.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def audit(*, data: Path | None, config: Path | None, limit: int, as_json: bool) -> None:
    """Show what operators of the server did, oldest first.

    Who became an operator or tried to, who was killed, banned or let in again, when the
    configuration was read again, and who did it. With --json each line has `time` (RFC 3339,
    UTC), `by`, `act`, `target` and `reason`.

    \b
    Exit status:
      0  the acts, even when there are none
      2  wrong usage, or there is no record that can be read
    """
    with reach(config, data) as server:
        rows = list(server.ask(Audit(limit)))
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
    elif not rows:
        click.echo("No operator has done anything.")
    else:
        click.echo("\n".join(columns([HEAD, *map(_line, rows)])))


def _line(row: Row) -> tuple[str, ...]:
    time = moment(parse_rfc3339(row["time"]), LocalZone())
    words = (row["by"], row["act"], row["target"], row["reason"])
    return (f"{time:%Y-%m-%d %H:%M}", *map(one_line, words))
