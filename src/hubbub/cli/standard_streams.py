"""Standard input and output for verbs that also listen to a server.

Reading and writing here never stop the event loop: a reader who pauses our output (`less`) must
not make us deaf, because a select() server would then wait for us, and its room with it.
"""

from __future__ import annotations

import asyncio
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

STDIN, STDOUT = 0, 1
READ_SIZE = 1 << 16
PIPE_SIZE = 4096  # what a pipe that is writable takes without waiting (PIPE_BUF)
LINE_LIMIT = 1 << 20  # bytes after which a line without an end is taken as one


async def read_lines(descriptor: int = STDIN) -> AsyncIterator[str]:
    """The lines of a pipe, a terminal or a file, without their ends; bad UTF-8 is replaced."""
    begun = b""
    while data := await _read(descriptor):
        *whole, begun = (begun + data).split(b"\n")
        if len(begun) > LINE_LIMIT:
            whole, begun = [*whole, begun], b""
        for line in whole:
            yield line.decode("utf-8", "replace").removesuffix("\r")
    if begun:
        yield begun.decode("utf-8", "replace")


async def write_line(line: str, descriptor: int = STDOUT) -> None:
    """Write a line and its end, at once. Raises BrokenPipeError when nobody reads any more."""
    data = f"{line}\n".encode("utf-8", "replace")
    while data:
        await _ready(asyncio.get_running_loop().add_writer, descriptor)
        data = data[os.write(descriptor, data[:PIPE_SIZE]) :]


@contextmanager
def calling_when_unread(closed: Callable[[], object], descriptor: int = STDOUT) -> Iterator[None]:
    """Call `closed` as soon as the reader of our output is gone, if that is a pipe."""
    loop = asyncio.get_running_loop()
    is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)

    def gone() -> None:
        loop.remove_reader(descriptor)
        closed()

    if is_pipe:
        loop.add_reader(descriptor, gone)  # the writing end is never readable, but it can fail
    try:
        yield
    finally:
        if is_pipe:
            loop.remove_reader(descriptor)


async def _read(descriptor: int) -> bytes:
    await _ready(asyncio.get_running_loop().add_reader, descriptor)
    return os.read(descriptor, READ_SIZE)


async def _ready(watch: Callable[..., object], descriptor: int) -> None:
    """Wait until the descriptor is readable or writable; files always are."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    forget = loop.remove_reader if watch == loop.add_reader else loop.remove_writer

    def wake() -> None:
        forget(descriptor)
        if not ready.done():
            ready.set_result(None)

    try:
        watch(descriptor, wake)
    except PermissionError:  # a file or /dev/null, which the system does not watch
        return
    try:
        await ready
    finally:
        forget(descriptor)
