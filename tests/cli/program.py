"""The command `hubbub` as a process of its own, as people run it."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COMMAND = (sys.executable, "-W", "error", "-m", "hubbub")


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


def environment(**changed: str) -> dict[str, str]:
    """Ours without what would change the looks, in UTC."""
    kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "TERM", "FORCE_COLOR"}}
    return {**kept, "TZ": "UTC", "LANG": "C.UTF-8", **changed}


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command while it runs, its three streams being pipes."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def hubbub(*arguments: str, given: bytes = b"") -> Outcome:
    """Run the command to its end, with this on standard input."""
    async with running(*arguments) as process:
        out, err = await process.communicate(given)
        assert process.returncode is not None
        return Outcome(process.returncode, out.decode(), err.decode())
