"""People: who is here, who they are, and what they call us."""

from __future__ import annotations

from hubbub.text.sanitise import one_line
from hubbub.tui.deeds.desk import AtDesk, need


class People(AtDesk):
    """The deeds of this area."""

    async def do_nick(self, words: str) -> None:
        """Be called otherwise."""
        need(words, "nick")
        session, _ = self._here()
        await self._connection().do("NICK", words)
        session.name = words

    async def do_away(self, words: str) -> None:
        """Say that we are away, or back."""
        await self._connection().do("AWAY", *([words] if words else []))
        self._desk.tell(f"you are away: {one_line(words)}" if words else "you are back")

    async def do_who(self, _: str) -> None:
        """Tell who is here."""
        buffer = self._here()[1]
        names = sorted(f"{one.signs[:1]}{one.nick}" for one in buffer.members.values())
        self._desk.tell(f"{len(names)} in {buffer.name}: {', '.join(names)}")

    async def do_whois(self, words: str) -> None:
        """Tell who somebody is."""
        need(words, "whois")
        for line in await self._connection().do("WHOIS", words.split(maxsplit=1)[0]):
            if line.command.isdigit() and line.command != "318":
                self._desk.tell(one_line(" ".join(line.params[1:])))
