"""Nobody: who is in the place of a reader that has gone.

What a session said may be kept in memory long after it ended (`Room.recent`, the store of
`durability = none`). Were its reader still to be found there, whole connections would be kept
with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Event, RoomRenamed
    from hubbub.core.ports import Payload, Piece


class _Nobody:
    """A reader, and its kind: nothing is shown, nothing is sent."""

    @property
    def kind(self) -> Self:
        """See `Reader.kind`."""
        return self

    def send(self, payload: Payload) -> None:
        """See `Reader.send`."""

    def moved(self, event: RoomRenamed) -> None:
        """See `Reader.moved`."""

    def end(self, reason: str) -> None:
        """See `Reader.end`."""

    def render(self, event: Event) -> Piece:
        """See `Kind.render`."""
        return None

    def render_own(self, event: Event) -> Piece:
        """See `Kind.render_own`."""
        return None

    def join(self, pieces: Sequence[Piece]) -> Payload:
        """See `Kind.join`."""
        return None


NOBODY = _Nobody()
