"""The town: a real server with witnesses who talk, and what must be so whenever one looks back.

`look_back` and `find` hold an answer of the server against the chronicle. Who may read what is
asked of the server where it shows it (who has a sign, how a room is), and else written down here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from conversations.stage import Stage
from doors.peer import Peer, arrived
from properties.chronicle import TALK, Item, Noted, Person, Place
from properties.witness import ALL, AMENDED, BARE, EVER, MOST, Witness

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.wire.irc.line import Line

T = TypeVar("T")

START: Final = 1_800_000_000_000
LOBBY: Final = "#lobby"
STOPPED: Final = "the server stopped"
ESCAPED_SPACE: Final = r"\s"
SETTINGS: Final = {
    "history.replay": 0,
    "limits.messages_per_second": 0,
    "durability": "os",
}
SHOWN_BY: Final = {"REDACT": "draft/message-redaction", "EDIT": "hubbub.chat/edit"}
CAPS: Final = {
    "olga": ALL,
    "bert": AMENDED,
    "anna": tuple(name for name in ALL if name not in SHOWN_BY.values()),
    "carl": BARE,
}
ROOMS: Final = {
    "olga": (LOBBY, "#tea"),
    "anna": (LOBBY, "#attic", "#tea"),
    "bert": (LOBBY, "#attic", "#tea"),
    "carl": ("#tea", LOBBY),
}
"""Where they are at first."""


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self.time


class Town:
    """A server in a folder and those who come to it. `step` counts what has been done.

    olga sees everything in the rooms where carl and klaus go, and never leaves them: their clients
    know no msgids, so somebody has to hear what they do. anna's cannot be told of what was edited
    or taken away; bert's knows neither of rooms that are renamed, nor of messages of several lines,
    nor how to come back as who he was.
    """

    def __init__(self, folder: Path, visible: str) -> None:
        self.clock = Clock()
        self.is_closed = visible == "since-join"
        settings = {**SETTINGS, "history.visible": visible}
        self.stage = Stage(folder, settings, clock=self.clock)
        self.step = 0
        self.rooms: dict[str, Place] = {}
        self.conversations: dict[frozenset[Person], Place] = {}
        self.named: dict[str, Person] = {}
        self.witnesses: dict[str, Witness] = {}
        self.klaus: Peer | None = None

    # -- who and where -------------------------------------------------------------------------

    @property
    def moment(self) -> str:
        """What the clock says, as servers write it."""
        moment = datetime.fromtimestamp(self.clock.time / 1000, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{self.clock.time % 1000:03d}Z"

    @property
    def here(self) -> list[Witness]:
        """The witnesses that are connected; who hears of more is asked first."""
        here = [one for one in self.witnesses.values() if one.person.is_here]
        return sorted(here, key=lambda one: not one.has(*SHOWN_BY.values()))

    def room(self, name: str) -> Place:
        """The room of that name."""
        return self.rooms.setdefault(name.lower(), Place(name))

    def conversation(self, one: Person, other: Person) -> Place:
        """The conversation of two, or of one with themselves."""
        persons = frozenset({one, other})
        return self.conversations.setdefault(persons, Place(persons=persons))

    def renames(self, old: str, new: str) -> None:
        """Know somebody by another name as well."""
        person = self.named[new] = self.named[old]
        person.nick = new

    # -- what happens --------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the server, and let all come and enter; klaus last, since others have to hear it."""
        await self.stage.__aenter__()
        for name, rooms in ROOMS.items():
            witness = await self.comes(name)
            for room in rooms:
                await self.enters(witness, room)
        await self.klaus_comes()

    async def close(self) -> None:
        """End it all."""
        if self.klaus is not None:
            self.klaus.close()
        for witness in self.here:
            await witness.client.__aexit__(None, None, None)
        await self.stage.stop()

    def begin(self) -> None:
        """Let time pass between two steps."""
        self.step += 1
        self.clock.time += 1

    async def comes(self, name: str) -> Witness:
        """Let a witness come (back), as who they were if their client knows how."""
        self.begin()
        witness = self.witnesses.get(name)
        if witness is None or not witness.token:
            witness = self.witnesses[name] = Witness(name, Person(name), CAPS.get(name, ALL))
        await witness.come(self.stage.port)
        self.named[witness.nick] = witness.person
        return witness

    async def goes(self, name: str, reason: str) -> None:
        """Let a witness leave."""
        self.begin()
        witness = self.witnesses[name]
        witness.client.send(f"QUIT :{reason}")
        await witness.go(self, f"Quit: {reason}")
        await self.settle()

    async def takes_over(self, witness: Witness) -> None:
        """Let somebody connect anew while the old connection is there still."""
        self.begin()
        former = witness.client
        await witness.come(self.stage.port)
        witness.take(self, await former.rest())
        await former.__aexit__(None, None, None)
        await self.settle()

    async def klaus_comes(self) -> None:
        """Let klaus come with his classic program."""
        self.begin()
        self.klaus = await Peer(self.stage.port).__aenter__()
        await arrived(self.klaus, "klaus")
        self.named["klaus"] = Person("klaus")
        await self.settle(klaus_spoke=True)

    async def restart(self) -> None:
        """Stop the server and start it again; all come back who were there, to where they were."""
        self.begin()
        were_here = [(one, list(one.since)) for one in self.here]
        await asyncio.gather(
            self.stage.stop(), self._klaus_goes(), *(one.go(self, STOPPED) for one in self.here)
        )
        await self.stage.restart()
        for former, places in were_here:
            witness = await self.comes(former.name)
            for place in places:
                await self.enters(witness, place.name)
        await self.klaus_comes()

    async def _klaus_goes(self) -> None:
        """Let klaus be told that the server stops."""
        assert self.klaus is not None
        await self.klaus.rest()
        self.klaus.close()
        self.klaus = None
        self.named["klaus"].is_here = False
        gone = Item("QUIT", "klaus", (STOPPED,), time=self.moment)
        self.room(LOBBY).note(gone, self.named["klaus"], self.step)

    async def enters(self, witness: Witness, name: str) -> None:
        """Let a witness enter a room."""
        self.begin()
        witness.enter(name)
        await self.settle()

    async def does(self, *deeds: tuple[Witness | None, str]) -> None:
        """Let witnesses send lines, or (None) klaus, all at once; then hear what comes of it."""
        self.begin()
        for witness, line in deeds:
            if witness is not None:
                witness.client.send(*line.split("\r\n"))
            elif self.klaus is not None:
                await self.klaus.say(line)
        await self.settle(klaus_spoke=any(who is None for who, _ in deeds))

    async def settle(self, *, klaus_spoke: bool = False) -> None:
        """Hear all that was caused so far: first all is decided, then all is heard of it."""
        here = self.here
        heard: list[list[Line]] = [[] for _ in here]
        for _ in range(2):
            more = await asyncio.gather(*(one.client.heard() for one in here))
            heard = [[*lines, *others] for lines, others in zip(heard, more, strict=True)]
            if self.klaus is not None and klaus_spoke:
                await self.klaus.until_answered()
        if renamed := [line for lines in heard for line in lines if line.command == "RENAME"]:
            # Those who do not know it are told that they leave, and enter: nothing is kept of that.
            old, new, *_ = renamed[0].params
            place = self.rooms.pop(old.lower())
            place.name = new
            self.rooms[new.lower()] = place
            return
        for witness, lines in zip(here, heard, strict=True):
            witness.take(self, lines)

    # -- what must be so -----------------------------------------------------------------------

    def known(self, witness: Witness) -> dict[str, Place]:
        """The conversations that somebody may read, by the name under which each is found.

        It is that of who has it now; or else the last with somebody who was called so there.
        """
        mine = [
            (place, one)
            for persons, place in self.conversations.items()
            if witness.person in persons and place.noted
            for one in (persons - {witness.person} or persons)
        ]
        mine.sort(key=lambda pair: max(noted.item.time for noted in pair[0].noted.values()))
        has = {one.nick: one.person for one in self.here} | {"klaus": self.named["klaus"]}
        found: dict[str, Place] = {}
        for place, other in reversed(mine):
            name = other.nick if other.is_here else place.last_name_of(other)
            if has.get(name, other) is other:
                found.setdefault(name, place)
        return found

    async def readable(self, witness: Witness, place: Place) -> list[Noted]:
        """What somebody may read of a place, as they would be shown it."""
        shown = [one for one in place.standing() if self._shows(witness, one.item)]
        if not witness.has("hubbub.chat/edit"):
            shown = [replace(one, item=replace(one.item, edited="")) for one in shown]
        if place.persons:
            return shown
        rank = await witness.rank(place)
        since = 0
        if self.is_closed or await witness.is_closed(place):
            since = witness.since[place]
        return [
            one
            for one in shown
            if one.step >= since and (one.author is witness.person or rank >= one.rank)
        ]

    @staticmethod
    def _shows(witness: Witness, item: Item) -> bool:
        if item.command in TALK:
            return True
        wanted = SHOWN_BY.get(item.command, "message-tags")
        return witness.has("draft/event-playback", wanted)

    async def look_back(self, witness: Witness, name: str, place: Place, size: int) -> None:
        """The past of a place is what was heard there, whichever way one pages through it."""
        expected = [one.item for one in await self.readable(witness, place)]
        if witness.is_bare:
            told = await witness.typed(name)
            lines = [line for item in expected for line in item.bare()]
            _require_same(told, lines, f"{witness.name} of {name}")
            _require_order(told, [witness.logs.get(place, [])])
            return
        shown = await witness.back(name, size)
        items = [item for _, item in shown]
        _require_same(items, expected, f"{witness.name} of {name}")
        _require_order(items, [log for log in place.logs if log and log[0].time])
        assert await witness.ahead(name, size) == shown
        assert await witness.between(name, size) == shown
        assert await witness.ask(f"LATEST {name} * {MOST}") == shown[-MOST:]
        if shown:
            await self._look_around(witness, name, shown, size)

    @staticmethod
    async def _look_around(
        witness: Witness, name: str, shown: list[tuple[str, Item]], size: int
    ) -> None:
        at = len(shown) // 2
        msgid, item = shown[at]
        moment = f"timestamp={item.time}"
        earlier = [one for one in shown if one[1].time < item.time][-MOST:]
        later = [one for one in shown if one[1].time > item.time]
        for question, expected in {
            f"AROUND {name} msgid={msgid} {size}": shown[max(0, at - size // 2) :][:size],
            f"BEFORE {name} {moment} {MOST}": earlier,
            f"AFTER {name} {moment} {MOST}": later[:MOST],
            f"LATEST {name} {moment} {MOST}": later[-MOST:],
        }.items():
            page = await witness.ask(question)
            assert page == expected, f"{question} of {shown} gives {page}"

    async def find(self, witness: Witness, words: tuple[str, ...], sender: str) -> None:
        """What a search finds is what a look at everything one may read would find."""
        places = {place.name: place for place in witness.since}
        expected = []
        for name, place in (places | self.known(witness)).items():
            for one in await self.readable(witness, place):
                if _matches(one.item, words, sender):
                    to = f"{one.item.sign}{name}"
                    if place.persons and one.author is not witness.person:
                        to = witness.nick
                    expected.append((to, one.item))
        attributes = [f"text={ESCAPED_SPACE.join(words)}"] if words else []
        attributes += [f"from={sender}"] if sender else []
        shown = await witness.search(";".join(attributes))
        assert [item.time for _, item in shown] == sorted(item.time for _, item in shown)
        _require_same(shown, expected, f"{witness.name} for {attributes}")

    async def targets(self, witness: Witness) -> None:
        """Where something was said is where something is to be read."""
        witness.client.send(f"CHATHISTORY TARGETS {EVER[0]} {EVER[1]} {MOST}")
        lines = await witness.client.heard()
        told = [line.params[1] for line in lines if line.command == "CHATHISTORY"]
        assert sorted(told) == sorted(set(told))
        assert set(told) >= self.known(witness).keys()


def _matches(item: Item, words: tuple[str, ...], sender: str) -> bool:
    """Whether a message has all words, and is of that sender."""
    if item.command not in TALK or sender not in {"", item.who}:
        return False
    said = item.text.lower().replace("é", "e").split()
    return all(word.lower().replace("é", "e") in said for word in words)


def _require_same(shown: list[T], expected: list[T], whose: str) -> None:
    """Nothing is missing, nothing is there twice, and nothing that should not be."""
    missing = [one for one in expected if one not in shown]
    added = [one for one in shown if one not in expected]
    assert (missing, added) == ([], []), f"{whose}: not shown {missing}, not heard {added}"
    assert len(shown) == len(expected), f"{whose}: shown twice {shown}"


def _require_order(shown: list[Item], logs: list[list[Item]]) -> None:
    """What anybody has heard stands in the order in which they heard it."""
    at = {item.key: index for index, item in enumerate(shown)}
    for log in logs:
        places = [at[item.key] for item in log if item.key in at]
        assert places == sorted(places), f"heard in another order: {log}"
