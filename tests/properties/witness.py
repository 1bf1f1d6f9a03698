"""A witness: a client that keeps what it hears, as clients do, and looks it up again.

What it asks of the server are pages and searches; whether the answers are right is for `town`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from doors.irc.client import Client
from doors.irc.test_resume import CAPABILITY, arrive, come_back
from hubbub.wire.irc.line import Line
from properties.chronicle import (
    KEY,
    MANY_PLACES,
    RANKS,
    TALK,
    Item,
    Person,
    Place,
    Rank,
    item_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from properties.town import Town

BARE: Final[tuple[str, ...]] = ()
TAGGED: Final = ("message-tags", "server-time", "batch", "echo-message", "draft/chathistory")
FOUND: Final = (*TAGGED, "soju.im/search")
PLAYED: Final = (*FOUND, "draft/event-playback")
AMENDED: Final = (*PLAYED, "draft/message-redaction", "hubbub.chat/edit")
ALL: Final = (*AMENDED, "draft/channel-rename", "draft/multiline", CAPABILITY)

MOST: Final = 200
"""What one CHATHISTORY gives at most."""
EVER: Final = ("timestamp=2000-01-01T00:00:00.000Z", "timestamp=2200-01-01T00:00:00.000Z")
_STAMP: Final = re.compile(r"\[[^]]+\] ")


@dataclass(eq=False)
class Witness:
    """Somebody with a client of some capabilities. `since` says when they entered each room."""

    name: str
    person: Person
    caps: tuple[str, ...]
    token: str = ""
    logs: dict[Place, list[Item]] = field(default_factory=dict)
    since: dict[Place, int] = field(default_factory=dict)
    members: dict[Place, set[str]] = field(default_factory=dict)

    @property
    def nick(self) -> str:
        """What they are called."""
        return self.person.nick

    def has(self, *names: str) -> bool:
        """Whether the client has these capabilities."""
        return set(names) <= set(self.caps)

    @property
    def is_bare(self) -> bool:
        """Whether the client knows no tags, so that it cannot tell which line is which."""
        return not self.has("message-tags")

    # -- coming and going ----------------------------------------------------------------------

    async def come(self, port: int) -> None:
        """Connect, as the person of before if there is a token."""
        self.client = await Client(port).__aenter__()
        others = [name for name in self.caps if name != CAPABILITY]
        if self.token:
            await come_back(self.client, self.token, self.nick, *others)
        elif self.has(CAPABILITY):
            self.token = await arrive(self.client, self.nick, *others)
        else:
            await self.client.arrive(self.nick, *others)
        self.person.is_here = True

    async def go(self, town: Town, reason: str) -> None:
        """Take what is heard until the server closes; the last of it is that one has left."""
        self.take(town, await self.client.rest())
        await self.client.__aexit__(None, None, None)
        gone = Item("QUIT", self.nick, (reason,), time=town.moment)
        for place in self.since:
            place.note(gone, self.person, town.step)
        self.since.clear()
        self.members.clear()
        self.person.is_here = False

    # -- what is heard -------------------------------------------------------------------------

    def take(self, town: Town, lines: list[Line]) -> None:
        """Put down what was heard."""
        for line, item in whole(lines):
            if line.command == "353":
                names = line.params[-1].split()
                self.members[town.room(line.params[2])] = {name.lstrip("@+") for name in names}
            elif item is not None and not (self.is_bare and item.command == "TAGMSG"):
                for place in self._places(town, item, line):
                    self._keep(town, place, item)
                self._follow(town, item, line)

    def _places(self, town: Town, item: Item, line: Line) -> list[Place]:
        if item.command in MANY_PLACES:
            return [place for place, names in self.members.items() if item.who in names]
        target = line.params[0].lstrip("@+")
        if target.startswith("#"):
            return [town.room(target)]
        return [town.conversation(town.named[item.who], town.named[target])]

    def _keep(self, town: Town, place: Place, item: Item) -> None:
        """Put a line down in the log of a place; what was heard before is not put down again."""
        if place not in self.logs:
            self.logs[place] = []
            place.logs.append(self.logs[place])
        log = self.logs[place]
        if self.is_bare:
            log += [item] if item.command in TALK else []
        elif item not in log and place.note(item, town.named[item.who], town.step):
            log.append(item)

    def _follow(self, town: Town, item: Item, line: Line) -> None:
        """Know who is where, and what they are called."""
        if item.command == "NICK":
            town.renames(item.who, item.words[0])
            for names in self.members.values():
                if item.who in names:
                    names.remove(item.who)
                    names.add(item.words[0])
            return
        if item.command == "QUIT":
            for names in self.members.values():
                names.discard(item.who)
            return
        leaves = {"PART": item.who, "KICK": item.words[0] if item.words else ""}.get(item.command)
        place = town.room(line.params[0]) if leaves or item.command == "JOIN" else None
        if place is None:
            return
        if item.command == "JOIN":
            if item.who == self.nick:
                self.since[place] = town.step
            self.members.setdefault(place, set()).add(item.who)
        elif leaves == self.nick:
            del self.since[place]
            self.members.pop(place, None)
        elif leaves:
            self.members[place].discard(leaves)

    # -- what is asked -------------------------------------------------------------------------

    async def rank(self, place: Place) -> Rank:
        """What they are in a room."""
        self.client.send(f"NAMES {place.name}")
        for line in await self.client.heard():
            if line.command == "353":
                for name in line.params[-1].split():
                    if name.lstrip("@+") == self.nick:
                        return RANKS.get(name[0], Rank.NONE)
        raise AssertionError(f"{self.nick} is not in {place.name}")

    async def is_closed(self, place: Place) -> bool:
        """Whether a room is for those with a key or an invitation."""
        self.client.send(f"MODE {place.name}")
        (modes,) = [line.params[2] for line in await self.client.heard() if line.command == "324"]
        return "k" in modes or "i" in modes

    async def ask(self, question: str) -> list[tuple[str, Item]]:
        """What is in a page, each line with its msgid."""
        self.client.send(f"CHATHISTORY {question}")
        lines = await self.client.heard()
        assert lines, question
        assert lines[0].command == "BATCH", lines
        return found(lines[1:-1])

    async def back(self, name: str, size: int) -> list[tuple[str, Item]]:
        """All of a place, by pages from the end."""
        pages = page = await self.ask(f"LATEST {name} * {size}")
        while page:
            page = await self.ask(f"BEFORE {name} msgid={page[0][0]} {size}")
            pages = page + pages
        return pages

    async def ahead(self, name: str, size: int) -> list[tuple[str, Item]]:
        """All of a place, by pages from the beginning."""
        pages = page = await self.ask(f"AFTER {name} {EVER[0]} {size}")
        while page:
            page = await self.ask(f"AFTER {name} msgid={page[-1][0]} {size}")
            pages = pages + page
        return pages

    async def between(self, name: str, size: int) -> list[tuple[str, Item]]:
        """All of a place, by pages between two ends that come nearer."""
        first, last = EVER
        early: list[tuple[str, Item]] = []
        late: list[tuple[str, Item]] = []
        while page := await self.ask(f"BETWEEN {name} {first} {last} {size}"):
            early += page
            first = f"msgid={page[-1][0]}"
            page = await self.ask(f"BETWEEN {name} {last} {first} {size}")
            late = page + late
            if not page:
                break
            last = f"msgid={page[0][0]}"
        return early + late

    async def typed(self, name: str) -> list[Item]:
        """All of a place as a client shows it that knows nothing of history: lines, and times."""
        self.client.send(f"CHATHISTORY LATEST {name} * {MOST}")
        lines = await self.client.heard()
        if len(lines) > 1:
            lines = lines[1:-1]
        items = [item for line in lines if (item := item_of(line)) is not None]
        return [replace(item, words=(_STAMP.sub("", item.text, count=1),)) for item in items]

    async def search(self, attributes: str) -> list[tuple[str, Item]]:
        """What is found, each line with its target."""
        self.client.send(f"SEARCH {attributes};limit={MOST}")
        lines = await self.client.heard()
        assert lines[0].command == "BATCH", lines
        shown = list(whole(lines[1:-1]))
        return [(line.params[0], item) for line, item in shown if item is not None]

    # -- what is done --------------------------------------------------------------------------

    def enter(self, name: str) -> None:
        """Enter a room, whether or not it has a key."""
        self.client.send(f"JOIN {name} {KEY}")


def found(lines: list[Line]) -> list[tuple[str, Item]]:
    """The lines of a batch as items, each with its msgid."""
    items = []
    for line, item in whole(lines):
        assert item is not None, line
        items.append((line.tags["msgid"], item))
    return items


def whole(lines: list[Line]) -> Iterator[tuple[Line, Item | None]]:
    """Lines with the items that they are; several of one message are one, as the first of them."""
    waiting: tuple[Line, Item | None] | None = None
    for line in unfolded(lines):
        item = item_of(line)
        if line.command in TALK and line.tags.keys() >= {"time"} and "msgid" not in line.tags:
            # "multiline": without it, only the first line has the msgid.
            first, begun = waiting if waiting is not None else (line, None)
            if item is not None and begun is not None:
                waiting = first, replace(begun, words=(f"{begun.text}\n{item.text}",))
            continue
        if waiting is not None:
            yield waiting
        waiting = line, item
    if waiting is not None:
        yield waiting


def unfolded(lines: list[Line]) -> Iterator[Line]:
    """Lines in which a message that came as a batch is one line, however long."""
    inside: dict[str, list[Line]] = {}
    begun: dict[str, Line] = {}
    for line in lines:
        reference = line.params[0][1:] if line.command == "BATCH" else line.tags.get("batch", "")
        if line.command == "BATCH" and line.params[1:2] == ["draft/multiline"]:
            begun[reference], inside[reference] = line, []
        elif line.command == "BATCH" and reference in begun:
            first, parts = begun.pop(reference), inside.pop(reference)
            text = "\n".join(part.params[1] for part in parts)
            yield Line(parts[0].command, [first.params[2], text], first.tags, first.source)
        elif reference in begun:
            inside[reference].append(line)
        else:
            yield line
