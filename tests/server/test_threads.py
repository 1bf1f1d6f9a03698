"""Work in a thread: what comes of it, and that it keeps nobody from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from hubbub.server.threads import in_thread

HANGS = """
import asyncio, threading
from hubbub.server.threads import in_thread

async def main():
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang():
        loop.call_soon_threadsafe(begun.set)
        threading.Event().wait()

    task = asyncio.create_task(in_thread(hang, "disk"))
    await begun.wait()
    task.cancel()

asyncio.run(main())
print("ended")
"""


async def test_what_it_gives_and_raises() -> None:
    assert await in_thread(lambda: threading.current_thread().name, "worker") == "worker"
    assert threading.current_thread().name != "worker"
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0, "worker")


async def test_nobody_may_wait_any_more() -> None:
    loop = asyncio.get_running_loop()
    begun, go_on, over = asyncio.Event(), threading.Event(), asyncio.Event()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        loop.call_soon_threadsafe(over.set)

    task = asyncio.create_task(in_thread(work, "worker"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await over.wait()  # and what it gave has gone nowhere, without a word


def test_a_process_ends_although_it_hangs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ended\n", b"")
