"""What was said while we were away, fetched from the server: no hole, and nothing twice.

Owns the questions (`draft/chathistory`): from where on, page by page, for each room and for each
person who spoke to us. What comes is handed on line by line; that nothing is shown twice is
`seen`'s business. Meanwhile `protocol` holds what is said now.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from hubbub.client.irc.batches import Batch
from hubbub.client.irc.capabilities import CHATHISTORY
from hubbub.client.irc.memory import Place
from hubbub.client.irc.talk import time_of, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hubbub.client.irc.batches import Item
    from hubbub.client.irc.capabilities import Capabilities
    from hubbub.client.irc.memory import Memory
    from hubbub.client.irc.requests import Requests
    from hubbub.client.irc.support import Support
    from hubbub.wire.irc.line import Line

PAGE = 100
"""Messages asked for at a time, unless the server allows fewer."""

CLOCKS_DIFFER = 24 * 60 * 60 * 1000
"""Milliseconds after now until which direct messages are looked for."""


class CatchUp:
    """One catching up, at the beginning of a connection. `done` is called once, at its end.

    `is_live` knows what was heard on this connection by itself, by its msgid.
    """

    def __init__(
        self,
        requests: Requests,
        capabilities: Capabilities,
        support: Support,
        memory: Memory,
        *,
        replay: Callable[[Line], None],
        is_live: Callable[[str], bool],
        failed: Callable[[Place, str], None],
        done: Callable[[], None],
    ) -> None:
        self._requests = requests
        self._capabilities = capabilities
        self._support = support
        self._memory = memory
        self._replay = replay
        self._is_live = is_live
        self._failed = failed
        self._done = done
        self._waiting: deque[Place] = deque()
        self._now = 0

    def begin(
        self, now: int, returning: Iterable[Place], fresh: Iterable[Place], last: int
    ) -> None:
        """Fetch all that was missed in places we return to, and the `last` few of fresh ones."""
        if CHATHISTORY not in self._capabilities:
            self._done()
            return
        self._now = now
        self._waiting = deque(returning)
        self._fresh = deque(fresh if last else ())
        self._last = last
        if self._waiting and self._memory.latest:
            self._find_people(self._memory.latest - 1)
        else:
            self._next()

    # -- people who spoke to us ----------------------------------------------------------------

    def _find_people(self, since: int) -> None:
        self._ask(
            partial(self._found_people, since),
            *("TARGETS", f"timestamp={timestamp(since)}"),
            *(f"timestamp={timestamp(self._now + CLOCKS_DIFFER)}", str(self._page)),
        )

    def _found_people(self, since: int, items: list[Item]) -> None:
        for batch in items:
            for line in batch.lines() if isinstance(batch, Batch) else ():
                name = line.params[1] if len(line.params) > 1 else ""
                folded = self._support.fold(name)
                if name and not self._support.is_room(name):
                    known = self._memory.places.get(folded)
                    place = known or Place(name, is_room=False, time=since + 1)
                    self._memory.places[folded] = place
                    self._waiting.append(place)
        self._next()

    # -- one place after the other -------------------------------------------------------------

    def _next(self) -> None:
        if self._waiting:
            self._fetch(self._waiting.popleft())
        elif self._fresh:
            place = self._fresh.popleft()
            limit = min(self._last, self._page)
            self._ask(partial(self._heard, place, None), "LATEST", place.name, "*", str(limit))
        else:
            self._done()

    def _fetch(self, place: Place, *, by_time: bool = False) -> None:
        # The last message may have been cut off between its lines, so it is asked for again.
        # By time too: others may have been said in the same millisecond.
        if place.before and self._support.refers_by_msgid and not by_time:
            self._after(place, f"msgid={place.before}")
        elif place.time:
            self._after(place, f"timestamp={timestamp(place.time - 1)}")
        else:
            self._next()

    def _after(self, place: Place, cursor: str) -> None:
        self._ask(partial(self._heard, place, cursor), "AFTER", place.name, cursor, str(self._page))

    def _heard(self, place: Place, cursor: str | None, items: list[Item]) -> None:
        batch = next((item for item in items if isinstance(item, Batch)), None)
        if batch is None:
            self._not_heard(place, cursor, items)
            return
        lines = list(batch.lines())
        for line in lines:
            self._replay(line)
        messages = [line for line in lines if line.tags.get("msgid")] or lines
        following = self._cursor(messages[-1]) if messages else ""
        # A server may send fewer than it was asked for, so the end is where nothing new comes, or
        # what was heard by itself.
        at_end = not messages or self._is_live(messages[-1].tags.get("msgid", ""))
        if cursor and not at_end and following not in {"", cursor}:
            self._after(place, following)
        else:
            self._next()

    def _not_heard(self, place: Place, cursor: str | None, items: list[Item]) -> None:
        """Ask by time when the message we remember is gone; else say that there is a hole."""
        if cursor is not None and cursor.startswith("msgid=") and place.time:
            self._fetch(place, by_time=True)
            return
        if cursor is not None:
            words = [item.params[-1] for item in items if not isinstance(item, Batch)]
            self._failed(place, words[-1] if words else "the server did not answer")
        self._next()

    def _cursor(self, line: Line) -> str:
        msgid = line.tags.get("msgid")
        if msgid and self._support.refers_by_msgid:
            return f"msgid={msgid}"
        time = time_of(line.tags, 0)
        return f"timestamp={timestamp(time)}" if time else ""

    @property
    def _page(self) -> int:
        return min(self._support.history_limit or PAGE, PAGE)

    def _ask(self, done: Callable[[list[Item]], None], *params: str) -> None:
        self._requests.ask(self._now, "CHATHISTORY", *params, answers=is_past, done=done)


def is_past(item: Item) -> bool:
    """Whether an item may answer CHATHISTORY."""
    if isinstance(item, Batch):
        return "chathistory" in item.kind
    return item.command == "FAIL" and item.params[:1] == ["CHATHISTORY"]
