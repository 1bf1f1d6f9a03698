"""Importing: a file of records, looked through as a whole, then handed over in chunks.

What a line must hold is decided in `hubbub.hub.transcript.reading`, by the limits of the server
that takes it; that server checks and keeps each chunk as a whole.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click
import msgspec

from hubbub.cli.errors import Fail, Unfinished
from hubbub.hub.history import CHUNK
from hubbub.hub.transcript.reading import BadRecordError, Lines, Rules
from hubbub.hub.transcript.records import record_of
from hubbub.server.control import LINE
from hubbub.server.requests import AskRules, Import

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hubbub.cli.access import Server
    from hubbub.cli.operating import Progress
    from hubbub.core.ports import Found

CHUNK_BYTES: Final = 1024 * 1024
"""Records of a chunk take about so many bytes at most."""

NAMED: Final = 20
"""How many bad lines, or runs of them, are named."""


class Runs:
    """Numbers, kept as runs: `17, 20-25`."""

    def __init__(self) -> None:
        self.count = 0
        self._runs: list[tuple[int, int]] = []

    def add(self, number: int) -> None:
        """Add a number greater than all before."""
        self.count += 1
        if self._runs and self._runs[-1][1] == number - 1:
            self._runs[-1] = (self._runs[-1][0], number)
        else:
            self._runs.append((number, number))

    def __str__(self) -> str:
        shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in self._runs[:NAMED]]
        return ", ".join(shown) + (" and more" if len(self._runs) > NAMED else "")


@dataclass(slots=True)
class Plan:
    """A file that was looked through: how many entries it holds, and which lines are bad."""

    source: BinaryIO
    rules: Rules
    room: str | None
    entries: int = 0
    bad: Runs = field(default_factory=Runs)


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or standard input for `-`, so that it can be read twice. Raises `Fail`."""
    try:
        if str(file) == "-":
            with tempfile.TemporaryFile() as spool:
                shutil.copyfileobj(sys.stdin.buffer, spool)
                yield spool
            return
        with file.open("rb") as source:
            if source.seekable():
                yield source
                return
            with tempfile.TemporaryFile() as spool:
                shutil.copyfileobj(source, spool)
                yield spool
    except OSError as error:
        raise Fail(f"{file}: cannot be read: {error.strerror or error}") from error


def look_through(source: BinaryIO, server: Server, room: str | None, *, skip_bad: bool) -> Plan:
    """Check every line. Raises `Fail` at the first bad one, unless they are to be skipped."""
    (limits,) = server.ask(AskRules())
    plan = Plan(source, msgspec.convert(limits, Rules), room)
    for number, found in _lines(plan):
        if not isinstance(found, BadRecordError):
            plan.entries += 1
            continue
        if not skip_bad:
            raise Fail(
                f"line {number} cannot be taken, so nothing was: {found}"
                " (--skip-bad leaves such lines out)"
            )
        plan.bad.add(number)
        if plan.bad.count <= NAMED:
            click.echo(f"line {number} is skipped: {found}", err=True)
    return plan


def take(plan: Plan, server: Server, progress: Progress) -> str:
    """Hand everything over; say in a line what became of it. Raises `Unfinished`."""
    new = known = 0
    try:
        for chunk in _chunks(plan):
            (result,) = server.ask(Import(records=chunk))
            new += result["new"]
            known += result["known"]
            progress.show(new + known, plan.entries)
    except Fail as error:
        raise Unfinished(
            f"broke off after {new + known} of {plan.entries} entries: {error.message};"
            " run it again, what was taken is not taken twice"
        ) from error
    progress.show(new + known, plan.entries, final=True)
    skipped = (
        f"; skipped {plan.bad.count}: {'line' if plan.bad.count == 1 else 'lines'} {plan.bad}"
        if plan.bad.count
        else ""
    )
    return f"imported {new} new, {known} known already{skipped}"


def _chunks(plan: Plan) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    size = 0
    bad = 0
    for _, found in _lines(plan):
        if isinstance(found, BadRecordError):
            bad += 1
            if bad > plan.bad.count:
                raise Unfinished("the file changed while it was read")
            continue
        record = record_of(found)
        weight = len(msgspec.json.encode(record))
        if chunk and (len(chunk) == CHUNK or size + weight > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(record)
        size += weight
    if chunk:
        yield chunk


def _lines(plan: Plan) -> Iterator[tuple[int, Found | BadRecordError]]:
    """The lines with their numbers, from the first on; empty ones are left out."""
    plan.source.seek(0)
    lines = Lines(plan.rules, plan.room)
    number = 0
    while line := plan.source.readline(LINE):
        number += 1
        if not line.endswith(b"\n") and len(line) == LINE:
            _skip_to_end(plan.source)
            yield number, BadRecordError(f"it is longer than {LINE} bytes")
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            yield number, lines.read(line)
        except BadRecordError as error:
            yield number, error


def _skip_to_end(source: BinaryIO) -> None:
    while (rest := source.readline(LINE)) and not rest.endswith(b"\n"):
        pass
