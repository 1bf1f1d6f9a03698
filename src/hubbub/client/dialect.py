"""What servers of the classic family do differently, as far as a client must be told.

Nothing on the wire announces any of it: a person who knows the server says so, or tries the next
one after a hint (`hubbub.client.diagnosis`).
"""

from __future__ import annotations

from dataclasses import dataclass

from hubbub.wire.classic import DEFAULT_WIDTH

WIDEST = 8192
FRAMES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server speaks; the defaults are those of the usual program, and of ours."""

    width: int = DEFAULT_WIDTH
    """Bytes of a header, 1 to 8192."""

    frames: int = 2
    """Frames of one event: 2 name and text, 1 the whole line, 3 with the time of day as well."""

    ack: bool = False
    """Whether the server answers a name with one frame of its own before anything else."""

    @property
    def countable(self) -> int:
        """The longest body a header of this width can count, in bytes."""
        return int("9" * min(self.width, 9))

    def __post_init__(self) -> None:
        """Raise ValueError for a width or a number of frames that no server has."""
        if not 1 <= self.width <= WIDEST:
            raise ValueError(f"a header of {self.width} bytes: it must be 1 to {WIDEST}")
        if self.frames not in FRAMES:
            raise ValueError(f"{self.frames} frames for each message: it must be 1, 2 or 3")
