"""Lines that belong together ("batch"): gathered until the outermost batch ends.

Owns the nesting. Lines of no batch pass at once; a batch comes out whole, as a tree, when it is
closed. One that holds a message of several lines ("multiline") comes out as that: a line. What any
other type means is for others to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hubbub.client.irc.multiline import heard
from hubbub.wire.irc.line import Line
from hubbub.wire.irc.multiline import MULTILINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIMIT = 100_000
"""Lines that may wait for the end of a batch; a server that sends more never ends it."""


@dataclass(slots=True)
class Batch:
    """A batch that has ended, and what stood in it, in order."""

    kind: str
    params: list[str]
    tags: Mapping[str, str]
    items: list[Item] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        """All lines, those of nested batches in their place."""
        for item in self.items:
            if isinstance(item, Line):
                yield item
            else:
                yield from item.lines()


Item: TypeAlias = "Line | Batch"


class Batches:
    """Takes each line, gives what is whole."""

    def __init__(self) -> None:
        self._open: dict[str, Batch] = {}
        self._inner: dict[str, str] = {}  # reference -> that of the batch around it
        self._held = 0

    def take(self, line: Line) -> Item | None:
        """The line itself, what it ended, or None when it waits for the end of a batch."""
        if line.command == "BATCH" and line.params:
            return self._mark(line.params[0], line)
        around = self._open.get(line.tags.get("batch", ""))
        if around is None:
            return line
        self._held += 1
        if self._held > LIMIT:
            self._open.clear()
            self._held = 0
            return line
        around.items.append(line)
        return None

    def _mark(self, reference: str, line: Line) -> Item | None:
        if reference.startswith("+"):
            kind = line.params[1] if len(line.params) > 1 else ""
            self._open[reference[1:]] = Batch(kind, line.params[2:], line.tags)
            self._inner[reference[1:]] = line.tags.get("batch", "")
            return None
        batch = self._open.pop(reference[1:], None)
        if batch is None:
            return None
        message = heard(batch.items, dict(batch.tags)) if batch.kind == MULTILINE else None
        item = batch if message is None else message
        around = self._open.get(self._inner.pop(reference[1:], ""))
        if around is not None:
            around.items.append(item)
            return None
        if not self._open:
            self._held = 0
        return item
