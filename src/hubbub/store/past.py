"""The past: where imported entries stand in a room.

An imported entry's seq is negative and made from its time, so the place of each is the same
whichever chunk, file or repeated run brings it, and no entry ever moves: first by time, and
within one millisecond of one room in the order in which entries arrive. All of it stands before
the room's first live entry (seq 1), whatever its time: in the past and in the present of a room
times never decrease, from the one to the other they may. Pure; shared by the stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.ports import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER_BITS: Final = 20
"""Room for a million entries of one room in one millisecond (logs often know minutes only)."""

TIME_LIMIT: Final = 1 << 42
"""Times from -TIME_LIMIT up to TIME_LIMIT (the year 2109) have a place."""


def first_seq(time: int) -> int:
    """The first place for entries of that millisecond. Raises `StoreError` outside the limits."""
    if not -TIME_LIMIT <= time < TIME_LIMIT:
        raise StoreError(f"the time {time} is too far away; it is in milliseconds since 1970")
    return (time - TIME_LIMIT) << ORDER_BITS


class Places:
    """Gives each imported entry its seq.

    `highest(room_id, low, high)` is the greatest seq of the room with low <= seq < high, if any.
    """

    def __init__(self, highest: Callable[[int, int, int], int | None]) -> None:
        self._highest = highest
        self._next: dict[tuple[int, int], int] = {}

    def take(self, room_id: int, time: int) -> int:
        """The next free seq for an entry of that room and time."""
        low = first_seq(time)
        high = low + (1 << ORDER_BITS)
        seq = self._next.get((room_id, time))
        if seq is None:
            top = self._highest(room_id, low, high)
            seq = low if top is None else top + 1
        if seq >= high:
            raise StoreError("more than a million entries of one room in one millisecond")
        self._next[room_id, time] = seq + 1
        return seq
