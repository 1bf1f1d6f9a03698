"""Whatever people do: what they heard as it happened is what they find when they look back.

Witnesses with clients of several kinds talk, take back, react, come and go, rename and restart, on
a real server with a real database. What a client has put together while it listened must be what
CHATHISTORY gives, by pages of any size in any direction; what SEARCH finds must be what a look at
all of that would find; and nobody must be given what is not theirs. `python -m fuzz history` does
it for long.
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

from properties.chronicle import TALK
from properties.town import CAPS, LOBBY, REDACTS, Town

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from properties.chronicle import Item, Place
    from properties.witness import Witness

MINUTE = 60_000
HOUR = 60 * MINUTE

WHO = st.sampled_from([*CAPS])
TAGGED = st.sampled_from(["olga", "anna", "bert"])
ROOM = st.sampled_from(["lobby", "tea", "attic", "old"])
WORD = st.sampled_from(["tea", "Green", "black", "café", "東京", "cup-of", "x"])
WORDS = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
SIZE = st.sampled_from([1, 2, 3, 7, 50])
DEED = st.tuples(
    st.sampled_from([*CAPS, "klaus"]),
    st.sampled_from(["lobby", "tea", "attic", "old", *CAPS, "klaus"]),
    st.sampled_from(["PRIVMSG", "PRIVMSG", "NOTICE", "ACTION", "@", "+"]),
    st.lists(WORDS, min_size=1, max_size=2),
)
CHANGES = (
    *("+o {anna}", "-o {anna}", "+v {bert}", "-v {bert}", "+ov {bert} {anna}", "-o {bert}"),
    *("+k word", "-k word", "+i", "-i", "+m", "-m", "+n", "-n", "-tn+l 9", "+b nobody!*@*"),
)


class History(RuleBasedStateMachine):
    """The rules are what people do; what must be so is in `Town`."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.count = 0

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run(work)

    @initialize(visible=st.sampled_from(["all", "all", "since-join"]))
    def begin(self, visible: str) -> None:
        self.town = Town(Path(self.folder.name), visible)
        self.run(self.town.open())
        names = {"lobby": LOBBY, "tea": "#tea", "attic": "#attic"}
        self.places = {where: self.town.room(name) for where, name in names.items()}

    # -- what is chosen ------------------------------------------------------------------------

    def here(self, name: str) -> Witness | None:
        """A witness who is here."""
        witness = self.town.witnesses[name]
        return witness if witness.person.is_here else None

    def name_of(self, where: str) -> str:
        """The name of a room as it is today; `old` is a name that one of them had once."""
        return self.places[where].name if where in self.places else "#tea"

    def may_go(self, who: str, where: str) -> bool:
        """Whether olga hears what they do there, or they hear it well themselves."""
        if who != "carl":
            return True
        olga = self.town.witnesses["olga"]
        return self.town.room(self.name_of(where)) in olga.since

    def new(self, stem: str) -> str:
        """Something that was never there before."""
        self.count += 1
        return f"{stem}{self.count}"

    def choose(self, witness: Witness, index: int) -> tuple[str, Place, Item] | None:
        """A line somewhere that somebody may know of, with the name of the place."""
        places = {place.name: place for place in witness.since} | self.town.known(witness)
        lines = [
            (name, place, noted.item)
            for name, place in places.items()
            for noted in place.noted.values()
            if noted.item.command in TALK | {"TAGMSG"}
        ]
        return lines[index % len(lines)] if lines else None

    # -- talk ----------------------------------------------------------------------------------

    @rule(deeds=st.lists(DEED, min_size=1, max_size=5))
    def talk(self, deeds: list[tuple[str, str, str, list[str]]]) -> None:
        said = [one for deed in deeds if (one := self.said(*deed)) is not None]
        if said:
            self.run(self.town.does(*said))

    def said(
        self, who: str, where: str, how: str, words: list[str]
    ) -> tuple[Witness | None, str] | None:
        """Who sends what, if somebody then knows of it."""
        texts = [f"{text} {self.new('n')}" for text in words]
        if who == "klaus":
            if where == "lobby":
                return None, "\n".join(texts)
            other = self.here(where) if where in {"olga", "anna", "bert"} else None
            return None if other is None else (None, f"/msg {other.nick} {texts[0]}")
        witness = self.here(who)
        if witness is None:
            return None
        if where in CAPS or where == "klaus":
            if who == "carl" and where in {"carl", "klaus"}:
                return None
            other = self.here(where) if where in CAPS else None
            target = "klaus" if where == "klaus" else other.nick if other else "nobody"
        elif self.may_go(who, where):
            target = f"{how}{self.name_of(where)}" if how in "@+" else self.name_of(where)
        else:
            return None
        text = f"\x01ACTION {texts[0]}\x01" if how == "ACTION" else texts[0]
        return witness, f"{'NOTICE' if how == 'NOTICE' else 'PRIVMSG'} {target} :{text}"

    @rule(who=TAGGED, index=st.integers(0, 99), back=st.booleans(), sign=st.sampled_from("👍!"))
    def react(self, who: str, index: int, *, back: bool, sign: str) -> None:
        witness = self.here(who)
        chosen = None if witness is None else self.choose(witness, index)
        if witness is not None and chosen is not None:
            name, _, item = chosen
            tags = f"+draft/{'un' if back else ''}react={sign};+draft/reply={item.msgid}"
            self.run(self.town.does((witness, f"@{tags} TAGMSG {name}")))

    @rule(who=TAGGED, index=st.integers(0, 99), why=st.sampled_from(["", " :by mistake"]))
    def redact(self, who: str, index: int, why: str) -> None:
        witness = self.here(who)
        chosen = None if witness is None else self.choose(witness, index)
        if witness is not None and witness.has(REDACTS) and chosen is not None:
            name, _, item = chosen
            self.run(self.town.does((witness, f"REDACT {name} {item.msgid}{why}")))

    # -- rooms ---------------------------------------------------------------------------------

    @rule(who=WHO, where=ROOM, words=WORDS)
    def topic(self, who: str, where: str, words: str) -> None:
        self.in_room(who, where, f"TOPIC {{}} :{words} {self.new('t')}")

    @rule(
        who=TAGGED,
        where=ROOM,
        change=st.sampled_from(CHANGES),
    )
    def mode(self, who: str, where: str, change: str) -> None:
        nicks = {name: self.town.witnesses[name].nick for name in CAPS}
        self.in_room(who, where, f"MODE {{}} {change.format(**nicks)}")

    @rule(who=TAGGED, where=ROOM, victim=st.sampled_from(["anna", "bert", "carl"]))
    def kick(self, who: str, where: str, victim: str) -> None:
        self.in_room(who, where, f"KICK {{}} {self.town.witnesses[victim].nick} :out")

    @rule(who=WHO, where=ROOM, invited=st.booleans())
    def join(self, who: str, where: str, *, invited: bool) -> None:
        witness, olga = self.here(who), self.here("olga")
        if witness is not None and self.may_go(who, where):
            if invited and olga is not None:
                self.run(self.town.does((olga, f"INVITE {witness.nick} {self.name_of(where)}")))
            self.run(self.town.enters(witness, self.name_of(where)))

    @rule(who=WHO, where=ROOM, why=st.sampled_from(["", " :tired"]))
    def part(self, who: str, where: str, why: str) -> None:
        if who != "olga" or where == "attic":
            self.in_room(who, where, f"PART {{}}{why}")

    @rule(who=st.sampled_from(["olga", "anna"]), where=st.sampled_from(["tea", "attic"]))
    def rename(self, who: str, where: str) -> None:
        self.town.clock.time += 2 * MINUTE
        self.in_room(who, where, f"RENAME {{}} {self.new('#other')} :why not")

    def in_room(self, who: str, where: str, line: str) -> None:
        """Let somebody do something in a room; `{}` is its name."""
        witness = self.here(who)
        if witness is not None and self.may_go(who, where):
            self.run(self.town.does((witness, line.format(self.name_of(where)))))

    # -- people --------------------------------------------------------------------------------

    @rule(who=WHO)
    def nick(self, who: str) -> None:
        if witness := self.here(who):
            self.run(self.town.does((witness, f"NICK {self.new(who)}")))

    @rule(who=st.sampled_from(["anna", "bert", "carl"]), back=st.booleans())
    def leave(self, who: str, *, back: bool) -> None:
        if self.here(who):
            self.run(self.town.goes(who, self.new("bye")))
        if back:
            self.come(who)

    @rule(who=st.sampled_from(["anna", "bert", "carl"]))
    def come(self, who: str) -> None:
        if not self.here(who):
            self.run(self.comes(who))

    async def comes(self, who: str) -> None:
        await self.town.comes(who)

    @rule(who=st.sampled_from(["olga", "anna"]))
    def take_over(self, who: str) -> None:
        if witness := self.here(who):
            self.run(self.town.takes_over(witness))

    @rule()
    def restart(self) -> None:
        self.run(self.town.restart())

    @rule(much=st.sampled_from([1, MINUTE, 3 * HOUR]))
    def time_passes(self, much: int) -> None:
        self.town.clock.time += much

    # -- what must be so -----------------------------------------------------------------------

    @rule(who=WHO, size=SIZE)
    def look_back(self, who: str, size: int) -> None:
        if witness := self.here(who):
            self.run(self.look_at_all(witness, size))

    async def look_at_all(self, witness: Witness, size: int) -> None:
        rooms = {place.name: place for place in witness.since}
        for name, place in (rooms | self.town.known(witness)).items():
            await self.town.look_back(witness, name, place, size)
        if not witness.is_bare:
            await self.town.targets(witness)

    @rule(who=TAGGED, words=st.lists(WORD, max_size=2), sender=st.sampled_from(["", *CAPS]))
    def search(self, who: str, words: list[str], sender: str) -> None:
        nick = self.town.witnesses[sender].nick if sender else ""
        witness = self.here(who)
        if witness is not None and (words or nick):
            self.run(self.town.find(witness, tuple(words), nick))

    @rule(where=ROOM, size=SIZE)
    def visit(self, where: str, size: int) -> None:
        """Somebody who was never here finds what everybody has heard, and no more."""
        self.run(self.visits(self.new("guest"), where, size))

    async def visits(self, name: str, where: str, size: int) -> None:
        visitor = await self.town.comes(name)
        await self.town.enters(visitor, self.name_of(where))
        await self.look_at_all(visitor, size)
        await self.town.find(visitor, ("tea",), "")
        await self.town.goes(name, "seen it")
        del self.town.witnesses[name]

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self.run(self.end())
        finally:
            self.runner.close()
            self.folder.cleanup()

    async def end(self) -> None:
        try:
            for witness in self.town.here:
                await self.look_at_all(witness, 4)
                if not witness.is_bare:
                    await self.town.find(witness, ("tea",), "")
        finally:
            await self.town.close()


TestHistory = pytest.mark.timeout(300)(pytest.mark.slow(History.TestCase))
TestHistory.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
