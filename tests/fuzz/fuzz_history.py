"""Fuzz the past: long days in the town of `tests/properties`, one after the other.

`python -m fuzz history` runs it for long; `tests/properties/test_history.py` is a short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import get_state_machine_test

from properties.test_history import History

if TYPE_CHECKING:
    from fuzz.driver import Length

TURNS: Final = 50
"""Things that happen on a day at most."""
DAYS: Final = 10
"""Days until it is looked at the clock."""


def run(length: Length, seed: int) -> None:
    """Let days pass until one fails, or it has gone on for so long; a line is a turn."""
    goes_on = length.counter()
    days = 0
    while goes_on(days * TURNS):
        profile = settings(
            max_examples=DAYS,
            stateful_step_count=TURNS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        hypothesis.seed(seed + days)(get_state_machine_test(History, settings=profile))()
        days += DAYS
    print(f"{days:,} days, no failure")
