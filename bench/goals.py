"""Goals: what the project promised of a figure, and how it is held against what was measured.

A goal belongs to one column of a row and may need others. `spread` is what it compares with its
bound; None when it could not be measured. Pure arithmetic, like `ratios.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bench.ratios import Spread, paired_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Values = Sequence[float | None]
    """One number a round; None where the measurement failed."""
    Figures = Callable[[str], Values]
    """The values of a column."""

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A column is at most `bound` times another one, or at least. `optional`: only reported."""

    column: str
    bound: float
    reference: str = REFERENCE
    at_least: bool = False
    optional: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """Those that must have been measured."""
        return frozenset({self.column, self.reference})

    def spread(self, figures: Figures) -> Spread | None:
        """The ratio, round by round."""
        return paired_ratio(figures(self.column), figures(self.reference))

    def met(self, value: float) -> bool:
        """Whether a ratio is good enough."""
        return _keeps(value, self.bound, at_least=self.at_least)

    def __str__(self) -> str:
        of = "" if self.reference == REFERENCE else f" × {self.reference}"
        return f"{self.column} {_sign(at_least=self.at_least)} {self.bound:g}{of}"


@dataclass(frozen=True, slots=True)
class Level:
    """A column's figure itself is at most `bound`, or at least."""

    column: str
    bound: float
    at_least: bool = False
    optional: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """Those that must have been measured."""
        return frozenset({self.column})

    def spread(self, figures: Figures) -> Spread | None:
        """The figure."""
        return Spread.of(figures(self.column))

    def met(self, value: float) -> bool:
        """Whether a figure is good enough."""
        return _keeps(value, self.bound, at_least=self.at_least)

    def __str__(self) -> str:
        return f"{self.column} {_sign(at_least=self.at_least)} {self.bound:,g}"


@dataclass(frozen=True, slots=True)
class Margin:
    """A column is above another by at most `bound` times a third, `slack` not counted."""

    column: str
    bound: float
    over: str
    unit: str
    slack: float = 0.0
    optional: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """Those that must have been measured."""
        return frozenset({self.column, self.over, self.unit})

    def spread(self, figures: Figures) -> Spread | None:
        """By how many units it is above, round by round."""
        pairs = zip(figures(self.column), figures(self.over), strict=False)
        above = [
            None if one is None or other is None else one - other - self.slack
            for one, other in pairs
        ]
        return paired_ratio(above, figures(self.unit))

    def met(self, value: float) -> bool:
        """Whether it is so near."""
        return _keeps(value, self.bound, at_least=False)

    def __str__(self) -> str:
        slack = f" + {self.slack:g}" if self.slack else ""
        return f"{self.column} ≤ {self.over} + {self.bound:g} × {self.unit}{slack}"


Goal: TypeAlias = Ratio | Level | Margin


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and what was measured for it; None when it could not be."""

    goal: Goal
    spread: Spread | None

    @property
    def met(self) -> bool:
        """Whether the median is good enough."""
        return self.spread is not None and self.goal.met(self.spread.median)

    @property
    def word(self) -> str:
        """As the table says it."""
        if self.met:
            return "met"
        return "not met" if self.goal.optional else "MISSED"


def _keeps(value: float, bound: float, *, at_least: bool) -> bool:
    return value >= bound if at_least else value <= bound


def _sign(*, at_least: bool) -> str:
    return "≥" if at_least else "≤"
