"""Pacing: how fast a connection may talk, and what becomes of who is faster.

All that a client sends has a cost. Who is above their allowance is slowed: the door stops reading
for a while. Who was slowed for half of `patience` without a pause is refused, and who goes on for
all of it is to be closed. It knows no protocol and ends nothing: doors ask, and say it in theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.limits import Allowance
from hubbub.core.refusals import Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Callable


class Pacing:
    """The pace of one connection. Times are seconds of `clock`, which does not go back."""

    __slots__ = ("_charged", "_clock", "_patience", "allowance", "slowed_since")

    def __init__(
        self, rate: float, burst: float, patience: float, clock: Callable[[], float]
    ) -> None:
        self._charged = clock()
        self.allowance = Allowance(rate, burst, self._charged * 1000)
        self.slowed_since: float | None = None
        self._patience = patience
        self._clock = clock

    def charge(self, cost: float) -> float:
        """Take a cost; how many seconds to wait before the next, 0 is none."""
        now = self._charged = self._clock()
        wait = self.allowance.spend(now * 1000, cost)
        if not wait:
            self.slowed_since = None
        elif self.slowed_since is None:
            self.slowed_since = now
        return wait / 1000

    def require_patience(self) -> None:
        """Raise `Refused` TOO_FAST when what comes now is not to be carried out."""
        if self._slowed > self._patience / 2:
            raise Refused(Reason.TOO_FAST)

    @property
    def is_over(self) -> bool:
        """Whether the connection is to be closed."""
        return self._slowed > self._patience

    @property
    def _slowed(self) -> float:
        return 0 if self.slowed_since is None else self._charged - self.slowed_since
