"""Read marks go out one by one, the last of each place."""

from __future__ import annotations

import asyncio

from hubbub.tui.marking import Marking


async def test_the_first_goes_at_once_and_then_the_last_of_each_place() -> None:
    sent: list[tuple[str, int]] = []
    time = asyncio.Event()

    async def send(place: str, until: int) -> None:
        sent.append((place, until))

    async def sleep(_: float) -> None:
        await time.wait()

    marking = Marking(send, sleep=sleep)
    marking.read("#tea", 1)
    await asyncio.sleep(0)
    assert sent == [("#tea", 1)]
    for until in (2, 4, 3):
        marking.read("#tea", until)
    marking.read("bob", 7)
    await asyncio.sleep(0)
    assert sent == [("#tea", 1)]
    time.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await marking.close()
    assert sent == [("#tea", 1), ("#tea", 4), ("bob", 7)]


async def test_what_waits_is_sent_at_the_end() -> None:
    sent: list[tuple[str, int]] = []

    async def send(place: str, until: int) -> None:
        sent.append((place, until))

    marking = Marking(send)
    marking.read("#tea", 1)
    await asyncio.sleep(0)
    marking.read("#tea", 2)
    await marking.close()
    assert sent == [("#tea", 1), ("#tea", 2)]
