"""Talk: what is said, and said about what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.buffers import Opened, Sort
from hubbub.client.irc.capabilities import EDIT, REDACTION
from hubbub.text.sanitise import one_line
from hubbub.tui.deeds.desk import AtDesk, CannotDo, need
from hubbub.tui.emoji import replaced, sign

if TYPE_CHECKING:
    from hubbub.client.timeline import Entry


class Talk(AtDesk):
    """The deeds of this area."""

    async def _say(self, text: str, *, action: bool = False, reply_to: str = "") -> None:
        session, buffer = self._here()
        if buffer.sort is Sort.SERVER and session.link is not None and session.link.speaks_irc:
            raise CannotDo("here speaks the server alone: /join a room, or /msg somebody")
        text = replaced(text)
        await session.say(text, buffer.name, action=action, reply_to=reply_to)

    async def do_me(self, words: str) -> None:
        """Say what we do."""
        need(words, "me")
        await self._say(words, action=True)

    async def do_msg(self, words: str) -> None:
        """Talk with one person."""
        nick, _, text = words.partition(" ")
        need(nick, "msg")
        session, _ = self._here()
        if session.link is not None and not session.link.speaks_irc:
            raise CannotDo("this server has one room, and no direct messages")
        session.take(Opened(nick, Sort.PERSON))
        self._desk.go(session, nick)
        if text.strip():
            await session.say(replaced(text.strip()), nick)

    async def do_reply(self, words: str) -> None:
        """Answer the last message of somebody else."""
        target = self._last(ours=False)
        if not words:
            self._desk.put("", reply_to=target)
            return
        await self._say(words, reply_to=target.msgid)

    async def do_edit(self, words: str) -> None:
        """Put our last message otherwise."""
        target = self._last(ours=True)
        if not words:
            self._desk.put(target.text, edits=target)
            return
        await self.edit(target, words)

    async def edit(self, target: Entry, words: str) -> None:
        """Put a message otherwise. Raises CannotDo."""
        session, buffer = self._here()
        if not session.can(EDIT):
            raise CannotDo("this server changes nothing that was said")
        await self._guarded(self._connection().edit(buffer.name, target.msgid, replaced(words)))

    def last_editable(self) -> Entry | None:
        """Our last message here, if it can be put otherwise."""
        try:
            return self._last(ours=True) if self._here()[0].can(EDIT) else None
        except CannotDo:
            return None

    async def do_delete(self, words: str) -> None:
        """Take our last message back."""
        await self.delete(self._last(ours=True), words)

    async def delete(self, target: Entry, why: str = "") -> None:
        """Take a message away."""
        session, buffer = self._here()
        if not session.can(REDACTION):
            raise CannotDo("this server takes nothing back")
        await self._guarded(self._connection().redact(buffer.name, target.msgid, why))

    async def do_react(self, words: str) -> None:
        """Put a sign to the last message, or take it away."""
        need(words, "react")
        await self.react(self._last(ours=False), words)

    async def react(self, target: Entry, words: str) -> None:
        """Put a sign to a message, or take ours away."""
        shown = sign(words)
        if not shown:
            raise CannotDo(f"no sign is called {one_line(words)}; Tab completes :name:")
        session, buffer = self._here()
        if not target.msgid:
            raise CannotDo("the server has no name for this message, so nothing can refer to it")
        names = (target.reactions or {}).get(shown, [])
        is_there = any(session.mirror.is_me(name) for name in names)
        deed = self._connection().react(buffer.name, target.msgid, shown, on=not is_there)
        await self._guarded(deed)

    async def do_retry(self, _: str) -> None:
        """Send again what failed here."""
        session, buffer = self._here()
        if not await session.retry(buffer):
            raise CannotDo("nothing has failed here")
