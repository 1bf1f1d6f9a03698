"""A client in a process of its own, to be killed while it sends (`test_killed`).

    python typist.py STATE ADDRESS NAME LINES

It says `NAME 0`, `NAME 1`, … up to LINES, some of them long ones. What it has typed in earlier runs
it knows from its notebook alone. Each number is printed when the server has it; it leaves when all
of them were said.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from hubbub import client
from hubbub.client import Address, Backoff, Message, Reconnecting
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.notebook import Notebook

AT_ONCE = 8
"""Lines that are on their way at the same time."""


def line(name: str, number: int) -> str:
    """What is said; every fifth takes several messages."""
    return f"{name} {number}\n{name} {number} again" if number % 5 == 0 else f"{name} {number}"


async def typed(notebook: Notebook, link: Reconnecting, name: str) -> int:
    """How many lines earlier runs have typed."""
    page = await notebook.pages.before("#lobby", limit=100_000)
    said = [event.text for event in page.events if isinstance(event, Message)]
    said += [item.text for item in link.posting.open]
    return max((int(text.split()[1]) + 1 for text in said if text.startswith(name)), default=0)


async def type_on(state: str, address: str, name: str, lines: int) -> None:
    """One run."""
    folder = ClientFolder(Path(state))
    notebook = await Notebook.open(folder, Address.parse(address), name=name)
    backoff = Backoff(first=0.01, longest=0.05)
    link = Reconnecting.to(address, name=name, backoff=backoff, notebook=notebook)
    begin = await typed(notebook, link, name)
    while link.connection is None:
        with suppress(client.CannotConnect, client.ConnectionLost):
            await link.open()
    listening = asyncio.create_task(listen(link))
    room = asyncio.Semaphore(AT_ONCE)

    async def say(number: int) -> None:
        async with room:
            await link.say(line(name, number), to="#lobby")
            print(number, flush=True)

    await asyncio.gather(*(say(number) for number in range(begin, lines)))
    await link.wait_sent()
    await link.close()
    await listening
    await notebook.close()


async def listen(link: Reconnecting) -> None:
    """Let it reconnect."""
    async for _ in link.events():
        pass


if __name__ == "__main__":
    _, where, server, who, count = sys.argv
    asyncio.run(type_on(where, server, who, int(count)))
