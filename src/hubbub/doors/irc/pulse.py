"""The pulse: whether a client that says nothing is still there.

Owns the timers of one connection: one for each name, all of which end with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Timers:
    """At most one timer for each name; setting one anew replaces it."""

    __slots__ = ("_timers", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def set(self, name: str, delay: float, callback: Callable[[], object]) -> None:
        """Call back after `delay` seconds."""
        self.drop(name)
        self._timers[name] = self.loop.call_later(delay, callback)

    def drop(self, name: str) -> None:
        """Call back no more for that name; harmless when nothing is set."""
        old = self._timers.pop(name, None)
        if old is not None:
            old.cancel()

    def cancel(self) -> None:
        """Call nobody back."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


class Patient(Protocol):
    """Whose pulse it is: a connection that can be asked whether anybody is there."""

    @property
    def is_held(self) -> bool:
        """Whether we do not listen ourselves at the moment, so that silence means nothing."""
        ...

    def ask(self) -> None:
        """Send the question."""

    def give_up(self) -> None:
        """End it: nobody is there."""


class Pulse:
    """Asks after `interval` seconds of silence; without an answer within `timeout`, it is gone."""

    __slots__ = ("_heard", "_interval", "_patient", "_timeout", "_timers")

    def __init__(
        self, timers: Timers, patient: Patient, *, interval: float, timeout: float
    ) -> None:
        self._timers = timers
        self._patient = patient
        self._interval = interval
        self._timeout = timeout
        self._heard = timers.loop.time()

    def heard(self) -> None:
        """Something came, so the client is there."""
        self._heard = self._timers.loop.time()

    def watch(self) -> None:
        """From now on, ask when there is silence."""
        left = self._interval - (self._timers.loop.time() - self._heard)
        if left > 0:
            self._timers.set("pulse", left, self.watch)
            return
        self._patient.ask()
        asked = self._heard
        self._timers.set("pulse", self._timeout, lambda: self._look(asked))

    def stop(self) -> None:
        """Ask no more: the connection is gone."""
        self._timers.drop("pulse")

    def _look(self, asked: float) -> None:
        if self._heard == asked and not self._patient.is_held:
            self._patient.give_up()
        else:
            self.watch()
