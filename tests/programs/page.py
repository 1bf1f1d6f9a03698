"""A web page: IRC over a WebSocket, with aiohttp in the place of a browser."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import WSMsgType

from programs.program import PATIENCE, ROOM

if TYPE_CHECKING:
    from programs.program import Place

CAPABILITIES = "away-notify echo-message message-tags server-time"


class Page:
    """A page that is in the room under a nick while `async with` lasts."""

    def __init__(self, place: Place, nick: str) -> None:
        scheme = "wss" if place.secured else "ws"
        self._url = f"{scheme}://127.0.0.1:{place.port}/irc"
        # What a person who compared fingerprints has told the browser to trust.
        self._trusted = (
            aiohttp.Fingerprint(bytes.fromhex(place.fingerprint)) if place.fingerprint else True
        )
        self._nick = nick
        self._heard: list[str] = []

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        try:
            self._socket = await self._client.ws_connect(
                self._url, protocols=["text.ircv3.net"], ssl=self._trusted
            )
            await self.sends(f"CAP REQ :{CAPABILITIES}", f"NICK {self._nick}")
            await self.sends(f"USER {self._nick} 0 * :A page", "CAP END", f"JOIN {ROOM}")
            await self.until(r" 366 ")
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def sends(self, *lines: str) -> None:
        """Send lines, each as a message of the WebSocket."""
        for line in lines:
            await self._socket.send_str(line)

    async def says(self, text: str) -> None:
        """Say something in the room; when this returns it is saved ("echo-message")."""
        await self.sends(f"PRIVMSG {ROOM} :{text}")
        await self.hears(self._nick, "PRIVMSG", ROOM, text)

    async def hears(self, nick: str, command: str, *params: str) -> None:
        """Wait for a line that somebody caused."""
        *before, last = [re.escape(param) for param in (command, *params)]
        words = "".join(f"{word} " for word in before)
        await self.until(rf":{re.escape(nick)}!\S+ {words}:?{last}$")

    async def until(self, pattern: str) -> None:
        """Read up to the first line that matches."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while (message := await self._socket.receive()).type is WSMsgType.TEXT:
                    self._heard.append(str(message.data))
                    if re.search(pattern, self._heard[-1]):
                        return
        raise AssertionError("\n".join([f"not heard: {pattern}", *self._heard]))

    async def meets(self, nick: str) -> None:
        """Wait until somebody is in the room, who may have been there before."""
        await self.sends(f"NAMES {ROOM}")
        await self.until(rf" 353 .*[ :@+]{nick}( |$)|:{nick}!\S+ JOIN {ROOM}")
