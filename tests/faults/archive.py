"""What the folder of a stopped server holds, and whether that is sound."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC
from typing import TYPE_CHECKING

from faults.crowd import TOKEN
from hubbub.core.events import TALK, Entry
from hubbub.store import DATABASE, open_store
from hubbub.store.upkeep import check
from hubbub.text.query import parse_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from hubbub.store import SqliteStore


def entries_of(folder: Path, *, searching: bool = False) -> list[Entry]:
    """Every entry of the lobby in the order of the room, read with our own store.

    With `searching`, the crowd's last message must also be found by the words of its token.
    """
    return asyncio.run(_entries_of(folder, searching))


async def _entries_of(folder: Path, searching: bool) -> list[Entry]:
    async with _opened(folder) as store:
        pages = store.pages(room="#lobby")
        entries = [found.entry async for page in pages for found in page]
        for token in tokens_of(entries)[-1:] if searching else []:
            found = await store.search(parse_query(f'"{token}"', now=0, zone=UTC), 10)
            assert tokens_of(one.entry for one in found) == [token], "not found by search"
        return entries


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[SqliteStore]:
    """Our own store on a folder, as a server would open it."""
    post = asyncio.get_running_loop().call_soon_threadsafe
    store = open_store(folder, durability="full", post=post)
    try:
        yield store
    finally:
        await asyncio.to_thread(store.close)


def tokens_of(entries: Iterable[Entry]) -> list[str]:
    """The tokens of what the crowd said, in order."""
    talk = (entry.text for entry in entries if entry.kind in TALK)
    return [found[0] for text in talk if (found := TOKEN.match(text))]


def complaints(folder: Path) -> list[str]:
    """What is wrong with the database, as `hubbub db check` sees it, and with the lobby's order."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        holes = connection.execute(
            "SELECT room_id, count(*), max(seq) FROM entries WHERE seq > 0"
            " GROUP BY room_id HAVING count(*) <> max(seq)"
        ).fetchall()
    return check(folder / DATABASE).findings + [f"a hole in a room: {hole}" for hole in holes]
