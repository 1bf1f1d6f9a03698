"""Programs that chat: an asyncio library for classic servers, ours and all others of the family.

    import asyncio
    from hubbub import client

    async def main() -> None:
        async with client.connect("localhost:1234", name="bot") as chat:
            async for message in chat:
                if message.text == "!ping":
                    await chat.say(f"{message.sender}: pong")

    asyncio.run(main())

`connect` joins and leaves well. Iterating gives each `Message`; `chat.events()` gives all that
happens. `Reconnecting` comes back when the line is cut. Servers that speak another dialect are
told apart by the `Address`: `classic://host:port?header=16&frames=1&ack=1`. Everything here works
under asyncio's own loop and uvloop. Read on in `connection`, then `classic`.
"""

from __future__ import annotations

from hubbub.client.address import DEFAULT_PORT, Address, BadAddress
from hubbub.client.classic import ClassicProtocol
from hubbub.client.connection import Connection, connect
from hubbub.client.dialect import Dialect
from hubbub.client.errors import BadName, CannotConnect, ConnectionLost
from hubbub.client.events import (
    CaughtUp,
    Disconnected,
    Event,
    Gap,
    Hint,
    Joined,
    Message,
    Notice,
    Refused,
    Renamed,
    Waiting,
)
from hubbub.client.reconnect import Backoff, KeptFull, Reconnecting

__all__ = [
    "DEFAULT_PORT",
    "Address",
    "Backoff",
    "BadAddress",
    "BadName",
    "CannotConnect",
    "CaughtUp",
    "ClassicProtocol",
    "Connection",
    "ConnectionLost",
    "Dialect",
    "Disconnected",
    "Event",
    "Gap",
    "Hint",
    "Joined",
    "KeptFull",
    "Message",
    "Notice",
    "Reconnecting",
    "Refused",
    "Renamed",
    "Waiting",
    "connect",
]
