"""How `hubbub chat` leaves when the server may not have read everything yet.

Owns the waiting: say that this was all, and hear the server out until it closes, which with ours
means saved. Closing with unread data in the socket would be a reset, and what the server has not
read would be gone. Leaving when nothing is outstanding is `Reconnecting.close` (classic.md §4.8).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.cli.errors import Unfinished
from hubbub.client.backlog import patience
from hubbub.client.connection import LEAVE_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client import Reconnecting


async def hear_out(
    link: Reconnecting,
    hearing: asyncio.Task[str],
    answered: asyncio.Event,
    *,
    lines: int,
    waits: Callable[[int], None] | None = None,
) -> None:
    """Say that this was all, and wait until `hearing` has heard the server's end.

    The server may still have `lines` to read; `waits` is told so if it does not close within a
    moment. The clock starts anew whenever the house has `answered` us. Raises Unfinished when the
    server did not close, or when the person did not want to wait.
    """
    await link.half_close()
    if not lines or await _heard(hearing, LEAVE_TIMEOUT):
        return
    if waits is not None:
        waits(lines)
    seconds = patience(lines)
    try:
        while not await _heard(hearing, seconds, answered):
            if not answered.is_set():
                raise Unfinished(
                    f"the server did not close within {seconds:g} s: it may not have taken "
                    "everything"
                )
            answered.clear()
    except asyncio.CancelledError:
        raise Unfinished("left at once: what was said last may not have arrived") from None


async def _heard(
    hearing: asyncio.Task[str], seconds: float, answered: asyncio.Event | None = None
) -> bool:
    """Whether the server closed before the time was up, or before it answered something."""
    answer = asyncio.ensure_future((answered or asyncio.Event()).wait())
    try:
        await asyncio.wait({hearing, answer}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        answer.cancel()
    return hearing.done()
