"""What the operators' verbs share: their options, their configuration, where they say how far
they are. `reach` is how a verb begins.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from hubbub.cli.access import access
from hubbub.cli.errors import failing
from hubbub.cli.options import config_option, data_option
from hubbub.server.config import ConfigError, data_folder, load_config
from hubbub.server.folder import DataFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from hubbub.cli.access import Server
    from hubbub.server.config import Config
    from hubbub.server.requests import Row

Command = TypeVar("Command", bound="Callable[..., Any]")

EVERY: Final = 0.2
"""Seconds between two reports of progress."""


def folder_options(command: Command) -> Command:
    """Add `--data DIR` and `--config FILE`, as `serve` has them."""
    return data_option(config_option(command))


def settings(config: Path | None, data: Path | None) -> tuple[Config, DataFolder]:
    """The configuration and the folder that the options mean. Raises `Fail`."""
    with failing(ConfigError):
        return load_config(config, os.environ, {}), DataFolder(data_folder(data, os.environ))


@contextmanager
def reach(config: Path | None, data: Path | None) -> Iterator[Server]:
    """Reach the server that the options mean, or be it. Raises `Fail`."""
    with access(*settings(config, data)) as server:
        yield server


class Progress:
    """Says how many are done, on standard error, to a person or when asked to."""

    def __init__(self, what: str, *, always: bool) -> None:
        self._what = what
        self._rewrites = sys.stderr.isatty()
        self._shown = self._rewrites or always
        self._next = time.monotonic() + EVERY
        self._last = ""

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted as they pass."""
        count = 0
        for count, row in enumerate(rows, 1):
            yield row
            self.show(count)
        self.show(count, final=True)

    def show(self, count: int, total: int | None = None, *, final: bool = False) -> None:
        """`12,000 of 50,000 entries`, at most a few times a second."""
        if not self._shown or (not final and time.monotonic() < self._next):
            return
        self._next = time.monotonic() + EVERY
        words = f"{count:,}{'' if total is None else f' of {total:,}'} {self._what}"
        if self._rewrites:
            click.echo(f"\r\x1b[K{words}", nl=final, err=True)
        elif words != self._last:
            click.echo(words, err=True)
        self._last = words
