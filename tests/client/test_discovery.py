"""What is spoken at an address is found out, and no classic server is harmed by it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from client.servers import Visitor, pair, select_server, serving
from hubbub import client
from hubbub.client import discovery
from hubbub.client.address import Address, Scheme
from hubbub.client.secure import words_of
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FIRST_WORDS = b"CAP LS 302\r\nNICK ada\r\nUSER hubbub 0 * ada\r\n"


def plain(address: str) -> str:
    """Without saying that it is a classic server."""
    return address.removeprefix("classic://")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "PATIENCE", 0.2)


async def test_the_server_it_all_began_with_is_found_and_goes_on() -> None:
    async with select_server() as (address, output):
        async with client.connect(address, name="bob") as bob:
            assert b"username: bob" in await output.readline()
            async with client.connect(plain(address), name="ada") as ada:
                assert not ada.confirms
                assert b"username: ada" in await output.readline()
                await ada.say("hi")
                message = await anext(aiter(bob))
                assert (message.sender, message.text) == ("ada", "hi")
        # Whoever was tried out was never in: nobody was told of anything else.
        assert b"Received message from ada: hi" in await output.readline()


@pytest.mark.usefixtures("soon")
async def test_one_that_drops_us_without_closing_is_given_up_soon_and_cleanly() -> None:
    async def deaf(visitor: Visitor) -> None:
        assert await visitor.read_to_end() == FIRST_WORDS  # a reset would raise

    async def classic(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"
        await visitor.send(pair("bob", "hi"))

    async with serving(deaf, classic) as address:
        async with client.connect(plain(address), name="ada") as chat:
            assert [message.text async for message in chat] == ["hi"]
        assert chat.address.scheme is Scheme.CLASSIC


async def test_irc_goes_on_where_it_was_found() -> None:
    async def irc(visitor: Visitor) -> None:
        assert await visitor.read() == FIRST_WORDS
        await visitor.send(b":s 001 ada :Welcome\r\n:s 422 ada :No MOTD\r\n")
        assert await visitor.read() == b"JOIN #lobby\r\nPING hubbub-1\r\n"
        await visitor.send(b":ada!u@h JOIN #lobby\r\n:s PONG s hubbub-1\r\n")
        await visitor.send(b":bob!u@h PRIVMSG #lobby :hi\r\nERROR :bye\r\n")

    async with serving(irc) as address, client.connect(plain(address), name="ada") as chat:
        assert chat.confirms
        assert [message.text async for message in chat] == ["hi"]
        assert chat.ended is not None
        assert (chat.ended.reason, chat.ended.clean) == ("bye", True)


async def test_what_was_found_is_not_looked_for_again() -> None:
    async def refuses(visitor: Visitor) -> None:
        await visitor.read()

    async def classic(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"

    memory = client.Memory()
    async with serving(refuses, classic, classic) as address:
        for _ in range(2):
            async with client.connect(plain(address), name="ada", memory=memory) as chat:
                await chat.wait_closed()


async def test_a_port_that_wants_tls_gets_it(tmp_path: Path) -> None:
    async def alert(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(bytes.fromhex("15030100020246"))

    async def hello(visitor: Visitor) -> None:
        assert (await visitor.read())[:2] == b"\x16\x03"

    async with serving(alert, hello) as address:
        with pytest.raises(client.CannotConnect, match="no TLS with"):
            await client.Connection.open(plain(address), name="ada")


async def test_a_web_server_is_named() -> None:
    async def web(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(web) as address:
        with pytest.raises(client.CannotConnect, match="is a web server"):
            await client.Connection.open(plain(address), name="ada")


async def test_who_is_turned_away_is_told_why() -> None:
    async def banned(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(b":s 465 ada :You are banned\r\nERROR :Closing link\r\n")

    async with serving(banned) as address:
        with pytest.raises(client.CannotConnect, match="did not let us in: the server has banned"):
            await client.Connection.open(plain(address), name="ada")


def test_what_is_known_is_not_asked() -> None:
    def spoken(written: str) -> tuple[Scheme, bool]:
        found = discovery.spoken_at(Address.parse(written))
        return found.scheme, found.tls

    assert spoken("ship") == (Scheme.ANY, False)
    assert spoken("ship:6697") == (Scheme.IRC, True)
    assert spoken("ship:6667") == (Scheme.IRC, False)
    assert spoken("irc://ship:1234") == (Scheme.IRC, False)
    assert spoken("classic://ship:6667") == (Scheme.CLASSIC, False)
    assert discovery.spoken_at(Address("ship", tls=True)).scheme is Scheme.IRC
    # A classic server has no password, and must not see one.
    assert discovery.spoken_at(Address("ship"), has_password=True).scheme is Scheme.IRC


# --- with our server


@asynccontextmanager
async def house(data: Path, *flags: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Our server; gives its address and what it has logged."""
    with await asyncio.to_thread(start_server, data, *flags) as server:
        yield f"127.0.0.1:{server.port}", server.lines


async def test_ours_is_spoken_to_in_irc(tmp_path: Path) -> None:
    async with (
        house(tmp_path / "data") as (address, _),
        client.connect(address, name="ada") as ada,
        client.connect(address, name="ada") as other,
    ):
        assert (ada.name, other.name) == ("ada", "ada_2")
        receipt = await other.say("hi")
        assert receipt.saved
        async for message in ada:
            assert (message.sender, message.text, message.room) == ("ada_2", "hi", "#lobby")
            assert message.msgid == receipt.msgids[0]
            break
        assert set(ada.rooms["#lobby"].members) == {"ada", "ada_2"}
        answer = await ada.ask("WHOIS", "ada_2")
        assert [line.command for line in answer][-1] == "318"


async def test_tls_is_trusted_by_the_fingerprint_that_the_server_shows(tmp_path: Path) -> None:
    async with house(tmp_path / "data", "--tls", "auto") as (address, log):
        (shown,) = [line for line in log if " certificate " in line]
        sha256 = shown.partition("sha256=")[2].split(" ")[0]
        words = shown.partition("words=")[2].split(" ")[0]
        assert words_of(sha256) == words
        for trust in (sha256, words, lambda fingerprint: fingerprint == sha256):
            async with client.connect(f"ircs://{address}", name="ada", trust=trust) as chat:
                assert (await chat.say("hi")).saved
        with pytest.raises(client.CannotConnect, match=r"cannot be verified .* --trust"):
            await client.Connection.open(f"ircs://{address}", name="ada")
        with pytest.raises(client.NotTrusted, match="another one than the one to trust") as caught:
            await client.Connection.open(
                f"ircs://{address}", name="ada", trust="-".join(["lusab"] * 8)
            )
        assert (caught.value.fingerprint, caught.value.words) == (sha256, words)


async def test_whom_to_trust_means_tls_without_a_scheme(tmp_path: Path) -> None:
    async with house(tmp_path / "data", "--tls", "auto") as (address, log):
        (shown,) = [line for line in log if " certificate " in line]
        sha256 = shown.partition("sha256=")[2].split(" ")[0]
        colons = ":".join(sha256[at : at + 2] for at in range(0, 64, 2)).upper()
        memory = client.Memory()
        async with client.connect(address, name="ada", trust=colons, memory=memory) as chat:
            assert chat.address.tls
        assert memory.found is not None
        assert memory.found.tls, "it comes back encrypted"
        with pytest.raises(client.NotTrusted):
            await client.Connection.open(address, name="ada", trust="0" * 64)


async def test_with_somebody_to_trust_nothing_is_said_in_the_clear() -> None:
    async def classic(visitor: Visitor) -> None:
        assert (await visitor.read())[:2] == b"\x16\x03"  # a handshake, and nothing after it
        await visitor.send(pair("house", "error: what is this?"))
        assert b"hi" not in await visitor.read_to_end()

    async with serving(classic) as address:
        with pytest.raises(client.CannotConnect, match="no TLS with"):
            await client.Connection.open(plain(address), name="ada", trust="0" * 64)


@pytest.mark.parametrize(
    ("address", "trust", "says"),
    [
        ("ship", "nonsense", "'nonsense' is no fingerprint"),
        ("ship", "", "'' is no fingerprint"),
        ("ircs://ship", "lusab-babad", "is no fingerprint"),
        ("irc://ship:1234", "0" * 64, r"in the clear \(irc://\).* write ship:1234 or ircs://ship"),
        ("classic://ship", "0" * 64, r"in the clear \(classic://\)"),
    ],
)
async def test_trust_that_could_not_be_kept_is_refused(address: str, trust: str, says: str) -> None:
    with pytest.raises(client.BadTrust, match=says):
        await client.Connection.open(address, name="ada", trust=trust)


async def test_a_classic_address_that_is_to_be_encrypted_is_not_called() -> None:
    where = Address("localhost", 1, scheme=Scheme.CLASSIC, tls=True)
    with pytest.raises(client.CannotConnect, match="is to be encrypted"):
        await client.Connection.open(where, name="ada")


async def test_nothing_is_said_to_whom_is_not_trusted() -> None:
    heard = bytearray()

    async def listen(visitor: Visitor) -> None:
        heard.extend(await visitor.read_to_end())

    async with serving(listen) as address:
        where = plain(address).replace("127.0.0.1", "ircs://127.0.0.1")
        opening = asyncio.create_task(client.Connection.open(where, name="ada", password="secret"))
        while not heard and not opening.done():
            await asyncio.sleep(0.01)
            if not opening.done():
                opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    assert b"secret" not in heard


def test_addresses_of_nobody_are_said_as_sentences() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(client.CannotConnect, match="nothing listens at"):
        asyncio.run(client.Connection.open(f"127.0.0.1:{port}", name="ada"))
