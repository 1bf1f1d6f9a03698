"""What a program can ask of an IRC server, and tell it, besides talk.

Owns the questions that wait for an answer (WHOIS, a search, a page of the past), the deeds that a
server may decline (a reaction, a redaction, whatever `do` is given), and what needs no answer
(typing, read marks). What a server cannot do at all raises `NotSpoken`: ask `can` first, with a
name of `irc.capabilities`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from hubbub.client.errors import ConnectionLost, Declined, NotSpoken
from hubbub.client.irc.about import edit_tags, react_tags
from hubbub.client.irc.capabilities import CHATHISTORY, EDIT, READ_MARKER, REDACTION, SEARCH, TAGS
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.client.irc.talk import timestamp
from hubbub.client.shell import Shell
from hubbub.text.sanitise import one_line
from hubbub.wire.irc.tags import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubbub.client.events import Event, Message
    from hubbub.wire.irc.line import Line

Answer = TypeVar("Answer")


class Asking(Shell):
    """A connection that questions are asked over."""

    def can(self, capability: str) -> bool:
        """Whether the server has given us a capability; classic servers have none."""
        return isinstance(self._dialogue, IrcProtocol) and self._dialogue.holds(capability)

    async def ask(
        self, command: str, *params: str, tags: Mapping[str, str] | None = None
    ) -> list[Line]:
        """Ask an IRC server something, as `ask("WHOIS", "ada")`; gives the lines of its answer.

        Raises NotSpoken on classic servers, ConnectionLost.
        """
        irc = self._irc("classic servers answer no questions")
        return await self._answer(
            lambda done: irc.ask(self._clock(), command, *params, tags=tags, done=done)
        )

    async def do(
        self, command: str, *params: str, tags: Mapping[str, str] | None = None
    ) -> list[Line]:
        """Ask for something to be done. Raises Declined with the server's words; as `ask`."""
        answer = await self.ask(command, *params, tags=tags)
        for line in answer:
            if line.command == "FAIL" or line.command[:1] in {"4", "5"}:
                raise Declined(reason_of_refusal(line))
        return answer

    async def search(self, words: str) -> list[Message]:
        """What was said with these words where we may read, oldest first, by our server's grammar.

        Raises NotSpoken where there is no search, or it makes no sense of the words;
        ConnectionLost.
        """
        irc = self._irc("this server has no search", SEARCH)
        answer = await self.ask("SEARCH", f"text={escape(words)}")
        for line in answer:
            if line.command == "FAIL":
                raise NotSpoken(one_line(line.params[-1]) if line.params else "no search")
        return irc.messages(answer)

    # --- the past

    async def history(
        self, place: str, *, before: str = "", time: int = 0, limit: int = 100
    ) -> list[Event]:
        """The messages of a room, or of a conversation, that come before one, oldest first.

        `before` is its msgid, `time` when it was said, for servers that know no msgids; without
        either, the latest. With `Options.everything` what became of them is told, too. An empty
        page is the beginning. Raises NotSpoken, Declined, ConnectionLost.
        """
        irc = self._irc("this server tells nothing of the past", CHATHISTORY)
        limit = min(irc.support.history_limit or limit, limit)
        cursor = f"msgid={before}" if before and irc.support.refers_by_msgid else ""
        if time and not cursor:
            cursor = f"timestamp={timestamp(time)}"
        page = ("BEFORE", place, cursor) if cursor else ("LATEST", place, "*")
        told: list[Event] | str = await self._answer(
            lambda done: irc.ask_past(self._clock(), *page, str(limit), done=done)
        )
        if isinstance(told, str):
            raise Declined(told)
        return told

    # --- about messages

    async def react(self, place: str, msgid: str, text: str, *, on: bool = True) -> None:
        """Put a sign to a message, or take it away. Raises as `do`."""
        self._irc("this server knows no reactions", TAGS)
        await self.do("TAGMSG", place, tags=react_tags(msgid, text, on=on))

    async def redact(self, place: str, msgid: str, reason: str = "") -> None:
        """Take a message away. Raises as `do`."""
        self._irc("this server takes nothing back", REDACTION)
        await self.do("REDACT", place, msgid, *([reason] if reason else []))

    async def edit(self, place: str, msgid: str, text: str) -> None:
        """Say something else in its place. Raises as `do`."""
        self._irc("this server changes nothing that was said", EDIT)
        await self.do("EDIT", place, tags=edit_tags(msgid, text))

    # --- what needs no answer

    async def typing(self, place: str, *, on: bool, paused: bool = False) -> None:
        """Tell that we are typing. At most every 3 seconds ("typing"); nothing where unknown."""
        state = ("paused" if paused else "active") if on else "done"
        await self._tell(TAGS, "TAGMSG", place, tags={"+typing": state})

    async def mark_read(self, place: str, until: int) -> None:
        """Tell how far we have read: the time of a message. Nothing where unknown."""
        await self._tell(READ_MARKER, "MARKREAD", place, f"timestamp={timestamp(until)}")

    # --- how

    async def _tell(
        self, capability: str, command: str, *params: str, tags: Mapping[str, str] | None = None
    ) -> None:
        if isinstance(self._dialogue, IrcProtocol) and self._dialogue.holds(capability):
            self._dialogue.tell(command, *params, tags=tags)
            with suppress(OSError):  # the end is heard by the reader
                await self._flush()

    def _irc(self, otherwise: str, capability: str = "") -> IrcProtocol:
        """The protocol, if it is IRC and the server has the capability; NotSpoken otherwise."""
        if not isinstance(self._dialogue, IrcProtocol):
            raise NotSpoken(otherwise)
        if capability and not self._dialogue.holds(capability):
            raise NotSpoken(otherwise)
        return self._dialogue

    async def _answer(self, ask: Callable[[Callable[[Answer], None]], None]) -> Answer:
        """What `ask` is answered, as soon as it is. Raises ConnectionLost."""
        answers: list[Answer] = []
        ask(answers.append)
        with suppress(OSError):  # the end is heard by the reader
            await self._flush()
        await self._until(lambda: bool(answers))
        if not answers:
            assert self._end is not None
            raise ConnectionLost(self._end.reason)
        return answers[0]


def reason_of_refusal(line: Line) -> str:
    """Why the server says no, and to what: `ben: Nickname is already in use`."""
    if line.command == "FAIL" or len(line.params) < 3:
        return one_line(line.params[-1]) if line.params else "the server says no"
    _, *about, reason = line.params  # the first is our nick
    return one_line(f"{' '.join(about)}: {reason}")
