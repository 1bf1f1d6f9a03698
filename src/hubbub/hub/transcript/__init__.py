"""Transcripts: the record of rooms as files that people and programs read, and back.

`records` is the exchange format (JSON Lines), `reading` takes such lines in again and says what
is wrong with them, `plain` and `webpage` are for reading. All are pure: they work on
`core.ports.Found`, are handed the zone to show times in, and know neither files nor a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from hubbub.hub.transcript.plain import Plain
from hubbub.hub.transcript.webpage import Webpage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from hubbub.core.ports import Found


class Transcript(Protocol):
    """Writes a transcript piece by piece, entries in the order of rooms and time."""

    def begin(self) -> str:
        """What stands before all entries."""
        ...

    def add(self, found: Found) -> str:
        """The next entry, with the headings that are due before it."""
        ...

    def end(self) -> str:
        """What stands after all entries."""
        ...


READABLE: Final[Mapping[str, Callable[[tzinfo], Transcript]]] = {"txt": Plain, "html": Webpage}
"""The formats for people, by the name that is asked for."""
