r"""Plays: conversations written down as people would tell them, and how they are performed.

    # Two with one name            what is shown; the first comment is the title
    set history.replay = 0         a setting of the server (docs/configuration.md), as JSON
    doors: classic                 who can speak it; without this line every door can
    operator: root secret          somebody who may act for the server, and the password

    alice arrives                  `… as "Alice!"`, `… with headers of 64`, `… by WebSocket`
    other arrives as "alice"
    other is called alice_2
    alice sees alice_2 arrive
    other says: hello              a text in quotes is JSON: "two\nlines"
    alice hears alice_2: hello
    other hears nothing            proved by a barrier, never by waiting

`LINES` below is the whole language. Each line is one step, carried out in order; what an actor
hears must come in the order in which the play has it hear, with nothing between. In what it is
told `…` stands for anything, a time of the day for one; in what it types `{last}` is the msgid of
what it said last, and `{heard}` of what it heard last. Blank lines and what follows ` #` are for
readers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conversations.actor import Heard, What
from conversations.casting import WAYS
from hubbub.server.config import Operator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from conversations.actor import Actor
    from conversations.casting import Casting
    from conversations.stage import Stage

TIMES = "(?: (?P<times>[0-9]+) times)?"
"""A line said or heard several times; `{n}` in its text counts from 1."""


@dataclass(frozen=True)
class Play:
    """A script: its lines with their numbers, and what its head says."""

    path: Path
    lines: list[tuple[int, str]]
    settings: dict[str, Any] = field(default_factory=dict)
    doors: frozenset[str] | None = None

    @property
    def wants_a_disk(self) -> bool:
        """Whether it can only be performed where things are kept."""
        return any(line == "the server restarts" for _, line in self.lines)


def read(path: Path) -> Play:
    """The play in a file."""
    play = Play(path, [])
    doors = None
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = re.sub(r"(^| +)#( .*)?$", "", raw).strip()
        if found := re.fullmatch(r"set (\S+) = (.*)", line):
            play.settings[found[1]] = json.loads(found[2])
        elif found := re.fullmatch(r"operator: (\S+) (\S+)", line):
            play.settings["irc.operators"] = (Operator(name=found[1], password=found[2]),)
        elif found := re.fullmatch(r"doors: (.*)", line):
            doors = frozenset(found[1].split())
        elif line:
            play.lines.append((number, line))
    return Play(path, play.lines, play.settings, doors)


class Performance:
    """One performance of a play: a stage, and an actor for each part that comes on."""

    def __init__(self, play: Play, stage: Stage, casting: Casting) -> None:
        self._play = play
        self._stage = stage
        self._casting = casting
        self._cast: dict[str, Actor] = {}
        self._long = ""

    async def perform(self) -> None:
        """Carry out every line; fails with the line that did not come true."""
        try:
            for number, line in self._play.lines:
                try:
                    await self._carry_out(line)
                except Exception as error:
                    where = f"{self._play.path.name}:{number}: {line}"
                    raise AssertionError(f"{where}\n{error!r}") from error
        finally:
            for actor in self._cast.values():
                await actor.close()

    async def _carry_out(self, line: str) -> None:
        for pattern, carry_out in LINES.items():
            if found := re.fullmatch(pattern, line):
                await carry_out(self, **found.groupdict())
                return
        raise AssertionError("no such line; see LINES in conversations/play.py")

    # -- what actors do ------------------------------------------------------------------------

    async def arrives(self, who: str, name: str | None, width: str | None, way: str | None) -> None:
        if old := self._cast.pop(who, None):
            await old.close()
        actor = self._cast[who] = self._casting(way, int(width) if width else None)
        await actor.arrive(self._stage.port, who if name is None else json.loads(name))

    async def says(self, who: str, text: str, times: str | None) -> None:
        for words in repeated(text, times):
            await self._cast[who].say(words)

    async def says_much(self, who: str, size: str) -> None:
        words = (f"word-{number} " for number in range(int(size)))
        self._long = "".join(words)[: int(size)]
        await self._cast[who].say(self._long)

    async def whispers(self, who: str, nick: str, text: str) -> None:
        await self._cast[who].whisper(nick, spoken(text))

    async def types(self, who: str, text: str) -> None:
        await self._cast[who].type(spoken(text))

    async def leaves(self, who: str) -> None:
        await self._cast[who].leave()

    async def hangs_up(self, who: str) -> None:
        await self._cast[who].hang_up()

    async def vanishes(self, who: str) -> None:
        self._cast[who].vanish()

    async def stops_reading(self, who: str) -> None:
        self._cast[who].stop_reading()

    async def reads_again(self, who: str) -> None:
        self._cast[who].read_again()

    async def restarts(self) -> None:
        await self._stage.restart()

    # -- what actors hear ----------------------------------------------------------------------

    async def hears(self, who: str, nick: str, text: str, times: str | None) -> None:
        for words in repeated(text, times):
            await self._expect(who, Heard(What.SAYS, nick, words))

    async def hears_in_room(self, who: str, nick: str, room: str, text: str) -> None:
        await self._expect(who, Heard(What.SAYS, nick, spoken(text), room))

    async def hears_all_of_it(self, who: str, nick: str) -> None:
        heard = ""
        while heard != self._long:
            one = await self._cast[who].hear()
            assert (one.what, one.who) == (What.SAYS, nick), f"heard instead: {one}"
            heard += one.text
            assert self._long.startswith(heard), f"heard instead: {one}"

    async def hears_whisper(self, who: str, nick: str, text: str) -> None:
        await self._expect(who, Heard(What.WHISPERS, nick, spoken(text)))

    async def is_shown(self, who: str, nick: str, text: str) -> None:
        await self._expect(who, Heard(What.SAID, nick, spoken(text)))

    async def is_called(self, who: str, nick: str) -> None:
        await self._expect(who, Heard(What.NAMED, nick))

    async def sees(self, who: str, nick: str, what: str) -> None:
        await self._expect(who, Heard(What(f"{what}s"), nick))

    async def sees_deed(self, who: str, nick: str, deed: str) -> None:
        await self._expect(who, Heard(What.DOES, nick, deed))

    async def knows_of(self, who: str, nick: str) -> None:
        await self._expect(who, Heard(What.REACHES, nick))

    async def is_answered(self, who: str, label: str, text: str) -> None:
        await self._expect(who, Heard(What.ANSWERED, label, text))

    async def is_told(self, who: str, text: str) -> None:
        heard = await self._cast[who].hear()
        parts = map(re.escape, spoken(text).split("…"))
        assert heard.what is What.TOLD, f"heard instead: {heard}"
        assert re.fullmatch(".+".join(parts), heard.text), f"heard instead: {heard}"

    async def is_told_in_the_end(self, who: str, text: str) -> None:
        await self._skip_to(who, Heard(What.TOLD, text=spoken(text)))

    async def hears_in_the_end(self, who: str, nick: str, text: str) -> None:
        await self._skip_to(who, Heard(What.SAYS, nick, spoken(text)))

    async def is_refused(self, who: str, text: str | None) -> None:
        await self._expect_roughly(who, What.REFUSED, text)

    async def is_shut_out(self, who: str, text: str | None) -> None:
        await self._expect_roughly(who, What.GONE, text)

    async def hears_nothing(self, who: str) -> None:
        heard = await self._cast[who].hear_all()
        assert not heard, f"heard: {'; '.join(map(str, heard))}"

    async def _skip_to(self, who: str, wanted: Heard) -> None:
        """Much may come before, all of it whole: talk, and word of the gaps in it."""
        while (heard := await self._cast[who].hear()) != wanted:
            assert heard.what in (What.SAYS, What.TOLD), f"heard instead: {heard}"

    async def _expect_roughly(self, who: str, what: What, text: str | None) -> None:
        """Each protocol has words of its own for it, which a play need not give."""
        heard = await self._cast[who].hear()
        assert heard.what is what, f"heard instead: {heard}"
        assert text is None or heard.text == spoken(text), f"heard instead: {heard}"

    async def _expect(self, who: str, wanted: Heard) -> None:
        heard = await self._cast[who].hear()
        assert heard == wanted, f"heard instead: {heard}"


def spoken(text: str) -> str:
    """The text of a line: in quotes it is JSON, else it stands for itself."""
    return str(json.loads(text)) if text.startswith('"') else text


def repeated(text: str, times: str | None) -> list[str]:
    """The text as often as it is said, each with its number."""
    return [spoken(text).replace("{n}", str(number)) for number in range(1, int(times or 1) + 1)]


WHO = r"(?P<who>[a-z]+)"
NICK = r"(?P<nick>\S+)"
TEXT = r": (?P<text>.+)"

LINES: dict[str, Callable[..., Awaitable[None]]] = {
    rf'{WHO} arrives(?: as (?P<name>".*"))?(?: with headers of (?P<width>\d+))?'
    rf"(?: by (?P<way>{'|'.join(WAYS)}))?": Performance.arrives,
    rf"{WHO} says a text of (?P<size>\d+) characters": Performance.says_much,
    rf"{WHO} says{TIMES}{TEXT}": Performance.says,
    rf"{WHO} whispers to {NICK}{TEXT}": Performance.whispers,
    rf"{WHO} types{TEXT}": Performance.types,
    rf"{WHO} leaves": Performance.leaves,
    rf"{WHO} hangs up": Performance.hangs_up,
    rf"{WHO} vanishes": Performance.vanishes,
    rf"{WHO} stops reading": Performance.stops_reading,
    rf"{WHO} reads again": Performance.reads_again,
    r"the server restarts": Performance.restarts,
    rf"{WHO} hears (?P<nick>[^\s:]+) in the end{TEXT}": Performance.hears_in_the_end,
    rf"{WHO} hears nothing(?: more)?": Performance.hears_nothing,
    rf"{WHO} hears all of it from {NICK}": Performance.hears_all_of_it,
    rf"{WHO} hears {NICK} whisper{TEXT}": Performance.hears_whisper,
    rf"{WHO} hears (?P<nick>[^\s:]+){TIMES}{TEXT}": Performance.hears,
    rf"{WHO} hears {NICK} in (?P<room>[@+]?#\S+){TEXT}": Performance.hears_in_room,
    rf"{WHO} is shown what {NICK} said{TEXT}": Performance.is_shown,
    rf"{WHO} is called {NICK}": Performance.is_called,
    rf"{WHO} sees {NICK} (?P<what>arrive|leave)": Performance.sees,
    rf"{WHO} sees {NICK} (?P<deed>.+)": Performance.sees_deed,
    rf"{WHO} knows that {NICK} was told": Performance.knows_of,
    rf"{WHO} is answered (?P<label>\w+){TEXT}": Performance.is_answered,
    rf"{WHO} is told{TEXT}": Performance.is_told,
    rf"{WHO} is told in the end{TEXT}": Performance.is_told_in_the_end,
    rf"{WHO} is refused(?:: (?P<text>.+))?": Performance.is_refused,
    rf"{WHO} is shut out(?:: (?P<text>.+))?": Performance.is_shut_out,
}
"""All that can happen in a play. Add a line here when a story needs one; nicks have no spaces."""
