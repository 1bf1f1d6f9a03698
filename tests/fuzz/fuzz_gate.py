"""Fuzz the gate of the IRC door: strangers send anything, and two innocents go on talking.

A whole hub and real doors are in this process, on pipes (`pipe`). Whatever the strangers send,
no exception reaches the log, the memory stays as it is, and what one innocent says is heard by
the other, who reads only lines that are well formed.

`python -m fuzz gate` runs it for long; `tests/doors/irc/test_gate.py` briefly with every test run.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Self

from fuzz.pipe import Pipe
from fuzz.strangers import STRANGERS, mutated
from hubbub.core.sessions import Operator, Privilege
from hubbub.doors.irc.capabilities import TABLE
from hubbub.doors.irc.factory import IrcDoors
from hubbub.doors.irc.settings import IrcSettings
from hubbub.doors.link import Link
from hubbub.doors.networks import Networks
from hubbub.hub import rooms
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.server.ids import RandomIds, SystemClock
from hubbub.store.memory import MemoryStore
from hubbub.wire.irc.buffer import TOO_LONG, LineBuffer
from hubbub.wire.irc.line import MAX_LINE, parse
from hubbub.wire.irc.tags import MAX_TAGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from fuzz.driver import Length

ROUND = 1000
"""Lines after which the innocents talk."""
SAMPLE = 50_000
"""Lines after which the memory is measured."""
WARM_UP = 1_000_000
"""Lines after which everything is full that may fill up: caches, and what is kept for 30 days."""
SENDQ = 64 * 1024
ASKS_MUCH = b"HELP\r\n" * 4
"""What somebody sends who does not read the answers."""
KEEP, KEPT_ROOMS = 50, 100
"""Entries of a room, and rooms, that the store keeps: its memory is no leak, and is soon full."""
HOST = "192.0.2.7"


class Clock:
    """Goes on by a minute with every turn, so that bans end and rooms lose their operators."""

    def __init__(self) -> None:
        self.time = SystemClock().now()

    def now(self) -> int:
        return self.time


class Troubles(logging.Handler):
    """What must not be there: anything in the log, or that the loop has to tell."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))

    def hear(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """Take what the loop has to tell."""
        self.found.append(f"{context.get('message')}: {context.get('exception')!r}")


class Innocent:
    """Somebody who talks in the lobby and reads what comes: each line has to be a line."""

    def __init__(self, name: str, *capabilities: str) -> None:
        self.name = name
        self._capabilities = " ".join(capabilities)
        self.lines = 0
        self.farewell = ""

    def arrive(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self._buffer = LineBuffer(max_tags=MAX_TAGS)
        pipe.send(
            f"CAP REQ :{self._capabilities}\r\nNICK {self.name}\r\n"
            f"USER {self.name} 0 * :{self.name}\r\nCAP END\r\nJOIN #lobby\r\n".encode()
        )

    def hears(self, wanted: str) -> bool:
        """Read all that came; whether it was among it."""
        self._buffer.feed(self.pipe.heard())
        found = False
        while (raw := self._buffer.next_line()) is not None:
            assert raw is not TOO_LONG, "a line was sent that is longer than any may be"
            assert isinstance(raw, bytes)
            body = raw.partition(b" ")[2] if raw.startswith(b"@") else raw
            assert len(body) + 2 <= MAX_LINE
            line = parse(raw)
            assert line.command.isalnum(), f"no command: {raw!r}"
            assert line.source or line.command in {"PING", "ERROR"}, f"from nobody: {raw!r}"
            self.lines += 1
            if line.command == "ERROR":
                self.farewell = line.params[-1]
            elif line.command == "PING":
                self.pipe.send(b"PONG x\r\n")
            found = found or line.params[-1:] == [wanted]
        assert not self._buffer.pending, "half a line"
        return found


class Gate:
    """`async with Gate(seed) as gate:`, a hub with a door, innocents in its lobby and strangers.

    Fails in the end, too, if anything was logged, and shows what the strangers sent last.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = random.Random(seed)
        self._recently: deque[tuple[int, bytes]] = deque(maxlen=60)
        self._clock = Clock()
        self._troubles = Troubles()
        self._said = 0
        self.lines = 0
        self.pardons = 0

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().set_exception_handler(self._troubles.hear)
        logging.getLogger().addHandler(self._troubles)
        store = MemoryStore(KEEP, rooms=KEPT_ROOMS)
        self.hub = Hub(Timeline(store, self._clock), store, self._clock, RandomIds())
        self.hub.lobby = await rooms.open_room(self.hub, "#lobby")
        settings = IrcSettings(
            gateways=Networks([HOST]), webirc_password="hunter2", sendq=SENDQ, rate=0
        )
        self._doors = IrcDoors(self.hub, settings, _verify)
        self.innocents = [
            Innocent("innocent", "echo-message"),
            Innocent("friend", *(name for name in TABLE if name != "no-implicit-names")),
        ]
        for innocent in self.innocents:
            innocent.arrive(self._connect())
        self.strangers = [self._connect() for _ in range(STRANGERS)]
        await self.talk()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self._close()
        finally:
            logging.getLogger().removeHandler(self._troubles)
            if error is not None:
                print(f"seed {self._seed}, after {self.lines} lines; lately:")
                print("\n".join(f"  {number}: {data!r}" for number, data in self._recently))

    async def turn(self) -> None:
        """Every stranger does something; the others read."""
        self._clock.time += 60_000
        for number in range(STRANGERS):
            self._act(number)
        await self.settle()

    async def settle(self) -> None:
        """Let the loop go round, and everybody read who does."""
        await asyncio.sleep(0)
        for pipe in self.strangers:
            if not pipe.is_deaf:
                pipe.heard()
        for innocent in self.innocents:
            innocent.hears("")
        self.require_no_trouble()

    async def talk(self) -> None:
        """The innocents talk. Whom an operator has banned, by a mask such as `*e*`, comes again."""
        self._pardon()
        self._said += 1
        speaker, listener = self.innocents
        text = f"still here, for the {self._said}th time"
        speaker.pipe.send(f"PRIVMSG #lobby :{text}\r\n".encode())
        for _ in range(1000):
            await asyncio.sleep(0)
            if listener.hears(text):
                return
        raise AssertionError(f"{listener.name} does not hear what {speaker.name} said")

    def send(self, number: int, data: bytes) -> None:
        """Let a stranger send something, who comes again when they are gone."""
        if self.strangers[number].gone:
            self.strangers[number] = self._connect()
        self._recently.append((number, data))
        self.lines += data.count(b"\n")
        self.strangers[number].send(data)

    def hello(self, number: int) -> bytes:
        """What a stranger begins with, to be somebody."""
        caps = " ".join(self._rng.sample(sorted(TABLE), self._rng.randrange(len(TABLE))))
        return (
            f"CAP LS 302\r\nCAP REQ :{caps}\r\nNICK s{number}\r\nUSER s{number} 0 * :S\r\n"
            f"CAP END\r\nJOIN #lobby,#play,#own\r\n"
        ).encode()

    def require_no_trouble(self) -> None:
        """Fail when anything was logged."""
        assert not self._troubles.found, "\n".join(self._troubles.found)

    def _act(self, number: int) -> None:
        rng, pipe = self._rng, self.strangers[number]
        whim = rng.random()
        if pipe.gone:
            self.send(number, self.hello(number) if whim < 0.9 else mutated(rng))
        elif whim < 0.001:
            pipe.hang_up()
        elif whim < 0.003:
            pipe.reset()
        else:
            pipe.is_deaf = whim < 0.97 if pipe.is_deaf else whim < 0.006
            data = ASKS_MUCH if pipe.is_deaf else mutated(rng)
            at = rng.randrange(len(data)) if data and whim > 0.9 else 0
            if pipe.takes_more:
                self.send(number, data[:at])
                self.send(number, data[at:])

    def _pardon(self) -> None:
        for innocent in self.innocents:
            if innocent.pipe.gone:
                innocent.hears("")
                why = innocent.farewell
                assert why.startswith("banned"), f"{innocent.name} is gone: {why}"
                self.pardons += 1
        for ban in list(self.hub.bans):
            self.hub.bans.take(ban.target)
        for innocent in self.innocents:
            if innocent.pipe.gone:
                innocent.arrive(self._connect())

    def _connect(self) -> Pipe:
        pipe = Pipe(HOST)
        pipe.open(self._doors, Link(pipe))
        return pipe

    async def _close(self) -> None:
        """Everybody goes, and then nobody is here."""
        for pipe in (*self.strangers, *(one.pipe for one in self.innocents)):
            pipe.reset()
        for _ in range(10):
            await asyncio.sleep(0)
        await self.hub.timeline.settled()
        assert not len(self.hub.world), "somebody is still here"
        rooms_left = [room.name for room in self.hub.world.rooms]
        assert rooms_left == ["#lobby"], f"nobody is in {rooms_left}"
        await self._doors.stop(patience=0)
        self.hub.timeline.close()
        self.require_no_trouble()


async def _verify(name: str, password: str) -> Operator | None:
    if (name, password) != ("root", "secret"):
        return None
    # Without ROOMS, or the innocents were sent out of the lobby by right.
    return Operator(name, frozenset(Privilege) - {Privilege.ROOMS})


async def fuzz(length: Length, seed: int) -> None:
    """Let strangers at the gate; fails when something does not hold."""
    goes_on = length.counter()
    resident: list[int] = []
    begun = time.monotonic()
    async with Gate(seed) as gate:
        while goes_on(gate.lines):
            talked = gate.lines // ROUND
            await gate.turn()
            if gate.lines // ROUND > talked:
                await gate.talk()
            if gate.lines // SAMPLE > len(resident):
                resident.append(memory())
                rate = gate.lines / (time.monotonic() - begun)
                print(f"{gate.lines:>12,} lines, {rate:>7,.0f}/s, {resident[-1]:,} KiB", flush=True)
    require_flat(resident)
    heard = sum(one.lines for one in gate.innocents)
    print(f"{gate.lines:,} lines, {heard:,} heard by the innocents ({gate.pardons} pardons)")


def memory() -> int:
    """KiB that this process has in memory; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * 4


def require_flat(resident: Sequence[int]) -> None:
    """Fail when the memory goes on growing when everything is full that may fill up."""
    measured = resident[WARM_UP // SAMPLE :]
    part = len(measured) // 4
    if part >= 3:
        before, after = median(measured[:part]), median(measured[-part:])
        assert after < before * 1.05, f"from {before:,} KiB to {after:,} KiB"


def run(length: Length, seed: int) -> None:
    """Fuzz, on an event loop of its own."""
    asyncio.run(fuzz(length, seed))
