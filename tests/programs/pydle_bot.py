"""The bot as its author would write it: `python pydle_bot.py PORT NICK [--tls]`.

It tells what it sees on its output, says in the room what it reads on its input, and knows the
commands that a person would type.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pydle  # type: ignore[import-untyped]

ROOM = "#lobby"


class Bot(pydle.Client):  # type: ignore[misc]
    """Joins when it is connected, and connects again when it was not it who left."""

    RECONNECT_DELAYS = (0.2,)

    async def connect(self, *where: Any, **how: Any) -> None:
        while True:
            try:
                return await super().connect(*where, **how)  # type: ignore[no-any-return]
            except OSError:
                await asyncio.sleep(self.RECONNECT_DELAYS[0])

    async def on_connect(self) -> None:
        await super().on_connect()
        await self.join(ROOM)

    async def on_disconnect(self, expected: bool) -> None:
        print("lost", flush=True)
        await super().on_disconnect(expected)

    # -- what it sees --------------------------------------------------------------------------

    async def on_message(self, target: str, by: str, text: str) -> None:
        print(f"{self._window(target, by)} said {by}: {text}", flush=True)

    async def on_ctcp_action(self, by: str, target: str, text: str) -> None:
        print(f"{self._window(target, by)} did {by}: {text}", flush=True)

    async def on_notice(self, target: str, by: str, text: str) -> None:
        print(f"{self._window(target, by)} noticed {by}: {text}", flush=True)

    async def on_join(self, room: str, who: str) -> None:
        print(f"{room} joined {who}", flush=True)

    async def on_part(self, room: str, who: str, reason: str | None = None) -> None:
        print(f"{room} left {who}: {reason}", flush=True)

    async def on_quit(self, who: str, reason: str | None = None) -> None:
        print(f"quit {who}: {reason}", flush=True)

    async def on_nick_change(self, old: str, new: str) -> None:
        print(f"renamed {old}: {new}", flush=True)

    async def on_topic_change(self, room: str, topic: str, by: str) -> None:
        print(f"{room} topic: {topic}", flush=True)

    async def on_raw_332(self, message: Any) -> None:
        await super().on_raw_332(message)
        room = message.params[1]
        print(f"{room} topic: {self.channels[room]['topic']}", flush=True)

    async def on_raw_366(self, message: Any) -> None:
        await super().on_raw_366(message)
        room = message.params[1]
        print(f"{room} here: {' '.join(sorted(self.channels[room]['users']))}", flush=True)

    async def on_raw_301(self, message: Any) -> None:
        await super().on_raw_301(message)
        _, who, reason = message.params
        print(f"away {who}: {reason}", flush=True)

    def _window(self, target: str, by: str) -> str:
        return target if self.is_channel(target) else by

    # -- what it does --------------------------------------------------------------------------

    async def obey(self, line: str) -> None:
        command, _, text = line.partition(" ")
        match command:
            case "/msg":
                to, _, text = text.partition(" ")
                await self.message(to, text)
            case "/me":
                await self.ctcp(ROOM, "ACTION", text)
            case "/nick":
                await self.set_nickname(text)
            case "/away":
                await self.away(text)
            case "/back":
                await self.back()
            case "/part":
                await self.part(ROOM, text)
            case "/quit":
                await self.quit(text)
            case _:
                await self.message(ROOM, line)


async def main(port: str, nick: str, *flags: str) -> None:
    bot = Bot(nick)
    await bot.connect("127.0.0.1", int(port), tls="--tls" in flags, tls_verify=False)
    typed = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(typed), sys.stdin)
    while line := (await typed.readline()).decode():
        await bot.obey(line.rstrip("\n"))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
