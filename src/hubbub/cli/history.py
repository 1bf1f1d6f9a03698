"""`hubbub history export|import|search`: the record, out, in, and looked through.

What is kept and what is taken is decided below: `hubbub.hub.history` and its `transcript`. Here
files are opened, times and words are read as people write them, and results are printed.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hubbub.cli.colour import wants_colour
from hubbub.cli.errors import failing
from hubbub.cli.highlight import highlighted
from hubbub.cli.importing import look_through, opened, take
from hubbub.cli.operating import Progress, folder_options, reach
from hubbub.cli.options import VerbGroup
from hubbub.cli.output import output_to
from hubbub.core.names import fold
from hubbub.hub.transcript import READABLE, phrases
from hubbub.hub.transcript.records import found_in
from hubbub.server.requests import Export, Search
from hubbub.text.query import QueryError, parse_query
from hubbub.text.sanitise import one_line
from hubbub.text.times import parse_when
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hubbub.server.requests import Row
    from hubbub.text.tokens import Phrase

progress_option = click.option(
    "--progress", is_flag=True, help="Say how far it is, also without a terminal."
)
conversations_option = click.option(
    "--conversations", is_flag=True, help="Take in what two people said to each other alone."
)


@click.group(cls=VerbGroup)
def history() -> None:
    """Search, export and import what was said.

    Works with the server running or stopped.

    \b
    Examples:
      hubbub history search tea from:alice after:yesterday
      hubbub history export > everything.jsonl
      hubbub history export --room lobby --format html --output lobby.html
      hubbub history import everything.jsonl --data ./another
    """


@history.command()
@click.option("--room", metavar="ROOM", callback=lambda *given: _room(given[2]), help="This room.")
@click.option("--since", metavar="TIME", help="What was said then or later: 2026-11-03, 2h, monday")
@click.option(
    "--format",
    "style",
    type=click.Choice(["jsonl", "txt", "html"]),
    default="jsonl",
    show_default=True,
    help="For programs and `import`, for people, for browsers.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file in place of standard output; it appears when it is complete.",
)
@conversations_option
@progress_option
@folder_options
def export(
    *,
    room: str | None,
    since: str | None,
    style: str,
    output: Path | None,
    conversations: bool,
    progress: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Write out what was said.

    Oldest first, room by room. Conversations between two people are left out unless
    --conversations asks for them. Standard output carries the export and nothing else. Times in
    txt and html are local, in jsonl UTC.

    \b
    Exit status:
      0    everything was written
      1    it broke off
      2    wrong usage, no such room, nothing there to read
      141  nobody reads the output any more (| head)
    """
    asked = Export(room=room, since=_when(since), conversations=conversations)
    told = Progress("entries", always=progress)
    with reach(config, data) as server, output_to(output) as stream:
        for piece in _pieces(told.counted(server.ask(asked)), style):
            stream.write(piece)


@history.command("import")
@click.argument("file", default="-", metavar="[FILE]", type=click.Path(path_type=Path))
@click.option(
    "--room",
    metavar="ROOM",
    callback=lambda *given: _room(given[2]),
    help="Put everything there, whatever the records say.",
)
@click.option("--skip-bad", is_flag=True, help="Leave lines out that cannot be taken.")
@progress_option
@folder_options
def import_(
    *,
    file: Path,
    room: str | None,
    skip_bad: bool,
    progress: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Take in what was said elsewhere.

    Each line of FILE, or of standard input, is a record as `export` writes it (JSON Lines); it
    needs `time`, `room`, `sender` and `text` (docs/history.md). The whole file is looked at first:
    if a line cannot be taken, it is named and nothing is taken. What is there already, by its
    msgid, is left alone, so an import that was interrupted is finished by running it again.
    Imported entries stand before everything that was said here live.

    \b
    Exit status:
      0  everything was taken, or with --skip-bad all that could be
      1  it broke off; run it again
      2  wrong usage, or a line cannot be taken and nothing was
    """
    with opened(file) as source, reach(config, data) as server:
        plan = look_through(source, server, room, skip_bad=skip_bad)
        click.echo(take(plan, server, Progress("entries", always=progress)))


# A word to leave out begins with a dash, so what is no option here is a word; -h is one, too.
@history.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument(
    "words", nargs=-1, required=True, metavar="WORDS...", callback=lambda *given: _words(given[2])
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--room", metavar="ROOM", callback=lambda *given: _room(given[2]), help="This room.")
@click.option("--json", "as_json", is_flag=True, help="Records, one JSON object a line.")
@conversations_option
@folder_options
def search(
    *,
    words: str,
    limit: int,
    room: str | None,
    as_json: bool,
    conversations: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Find messages, the newest last.

    \b
      word  "some words"  word*      all of them, anywhere in the message
      -word -"some words"            not that
      from:alice  in:lobby           said by, said in
      after:monday  before:2026-11-03  has:link  has:file

    Case and accents do not matter. The shell takes quotation marks for itself: write
    '"hot water"' to find the two words side by side.

    \b
    Exit status:
      0  the messages, even when there are none: standard error says so
      1  it broke off
      2  the search cannot be understood, or there is nothing to search
    """
    with failing(QueryError):
        query = parse_query(words, now=_now(), zone=LocalZone())
    if room is not None:
        query = replace(query, rooms=query.rooms | {fold(room)})
        conversations = conversations or room.startswith("@")
    marked = query.terms if _is_colourful() else ()
    found = 0
    with reach(config, data) as server, output_to(None) as stream:
        for row in server.ask(Search(query=query, limit=limit, conversations=conversations)):
            line = msgspec.json.encode(row) if as_json else _shown(row, marked).encode()
            stream.write(line + b"\n")
            found += 1
    if not found:
        click.echo(f"nothing found for: {one_line(words)}", err=True)


def _pieces(rows: Iterator[Row], style: str) -> Iterator[bytes]:
    """The rows in the format asked for, a piece for each and what stands around them."""
    if style == "jsonl":
        for row in rows:
            row.pop("between", None)  # for people; the name of the room says it to an import
            yield msgspec.json.encode(row) + b"\n"
        return
    first = list(islice(rows, 1))  # before anything is written: there may be no such room
    transcript = READABLE[style](LocalZone())
    yield transcript.begin().encode()
    for row in chain(first, rows):
        yield transcript.add(found_in(row)).encode()
    yield transcript.end().encode()


def _shown(row: Row, marked: Iterable[Phrase]) -> str:
    """`2026-11-22 10:41 #lobby alice: the tea is ready`; two alone are `(alice & bob)`."""
    found = found_in(row)
    at = phrases.moment(found.entry.time, LocalZone())
    text = highlighted(phrases.text(found), marked)
    if phrases.mark(found):
        text += f" {phrases.mark(found)}"
    room = f"({phrases.room(found)})" if found.between else phrases.room(found)
    head = f"{at:%Y-%m-%d %H:%M} {room} {phrases.name(found.entry)}: "
    return head + text.replace("\n", "\n    ")


def _is_colourful() -> bool:
    return wants_colour(os.environ, terminal=sys.stdout.isatty())


def _room(name: str | None) -> str | None:
    """A room as people type it: a shell takes `#lobby` for a comment, so `lobby` will do."""
    if name is None:
        return None
    if not name:
        raise click.BadParameter("a room has a name")
    return name if name[0] in "#@" else f"#{name}"


def _words(given: tuple[str, ...]) -> str:
    for word in given:
        if word.startswith("--"):
            raise click.NoSuchOption(word)
    return " ".join(given)


def _when(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_when(text, now=_now(), zone=LocalZone())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--since") from error


def _now() -> int:
    return time.time_ns() // 1_000_000
