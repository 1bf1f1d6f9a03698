"""Servers and the screen: which there are, and what it looks like."""

from __future__ import annotations

from hubbub.client import Address, BadAddress
from hubbub.client.events import Notice
from hubbub.text.sanitise import one_line
from hubbub.tui.deeds.desk import AtDesk, CannotDo, need


class Servers(AtDesk):
    """The deeds of this area."""

    async def do_connect(self, words: str) -> None:
        """Join another server."""
        need(words, "connect")
        written, _, name = words.partition(" ")
        try:
            address = Address.parse(written)
        except BadAddress as bad:
            raise CannotDo(str(bad)) from bad
        session = self._desk.servers.add(address, name.strip() or self._desk.my_name)
        self._desk.go(session, "")

    async def do_disconnect(self, words: str) -> None:
        """Leave a server."""
        session = self._desk.servers.find(words) if words else self._spot().session
        if session is None:
            raise CannotDo(f"you are at no server called {one_line(words)}")
        await self._desk.servers.remove(session)
        self._desk.tell(f"left {session.label}; /connect {session.label} comes back")

    async def do_raw(self, words: str) -> None:
        """Send a line as it is, and show the answer."""
        need(words, "raw")
        head, colon, last = words.partition(" :")
        command, *params = head.split()
        session, buffer = self._here()
        for line in await self._connection().ask(command, *params, *([last] if colon else [])):
            text = one_line(f"{line.command} {' '.join(line.params)}")
            session.take(Notice(session.now(), "raw", text, buffer.name))

    async def do_theme(self, words: str) -> None:
        """Change the colours."""
        self._desk.choose_theme(words.strip().lower())

    async def do_keys(self, _: str) -> None:
        """List the keys."""
        self._desk.show_help("keys")

    async def do_help(self, words: str) -> None:
        """List the commands and keys."""
        self._desk.show_help(words.strip().lstrip("/").lower())

    async def do_quit(self, _: str) -> None:
        """Leave all servers and close."""
        self._desk.close()
