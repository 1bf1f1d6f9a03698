"""Which capabilities we ask for, and which we have ("capability-negotiation", version 302).

Owns LS over several lines, REQ in as many lines as it takes, ACK and NAK, and what the server adds
or takes away later (NEW, DEL). What a capability is good for is told where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hubbub.wire.irc.multiline import MULTILINE, Limits
from hubbub.wire.irc.split import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubbub.wire.irc.line import Line

BATCH = "batch"
CHATHISTORY = "draft/chathistory"
ECHO = "echo-message"
EDIT = "hubbub.chat/edit"
LABELS = "labeled-response"
PLAYBACK = "draft/event-playback"
READ_MARKER = "draft/read-marker"
REDACTION = "draft/message-redaction"
RENAME = "draft/channel-rename"
RESUME = "hubbub.chat/resume"
SEARCH = "soju.im/search"
SEND_ONCE = "hubbub.chat/send-once"
STS = "sts"
TAGS = "message-tags"

WANTED = (
    *(TAGS, BATCH, LABELS, ECHO, CHATHISTORY, SEND_ONCE, RESUME, SEARCH, MULTILINE),
    *("server-time", "cap-notify", "standard-replies", "multi-prefix", "chghost"),
)

EVERYTHING = (REDACTION, EDIT, RENAME, READ_MARKER, PLAYBACK, "away-notify")
"""What a screen has a use for, and a program that answers messages has not."""

_ROOM = 400
"""Bytes of names in one REQ; the answer repeats them behind the server's name and ours."""


class Send(Protocol):
    """How the parts of the protocol send a line; the last parameter may be any text."""

    def __call__(
        self, command: str, *params: str, tags: Mapping[str, str | None] | None = None
    ) -> None:
        """Queue it."""
        ...


class Capabilities:
    """What the server offers and what we hold. `on_settled` is called when CAP END may go."""

    def __init__(self, send: Send, on_settled: Callable[[], None], *more: str) -> None:
        """`more` are asked for as well: what not every program has a use for."""
        self.offered: dict[str, str] = {}
        self.held: set[str] = set()
        self._send = send
        self._on_settled = on_settled
        self._wanted = (*WANTED, *more)
        self._asked: list[str] = []
        """Each REQ that was not answered yet."""
        self._listed = False

    def __contains__(self, name: str) -> bool:
        return name in self.held

    @property
    def labels(self) -> bool:
        """Whether answers bear our labels: "labeled-response" is nothing without "batch"."""
        return LABELS in self.held and BATCH in self.held

    @property
    def multiline(self) -> Limits | None:
        """How much a message of several lines may be; None when there can be none."""
        is_held = MULTILINE in self.held and BATCH in self.held
        return Limits.read(self.offered.get(MULTILINE, "")) if is_held else None

    def hear(self, line: Line) -> None:
        """Take a CAP of the server."""
        if len(line.params) < 3:
            return
        verb, words = line.params[1].upper(), line.params[-1].split()
        match verb:
            case "LS":
                self._offer(words)
                # "the server MUST … all but the last reply have an asterisk before the list".
                if not (len(line.params) > 3 and line.params[2] == "*"):
                    self._request()
            case "NEW":
                self._offer(words)
                self._request()
            case "DEL":
                names = {word.partition("=")[0] for word in words}
                self.held -= names
                for name in names:
                    self.offered.pop(name, None)
            case "ACK":
                self.held |= {word for word in words if not word.startswith("-")}
                self.held -= {word[1:] for word in words if word.startswith("-")}
                self._answered(words)
            case "NAK":
                self._refused(words)
            case _:
                pass

    def _offer(self, words: list[str]) -> None:
        for word in words:
            name, _, value = word.partition("=")
            self.offered[name] = value

    def _request(self) -> None:
        asked = {name for request in self._asked for name in request.split()}
        names = [
            name
            for name in self._wanted
            if name in self.offered and name not in self.held and name not in asked
        ]
        for request in fill(names, _ROOM):
            self._ask(request)
        self._settle()

    def _ask(self, request: str) -> None:
        self._asked.append(request)
        self._send("CAP", "REQ", request)

    def _answered(self, words: list[str]) -> None:
        # One REQ may be acknowledged in several lines.
        answered = {word.removeprefix("-") for word in words}
        left = [
            " ".join(name for name in request.split() if name not in answered)
            for request in self._asked
        ]
        self._asked = [request for request in left if request]
        self._settle()

    def _refused(self, words: list[str]) -> None:
        # All of a REQ is refused for one name of it: those that stand alone tell which.
        self._asked = [request for request in self._asked if request.split() != words]
        if len(words) > 1:
            for name in words:
                self._ask(name)
        self._settle()

    def _settle(self) -> None:
        if not self._asked and not self._listed:
            self._listed = True
            self._on_settled()
