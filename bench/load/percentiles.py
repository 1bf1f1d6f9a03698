"""Percentiles of what was timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def percentiles(nanoseconds: Iterable[int]) -> dict[str, float] | None:
    """p50, p90, p99, p999 and max in milliseconds; None for nothing."""
    ordered = sorted(nanoseconds)
    if not ordered:
        return None

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6, 3)

    marks = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
    return {name: at(share) for name, share in marks.items()} | {"max": round(ordered[-1] / 1e6, 3)}
