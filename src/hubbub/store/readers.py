"""Readers: a few threads that answer questions, one after another, for whoever awaits them.

They are daemons, which those of a `ThreadPoolExecutor` are not: a disk that hangs must not keep
the process from ending. Knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    Job: TypeAlias = tuple[Future[Any], Callable[[], Any]]

T = TypeVar("T")


class Readers:
    """Threads that share one queue. `close` may be called from any thread, `run` from a loop's.

    Who is `closed` answers nothing any more and must not be asked.
    """

    def __init__(self, count: int, name: str) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.closed = False
        self._threads = [
            threading.Thread(target=self._work, name=name, daemon=True) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, question: Callable[[], T]) -> T:
        """What `question` gives or raises; it is not begun if the waiter is gone by then."""
        answer: Future[T] = Future()
        self._jobs.put((answer, question))
        return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """Answer what was asked and end the threads. Blocks; harmless when closed."""
        if not self.closed:
            self.closed = True
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _answer(*job)
            del job  # and with it the answer, which nobody here needs


def _answer(answer: Future[T], question: Callable[[], T]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        result = question()
    except BaseException as error:  # noqa: BLE001 (carried over to whoever waits)
        answer.set_exception(error)
    else:
        answer.set_result(result)
