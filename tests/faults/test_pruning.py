"""The process is killed while what is due is being deleted: the store is sound, and it goes on.

What the index holds is looked at, too: of what has gone from the database nothing is left there.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core.retention import Bounds, Rule
from hubbub.store import DATABASE, open_store
from hubbub.store.files import INDEX
from hubbub.store.upkeep import check
from store.scene import DAY, NOON, Scene, everything, found_texts, saved

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.store import SqliteStore

OLD = 6000
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)

PRUNE = """
import asyncio, sys
from pathlib import Path
from hubbub.core.retention import Bounds, Rule
from hubbub.store import open_store

async def main():
    post = asyncio.get_running_loop().call_soon_threadsafe
    store = open_store(Path(sys.argv[1]), durability="os", post=post)
    await asyncio.to_thread(store.indexer.wait, 30)
    async for step in store.prune(Rule.AGE, Bounds(entries=int(sys.argv[2])), lambda: ()):
        print(step.count, flush=True)

asyncio.run(main())
"""


def opened(folder: Path) -> SqliteStore:
    post = asyncio.get_running_loop().call_soon_threadsafe
    return open_store(folder, durability="os", post=post)


async def indexed(store: SqliteStore) -> None:
    store.indexer.wake()
    assert await asyncio.to_thread(store.indexer.wait, 30)


async def fill(folder: Path) -> None:
    """Much that is old and a little that is not, all of it in the search index."""
    scene, store = Scene(), opened(folder)
    alice, rooms = scene.arrives("alice"), [scene.room("#lobby"), scene.room("#attic")]
    for start in range(0, OLD, 500):
        several = range(start, start + 500)
        await saved(store, *(scene.says(alice, rooms[n % 2], f"old {n}") for n in several))
    scene.now += DAY
    await saved(store, scene.says(alice, rooms[0], "new"))
    await indexed(store)
    await asyncio.to_thread(store.close)


def kill_after(folder: Path, steps: int) -> None:
    """Let another process delete, and kill it in the step after so many."""
    command = [sys.executable, "-c", PRUNE, str(folder), str(NOON + 1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(steps):
            assert process.stdout.readline()
        process.kill()


def strays(folder: Path) -> int:
    """Rows of the index about nothing."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("ATTACH ? AS found", (str(folder / INDEX),))
        wanted = "SELECT count(*) FROM found.words WHERE entry_id NOT IN (SELECT id FROM entries)"
        (count,) = connection.execute(wanted).fetchone()
    return int(count)


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_killed_between_steps_and_in_them(tmp_path: Path) -> None:
    print(f"CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    folder = tmp_path / "data"
    await fill(folder)
    left = OLD + 1
    for _ in range(3):
        await asyncio.to_thread(kill_after, folder, chance.randrange(1, 4))
        report = check(folder / DATABASE)
        assert report.findings == []
        assert report.entries < left
        left = report.entries
        assert strays(folder) == 0

    store = opened(folder)
    await indexed(store)
    bounds = Bounds(entries=NOON + 1)
    steps = [step async for step in store.prune(Rule.AGE, bounds, lambda: ())]
    assert sum(step.count for step in steps) == left - 1
    assert found_texts(await everything(store)) == ["new"]
    await asyncio.to_thread(store.close)
    assert strays(folder) == 0
