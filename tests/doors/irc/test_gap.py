"""The gap: what a reader who does not keep up is not shown, and how it finds all of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said
from doors.peer import Peer
from hubbub.wire.irc.line import Line, parse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

SENDQ = 64 * 1024
LONG = "x" * 400
FETCHES = "draft/chathistory batch server-time message-tags"

SETTINGS: dict[str, Any] = {
    "irc.sendq": SENDQ,
    "limits.messages_per_second": 0,
    "history.replay": 0,
}


class Slow(Peer):
    """An IRC client that reads only when it is told to."""

    def __init__(self, port: int) -> None:
        super().__init__(port, receive_buffer=4096)
        self._read = 0

    async def enter(self, nick: str, caps: str = "") -> None:
        """Be in the lobby, and have read all until then."""
        request = f"CAP REQ :{caps}\r\nCAP END\r\n" if caps else ""
        await self.send(f"{request}NICK {nick}\r\nUSER {nick} 0 * :S\r\nJOIN #lobby\r\n".encode())
        await self.until("entered")

    async def until(self, token: str) -> list[Line]:
        """Ask something, and read the lines up to the answer, without those read before."""
        await self.send(f"PING :{token}\r\n".encode())
        answer = f" :{token}\r\n".encode()
        while answer not in (data := b"".join(self.segments)[self._read :]):
            assert await self.receive()
        lines, _, _ = data.partition(answer)
        self._read += len(lines) + len(answer)
        return [parse(one) for one in lines.split(b"\r\n")[:-1]]

    async def all(self) -> list[Line]:
        """All that waits, and what is said when nothing waits any more."""
        return await self.until("all of it?") + await self.until("and behind that?")


def talk(lines: list[Line]) -> list[str]:
    """What was said, by its number."""
    return [line.params[1].split()[0] for line in lines if line.command == "PRIVMSG"]


async def say_too_much(alice: Client, bob: Client) -> list[str]:
    """More than waits for a slow reader is said, and who reads hears all of it."""
    heard: list[str] = []
    for first in range(0, 1000, 20):
        alice.send(*(f"PRIVMSG #lobby :{first + number} {LONG}" for number in range(20)))
        await alice.heard()
        heard += talk(await bob.heard())
    assert heard == [str(number) for number in range(1000)], "nobody waits for the slow one"
    return heard


async def test_who_has_chathistory_is_told_from_where_to_catch_up(opened: Opened) -> None:
    stage = await opened(SETTINGS, send_buffer=4096)
    async with Client(stage.port) as alice, Client(stage.port) as bob, Slow(stage.port) as slow:
        for client, nick in ((alice, "alice"), (bob, "bob")):
            await client.arrive(nick)
            client.send("JOIN #lobby")
            await client.heard()
        await slow.enter("slow", FETCHES)
        everything = await say_too_much(alice, bob)

        lines = await slow.all()
        shown = talk(lines)
        assert 0 < len(shown) < 1000
        assert shown == everything[: len(shown)]
        (gap,) = [line for line in lines if line.command == "WARN"]
        missing = 1000 - len(shown)
        assert gap.params[:3] == ["*", "MESSAGES_MISSED", "#lobby"]
        assert gap.params[4].startswith(f"{missing} messages in #lobby left out")

        found = [line for line in lines if line.command == "PRIVMSG"]
        while len(found) < 1000:
            last = found[-1].tags["msgid"]
            await slow.send(f"CHATHISTORY AFTER #lobby msgid={last} 100\r\n".encode())
            found += [line for line in await slow.until("page") if line.command == "PRIVMSG"]
        assert talk(found) == everything
        assert found[len(shown)].tags["msgid"] == gap.params[3], "the first that was left out"

        alice.send("PRIVMSG #lobby :and live again")
        await alice.heard()
        assert talk(await slow.until("live")) == ["and"]


async def test_who_has_not_reads_in_one_line_how_much_is_missing(opened: Opened) -> None:
    stage = await opened(SETTINGS, send_buffer=4096)
    async with Client(stage.port) as alice, Client(stage.port) as bob, Slow(stage.port) as slow:
        for client, nick in ((alice, "alice"), (bob, "bob")):
            await client.arrive(nick)
            client.send("JOIN #lobby")
            await client.heard()
        await slow.enter("slow")
        await say_too_much(alice, bob)
        alice.send("PRIVMSG slow :0 and this")
        await alice.heard()
        lines = await slow.all()
        room, person = [line.params for line in lines if line.command == "NOTICE"]
        missing = 1000 - len(talk(lines))
        why = "left out: your connection does not keep up"
        assert room == ["#lobby", f"{missing} messages in #lobby {why}"]
        assert person == ["slow", f"1 message from alice {why}"]


async def test_what_happens_in_the_room_is_shown_all_the_same(opened: Opened) -> None:
    stage = await opened(SETTINGS, send_buffer=4096)
    async with Client(stage.port) as alice, Client(stage.port) as bob, Slow(stage.port) as slow:
        for client, nick in ((alice, "alice"), (bob, "bob")):
            await client.arrive(nick)
            client.send("JOIN #lobby")
            await client.heard()
        await slow.enter("slow", f"{FETCHES} echo-message")
        await say_too_much(alice, bob)
        bob.send("TOPIC #lobby :slow readers", "NICK rob", "PART #lobby")
        await bob.heard()
        await slow.send(b"PRIVMSG #lobby :mine\r\n")
        lines = said(await slow.all(), "TOPIC", "NICK", "PART", "WARN", "PRIVMSG")
        after = lines[len(talk(await alice.heard())) :]
        # Our own words never hide the gap: a client takes the last it has heard for its place.
        assert [line[1] for line in after[-5:]] == ["TOPIC", "NICK", "PART", "WARN", "PRIVMSG"]
        assert after[-1][2:] == ("#lobby", "mine")


async def test_who_asks_for_more_than_it_reads_is_closed(opened: Opened) -> None:
    stage = await opened(SETTINGS, send_buffer=4096)
    async with Client(stage.port) as alice, Slow(stage.port) as slow:
        await alice.arrive("alice")
        alice.send("JOIN #lobby")
        await alice.heard()
        await slow.enter("slow")
        heard: list[tuple[str, ...]] = []
        while not (gone := [line for line in heard if line[1] == "QUIT"]):
            await slow.send(b"HELP JOIN\r\n" * 20)
            heard += said(await alice.heard())
        assert gone == [("slow", "QUIT", "SendQ exceeded")]
        while await slow.receive():
            pass
        assert b"".join(slow.segments).endswith(b"\r\nERROR :SendQ exceeded\r\n")
