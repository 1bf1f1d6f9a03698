"""The course of a connection: arriving, entering rooms, repeating, catching up, live.

Owns the order that makes a cut harmless. What may have been said already is said again first, so
that it is known when it comes back with the past; then the past is fetched; then what was said
meanwhile is told. Each step ends when the server has answered it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from hubbub.client.events import CaughtUp, Hint, Joined
from hubbub.client.irc.capabilities import SEND_ONCE
from hubbub.client.irc.catchup import CatchUp
from hubbub.client.irc.memory import Place
from hubbub.client.pieces import SAID
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.client.irc.memory import Memory
    from hubbub.client.irc.outbox import Outbox
    from hubbub.client.irc.protocol import IrcProtocol
    from hubbub.client.irc.requests import Requests
    from hubbub.client.irc.teller import Teller
    from hubbub.client.pieces import Piece


class Stage(enum.IntEnum):
    """How far a connection has come."""

    ARRIVING = 0
    ENTERING = 1
    REPEATING = 2
    CATCHING_UP = 3
    LIVE = 4


class Course:
    """Leads one connection from its first word to where it is live."""

    def __init__(
        self,
        protocol: IrcProtocol,
        requests: Requests,
        teller: Teller,
        outbox: Outbox,
        memory: Memory,
    ) -> None:
        self.stage = Stage.ARRIVING
        self._protocol = protocol
        self._requests = requests
        self._teller = teller
        self._outbox = outbox
        self._memory = memory
        self._server = ""
        self._wanted: list[str] = []
        self._recent = 0
        self._known: set[str] = set()
        self._missed: list[Place] = []
        self._to_repeat: list[Piece] = []
        self._repeated: list[Piece] = []

    def plan(self, server: str, rooms: Sequence[str], recent: int) -> None:
        """Hear where we go: the server's address, rooms, how many earlier messages to fetch."""
        known = [place.name for place in self._memory.places.values() if place.is_room]
        self._server = server
        fold = self._protocol.support.fold
        first = [name for name in rooms if fold(name) not in self._memory.left]
        self._wanted = list(dict.fromkeys([*first, *known]))
        self._known = set(self._memory.places)
        self._recent = recent

    def arrived(self, now: int) -> None:
        """Hear that the welcome is over: enter the rooms that did not come back by themselves."""
        if self.stage is not Stage.ARRIVING:
            return
        self.stage = Stage.ENTERING
        for name in self._wanted:
            self._protocol.enter(name)
        self._requests.barrier(now, lambda: self._entered(now))

    def go_on(self, now: int) -> None:
        """Take the next step if the last one is done."""
        if self.stage is Stage.LIVE:
            self._outbox.go_on(now, self._teller.emit)
        if self.stage is not Stage.REPEATING:
            return
        while self._to_repeat and self._outbox.has_room:
            self._outbox.say_again(self._to_repeat.pop(0), now, self._teller.at_once)
        if not self._to_repeat and not len(self._outbox):
            if said := [piece for piece in self._repeated if piece.state in SAID]:
                texts, msgids = zip(*((piece.text, piece.msgid) for piece in said), strict=True)
                self._teller.at_once(CaughtUp(now, texts, msgids))
            self._catch_up(now)

    def missed(self, name: str, now: int) -> None:
        """Hear that the server left out messages here, for want of speed: fetch them first.

        It says so before anything that comes after them, so we know up to where we have heard.
        """
        folded = self._protocol.support.fold(name)
        person = Place(name, is_room=False, time=self._memory.latest)
        place = self._memory.places.get(folded, person)
        if all(place.name != other.name for other in self._missed):
            self._missed.append(place)
        if self.stage is Stage.LIVE:
            self.stage = Stage.CATCHING_UP
            self._teller.hold()
            self._live(now)

    def _entered(self, now: int) -> None:
        self.stage = Stage.REPEATING
        for piece in self._memory.absent:  # nobody told us who came while we were away
            self._outbox.is_back(piece.to)
        rooms = tuple(room.name for room in self._protocol.rooms)
        found = self._protocol.registration
        joined = Joined(
            now,
            self._protocol.name,
            self._server,
            rooms=rooms,
            resumed=found.resumed,
            why=found.why,
        )
        self._teller.at_once(joined)
        for room in self._protocol.rooms:
            self._teller.at_once(room.entered(now))
        if SEND_ONCE in self._protocol.registration.capabilities:
            self._to_repeat = list(self._memory.in_doubt)
            self._repeated = list(self._memory.in_doubt)

    def _catch_up(self, now: int) -> None:
        self.stage = Stage.CATCHING_UP
        fold = self._protocol.support.fold
        returning: list[Place] = []
        fresh: list[Place] = []
        for room in self._protocol.rooms:
            folded = fold(room.name)
            if folded in self._memory.places:
                known = folded in self._known
                (returning if known else fresh).append(self._memory.places[folded])
        self._fetch(returning, fresh, now)

    def _fetch(self, returning: list[Place], fresh: list[Place], now: int) -> None:
        catching_up = CatchUp(
            self._requests,
            self._protocol.registration.capabilities,
            self._protocol.support,
            self._memory,
            replay=lambda line: self._teller.replay(line, now),
            is_live=self._teller.holds,
            failed=lambda place, reason: self._not_caught_up(place, reason, now),
            done=lambda: self._live(now),
        )
        catching_up.begin(now, returning, fresh, self._recent)

    def _not_caught_up(self, place: Place, reason: str, now: int) -> None:
        text = f"what was said in {place.name} meanwhile cannot be fetched ({one_line(reason)})"
        self._teller.at_once(Hint(now, text, room=place.name))

    def _live(self, now: int) -> None:
        """Tell what was said meanwhile, unless something is missing before it."""
        if self._missed:
            missed, self._missed = self._missed, []
            self._fetch(missed, [], now)
        else:
            self.stage = Stage.LIVE
            self._teller.let_go(now)
