"""`hubbub db check|backup|prune|vacuum|migrate`: look after the database."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from hubbub.cli.errors import Fail, Unfinished, failing
from hubbub.cli.operating import Progress, folder_options, reach, settings
from hubbub.cli.options import VerbGroup
from hubbub.core.ports import StoreError
from hubbub.core.retention import Rule
from hubbub.server.folder import FolderBusyError, FolderError
from hubbub.server.requests import Backup, Check, Prune, Vacuum

COUNTED = (("entry", "entries"), ("person", "people"), ("room", "rooms"))

DELETED = {
    Rule.AGE: ("entry", "entries"),
    Rule.ARRIVALS: ("arrival or departure", "arrivals and departures"),
    Rule.SIZE: ("entry of the oldest", "entries of the oldest"),
    Rule.ROOMS: ("room that nobody uses", "rooms that nobody uses"),
    Rule.EMPTY: (
        "empty conversation or room that had ended",
        "empty conversations and ended rooms",
    ),
    Rule.TOKENS: ("token", "tokens"),
    Rule.SENDS: ("send-once id", "send-once ids"),
    Rule.PEOPLE: ("person of whom nothing was left", "people of whom nothing was left"),
}


@click.group(cls=VerbGroup)
def db() -> None:
    """Check, back up, clean and migrate the data.

    `check`, `backup`, `prune` and `vacuum` work with the server running or stopped, `migrate` with
    it stopped.

    \b
    Examples:
      hubbub db check
      hubbub db backup --to /media/stick/hubbub.sqlite
    """


@db.command()
@folder_options
def check(*, data: Path | None, config: Path | None) -> None:
    """Look for damage: what is wrong is printed, a line each.

    \b
    Exit status:
      0  all is well
      1  something is wrong
      2  wrong usage, or there is nothing to check
    """
    with reach(config, data) as server:
        (report,) = server.ask(Check())
    for finding in report["findings"]:
        click.echo(finding)
    for note in report["notes"]:
        click.echo(f"note: {note}")
    if report["findings"]:
        raise Unfinished("the database is not in order: restore a backup, or ask for help")
    click.echo(f"ok: {', '.join(_counted(report[many], one, many) for one, many in COUNTED)}")


@db.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The copy; it must not exist yet.  [default: backups/hubbub-TIME.sqlite in the data]",
)
@folder_options
def backup(*, to: Path | None, data: Path | None, config: Path | None) -> None:
    """Copy the database, while people talk or while nobody does.

    The copy is one file that holds everything; to restore it, stop the server and put it in the
    place of hubbub.sqlite. It appears when it is complete and overwrites nothing.

    \b
    Exit status:
      0  the copy is made and its path printed
      1  it could not be made
      2  wrong usage, or there is nothing to copy
    """
    if to is not None and not to.parent.is_dir():
        raise Fail(f"{to.parent}: there is no such folder; make it, or name another with --to FILE")
    if to is None:
        _, folder = settings(config, data)
        now = datetime.fromtimestamp(time.time(), UTC)
        to = folder.backups / f"hubbub-{now:%Y%m%dT%H%M%SZ}.sqlite"
    to = Path.cwd() / to  # the server may stand somewhere else
    with reach(config, data) as server:
        (made,) = server.ask(Backup(to=str(to)))
    click.echo(f"{to} ({made['size']:,} bytes)")


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--progress", is_flag=True, help="Say how far it is, not only on a terminal.")
@folder_options
def prune(*, dry_run: bool, progress: bool, data: Path | None, config: Path | None) -> None:
    """Delete now what is kept no longer: see history.keep and its like in the configuration.

    A running server does it by itself, soon after its start and every hour, unless its clock was
    just set ahead. It goes in small steps, and nobody who talks waits for it. The file becomes no
    smaller, what comes takes the room that was left; `hubbub db vacuum` gives it back.

    \b
    Exit status:
      0  it is done
      1  begun and not finished: what has gone is gone, run it again
      2  wrong usage, or there is nothing to delete from
    """
    gone: Counter[Rule] = Counter()
    shown = Progress("deleted", always=progress)
    with reach(config, data) as server:
        for row in server.ask(Prune(dry=dry_run)):
            gone[Rule(row["rule"])] += row["count"]
            if not dry_run:
                shown.show(gone.total())
    if gone and not dry_run:
        shown.show(gone.total(), final=True)
    what = "due" if dry_run else "deleted"
    for rule, words in DELETED.items():
        if gone[rule]:
            click.echo(f"{what}: {_counted(gone[rule], *words)}")
    if not gone:
        click.echo("nothing is due")


@db.command()
@folder_options
def vacuum(*, data: Path | None, config: Path | None) -> None:
    """Write the database and the search index anew: smaller, and nothing of what was taken back.

    What people take back is gone for all who look for it at once; this rids the files of what is
    left in their unused parts. While it is done messages wait, some seconds for each gigabyte.
    Backups made before are copies of their own: delete them yourself.

    \b
    Exit status:
      0  it is done
      1  it could not be done
      2  wrong usage, or there is nothing to clean
    """
    with reach(config, data) as server:
        (made,) = server.ask(Vacuum())
    click.echo(f"ok: {made['size']:,} bytes")


@db.command()
@folder_options
def migrate(*, data: Path | None, config: Path | None) -> None:
    """Bring the database to the newest schema.

    A copy of it is made before. The start of the server does the same; this does it beforehand, and
    only this.

    \b
    Exit status:
      0  the schema is the newest
      2  the server runs, or it could not be done
    """
    from hubbub.store import open_store  # noqa: PLC0415 (a running server needs no driver)

    # Nothing else sets up a log here, and what it warns of should look like all else we say.
    logging.basicConfig(format="hubbub: %(message)s")
    _, folder = settings(config, data)
    if not folder.database.exists():
        raise Fail(f"{folder.path}: holds no database; is it the right folder? (--data DIR)")
    before = set(folder.backups.glob("*"))
    try:
        with failing(StoreError), folder:
            open_store(folder.path, post=lambda call: call()).close()
    except FolderBusyError as error:
        raise Fail(
            f"{folder.path}: stop the server first; it migrates at its next start"
        ) from error
    except FolderError as error:
        raise Fail(str(error)) from error
    for copy in sorted(set(folder.backups.glob("*.sqlite")) - before):
        click.echo(f"copied to {copy} before")
    click.echo("the schema is the newest")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
