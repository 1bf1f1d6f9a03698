"""IRC over WebSocket: a browser is a client like any other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self, cast

import aiohttp
import pytest
from aiohttp import WSMsgType
from hypothesis import given
from hypothesis import strategies as st

from doors.peer import Peer
from doors.secured import trusting
from hubbub.doors.web.frames import Framer
from hubbub.wire.websocket import Opcode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

TEXT_NAME, BINARY_NAME = "text.ircv3.net", "binary.ircv3.net"
PATIENCE = 10.0


class Browser:
    """A page that has opened a WebSocket."""

    def __init__(self, stage: Stage, path: str = "/", **options: Any) -> None:
        scheme = "wss" if options.pop("tls", False) else "ws"
        self._url = f"{scheme}://127.0.0.1:{stage.port}{path}"
        self._options = {"protocols": [TEXT_NAME], "ssl": trusting(), **options}

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        try:
            self.socket = await self._client.ws_connect(self._url, **self._options)
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    @property
    def transport(self) -> asyncio.Transport:
        connection = self.socket._response.connection
        assert connection is not None
        return cast("asyncio.Transport", connection.transport)

    async def arrive(self, nick: str) -> None:
        for line in (f"NICK {nick}", f"USER {nick} 0 * :{nick}", "PING :arrived"):
            await self.say(line)
        await self.until(" PONG ")

    async def say(self, line: str) -> None:
        if self.socket.protocol == BINARY_NAME:
            await self.socket.send_bytes(line.encode())
        else:
            await self.socket.send_str(line)

    async def line(self) -> str | None:
        """The next message, None at the end."""
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            return bytes(message.data).decode()
        return None

    async def until(self, wanted: str) -> list[str]:
        """All lines up to the one that holds it; fails at the end."""
        lines: list[str] = []
        while not lines or wanted not in lines[-1]:
            line = await self.line()
            assert line is not None, f"no {wanted!r} in {lines}"
            lines.append(line)
        return lines


@pytest.fixture
async def lobby(stage: Stage) -> AsyncIterator[Browser]:
    """Somebody in the lobby."""
    async with Browser(stage) as browser:
        await browser.arrive("web")
        await browser.say("JOIN #lobby")
        await browser.until(" 366 ")
        yield browser


@pytest.mark.parametrize("path", ["/", "/irc"])
@pytest.mark.parametrize("name", [TEXT_NAME, BINARY_NAME])
async def test_a_browser_and_a_classic_program_hear_each_other(
    stage: Stage, path: str, name: str
) -> None:
    async with Browser(stage, path, protocols=[name]) as browser, Peer(stage.port) as classic:
        await browser.arrive("web")
        await browser.say("JOIN #lobby")
        await browser.until(" 366 ")
        await classic.arrive("bob")
        await browser.until(":bob!")
        await browser.say("PRIVMSG #lobby :привет, 東京")
        await browser.say("PING :said")
        await browser.until("PONG")
        assert ("web", "привет, 東京") in await classic.until_answered()
        await classic.say("здравствуй")
        assert "PRIVMSG #lobby " in (await browser.until("здравствуй"))[-1]
        session = stage.hub.world.session("web")
        assert session is not None
        assert (session.protocol, str(session.address.host)) == ("irc", "127.0.0.1")


async def test_a_message_is_one_line(lobby: Browser) -> None:
    """What somebody pastes into a page never becomes a command."""
    await lobby.say("PING :ended\r\n")
    assert "ended" in (await lobby.until("PONG"))[-1]
    await lobby.say("PRIVMSG #lobby :look:\r\nQUIT :pasted")
    message = await lobby.socket.receive()
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1007)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([TEXT_NAME, BINARY_NAME], TEXT_NAME),
        ([BINARY_NAME, TEXT_NAME], BINARY_NAME),
        (["chat", BINARY_NAME], BINARY_NAME),
        ([], None),
        (["chat"], None),
    ],
)
async def test_the_first_that_is_known_is_spoken(
    stage: Stage, offered: list[str], chosen: str | None
) -> None:
    async with Browser(stage, protocols=offered) as browser:
        assert browser.socket.protocol == chosen
        await browser.say("PING :x")
        message = await browser.socket.receive()
        wanted = WSMsgType.BINARY if chosen == BINARY_NAME else WSMsgType.TEXT
        assert message.type is wanted


async def test_one_message_is_one_line_without_its_end(lobby: Browser) -> None:
    await lobby.say("NAMES #lobby\r\n")
    lines = await lobby.until(" 366 ")
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert len(lines) == 2


async def test_inside_tls_too(opened: Opened) -> None:
    stage = await opened({"tls": "auto"})
    async with Browser(stage, tls=True) as browser:
        await browser.arrive("web")
        session = stage.hub.world.session("web")
        assert session is not None
        assert session.secure


async def test_words_that_are_no_utf8_are_answered_in_text(stage: Stage, lobby: Browser) -> None:
    await lobby.socket.send_bytes(b"PRIVMSG #lobby :caf\xe9")
    assert "INVALID_UTF8" in (await lobby.until("FAIL"))[-1]


async def test_who_leaves_has_left(stage: Stage, lobby: Browser) -> None:
    async with Peer(stage.port) as classic:
        await classic.arrive("bob")
        await classic.until_answered()
        await lobby.socket.close()
        assert await classic.pair() == ("server", "web left")


async def test_who_is_cut_off_has_left(stage: Stage, lobby: Browser) -> None:
    async with Peer(stage.port) as classic:
        await classic.arrive("bob")
        await classic.until_answered()
        lobby.transport.abort()
        assert await classic.pair() == ("server", "web left")


async def test_quit_says_goodbye(lobby: Browser) -> None:
    await lobby.say("QUIT :tea time")
    assert "tea time" in (await lobby.until("ERROR"))[-1]
    assert await lobby.line() is None
    assert lobby.socket.close_code == 1000


async def test_the_server_stops_and_says_so(stage: Stage, lobby: Browser) -> None:
    stopping = asyncio.create_task(stage.stop())
    await lobby.until("ERROR")
    assert await lobby.line() is None
    await stopping


async def test_a_message_that_is_too_long_ends_it(stage: Stage, lobby: Browser) -> None:
    await lobby.say("x" * 20_000)
    async with asyncio.timeout(PATIENCE):
        while (message := await lobby.socket.receive()).type is WSMsgType.TEXT:
            pass
    assert message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}
    assert lobby.socket.close_code == 1009


async def test_who_opens_one_still_has_to_say_who_they_are(opened: Opened) -> None:
    stage = await opened({"limits.login_timeout": 0.2})
    async with Browser(stage) as browser:
        assert "did not say who they are in time" in (await browser.until("ERROR"))[-1]
        assert await browser.line() is None


async def test_who_has_said_it_may_stay(opened: Opened) -> None:
    stage = await opened({"limits.login_timeout": 0.2})
    async with Browser(stage) as browser, Browser(stage) as silent:
        await browser.arrive("web")
        while await silent.line() is not None:
            pass
        await browser.say("PING :still here")
        await browser.until("still here")


async def test_a_flood_is_slowed_and_nothing_is_lost(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 200, "limits.message_burst": 5})
    async with Browser(stage) as browser:
        await browser.arrive("web")
        for number in range(40):
            await browser.say(f"PRIVMSG web :{number}")
        await browser.until("PRIVMSG web :39")


async def test_a_reader_who_does_not_read_is_let_go(opened: Opened) -> None:
    settings = {
        "irc.sendq": 64 * 1024,
        "limits.messages_per_second": 1e6,
        "limits.message_burst": 100_000,
    }
    stage = await opened(settings, send_buffer=4096)
    async with Browser(stage, max_msg_size=0) as deaf, Peer(stage.port) as talker:
        await deaf.arrive("deaf")
        await deaf.say("JOIN #lobby")
        await deaf.until(" 366 ")
        deaf.transport.pause_reading()
        await talker.arrive("talker")
        heard: list[tuple[str, str]] = []
        while ("server", "deaf left") not in heard:
            for _ in range(200):
                await talker.say("x" * 400)
            heard = await talker.until_answered()
        assert stage.hub.world.session("deaf") is None


# -- origins -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ("", None, True),
        ("", "http://127.0.0.1:{port}", True),
        ("", "http://evil.example", False),
        ("", "null", False),
        ("https://chat.example", "https://chat.example", True),
        ("https://chat.example", "HTTPS://Chat.example", True),
        ("https://chat.example", "http://chat.example", False),
        (("https://a.example", "https://b.example/"), "https://b.example", True),
        ("*", "http://evil.example", True),
    ],
)
async def test_whose_pages_may_connect(
    opened: Opened, origins: str, origin: str | None, *, allowed: bool
) -> None:
    stage = await opened({"http.origins": origins})
    named = None if origin is None else origin.format(port=stage.port)
    page = Browser(stage, origin=named)
    if allowed:
        async with page:
            await page.arrive("web")
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await page.__aenter__()


async def test_the_page_is_still_there(stage: Stage) -> None:
    async with aiohttp.ClientSession() as client:
        async with client.get(f"http://127.0.0.1:{stage.port}/") as page:
            assert page.status == 200
        async with client.get(f"http://127.0.0.1:{stage.port}/irc") as page:
            assert page.status == 400


# -- frames ------------------------------------------------------------------------------------


@given(lines=st.lists(st.binary(max_size=70_000).filter(lambda line: b"\r" not in line)))
def test_frames_hold_the_lines(lines: list[bytes]) -> None:
    payload = b"".join(line + b"\r\n" for line in lines)
    frames = Framer(Opcode.BINARY).frames(payload)
    found = []
    while frames:
        assert frames[0] == 0x82
        size, start = frames[1], 2
        if size == 126:
            size, start = int.from_bytes(frames[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(frames[2:10], "big"), 10
        found.append(frames[start : start + size])
        frames = frames[start + size :]
    assert found == lines


def test_what_goes_to_many_is_framed_once() -> None:
    framer = Framer(Opcode.TEXT)
    payload = b"PING :x\r\n"
    assert framer.frames(payload) is framer.frames(payload)
    assert framer.frames(b"PONG :x\r\n") == b"\x81\x07PONG :x"
    assert framer.frames(b"caf\xe9\r\n") == b"\x81\x06caf\xef\xbf\xbd"
