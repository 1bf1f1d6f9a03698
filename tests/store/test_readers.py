"""The threads that read: answers, errors, and a process that ends whatever they do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from hubbub.store.readers import Readers


async def test_an_answer_or_an_error_comes_back_to_who_asked() -> None:
    readers = Readers(2, "reader")
    answers = await asyncio.gather(*(readers.run(partial(pow, n, 2)) for n in range(9)))
    assert answers == [n * n for n in range(9)]
    with pytest.raises(ZeroDivisionError):
        await readers.run(lambda: 1 // 0)
    assert await readers.run(threading.current_thread) is not threading.current_thread()
    await asyncio.to_thread(readers.close)


async def test_who_waits_no_longer_is_not_worked_for() -> None:
    readers = Readers(1, "reader")
    may_end, asked = threading.Event(), []
    busy = asyncio.create_task(readers.run(may_end.wait))
    gone = asyncio.create_task(readers.run(lambda: asked.append("gone")))
    stays = asyncio.create_task(readers.run(lambda: asked.append("stays")))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    may_end.set()
    await asyncio.gather(busy, stays)
    assert asked == ["stays"]
    await asyncio.to_thread(readers.close)


async def test_closing_answers_what_was_asked_before() -> None:
    readers = Readers(1, "reader")
    asked = [asyncio.create_task(readers.run(partial(abs, n))) for n in range(5)]
    await asyncio.sleep(0)
    for _ in range(2):
        await asyncio.to_thread(readers.close)
    assert readers.closed
    assert await asyncio.gather(*asked) == list(range(5))


def test_a_disk_that_hangs_does_not_keep_the_process_from_ending() -> None:
    program = """
import asyncio, threading
from hubbub.store.readers import Readers

async def main():
    reading = threading.Event()
    def stuck():
        reading.set()
        threading.Event().wait()
    asking = asyncio.create_task(Readers(1, "reader").run(stuck))
    await asyncio.to_thread(reading.wait)

asyncio.run(main())
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], timeout=20, check=True)
