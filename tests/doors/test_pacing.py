"""Pacing: slowed, then refused, then over."""

from __future__ import annotations

import pytest

from hubbub.core.refusals import Reason, Refused
from hubbub.doors.pacing import Pacing


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacing(clock: Clock) -> Pacing:
    """Two at once, then one a second, for a minute at most."""
    return Pacing(1, 2, 60, clock)


def test_who_keeps_to_the_allowance_never_waits(pacing: Pacing, clock: Clock) -> None:
    for _ in range(200):
        assert not pacing.charge(1)
        clock.now += 1
    pacing.require_patience()
    assert not pacing.is_over


def test_who_is_faster_waits_until_the_next_is_allowed(pacing: Pacing, clock: Clock) -> None:
    assert [pacing.charge(1) for _ in range(3)] == [0, 0, 1.0]
    clock.now += 1
    assert pacing.charge(1) == 1.0
    pacing.require_patience()


def test_who_goes_on_is_refused_then_over_and_a_pause_mends_all(
    pacing: Pacing, clock: Clock
) -> None:
    pacing.charge(30)
    clock.now += 31
    assert pacing.charge(30)
    with pytest.raises(Refused) as no:
        pacing.require_patience()
    assert no.value.reason is Reason.TOO_FAST
    assert not no.value.fatal
    assert not pacing.is_over
    clock.now += 30
    assert pacing.charge(30)
    over: bool = pacing.is_over
    assert over
    clock.now += 60
    assert not pacing.charge(1)
    pacing.require_patience()
    assert not pacing.is_over


def test_without_a_rate_nothing_costs(clock: Clock) -> None:
    free = Pacing(0, 0, 60, clock)
    assert not any(free.charge(1000) for _ in range(100))
