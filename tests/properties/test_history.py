"""Whatever people do: what they heard as it happened is what they find when they look back.

Witnesses with clients of several kinds talk, edit, take back, react, come and go, rename and
restart, on a real server with a real database. What their clients have put together while they
listened must be what CHATHISTORY gives, by pages of any size in any direction; what SEARCH finds
must be what a look at all of that would find; and nobody must be given what is not theirs.
`python -m fuzz history` does it for long.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from loops import LOOPS
from properties.people import WITH_MSGIDS, People
from properties.town import CAPS, Town

if TYPE_CHECKING:
    from collections.abc import Coroutine

MINUTE = 60_000
HOUR = 60 * MINUTE

WHO = st.sampled_from([*CAPS])
OTHERS = st.sampled_from([*CAPS][1:])
TAGGED = st.sampled_from(sorted(WITH_MSGIDS))
AMENDS = st.sampled_from(["olga", "bert"])
ROOM = st.sampled_from(["tea", "lobby", "attic", "old"])
WORD = st.sampled_from(["tea", "Green", "black", "café", "東京", "cup-of", "x"])
WORDS = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
TEXTS = st.lists(WORDS, min_size=1, max_size=2)
SIZE = st.sampled_from([3, 1, 2, 7, 50])
LATE = st.integers(0, 9)
CHANGES = (
    *("+o {anna}", "-o {anna}", "+v {bert}", "-v {bert}", "+ov {bert} {anna}", "-o {bert}"),
    *("+k word", "-k word", "+i", "-i", "+m", "-m", "+n", "-n", "-tn+l 9", "+b nobody!*@*"),
)

SAYING = st.tuples(
    st.just("say"),
    st.sampled_from([*CAPS, "klaus"]),
    st.sampled_from([*["tea", "lobby", "attic"] * 3, "old", *CAPS, "klaus"]),
    st.sampled_from(["PRIVMSG", "PRIVMSG", "NOTICE", "ACTION", "@", "+"]),
    TEXTS,
)
AMENDING = st.one_of(
    st.tuples(st.just("edit"), AMENDS, LATE, TEXTS),
    st.tuples(st.just("react"), TAGGED, LATE, st.sampled_from(["", "un"])),
    st.tuples(st.just("redact"), AMENDS, LATE, st.sampled_from(["", " :by mistake"])),
)
CHANGE = st.one_of(
    st.tuples(st.just("topic"), WHO, ROOM, WORDS),
    st.tuples(st.just("mode"), TAGGED, ROOM, st.sampled_from(CHANGES)),
    st.tuples(st.just("kick"), TAGGED, ROOM, OTHERS),
    st.tuples(st.just("rename"), st.sampled_from(["olga", "anna"]), st.just("tea") | ROOM),
)
MOVE = st.one_of(
    st.tuples(st.just("join"), WHO, ROOM, st.booleans()),
    st.tuples(st.just("part"), OTHERS, ROOM, st.sampled_from(["", " :tired"])),
    st.tuples(st.just("nick"), WHO),
    st.tuples(st.sampled_from(["leave", "leave_and_come", "come", "come"]), OTHERS),
    st.tuples(st.just("take_over"), st.sampled_from(["olga", "anna"])),
)
LOOK = st.one_of(
    st.tuples(st.just("look_back"), WHO, SIZE),
    st.tuples(
        *(st.just("search"), TAGGED, st.lists(WORD, max_size=2), st.sampled_from(["", *CAPS])),
    ),
    st.tuples(st.just("visit"), ROOM, SIZE),
)


class History(RuleBasedStateMachine):
    """The rules are what people do (`People`); what must be so is in `Town`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run(work)

    @initialize(
        visible=st.sampled_from(["all", "all", "since-join"]), loop=st.sampled_from(sorted(LOOPS))
    )
    def open(self, visible: str, loop: str) -> None:
        self.runner = asyncio.Runner(loop_factory=LOOPS[loop])
        self.town = Town(Path(self.folder.name), visible)
        self.run(self.town.open())
        self.people = People(self.town)

    # Twice, since it is what people do most.
    @rule(said=st.lists(SAYING, min_size=4, max_size=9), amended=st.lists(AMENDING, max_size=4))
    def talk(self, said: list[Any], amended: list[Any]) -> None:
        self.run(self.people.talk([*said, *amended]))

    @rule(said=st.lists(SAYING, max_size=2), amended=st.lists(AMENDING, min_size=2, max_size=5))
    def amend(self, said: list[Any], amended: list[Any]) -> None:
        self.run(self.people.talk([*amended, *said]))

    @rule(deed=CHANGE)
    def change(self, deed: tuple[Any, ...]) -> None:
        self.run(self.people.do(*deed))

    @rule(deed=MOVE)
    def move(self, deed: tuple[Any, ...]) -> None:
        self.run(self.people.do(*deed))

    @rule(much=st.sampled_from([1, MINUTE, 3 * HOUR]), restarts=st.booleans())
    def time_passes(self, much: int, *, restarts: bool) -> None:
        self.town.clock.time += much
        if restarts:
            self.run(self.town.restart())

    @rule(deed=LOOK)
    def look(self, deed: tuple[Any, ...]) -> None:
        self.run(self.people.do(*deed))

    def teardown(self) -> None:
        try:
            if hasattr(self, "people"):
                self.run(self.end())
        finally:
            if hasattr(self, "runner"):
                self.runner.close()
            self.folder.cleanup()

    async def end(self) -> None:
        try:
            await self.people.all_look_back()
        finally:
            await self.town.close()


TestHistory = pytest.mark.timeout(300)(pytest.mark.slow(History.TestCase))
TestHistory.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
