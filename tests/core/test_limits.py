"""The allowance: a burst at once, then a rate, whatever the intervals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.limits import Allowance


def test_a_burst_costs_nothing_and_the_next_waits_for_its_share() -> None:
    allowance = Allowance(rate=10, burst=3, now=0)
    assert [allowance.spend(0) for _ in range(5)] == [0, 0, 0, 100, 200]


def test_who_pauses_has_a_burst_again_but_no_more() -> None:
    allowance = Allowance(rate=10, burst=3, now=0)
    for _ in range(3):
        allowance.spend(0)
    assert [allowance.spend(1_000_000) for _ in range(4)] == [0, 0, 0, 100]


def test_no_rate_is_no_limit() -> None:
    allowance = Allowance(rate=0, burst=1, now=0)
    assert not any(allowance.spend(0) for _ in range(1000))


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=200),
    st.integers(1, 50),
    st.integers(1, 20),
)
def test_who_waits_as_told_is_never_faster_than_the_rate(
    pauses: list[int], rate: int, burst: int
) -> None:
    allowance = Allowance(rate, burst, now=0)
    now = 0.0
    for number, pause in enumerate(pauses):
        now += pause + allowance.spend(now)
        # Messages so far: the burst, then one for each share of time, and the one that waited.
        assert number + 1 <= burst + now * rate / 1000 + 1
