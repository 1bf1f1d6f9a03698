"""SIGHUP: read the configuration again, or end when the terminal is gone.

The signal means two things. An operator sends it to a server to have it read its configuration;
the system sends it to everything that was started in a terminal when the window is closed. Which
of the two it was, the terminal tells: it can be opened as long as it is there. Who was started with
`nohup` (the signal is ignored) is not to end with the terminal, and never does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

log = logging.getLogger(__name__)

TERMINAL: Final = "/dev/tty"
"""The terminal that a process was started in, whatever its streams are."""


def on_hangup(stop: Callable[[], None], reload: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """From now on `reload` at SIGHUP, and `stop` when the terminal that we had has gone."""
    loop = asyncio.get_running_loop()
    ends_with_terminal = has_terminal() and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
    under_way: set[asyncio.Task[object]] = set()

    def hung_up() -> None:
        if ends_with_terminal and not has_terminal():
            log.info("the terminal is gone")
            stop()
            return
        task = loop.create_task(reload())
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    loop.add_signal_handler(signal.SIGHUP, hung_up)


def has_terminal() -> bool:
    """Whether there is a terminal that this process belongs to."""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
