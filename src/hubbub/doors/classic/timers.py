"""Timers of one connection: each by its name, set anew instead of twice, all ended at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Timers:
    """What is to happen later on a connection, unless it ends before."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def set(self, name: str, delay: float, callback: Callable[[], object]) -> None:
        """Call back after `delay` seconds, instead of what was set under that name."""
        old = self._handles.pop(name, None)
        if old is not None:
            old.cancel()
        self._handles[name] = self._loop.call_later(delay, callback)

    def cancel(self) -> None:
        """Let nothing of it happen."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()
