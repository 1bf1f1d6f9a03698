"""Stores of every kind, under both event loops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from hubbub.store import MemoryStore, open_store
from store.scene import Scene, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from hubbub.store import SqliteStore

LOOPS: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.SelectorEventLoop,
    "uvloop": uvloop.new_event_loop,
}


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each asynchronous test once for each loop."""
    return LOOPS


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture(params=["full", "os", "none"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every store there is."""
    durability: Any = request.param
    if durability == "none":
        yield MemoryStore()
        return
    post = asyncio.get_running_loop().call_soon_threadsafe
    opened = open_store(tmp_path, durability=durability, post=post)
    yield opened
    await asyncio.to_thread(opened.close)


class Folder:
    """A data folder whose store is opened, closed and opened again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: list[SqliteStore] = []

    def open(self, **options: Any) -> SqliteStore:
        """Open the store for the running loop."""
        post = asyncio.get_running_loop().call_soon_threadsafe
        store = open_store(self.path, **{"post": post, **options})
        self._open.append(store)
        return store

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    opened = Folder(tmp_path / "data")
    yield opened
    opened.close()
