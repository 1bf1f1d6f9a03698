"""How many messages a second the hub and the store commit, without any socket.

Callers in one process talk in a room that nobody listens in; each says its next message when
the timeline tells it that the last one is committed. So what is measured is deciding, sealing,
committing and settling. At the end the database is asked whether it holds every message. This is
the one module that drives hubbub from inside; run as a program it prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from hubbub.core.sessions import Address
from hubbub.hub.arrival import Newcomer, arrive
from hubbub.hub.rooms import open_room
from hubbub.hub.talk import say
from hubbub.server.assemble import hub_on
from hubbub.server.config import Config
from hubbub.store import DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Event, RoomRenamed
    from hubbub.core.ports import Kind, Payload, Piece
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.hub.timeline import Timeline

TEXT = "x" * 100
MOST_MESSAGES = 2_000_000
HERE = Address("127.0.0.1", 0)


class Deaf:
    """A reader and its kind in one: no caller is in the room, and its echo shows nothing."""

    @property
    def kind(self) -> Kind:
        """Renders for itself."""
        return self

    def render(self, event: Event) -> Piece:
        """Never called."""
        raise AssertionError(f"a caller was to hear something: {event!r}")

    def render_own(self, _event: Event) -> Piece:
        """Nothing."""
        return None

    def join(self, _pieces: Sequence[Piece]) -> Payload:
        """Never called: there are no pieces."""
        raise AssertionError

    def send(self, _payload: Payload) -> None:
        """Never called."""
        raise AssertionError

    def moved(self, _event: RoomRenamed) -> None:
        """Never called."""
        raise AssertionError

    def end(self, _reason: str) -> None:
        """Never called."""
        raise AssertionError


@dataclass(slots=True)
class Talk:
    """What all callers share: the room, and how many messages were said in it."""

    hub: Hub
    room: Room
    said: int = 0
    stopped: bool = False

    def go_on(self, caller: Session) -> None:
        """Say one message, and the next one when it is committed."""
        if self.stopped or self.said >= MOST_MESSAGES:
            return
        self.said += 1
        say(self.hub, caller, self.room, TEXT)
        self.hub.timeline.then(lambda: self.go_on(caller))


async def measure(
    config: Config, folder: Path, callers: int, warmup: float, duration: float
) -> dict[str, object]:
    """Talk for `warmup` and then `duration` seconds; messages per second of the latter."""
    async with hub_on(config, folder) as hub:
        talk = Talk(hub, await open_room(hub, "#bench"))
        talk.room.settings.flags.clear()  # who is not in it may talk
        for number in range(callers):
            name = f"b{number}"
            talk.go_on(arrive(hub, Newcomer("bench", HERE, Deaf(), name), name))
        await asyncio.sleep(warmup)
        saved, batches, cpu, begin = _clocks(hub.timeline)
        await asyncio.sleep(duration)
        saved_then, batches_then, cpu_then, end = _clocks(hub.timeline)
        talk.stopped = True
        await hub.timeline.settled()
        settled = hub.timeline.saved
    messages, seconds, cpu = saved_then - saved, end - begin, cpu_then - cpu
    stored = settled if config.durability == "none" else _stored(folder)
    return {
        "callers": callers,
        "durability": config.durability,
        "messages": messages,
        "messages_per_second": round(messages / seconds),
        "messages_per_commit": round(messages / max(1, batches_then - batches), 1),
        "cpu_us_per_message": round(cpu / max(1, messages) * 1e6, 2),
        "busy": round(cpu / seconds, 3),
        "lost": talk.said - stored,
        "ok": talk.said == stored,
    }


def _clocks(timeline: Timeline) -> tuple[int, int, float, float]:
    return timeline.saved, timeline.batches, time.process_time(), time.perf_counter()


def _stored(folder: Path) -> int:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM entries").fetchone()
        return int(count)


def main() -> None:
    """Measure in one empty folder."""
    parser = argparse.ArgumentParser(prog="python -m bench.timeline", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--durability", choices=["full", "os", "none"], default="full")
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--warmup", type=float, default=0.3)
    parser.add_argument("--duration", type=float, default=2.0)
    given = parser.parse_args()
    config = Config(durability=given.durability)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        work = measure(config, given.folder, given.callers, given.warmup, given.duration)
        print(json.dumps(runner.run(work)))


if __name__ == "__main__":
    main()
