"""Which answer belongs to what we asked.

Owns labels ("labeled-response") and what stands in for them where a server has none: a PING sent
behind the question, whose PONG comes behind the answer. Either way an asker is called once, with
all that answers it. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.client.irc.batches import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hubbub.client.irc.batches import Item
    from hubbub.client.irc.capabilities import Capabilities, Send
    from hubbub.wire.irc.line import Line

    Done = Callable[[list[Item]], None]

PATIENCE = 60_000
"""Milliseconds until a server that answers nothing is taken for dead."""

_PREFIX = "hubbub-"


@dataclass(slots=True)
class _Request:
    asked: int
    done: Done
    answers: Callable[[Item], bool]
    items: list[Item] = field(default_factory=list)


class Requests:
    """What was asked and not answered yet."""

    def __init__(self, send: Send, capabilities: Capabilities) -> None:
        self._send = send
        self._capabilities = capabilities
        self._labelled: dict[str, _Request] = {}
        self._barriers: deque[tuple[str, _Request]] = deque()
        self._count = 0

    def ask(
        self,
        now: int,
        command: str,
        *params: str,
        tags: Mapping[str, str] | None = None,
        then: Iterable[Line] = (),
        answers: Callable[[Item], bool],
        done: Done,
    ) -> None:
        """Send it, with what goes `then` with it, and call `done` with all that answers it.

        `answers` tells which items may be part of the answer, for servers without labels.
        """
        self._count += 1
        key = f"{_PREFIX}{self._count}"
        request = _Request(now, done, answers)
        if self._capabilities.labels:
            self._labelled[key] = request
            self._send(command, *params, tags={**(tags or {}), "label": key})
        else:
            self._send(command, *params, tags=tags)
        for line in then:
            self._send(line.command, *line.params, tags=line.tags)
        if not self._capabilities.labels:
            self._barriers.append((key, request))
            self._send("PING", key)

    def barrier(self, now: int, done: Callable[[], None]) -> None:
        """Call `done` when the server has dealt with all that was sent so far."""
        self._count += 1
        key = f"{_PREFIX}{self._count}"
        self._barriers.append((key, _Request(now, lambda _: done(), lambda _: False)))
        self._send("PING", key)

    def take(self, item: Item) -> bool:
        """Take an item if it answers something; whether it did."""
        label = item.tags.get("label", "")
        if label in self._labelled:
            request = self._labelled.pop(label)
            is_response = isinstance(item, Batch) and item.kind == "labeled-response"
            request.done(item.items if is_response and isinstance(item, Batch) else [item])
            return True
        if not isinstance(item, Batch) and item.command == "PONG" and self._pong(item):
            return True
        # Answers come in the order of the questions, each before its own PONG.
        if self._barriers and self._barriers[0][1].answers(item):
            self._barriers[0][1].items.append(item)
            return True
        return False

    def overdue(self, now: int) -> bool:
        """Whether something waits for an answer for so long that there will be none."""
        due = self.deadline
        return due is not None and now >= due

    @property
    def deadline(self) -> int | None:
        """When the oldest question is overdue; None when there is none."""
        waiting = [*self._labelled.values(), *(request for _, request in self._barriers)]
        return min((request.asked + PATIENCE for request in waiting), default=None)

    def _pong(self, line: Line) -> bool:
        key = line.params[-1] if line.params else ""
        if not any(key == waiting for waiting, _ in self._barriers):
            return False
        while self._barriers:
            waiting, request = self._barriers.popleft()
            request.done(request.items)
            if waiting == key:
                break
        return True
