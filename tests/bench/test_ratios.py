"""Medians, and ratios by round."""

from __future__ import annotations

from bench.ratios import Spread, paired_ratio


def test_a_spread_is_the_median_between_the_smallest_and_the_largest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([4.0, 1.0]) == Spread(2.5, 1.0, 4.0)


def test_a_failed_round_is_left_out_and_nothing_at_all_has_no_spread() -> None:
    assert Spread.of([None, 5.0]) == Spread(5.0, 5.0, 5.0)
    assert Spread.of([None]) is None
    assert Spread.of([]) is None


def test_ratios_are_taken_round_by_round() -> None:
    # The second round found the machine twice as slow, for both: the ratio does not see it.
    assert paired_ratio([1.0, 2.0], [2.0, 4.0]) == Spread(0.5, 0.5, 0.5)


def test_a_round_that_lacks_one_of_the_two_gives_no_ratio() -> None:
    assert paired_ratio([1.0, None, 3.0], [2.0, 4.0, None]) == Spread(0.5, 0.5, 0.5)
    assert paired_ratio([1.0], [0.0]) is None


def test_json_gets_four_significant_digits() -> None:
    assert Spread(1.23456, 0.000123456, 123456.0).rounded() == {
        "median": 1.235,
        "low": 0.0001235,
        "high": 123500.0,
    }
