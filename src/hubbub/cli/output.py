"""Output: where a verb writes what it was asked for: standard output, or a file that is whole.

A file appears under its name when everything is in it. Whoever reads a pipe may stop (`| head`):
then the verb ends as others do, without a word.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from hubbub.cli.errors import Fail, Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNREAD: Final = 141
"""Exit status when nobody reads the output any more: 128 + SIGPIPE, as shells have it."""


@contextmanager
def output_to(file: Path | None) -> Iterator[BinaryIO]:
    """Where to write bytes: the file, or standard output (None, or `-`). Raises `Fail`."""
    if file is None or str(file) == "-":
        with _standard_output() as stream:
            yield stream
    elif file.exists() and not file.is_file():  # a device or a named pipe
        with _failing(file), file.open("wb") as stream:
            yield stream
    else:
        with _whole(file) as stream:
            yield stream


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _forget_standard_output()
        sys.exit(UNREAD)
    except OSError as error:
        _forget_standard_output()
        raise Unfinished(f"standard output: {error.strerror or error}") from error


def _forget_standard_output() -> None:
    """What is still in the buffer must not fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    part = file.with_name(f".{file.name}.part")
    try:
        with _failing(file):
            with part.open("wb") as stream:
                yield stream
            part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _failing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Fail(f"{file}: cannot be written: {error.strerror or error}") from error
