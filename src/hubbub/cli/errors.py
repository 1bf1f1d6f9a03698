"""How every verb fails: one clear line on standard error and an exit status.

A verb raises `Fail` with what happened, why and what to do; errors of the layers below become one
with `failing`. Nothing else prints errors. A traceback on a terminal is therefore always a bug.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE = 2
"""Exit status of bad usage, a bad configuration, a folder or a port that cannot be had."""

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 + SIGINT, as shells have it."""


class Fail(click.ClickException):
    """The verb cannot be carried out as asked: usage, configuration, folder, port."""

    exit_code = USAGE


class Unfinished(Fail):
    """The verb was begun and not all of it was done."""

    exit_code = 1


@contextmanager
def failing(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these kinds, whose texts are written for people, into `Fail`."""
    try:
        yield
    except kinds as error:
        raise Fail(str(error)) from error


@contextmanager
def end_in_one_line() -> Iterator[None]:
    """Around a whole command line: print a failure as one line and exit with its status."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()  # not a mistake: somebody wants to know what there is
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"hubbub: {one_line(_with_help(error))}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        sys.exit(INTERRUPTED)


def one_line(text: str) -> str:
    """The text with control characters (a strange file name may hold some) made visible."""
    folded = " ".join(line.strip() for line in text.splitlines() if line.strip())
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in folded)


def _with_help(error: click.ClickException) -> str:
    text = error.format_message()
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return text
    stop = "" if text.endswith((".", "?", "!")) else "."
    return f"{text}{stop} See `{error.ctx.command_path} --help`."
