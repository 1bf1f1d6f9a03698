"""What stands in the box and is not said: a draft of a message, or an edit that is not done.

Owns which of the two it is, for each place. Drafts are the session's to keep, on disk as well; an
edit waits only as long as the program runs, or it would come back as another message.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotKeep

if TYPE_CHECKING:
    from hubbub.client.timeline import Entry
    from hubbub.tui.sides import Spot


class Drafting:
    """What was begun where."""

    def __init__(self) -> None:
        self._editing: dict[tuple[int, str], tuple[Entry, str]] = {}

    async def keep(self, spot: Spot, text: str, edits: Entry | None) -> None:
        """Keep what stands in the box of a place."""
        if edits is None:
            self._editing.pop(spot.key, None)
        else:
            self._editing[spot.key] = edits, text
        # A disk that is full is told of by what is said; the draft is in memory all the same.
        with suppress(CannotKeep):
            await spot.session.keep_draft(spot.buffer, text if edits is None else "")

    def begun(self, spot: Spot) -> tuple[str, Entry | None]:
        """What stood there last, and which message it is to take the place of."""
        edits, text = self._editing.get(spot.key, (None, ""))
        return (
            (spot.session.drafts.get(spot.buffer.key, ""), None) if edits is None else (text, edits)
        )
