"""Programs that chat: an asyncio library for IRC servers, classic servers, and ours.

    import asyncio
    from hubbub import client

    async def main() -> None:
        async with client.connect("localhost:1234", name="bot") as chat:
            async for message in chat:
                if message.text == "!ping":
                    await chat.say(f"{message.sender}: pong", to=message.room)

    asyncio.run(main())

`connect` finds out what is spoken, joins and leaves well. Iterating gives each `Message`;
`chat.events()` gives all that happens. `Reconnecting.to` comes back when the line is cut, and with
our server nothing is lost or said twice. An `Address` may say what is spoken: `irc://host/#room`,
`ircs://host`, `classic://host:port?header=16&frames=1&ack=1`. Everything here works under asyncio's
own loop and uvloop. Read on in `connection`, then `opening`, then `classic` or `irc.protocol`.
"""

from __future__ import annotations

from hubbub.client.address import DEFAULT_PORT, Address, BadAddress, Scheme
from hubbub.client.classic import ClassicProtocol
from hubbub.client.connection import Connection
from hubbub.client.dialect import Dialect
from hubbub.client.errors import (
    BadName,
    BadTrust,
    CannotConnect,
    CannotKeep,
    CertificateChanged,
    ConnectionLost,
    Declined,
    NotSpoken,
    NotTrusted,
    NotVerified,
)
from hubbub.client.events import (
    Arrived,
    Away,
    CaughtUp,
    Disconnected,
    Edited,
    Entered,
    Event,
    Gap,
    Hint,
    Joined,
    Left,
    Message,
    NickChanged,
    Notice,
    Ranked,
    Reacted,
    Read,
    Redacted,
    Refused,
    Renamed,
    RoomRenamed,
    Settled,
    TopicChanged,
    Typing,
    Waiting,
)
from hubbub.client.irc.memory import Memory
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.client.irc.rooms import Member, Room
from hubbub.client.opening import Options, connect
from hubbub.client.pieces import Receipt
from hubbub.client.posting import KeptFull
from hubbub.client.reconnect import Backoff, Reconnecting
from hubbub.client.trusting import FirstUse

__all__ = [
    "DEFAULT_PORT",
    "Address",
    "Arrived",
    "Away",
    "Backoff",
    "BadAddress",
    "BadName",
    "BadTrust",
    "CannotConnect",
    "CannotKeep",
    "CaughtUp",
    "CertificateChanged",
    "ClassicProtocol",
    "Connection",
    "ConnectionLost",
    "Declined",
    "Dialect",
    "Disconnected",
    "Edited",
    "Entered",
    "Event",
    "FirstUse",
    "Gap",
    "Hint",
    "IrcProtocol",
    "Joined",
    "KeptFull",
    "Left",
    "Member",
    "Memory",
    "Message",
    "NickChanged",
    "NotSpoken",
    "NotTrusted",
    "NotVerified",
    "Notice",
    "Options",
    "Ranked",
    "Reacted",
    "Read",
    "Receipt",
    "Reconnecting",
    "Redacted",
    "Refused",
    "Renamed",
    "Room",
    "RoomRenamed",
    "Scheme",
    "Settled",
    "TopicChanged",
    "Typing",
    "Waiting",
    "connect",
]
