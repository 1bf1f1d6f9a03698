"""The pulse, by a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, Any

import pytest

from hubbub.doors.irc.pulse import Pulse, Timers

if TYPE_CHECKING:
    from collections.abc import Callable


class Later:
    """A timer."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class HandTurned:
    """Of an event loop the part that knows the time. `turn` lets seconds go by."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._due: list[tuple[float, int, Later]] = []

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], object]) -> Later:
        later = Later(callback)
        heapq.heappush(self._due, (self._now + delay, len(self._due), later))
        return later

    def turn(self, seconds: float) -> None:
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            self._now, _, later = heapq.heappop(self._due)
            if later.callback is not None:
                later.callback()
        self._now = end


class Client:
    """Whose pulse is taken: notes what happens to it."""

    def __init__(self) -> None:
        self.is_held = False
        self.heard: list[str] = []

    def ask(self) -> None:
        self.heard.append("asked")

    def give_up(self) -> None:
        self.heard.append("gone")


@pytest.fixture
def clock() -> HandTurned:
    return HandTurned()


@pytest.fixture
def timers(clock: HandTurned) -> Timers:
    loop: Any = clock
    assert not isinstance(loop, asyncio.AbstractEventLoop)
    return Timers(loop)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def pulse(timers: Timers, client: Client) -> Pulse:
    pulse = Pulse(timers, client, interval=120, timeout=60)
    pulse.watch()
    return pulse


def test_who_talks_is_not_asked(clock: HandTurned, client: Client, pulse: Pulse) -> None:
    for _ in range(100):
        clock.turn(119)
        pulse.heard()
    assert client.heard == []


def test_who_is_silent_is_asked_and_then_gone(
    clock: HandTurned, client: Client, pulse: Pulse
) -> None:
    clock.turn(119)
    assert client.heard == []
    clock.turn(1)
    assert client.heard == ["asked"]
    clock.turn(59)
    assert client.heard == ["asked"]
    clock.turn(1)
    assert client.heard == ["asked", "gone"]
    clock.turn(1000)
    assert client.heard == ["asked", "gone"]


def test_an_answer_is_as_good_as_a_word(clock: HandTurned, client: Client, pulse: Pulse) -> None:
    for _ in range(10):
        clock.turn(120)
        pulse.heard()
    assert client.heard == ["asked"] * 10


def test_a_word_between_counts_from_when_it_was_said(
    clock: HandTurned, client: Client, pulse: Pulse
) -> None:
    clock.turn(100)
    pulse.heard()
    clock.turn(119)
    assert client.heard == []
    clock.turn(1)
    assert client.heard == ["asked"]


def test_who_is_not_listened_to_is_not_gone(
    clock: HandTurned, client: Client, pulse: Pulse
) -> None:
    client.is_held = True
    clock.turn(120 + 60)
    assert client.heard == ["asked", "asked"], "the answer may wait unread in the socket"
    client.is_held = False
    clock.turn(60)
    assert client.heard == ["asked", "asked", "gone"]


def test_all_timers_end_together(
    clock: HandTurned, client: Client, pulse: Pulse, timers: Timers
) -> None:
    timers.set("other", 1, lambda: client.heard.append("other"))
    timers.cancel()
    clock.turn(1000)
    assert client.heard == []


def test_a_timer_set_anew_is_another(clock: HandTurned, timers: Timers, client: Client) -> None:
    timers.set("one", 1, lambda: client.heard.append("first"))
    timers.set("one", 2, lambda: client.heard.append("second"))
    clock.turn(3)
    assert client.heard == ["second"]
