"""A record of a year: many messages in many rooms, imported into an empty folder and indexed.

The store is driven from inside, as `hubbub history import` has it: in transactions of 500, each
message looked up by its msgid before it is written. Then the search index is made anew, by the
server's own indexer without its rests. Run as a program it prints one line of JSON with what both
took; `subjects.py` starts servers on copies of what it leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.words import Talk
from hubbub.core.events import Entry, EntryKind
from hubbub.core.people import Person, PersonKind
from hubbub.core.rooms import Room
from hubbub.hub.history import CHUNK
from hubbub.server.ids import RandomIds, SystemClock
from hubbub.store import DATABASE
from hubbub.store.files import INDEX
from hubbub.store.index import delete
from hubbub.store.indexer import Indexer
from hubbub.store.opening import open_store
from hubbub.store.space import Reserve

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 1
PEOPLE: Final = 200
YEAR: Final = 365 * 24 * 3600 * 1000
PATIENCE: Final = 1200.0
"""Seconds that indexing may take."""


def messages(count: int, rooms: list[Room], people: list[Person], now: int) -> Iterator[Entry]:
    """What was said in the last year, in the order of time."""
    ids = RandomIds()
    talk = Talk(len(rooms), random.Random(SEED))
    for number in range(count):
        place = talk.some_room()
        # Whoever talks in a room is one of some twenty.
        speaker = people[(place * 4 + talk.chance.randrange(20)) % len(people)]
        said = now - YEAR + YEAR * number // count
        yield Entry(
            room_id=rooms[place].id,
            kind=EntryKind.MESSAGE,
            msgid=ids.msgid(said),
            person_id=speaker.id,
            nick=speaker.nick,
            text=talk.text(place),
            time=said,
        )


async def fill(folder: Path, count: int, room_count: int) -> dict[str, float]:
    """Import them; what it took, and took of the disk."""
    now, ids = SystemClock().now(), RandomIds()
    rooms = [Room(ids.number(), f"#b{n}", f"#b{n}", created=now) for n in range(room_count)]
    people = [Person(ids.number(), f"p{n}", PersonKind.IMPORTED) for n in range(PEOPLE)]
    store = open_store(
        folder, durability="os", post=asyncio.get_running_loop().call_soon_threadsafe
    )
    begin, cpu = time.perf_counter(), time.process_time()
    chunk: list[Entry] = []
    for entry in messages(count, rooms, people, now):
        chunk.append(entry)
        if len(chunk) == CHUNK:
            await store.import_chunk(chunk, people, rooms)
            chunk = []
    if chunk:
        await store.import_chunk(chunk, people, rooms)
    figures = {
        "import_s": round(time.perf_counter() - begin, 1),
        "import_cpu_us_per_message": round((time.process_time() - cpu) / count * 1e6, 1),
    }
    await asyncio.to_thread(store.close)
    return figures


def index_anew(folder: Path, count: int) -> dict[str, float]:
    """Make the search index from nothing; what it took, and took of the disk."""
    delete(folder / INDEX)
    indexer = Indexer(folder / DATABASE, folder / INDEX, Reserve(folder, 0), rest=0)
    begin, cpu = time.perf_counter(), time.process_time()
    indexer.start()
    if not indexer.wait(PATIENCE):
        raise TimeoutError(f"indexing took more than {PATIENCE:.0f} s")
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    indexer.close()
    return {
        "index_s": round(seconds, 1),
        "index_cpu_us_per_message": round(cpu / count * 1e6, 1),
        "database_bytes_per_message": round((folder / DATABASE).stat().st_size / count, 1),
        "index_bytes_per_message": round((folder / INDEX).stat().st_size / count, 1),
    }


def main() -> None:
    """Fill one empty folder."""
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rooms", type=int, default=50)
    given = parser.parse_args()
    figures = asyncio.run(fill(given.folder, given.messages, given.rooms))
    figures |= index_anew(given.folder, given.messages)
    print(json.dumps({"ok": True, "messages": given.messages, "rooms": given.rooms} | figures))


if __name__ == "__main__":
    main()
