"""Keeping up: what a line of the server changes in what we know, and the events it is.

Owns the meeting of the parts that remember: what the server tells of itself (`support`), who is
where (`rooms`), how far we have heard (`memory`), how others see us (`outbox`). Answers to our
questions come by here as well. Talk does not: it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.events import Arrived, Entered, Left, NickChanged, RoomRenamed
from hubbub.client.irc.about import ABOUT
from hubbub.client.irc.memory import Place
from hubbub.client.irc.talk import time_of
from hubbub.wire.irc import numerics as n

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client.events import Event
    from hubbub.client.irc.memory import Memory
    from hubbub.client.irc.outbox import Outbox
    from hubbub.client.irc.registration import Registration
    from hubbub.client.irc.rooms import Rooms
    from hubbub.client.irc.support import Support
    from hubbub.client.irc.teller import Teller
    from hubbub.wire.irc.line import Line


class Following:
    """Takes every line that may change something."""

    def __init__(
        self,
        support: Support,
        rooms: Rooms,
        memory: Memory,
        *,
        registration: Registration,
        outbox: Outbox,
        teller: Teller,
        is_in: Callable[[], bool],
        arrived: Callable[[int], None],
    ) -> None:
        """`is_in` tells whether `Joined` has said where we are; `arrived` hears of the welcome."""
        self._support = support
        self._rooms = rooms
        self._memory = memory
        self._registration = registration
        self._outbox = outbox
        self._teller = teller
        self._is_in = is_in
        self._arrived = arrived

    def hear(self, line: Line, now: int) -> None:
        """Keep up with what a line changes, and tell of it."""
        command = line.command
        if command == n.RPL_WELCOME:
            self._rooms.me = self._registration.nick
        elif command == n.RPL_ISUPPORT:
            self._support.take(line.params[1:-1])
        elif command in {n.RPL_ENDOFMOTD, n.ERR_NOMOTD}:
            self._arrived(now)
        elif command in ABOUT:
            self._teller.about(line, now)
            return
        is_ours = self._rooms.is_me(line.source.partition("!")[0])
        for event in self._rooms.hear(line, time_of(line.tags, now)):
            self._remember(event)
            # `Joined` says where we are, and each room follows it whole.
            if self._is_in() or not isinstance(event, Arrived | Entered):
                self._teller.emit(event)
        if is_ours:
            self._follow_us(line, now)

    def _remember(self, event: Event) -> None:
        fold, places = self._support.fold, self._memory.places
        if isinstance(event, Left) and self._rooms.is_me(event.name):
            places.pop(fold(event.room), None)
            if not event.by:
                self._memory.left.add(fold(event.room))
        elif isinstance(event, Arrived | NickChanged):
            self._outbox.is_back(event.name)
        elif isinstance(event, RoomRenamed):
            place = places.pop(fold(event.was), None)
            if place is not None:
                place.name = event.room
                places[fold(event.room)] = place

    def _follow_us(self, line: Line, now: int) -> None:
        """Keep up with what others see of us, and where we are."""
        outbox, places = self._outbox, self._memory.places
        match line.command, line.params:
            case "NICK", _:
                self._registration.renamed(self._rooms.me)
                outbox.mask = f"{self._rooms.me}!{outbox.mask.partition('!')[2]}"
            case "CHGHOST", [user, host, *_]:
                outbox.mask = f"{self._rooms.me}!{user}@{host}"
            case "JOIN", [name, *_]:
                outbox.mask = line.source if "!" in line.source else outbox.mask
                folded = self._support.fold(name)
                places.setdefault(folded, Place(name, time=time_of(line.tags, now)))
                self._memory.left.discard(folded)
            case _:
                pass
