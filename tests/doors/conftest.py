"""Everything here is true under both event loops, on a server that keeps things in memory."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from conversations.stage import Stage
from loops import pytest_asyncio_loop_factories

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

__all__ = ["pytest_asyncio_loop_factories"]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    """`await opened({"history.replay": 0})` is a server; it ends with the test."""
    async with AsyncExitStack() as stack:

        async def open_stage(
            settings: dict[str, Any] | None = None, *, send_buffer: int | None = None
        ) -> Stage:
            stage = Stage(
                tmp_path, {"durability": "none"} | (settings or {}), send_buffer=send_buffer
            )
            return await stack.enter_async_context(stage)

        yield open_stage


@pytest.fixture
async def stage(opened: Callable[..., Awaitable[Stage]]) -> Stage:
    """A server with the configuration that it has when nothing is configured."""
    return await opened()
