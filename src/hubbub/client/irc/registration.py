"""Getting in: password, capabilities, token, nick, until the server says welcome.

Owns the order of these, and what to say when the server will not have us: `failure` is a sentence
for people. Which capabilities there are is `capabilities`, which nicks `nicks`; the token's rules
are docs/protocols/irc.md, `hubbub.chat/resume`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.irc.capabilities import RESUME, STS, Capabilities
from hubbub.client.irc.nicks import Nicks
from hubbub.wire.irc import numerics as n

if TYPE_CHECKING:
    from hubbub.client.irc.capabilities import Send
    from hubbub.wire.irc.line import Line

_TAKEN = frozenset(
    {n.ERR_NICKNAMEINUSE, n.ERR_NICKCOLLISION, n.ERR_UNAVAILRESOURCE, n.ERR_NICKTOOFAST}
)
_BAD = frozenset({n.ERR_ERRONEUSNICKNAME, n.ERR_NONICKNAMEGIVEN})
_FATAL = {
    n.ERR_PASSWDMISMATCH: "the server wants a password, or another one",
    n.ERR_YOUREBANNEDCREEP: "the server has banned us",
    n.ERR_NOPERMFORHOST: "the server lets nobody in from here",
    n.ERR_INVALIDUSERNAME: "the server does not take our user name",
}


class Registration:
    """What we say until we are welcome. `nick` is what the server calls us."""

    def __init__(
        self,
        send: Send,
        *more: str,
        name: str,
        password: str = "",
        token: str = "",
        secure: bool = False,
    ) -> None:
        """`more` are capabilities beside those that every program of ours asks for."""
        self.capabilities = Capabilities(send, self._agreed, *more)
        self.welcome = False
        self.resumed = False
        self.failure = ""
        self.final = False
        """Whether trying again would fail in the same way."""
        self.tls_port = 0
        """Where the server wants us to come with TLS ("strict-transport-security")."""
        self.token = token
        self._send = send
        self._name = name
        self._nicks = Nicks(name)
        self._nick = ""
        self._password = password
        self._secure = secure
        self._introduced = False
        self._was_taken = False

    @property
    def why(self) -> str:
        """Why we are not called as we wanted, "" if we are or were so before."""
        if self.resumed or self.nick == self._name:
            return ""
        return f"{self._name} is {'taken' if self._was_taken else 'no name there'}"

    @property
    def nick(self) -> str:
        """What we are called, as far as the server said."""
        return self._nick or self._nicks.current

    def begin(self) -> None:
        """Say the first words."""
        if self._password:
            self._send("PASS", self._password)
        self._send("CAP", "LS", "302")
        # docs/protocols/irc.md: RESUME before NICK, so that our nick is not refused because we
        # have it ourselves. Without a token there is nothing to wait for.
        if not self.token:
            self._introduce()

    def hear(self, line: Line) -> bool:
        """Take a line if it is about this; whether it was."""
        match line.command:
            case "CAP":
                self.capabilities.hear(line)
                self._look_at_sts()
            case "RESUME":
                self._resume(line.params)
            case "FAIL" if line.params[:1] == ["RESUME"]:
                if line.params[1:2] == ["INVALID_TOKEN"]:
                    self.token = ""
            case "ERROR":
                self.failure = self.failure or _reason(line)
            case _ if not self.welcome:
                return self._hear_numeric(line)
            case _:
                return False
        return True

    def _hear_numeric(self, line: Line) -> bool:
        command = line.command
        if command == n.RPL_WELCOME:
            self.welcome = True
            self._nick = line.params[0] if line.params else self.nick
            return False  # it ends with our mask, which others want
        if command in _TAKEN:
            self._was_taken = True
            self._next_nick(line, left=self._nicks.taken())
        elif command in _BAD:
            self._next_nick(line, left=self._nicks.bad())
        elif command in _FATAL:
            self._fail(f"{_FATAL[command]} ({_reason(line)})")
        elif command in {n.ERR_UNKNOWNCOMMAND, n.ERR_NOTREGISTERED} and not self._introduced:
            self._introduce()  # a server that knows no capabilities
        else:
            return False
        return True

    def renamed(self, nick: str) -> None:
        """Hear that we are called otherwise now."""
        self._nick = nick

    def _introduce(self) -> None:
        self._introduced = True
        self._send("NICK", self._nicks.current)
        # The user name in plain letters, which every server takes; the real name as it was typed.
        self._send("USER", "hubbub", "0", "*", self._name)

    def _agreed(self) -> None:
        if self.welcome:
            return
        if self.token and RESUME in self.capabilities:
            self._send("RESUME", self.token)
        if not self._introduced:
            self._introduce()
        self._send("CAP", "END")

    def _resume(self, params: list[str]) -> None:
        match params:
            case ["TOKEN", token, *_]:
                self.token = token
            case ["SUCCESS", nick, *_]:
                self.resumed = True
                self._nick = nick
            case _:
                pass

    def _look_at_sts(self) -> None:
        # "strict-transport-security": over an insecure connection the port is all that counts.
        policy = self.capabilities.offered.get(STS, "")
        pairs = dict(part.partition("=")[::2] for part in policy.split(","))
        port = pairs.get("port", "")
        if not self._secure and not self.welcome and port.isascii() and port.isdigit():
            self.tls_port = int(port)
            self._fail(f"the server wants TLS, on port {port}")

    def _next_nick(self, line: Line, *, left: bool) -> None:
        if left:
            self._send("NICK", self._nicks.current)
        else:
            self._fail(f"the server takes none of the names we can offer ({_reason(line)})")

    def _fail(self, failure: str) -> None:
        self.failure = failure
        self.final = True


def _reason(line: Line) -> str:
    return line.params[-1] if line.params else "it did not say why"
