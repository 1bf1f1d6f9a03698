"""An actor who speaks IRC, on a socket, inside TLS or over a WebSocket.

It is a client as people use them: it asks for the capabilities there are, takes another nick when
its own is in use, answers a PING, and knows its own words by the echo. What it is told in lines it
tells on as deeds (`deeds`): "alice sees bob set the topic of #tea: green or black?".
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from conversations.actor import Heard, What
from conversations.deeds import DEEDS, SILENT
from conversations.wires import Plain
from doors.peer import PATIENCE
from hubbub.wire.irc.buffer import LineBuffer
from hubbub.wire.irc.line import Line, parse
from hubbub.wire.irc.multiline import CONCAT, MULTILINE, Part, whole
from hubbub.wire.irc.split import split_text
from hubbub.wire.irc.tags import MAX_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conversations.wires import Wire

CAPABILITIES = (
    "away-notify batch chghost echo-message extended-monitor invite-notify labeled-response"
    " message-tags multi-prefix no-implicit-names server-time setname standard-replies"
)
AMENDING = "hubbub.chat/edit draft/message-redaction"
LOBBY = "#lobby"
MOST = 400
"""Bytes of text in a line; what is longer is said in several."""
IN_USE = "433"


@dataclass(frozen=True)
class _Together:
    """What is in one batch, and the line that began it."""

    opening: Line
    lines: list[Line]

    @property
    def kind(self) -> str:
        return self.opening.params[1]

    @property
    def message(self) -> Line:
        """The lines as the message that they are."""
        text, _ = whole(Part(one.params[1], CONCAT in one.tags) for one in self.lines)
        first = self.lines[0]
        return Line(first.command, [first.params[0], text], self.opening.tags, first.source)


class IrcActor:
    """See `Actor`."""

    def __init__(self, wire: Callable[[], Wire] = Plain, capabilities: str = CAPABILITIES) -> None:
        self._wire = wire()
        self._capabilities = capabilities
        self._inbox: asyncio.Queue[Heard | Exception] = asyncio.Queue()
        self._buffer = LineBuffer(max_tags=MAX_TAGS)
        self._is_here = asyncio.Event()
        self._questions = count(1)
        self._names = count(2)
        self._batches: dict[str, _Together] = {}
        self._echoed: set[str] = set()
        self._last = self._heard_last = ""
        self._farewell = ""

    async def arrive(self, port: int, name: str) -> None:
        self._wanted = self.nick = name
        await self._wire.open(port)
        await self._send(
            "CAP LS 302",
            f"CAP REQ :{self._capabilities}",
            f"NICK {name}",
            f"USER {name} 0 * :{name}",
            "CAP END",
        )
        self.read_again()
        async with asyncio.timeout(PATIENCE):
            await self._is_here.wait()

    async def say(self, text: str) -> None:
        for part in split_text(text, room=MOST):
            await self._send(f"PRIVMSG {LOBBY} :{part}")

    async def whisper(self, nick: str, text: str) -> None:
        await self._send(f"PRIVMSG {nick} :{text}")

    async def type(self, line: str) -> None:
        line = line.replace("{last}", self._last).replace("{heard}", self._heard_last)
        await self._send(line)

    async def hear(self) -> Heard:
        async with asyncio.timeout(PATIENCE):
            one = await self._inbox.get()
        if isinstance(one, Exception):
            raise one
        return one

    async def hear_all(self) -> list[Heard]:
        barrier = Heard(What.ANSWERED, text=f"barrier-{next(self._questions)}")
        await self._send(f"PING {barrier.text}")
        heard = []
        while (one := await self.hear()) != barrier:
            heard.append(one)
            assert one.what is not What.GONE, f"shut out after {heard}"
        return heard

    async def leave(self) -> None:
        await self._send("QUIT")

    async def hang_up(self) -> None:
        await self._wire.half_close()

    def vanish(self) -> None:
        self.stop_reading()
        self._wire.reset()

    def stop_reading(self) -> None:
        self._reading.cancel()

    def read_again(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        await self._wire.close()

    async def _send(self, *lines: str) -> None:
        await self._wire.send("".join(f"{line}\r\n" for line in lines).encode())

    # -- reading -------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while data := await self._wire.receive():
                self._buffer.feed(data)
                while (raw := self._buffer.next_line()) is not None:
                    assert isinstance(raw, bytes), "the server sent too long a line"
                    await self._take(parse(raw))
            assert not self._buffer.pending, "the stream ended in the middle of a line"
            self._hear(Heard(What.GONE, text=self._farewell))
            self._is_here.set()
            await self._wire.close()
        except (AssertionError, OSError) as error:
            self._inbox.put_nowait(error)

    def _hear(self, heard: Heard) -> None:
        self._inbox.put_nowait(heard)

    async def _take(self, line: Line) -> None:
        if line.command == "PING":
            await self._send(f"PONG :{line.params[-1]}")
        elif line.command == "ERROR":
            self._farewell = line.params[-1]
        elif line.command == "BATCH" or "batch" in line.tags:
            await self._take_together(line)
        elif not self._is_here.is_set():
            await self._arrive(line)
        elif "label" in line.tags:
            self._hear(Heard(What.ANSWERED, line.tags["label"], line.command))
        else:
            self._understand(line)

    async def _arrive(self, line: Line) -> None:
        """Go through what is said to every newcomer, and into the lobby."""
        match line.command:
            case "433":
                await self._send(f"NICK {self._wanted}_{next(self._names)}")
            case "001":
                self.nick = line.params[0]
                await self._send(f"JOIN {LOBBY}", "PING arrived")
            case "PONG":
                if self.nick != self._wanted:
                    self._hear(Heard(What.NAMED, self.nick))
                self._is_here.set()
            case numeric if numeric.isdigit() and numeric >= "400" and numeric != "422":
                self._hear(Heard(What.REFUSED, text=line.params[-1]))

    async def _take_together(self, line: Line) -> None:
        """Lines of a batch are a message, an answer with a label, or what was said earlier."""
        if line.command != "BATCH":
            self._batches[line.tags["batch"]].lines.append(line)
        elif line.params[0].startswith("+"):
            self._batches[line.params[0][1:]] = _Together(line, [])
        else:
            together = self._batches.pop(line.params[0][1:])
            if together.kind == MULTILINE:
                await self._take(together.message)
            elif together.kind == "chathistory":
                for one in together.lines:
                    who = one.source.partition("!")[0]
                    self._hear(Heard(What.SAID, who, one.params[1]))
            else:
                commands = " ".join(one.command for one in together.lines)
                label = together.opening.tags.get("label", "")
                self._hear(Heard(What.ANSWERED, label, commands))

    def _understand(self, line: Line) -> None:
        """Tell on what a line says; what no play asks for is left out."""
        who = line.source.partition("!")[0] if "!" in line.source else ""
        command, params = line.command, line.params
        if (text := line.tags.get("hubbub.chat/edit-text")) is not None:
            params = [*params, text]
        elif (sign := line.tags.get("+draft/react")) is not None:
            command, params = "REACT", [*params, sign]
        if command in {"PRIVMSG", "NOTICE"}:
            self._hear_words(who, params[0], params[1], line.tags.get("msgid", ""))
        elif command == "PONG":
            self._hear(Heard(What.ANSWERED, text=params[-1]))
        elif (deed := DEEDS.get(command)) is not None:
            if who == self.nick and command == "NICK":
                self.nick = params[0]
            if (heard := deed(who, params)).who != self.nick or heard.what is What.DOES:
                self._hear(heard)
        elif command == "FAIL" or (command.isdigit() and command >= "400"):
            self._hear(Heard(What.REFUSED, text=params[-1]))
        elif command not in SILENT:
            self._hear(Heard(What.TOLD, text=" ".join(params[1:])))

    def _hear_words(self, who: str, to: str, text: str, msgid: str) -> None:
        is_private = to[0] not in "#@+"
        self._heard_last = msgid or self._heard_last
        if not who:
            self._hear(Heard(What.TOLD, text=text))
        elif who == self.nick and not (to == who and msgid in self._echoed):
            self._echoed.add(msgid)
            if not text.startswith("* edited: "):
                self._last = msgid
            if is_private and to != who:
                self._hear(Heard(What.REACHES, to))
        elif is_private:
            self._hear(Heard(What.WHISPERS, who, text))
        else:
            self._hear(Heard(What.SAYS, who, text, "" if to == LOBBY else to))
