"""Medians, spreads and ratios of measurements.

Pure arithmetic on numbers in round order (None: that round failed); no server, no table here.
Next: `goals.py`, what they are held against.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several measurements, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread | None:
        """The spread of the values that there are; None when there is none."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        return cls(statistics.median(known), min(known), max(known))

    def rounded(self) -> dict[str, float]:
        """For JSON: four significant digits."""
        return {
            name: significant(getattr(self, name), DIGITS) for name in ("median", "low", "high")
        }


def paired_ratio(
    values: Sequence[float | None], reference: Sequence[float | None]
) -> Spread | None:
    """The spread of value / reference, round by round; a round that lacks one is left out.

    Both were measured one after the other in each round, so what the machine did meanwhile
    cancels out better than in a ratio of two medians.
    """
    pairs = zip(values, reference, strict=False)  # the last round may have been interrupted
    return Spread.of(value / base for value, base in pairs if value is not None and base)


def significant(value: float, digits: int) -> float:
    """`value` with that many significant digits."""
    return float(f"{value:.{digits}g}")
