"""The people of the town: what they do, one deed or several at once.

A deed that nobody can do at the moment (they are away, there is nothing to react to) is left out:
it raises `LookupError`. Whether it is allowed is for the server to say.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from hubbub.wire.irc.tags import escape
from properties.chronicle import TALK
from properties.town import CAPS, LOBBY, Town

if TYPE_CHECKING:
    from properties.chronicle import Item
    from properties.witness import Witness

    Deed = tuple[Witness | None, str]

FIRST_NAMES: Final = {"lobby": LOBBY, "tea": "#tea", "attic": "#attic"}
WITH_MSGIDS: Final = frozenset({"olga", "anna", "bert"})
ANSWERABLE: Final = TALK | {"TAGMSG"}
STRAY: Final = 9
RENAMED_LATELY: Final = 60_000


class People:
    """Those who talk and move in a town. `meant` are the messages that this turn is about."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._places = {where: town.room(name) for where, name in FIRST_NAMES.items()}
        self._count = 0
        self._meant: set[str] = set()

    async def do(self, what: str, *how: Any) -> None:
        """Do something that takes a turn of its own."""
        with suppress(LookupError):
            await getattr(self, what)(*how)

    async def talk(self, deeds: list[tuple[Any, ...]]) -> None:
        """Let some talk at once, of one another's words, too."""
        self._meant.clear()
        done: list[Deed] = []
        for what, *how in deeds:
            with suppress(LookupError):
                done.append(getattr(self, what)(*how))
        if done:
            await self.town.does(*done)

    # -- who and where -------------------------------------------------------------------------

    def witness(self, name: str) -> Witness:
        """A witness who is here. Raises `LookupError`."""
        witness = self.town.witnesses[name]
        if not witness.person.is_here:
            raise LookupError(name)
        return witness

    def room(self, who: str, where: str) -> str:
        """The name that a room has today; `old` is what one of them was called once.

        carl goes only where olga hears what he does. Raises `LookupError`.
        """
        name = self._places[where].name if where in self._places else "#tea"
        if who == "carl" and self.town.room(name) not in self.town.witnesses["olga"].since:
            raise LookupError(where)
        return name

    def new(self, stem: str) -> str:
        """Something that was never there before."""
        self._count += 1
        return f"{stem}{self._count}"

    # -- talk ----------------------------------------------------------------------------------

    def say(self, who: str, where: str, how: str, words: list[str]) -> Deed:
        """Words in a room, to those with a role there, or to somebody."""
        texts = [f"{text} {self.new('n')}" for text in words]
        if who == "klaus":
            return self._say_it_in_classic(where, texts)
        witness = self.witness(who)
        target = self._target(who, where, how)
        if how == "ACTION":
            texts = [f"\x01ACTION {texts[0]}\x01"]
        command = "NOTICE" if how == "NOTICE" else "PRIVMSG"
        if len(texts) == 1 or not witness.has("draft/multiline"):
            return witness, f"{command} {target} :{texts[0]}"
        lines = [f"@batch=m {command} {target} :{text}" for text in texts]
        return witness, "\r\n".join([f"BATCH +m draft/multiline {target}", *lines, "BATCH -m"])

    def _say_it_in_classic(self, where: str, texts: list[str]) -> Deed:
        if where == "lobby":
            return None, "\n".join(texts)
        if where not in WITH_MSGIDS:
            raise LookupError(where)
        return None, f"/msg {self.witness(where).nick} {texts[0]}"

    def _target(self, who: str, where: str, how: str) -> str:
        """Whom somebody may talk to, so that one of the two knows the msgid."""
        if where not in CAPS and where != "klaus":
            if who == "carl" and how in "@+" and where != "tea":
                raise LookupError(where)  # elsewhere olga has no role, and would not hear it
            return f"{how if how in '@+' else ''}{self.room(who, where)}"
        if who == "carl" and where not in WITH_MSGIDS:
            raise LookupError(where)
        return where if where == "klaus" else self.witness(where).nick

    def react(self, who: str, index: int, back: str) -> Deed:
        """A reaction to something, or one taken back."""
        name, item = self._about(who, index, ANSWERABLE)
        tags = f"+draft/{back}react=👍;+draft/reply={item.msgid}"
        return self.witness(who), f"@{tags} TAGMSG {name}"

    def edit(self, who: str, index: int, words: list[str]) -> Deed:
        """Other words for something; for those of others it is refused."""
        name, item = self._about(who, index, TALK)
        text = escape("\n".join(f"{text} {self.new('e')}" for text in words))
        tags = f"hubbub.chat/target-msgid={item.msgid};hubbub.chat/edit-text={text}"
        return self.witness(who), f"@{tags} EDIT {name}"

    def redact(self, who: str, index: int, why: str) -> Deed:
        """Take something away."""
        name, item = self._about(who, index, ANSWERABLE)
        return self.witness(who), f"REDACT {name} {item.msgid}{why}"

    def _about(self, who: str, index: int, kinds: frozenset[str]) -> tuple[str, Item]:
        """Something that somebody has heard, counted from the last, and the name of its place; of
        the tenth that of another.

        Of what only some have heard one thing happens at a time: else who hears of the one and not
        of the other could not tell which was first.
        """
        witness = self.witness(who)
        places = {place.name: place for place in witness.since} | self.town.known(witness)
        heard = [
            (name, item)
            for name, place in places.items()
            for item in witness.logs.get(place, [])
            if item.command in kinds
        ]
        if not heard:
            raise LookupError(who)
        heard.sort(key=lambda one: one[1].time, reverse=True)
        name, item = heard[index % len(heard)]
        if item.sign and item.msgid in self._meant:
            raise LookupError(item.msgid)
        self._meant.add(item.msgid)
        if index == STRAY:  # a msgid means nothing in another place
            name = next((other for other in places if other != name), name)
        return name, item

    # -- rooms ---------------------------------------------------------------------------------

    async def topic(self, who: str, where: str, words: str) -> None:
        """Say what a room is about."""
        await self._in_room(who, where, f"TOPIC {{}} :{words} {self.new('t')}")

    async def mode(self, who: str, where: str, change: str) -> None:
        """Change a room; names in the change are those of witnesses."""
        nicks = {name: one.nick for name, one in self.town.witnesses.items()}
        await self._in_room(who, where, f"MODE {{}} {change.format(**nicks)}")

    async def kick(self, who: str, where: str, victim: str) -> None:
        """Send somebody out."""
        await self._in_room(who, where, f"KICK {{}} {self.town.witnesses[victim].nick} :out")

    async def rename(self, who: str, where: str) -> None:
        """Call a room otherwise."""
        self.town.clock.time += RENAMED_LATELY
        await self._in_room(who, where, f"RENAME {{}} {self.new('#other')} :why not")

    async def part(self, who: str, where: str, why: str) -> None:
        """Leave a room."""
        await self._in_room(who, where, f"PART {{}}{why}")

    async def join(self, who: str, where: str, invited: bool) -> None:
        """Enter a room, asked by olga or unasked."""
        witness, name = self.witness(who), self.room(who, where)
        if invited:
            await self.town.does((self.witness("olga"), f"INVITE {witness.nick} {name}"))
        await self.town.enters(witness, name)

    async def _in_room(self, who: str, where: str, line: str) -> None:
        """Send a line about a room; `{}` is its name."""
        await self.town.does((self.witness(who), line.format(self.room(who, where))))

    # -- people --------------------------------------------------------------------------------

    async def nick(self, who: str) -> None:
        """Go by another name."""
        await self.town.does((self.witness(who), f"NICK {self.new(who)}"))

    async def leave(self, who: str) -> None:
        """Go home."""
        self.witness(who)
        await self.town.goes(who, self.new("bye"))

    async def come(self, who: str) -> None:
        """Come again."""
        if not self.town.witnesses[who].person.is_here:
            await self.town.comes(who)

    async def leave_and_come(self, who: str) -> None:
        """Be gone for a moment."""
        await self.leave(who)
        await self.come(who)

    async def take_over(self, who: str) -> None:
        """Connect anew before the old connection is gone."""
        await self.town.takes_over(self.witness(who))

    # -- who looks back ------------------------------------------------------------------------

    async def look_back(self, who: str, size: int) -> None:
        """Page through all that there is."""
        await self.look_at_all(self.witness(who), size)

    async def look_at_all(self, witness: Witness, size: int) -> None:
        """Page through all that a witness may read."""
        rooms = {place.name: place for place in witness.since}
        for name, place in (rooms | self.town.known(witness)).items():
            await self.town.look_back(witness, name, place, size)
        if not witness.is_bare:
            await self.town.targets(witness)

    async def search(self, who: str, words: list[str], sender: str) -> None:
        """Look for words, or for what somebody has said."""
        nick = self.town.witnesses[sender].nick if sender else ""
        if words or nick:
            await self.town.find(self.witness(who), tuple(words), nick)

    async def visit(self, where: str, size: int) -> None:
        """Let somebody who was never here look around."""
        name = self.new("guest")
        visitor = await self.town.comes(name)
        await self.town.enters(visitor, self.room(name, where))
        await self.look_at_all(visitor, size)
        await self.town.find(visitor, ("tea",), "")
        await self.town.goes(name, "seen it")
        del self.town.witnesses[name]

    async def all_look_back(self) -> None:
        """Let everybody who is here look back and search."""
        for witness in self.town.here:
            await self.look_at_all(witness, 4)
            if not witness.is_bare:
                await self.town.find(witness, ("tea",), "")
                await self.town.find(witness, ("cafe", "green"), "")
                await self.town.find(witness, (), witness.nick)
