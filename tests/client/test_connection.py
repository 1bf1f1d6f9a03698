"""A connection over real sockets, to servers that behave as the family does, and worse."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from client.servers import Visitor, pair, select_server, serving
from hubbub import client
from hubbub.client.events import Disconnected, Event, Gap, Hint, Joined, Message, Notice, Refused
from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from hubbub.client.connection import Connection


async def everything(chat: Connection) -> list[Event]:
    return [event async for event in chat.events()]


async def end_of(chat: Connection) -> Disconnected:
    return await asyncio.wait_for(chat.wait_closed(), 10)


async def test_two_talk_through_the_server_it_all_began_with() -> None:
    async with (
        select_server() as (address, output),
        client.connect(address, name="José") as jose,
    ):
        assert b"username: Jos\xc3\xa9\n" in await output.readline()
        async with client.connect(address, name="bob") as bob:
            assert b"username: bob" in await output.readline()
            await bob.say("¡hola!\n" + "a long story " * 500)
            heard = ""
            async for message in jose:
                assert message.sender == "bob"
                heard += message.text
                if len(heard) == len("¡hola!" + "a long story " * 500):
                    break
            assert heard == "¡hola!" + "a long story " * 500
            await jose.say("adiós")
            answer = await anext(aiter(bob))
            assert answer.text == "adiós"
        # Leaving is heard as leaving, and the server goes on.
        while b"Closed connection from: bob" not in await output.readline():
            pass


async def test_the_name_comes_first_at_once_and_alone() -> None:
    async def script(visitor: Visitor) -> None:
        assert await visitor.read() == b"5         alice"
        await visitor.send(pair("server", "hello"))
        assert await visitor.read() == b"2         hi"

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        events = chat.events()
        assert isinstance(await anext(events), Joined)
        assert isinstance(await anext(events), Notice)
        await chat.say("hi")
        await end_of(chat)


async def test_pieces_of_a_long_message_can_be_read_by_one_recv_each() -> None:
    bodies: list[bytes] = []

    async def script(visitor: Visitor) -> None:
        for _ in range(1 + 10):
            bodies.append(await visitor.read_frame())

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        await chat.say("x" * 10_000)
        await end_of(chat)
    assert b"".join(bodies) == b"alice" + b"x" * 10_000
    assert max(len(body) for body in bodies) == 1000


async def test_a_trickling_server_is_understood() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.trickle(pair("bob", "hi 👋") + pair("bob", "ho"))

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        assert [message.text async for message in chat] == ["hi 👋", "ho"]
        assert chat.ended is not None
        assert chat.ended.clean


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ("header=3", pair("bob", "hi", 3)),
        ("header=64", pair("bob", "hi", 64)),
        ("header=1024", pair("bob", "hi", 1024)),
        ("frames=1", frame(b"bob > hi")),
        ("frames=3", frame(b"12:03") + pair("bob", "hi")),
        ("header=16&ack=1", frame(b"Username assigned to you", 16) + pair("bob", "hi", 16)),
    ],
)
async def test_every_dialect_is_spoken(options: str, sent: bytes) -> None:
    width = int(options[7:]) if options.startswith("header=") and "&" not in options else 10
    width = 16 if "&" in options else width

    async def script(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"alice"
        await visitor.send(sent)
        assert await visitor.read_frame() == b"thanks"

    async with (
        serving(script, width=width) as address,
        client.connect(f"{address}?{options}", name="alice") as chat,
    ):
        async for message in chat:
            assert (message.sender, message.text) == ("bob", "hi")
            await chat.say("thanks")


async def test_a_wrong_width_ends_the_connection_with_a_hint_and_no_retry() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(pair("bob", "hello all", 64))
        await visitor.read_to_end()

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        events = await everything(chat)
        assert [event for event in events if isinstance(event, Message)] == []
        assert any("try --header-length 64" in e.text for e in events if isinstance(e, Hint))
        assert chat.ended is not None
        assert not chat.ended.retry


async def test_half_a_message_at_the_end_is_an_unclean_one() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "whole") + pair("bob", "torn")[:-2])

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        messages = aiter(chat)
        assert (await anext(messages)).text == "whole"
        with pytest.raises(client.ConnectionLost, match="in the middle of a message"):
            await anext(messages)


async def test_a_reset_is_unclean_and_names_what_is_in_doubt() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.read_frame()
        visitor.reset()

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        await chat.say("did you get this?")
        end = await end_of(chat)
        assert not end.clean
        assert end.retry
        assert end.doubtful == ("did you get this?",)
        assert end.reason == "the server cut the connection"
        with pytest.raises(client.ConnectionLost) as lost:
            await chat.say("one\ntwo")
        assert lost.value.unsent == ("one", "two")


async def test_what_a_deaf_server_never_took_is_given_back() -> None:
    left = asyncio.Event()

    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await left.wait()

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        saying = asyncio.create_task(chat.say("x" * 20_000_000))
        while not saying.done():
            full = chat._stream._writable  # type: ignore[attr-defined]  # the system is full
            if full is not None:
                break
            await asyncio.sleep(0)
        chat.abort()
        with pytest.raises(client.ConnectionLost) as lost:
            await saying
        assert 0 < len("".join(lost.value.unsent)) < 20_000_000
        left.set()


async def test_leaving_half_closes_hears_the_rest_and_closes() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        assert await visitor.read_to_end() == frame(b"bye")
        await visitor.send(pair("bob", "see you"))

    async with serving(script) as address:
        async with client.connect(address, name="alice") as chat:
            await chat.say("bye")
        assert [type(event) for event in await everything(chat)] == [Joined, Message, Disconnected]
        assert chat.ended is not None
        assert chat.ended.clean
        with pytest.raises(client.ConnectionLost):
            await chat.say("too late")


async def test_leaving_does_not_wait_for_ever() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.read_to_end()
        await left.wait()

    left = asyncio.Event()
    async with serving(script) as address:
        chat = await client.Connection.open(address, name="alice")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await chat.close()
        assert 0.9 < loop.time() - began < 5
        left.set()
        assert chat.ended is not None
        assert "did not close" in chat.ended.reason


async def test_leaving_with_unread_data_is_no_reset() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        for _ in range(200):
            await visitor.send(pair("bob", "x" * 1000))
        assert await visitor.read_to_end() == b""  # would raise ConnectionResetError

    async with serving(script) as address, client.connect(address, name="alice"):
        pass


async def test_an_error_pair_is_a_refusal_and_the_connection_lives() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("server", "error: too fast") + pair("bob", "hi"))

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        joined, refused, message, end = await everything(chat)
        assert isinstance(joined, Joined)
        assert f"classic://{joined.server}" == address
        assert isinstance(refused, Refused)
        assert refused.reason == "too fast"
        assert isinstance(message, Message)
        assert isinstance(end, Disconnected)


async def test_silence_decides_what_bytes_alone_do_not() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(frame(b"bob") + "2         é1".encode())
        await visitor.read_to_end()

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        async for message in chat:
            assert message.text == "é1"
            break


async def test_a_program_that_does_not_read_keeps_the_room_going() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()
        for number in range(12_000):
            await visitor.send(pair("bob", f"{number} {'x' * 900}"))

    async with serving(script) as address, client.connect(address, name="alice") as chat:
        await end_of(chat)
        events = await everything(chat)
        # Joined, 12,000 messages and the end came; 10,000 could wait.
        assert isinstance(events[0], Gap)
        assert events[0].count == 2_002
        assert isinstance(events[-1], Disconnected)
        assert len(events) == 10_001


async def test_nobody_there_is_said_as_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(client.CannotConnect, match=f"nothing listens at 127.0.0.1 port {port}: is"):
        await client.Connection.open(f"127.0.0.1:{port}", name="alice")


async def test_a_host_that_is_none_is_said_as_a_sentence() -> None:
    with pytest.raises(client.CannotConnect, match="no host is called"):
        await client.Connection.open("a..b", name="alice")


async def test_a_bad_name_opens_no_connection() -> None:
    async with serving() as address:
        with pytest.raises(client.BadName):
            await client.Connection.open(address, name=" ")
