"""An actor who speaks the classic protocol, with headers of any width."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from conversations.actor import Heard, What
from doors.peer import PATIENCE, Peer

HOUSE = "server"
IS_HERE = re.compile(r"\d+ here: ")
FROM_THE_HOUSE = (
    (What.ARRIVES, re.compile(r"(?P<who>\S+) joined")),
    (What.LEAVES, re.compile(r"(?P<who>\S+) left")),
    (What.NAMED, re.compile(r"you are called (?P<who>\S+) here")),
    (What.REACHES, re.compile(r"told (?P<who>\S+)")),
    (What.REFUSED, re.compile(r"error: (?P<text>.*)")),
    (What.TOLD, re.compile(r"(?P<text>.*)")),
)
FROM_PEOPLE = (
    (What.WHISPERS, re.compile(r"\(private\) (?P<text>.*)")),
    (What.SAID, re.compile(r"\[\d\d:\d\d\] (?P<text>.*)")),
    (What.SAYS, re.compile(r"(?P<text>.*)")),
)


class ClassicActor:
    """See `Actor`."""

    def __init__(self, width: int = 10) -> None:
        self.width = width
        self._inbox: asyncio.Queue[Heard | Exception] = asyncio.Queue()
        self._name: str | None = None  # the first half of a pair

    async def arrive(self, port: int, name: str) -> None:
        # A small receive buffer, so that who does not read is noticed soon.
        self._peer = await Peer(port, width=self.width, receive_buffer=4096).__aenter__()
        self._peer.patience = None  # `hear` has it
        await self._peer.arrive(name)
        self.read_again()

    async def say(self, text: str) -> None:
        await self._peer.say(f"/{text}" if text.startswith("/") else text)

    async def whisper(self, nick: str, text: str) -> None:
        await self._peer.say(f"/msg {nick} {text}")

    async def type(self, line: str) -> None:
        await self._peer.say(line)

    async def hear(self) -> Heard:
        async with asyncio.timeout(PATIENCE):
            one = await self._inbox.get()
        if isinstance(one, Exception):
            raise one
        return one

    async def hear_all(self) -> list[Heard]:
        await self._peer.say("/who")
        heard = []
        while not IS_HERE.match((one := await self.hear()).text):
            heard.append(one)
            assert one.what is not What.GONE, f"shut out after {heard}"
        return heard

    async def leave(self) -> None:
        await self._peer.say("/quit")

    async def hang_up(self) -> None:
        self._peer.half_close()

    def vanish(self) -> None:
        self.stop_reading()
        self._peer.reset()

    def stop_reading(self) -> None:
        self._reading.cancel()

    def read_again(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self._peer.close()

    async def _read(self) -> None:
        try:
            while not await self._read_frame():
                pass
        except (AssertionError, OSError) as error:
            self._inbox.put_nowait(error)

    async def _read_frame(self) -> bool:
        """Take half a pair; True at the end. Whoever stops reading between two halves has both."""
        frame = await self._peer.frame()
        if self._name is None:
            self._name = frame
            if frame is None:
                self._inbox.put_nowait(Heard(What.GONE))
                self._peer.close()
                return True
        else:
            assert frame is not None, f"a lone frame: {self._name}"
            self._inbox.put_nowait(meaning(self._name, frame))
            self._name = None
        return False


def meaning(name: str, text: str) -> Heard:
    """What a pair says."""
    for what, pattern in FROM_THE_HOUSE if name == HOUSE else FROM_PEOPLE:
        if found := pattern.fullmatch(text):
            return Heard(what, **({"who": "" if name == HOUSE else name} | found.groupdict()))
    raise AssertionError(f"an unprintable pair: {name!r} {text!r}")
