"""The classic door, rule by rule: docs/protocols/classic.md §3, in its order.
The ends of a connection (§3.15) are in test_classic_leaving.

What the codec alone decides (widths, headers, counting) is in tests/wire; here it is seen through
the port. Plays (tests/conversations) tell the same from far away.
"""

from __future__ import annotations

import asyncio
import pickle
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from doors.peer import Peer, arrived
from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

WIDTHS = (3, 4, 8, 10, 16, 20, 64, 100, 1024, 8192)

# -- 3.1 headers -------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [b"2         ", b" 2        ", b"         2", b"0000000002"])
async def test_3_1_any_justification_is_taken(stage: Stage, header: bytes) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.send(header + b"hi")
        assert await alice.pair() == ("bob", "hi")


async def test_3_1_bytes_may_come_one_by_one(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        for byte in frame("bób".encode()) + frame("é!".encode()) + frame(b"/who"):
            await bob.send(bytes([byte]))
        assert await bob.pair() == ("server", "2 here: alice, bób")
        assert await alice.pairs(2) == [("server", "bób joined"), ("bób", "é!")]


# -- 3.2 the first frame is the name -----------------------------------------------------------


@pytest.mark.parametrize("name", ["/who", "/quit", "error:", "0"])
async def test_3_2_the_first_frame_is_the_name_whatever_it_holds(stage: Stage, name: str) -> None:
    async with Peer(stage.port) as peer:
        await peer.arrive(name)
        house, text = await peer.pair()
        assert house == "server"
        assert text.startswith("you are called _") or text == "you are called error_ here"


async def test_3_2_a_connection_without_a_name_harms_nobody(stage: Stage) -> None:
    async with Peer(stage.port), Peer(stage.port) as alice:
        await arrived(alice, "alice")
        assert await alice.until_answered() == []
        assert len(stage.hub.world) == 1


# -- 3.3 a pair in one write, in the reader's own width ----------------------------------------


async def test_3_3_widths_are_mixed_in_one_room_and_each_has_its_own(stage: Stage) -> None:
    async with AsyncExitStack() as stack:
        peers = {
            width: await stack.enter_async_context(Peer(stage.port, width=width))
            for width in WIDTHS
        }
        for width, peer in peers.items():
            await peer.arrive(f"w{width}")
        for _ in range(2):  # everybody is in, and then has heard of everybody
            await asyncio.gather(*(peer.until_answered() for peer in peers.values()))
        for width, peer in peers.items():
            peer.segments.clear()
            await peer.say(f"from {width}")
        for width, peer in peers.items():
            heard = await peer.pairs(len(WIDTHS) - 1)
            assert sorted(heard) == sorted(
                (f"w{other}", f"from {other}") for other in WIDTHS if other != width
            )
            name, text = heard[0]
            expected = b"%-*d%b%-*d%b" % (
                *(width, len(name), name.encode()),
                *(width, len(text), text.encode()),
            )
            assert b"".join(peer.segments).startswith(expected)


@pytest.mark.parametrize("length", [999, 1000, 2500])
async def test_3_3_three_digits_count_no_further_than_999(stage: Stage, length: int) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port, width=3) as narrow:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(narrow, "narrow", alice)
        await alice.say("x" * length)
        texts: list[str] = []
        while len("".join(texts)) < length:
            sender, text = await narrow.pair()
            assert sender == "alice"
            assert len(text) <= 999
            texts.append(text)
        await narrow.say("y" * 999)
        assert (await alice.pair())[1] == "y" * 999


# -- 3.5 nothing dangerous ---------------------------------------------------------------------


async def test_3_5_invalid_utf8_is_replaced(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.say(b"caf\xe9 \xf0\x9f")
        await bob.say(b"more")
        assert await alice.pairs(2) == [("bob", "caf\ufffd \ufffd"), ("bob", "more")]


@pytest.mark.parametrize("name", [pickle.dumps({"name": "eve"}), b"\x80\x04\x95", b"caf\xe9"])
async def test_3_5_a_name_that_is_not_text_is_refused(stage: Stage, name: bytes) -> None:
    async with Peer(stage.port) as peer:
        await peer.arrive(name)
        assert await peer.rest() == [
            ("server", "error: that name cannot be used: it is not text in UTF-8")
        ]
    assert len(stage.hub.world) == 0


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("bell\x07 back\x08 null\x00", "bell back null\u2400"),
        ("\u202eevil\u2066", "evil"),
        ("tab\there", "tab here"),
        ("\x9b2Jclear", "clear"),
    ],
)
async def test_3_5_controls_are_stripped_for_readers_and_kept_in_the_store(
    stage: Stage, said: str, heard: str
) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.say(said)
        assert await alice.pair() == ("bob", heard)
    (entry,) = await stage.hub.archive.latest(stage.doors.classic.room.id, 1)
    assert entry.text == said.replace("\0", "\u2400")


async def test_3_5_each_line_is_a_pair_and_the_store_keeps_the_newlines(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        await bob.say("hello\nalice > I never said that\n\n")
        assert await alice.pairs(2) == [("bob", "hello"), ("bob", "alice > I never said that")]
        assert await alice.until_answered() == []
    (entry,) = await stage.hub.archive.latest(stage.doors.classic.room.id, 1)
    assert entry.text == "hello\nalice > I never said that\n\n"


@pytest.mark.parametrize(("lines", "shown"), [(31, 31), (32, 32), (33, 32), (300, 32)])
async def test_3_5_many_lines_become_no_more_than_32(stage: Stage, lines: int, shown: int) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        words = [str(number) for number in range(lines)]
        await bob.say("\n".join(words))
        heard = [text for _, text in await alice.pairs(shown)]
        assert " ".join(heard).split() == words
        assert await alice.until_answered() == []


async def test_3_5_what_somebody_typed_comes_back_clean_in_an_answer(stage: Stage) -> None:
    async with Peer(stage.port) as alice:
        await arrived(alice, "alice")
        await alice.say("/msg \x1b[31mbob\u202e hi")
        assert await alice.pair() == (
            "server",
            "error: nobody here is called bob. /who lists everybody",
        )
        await alice.say("/" + "x" * 5000)
        assert (await alice.pair())[1].startswith("error: there is no command /xxx")
        assert len(alice.segments[-1]) < 200


# -- 3.6 counting characters -------------------------------------------------------------------


async def test_3_6_a_program_that_counts_characters_is_understood(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await bob.send("4         José3         é! ".encode() + frame(b"hi"))
        assert await alice.pairs(3) == [("server", "José joined"), ("José", "é! "), ("José", "hi")]


# -- 3.8 the house -----------------------------------------------------------------------------


async def test_3_8_arrivals_can_be_told_to_nobody(opened: Opened) -> None:
    stage = await opened({"classic.notices": False})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await bob.arrive("bob")
        await bob.until_answered()
        await bob.say("/quit")
        assert await bob.rest() == []
        assert await alice.until_answered() == []


# -- 3.9 no echo -------------------------------------------------------------------------------


async def test_3_9_nobody_hears_themselves(stage: Stage) -> None:
    async with Peer(stage.port) as alice:
        await arrived(alice, "alice")
        await alice.say("hello?")
        assert await alice.until_answered() == []


# -- 3.11 nothing at all -----------------------------------------------------------------------


async def test_3_11_an_empty_message_is_ignored(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        for text in ("", "", "hi", ""):
            await bob.say(text)
        assert await bob.until_answered() == []
        assert await alice.pair() == ("bob", "hi")
        assert await alice.until_answered() == []


async def test_3_11_a_name_is_cut_at_64_bytes_between_characters(stage: Stage) -> None:
    async with Peer(stage.port) as peer:
        await peer.arrive("é" * 450)
        assert await peer.pair() == ("server", f"you are called {'é' * 32} here")


# -- 3.13 slow and deaf readers are in tests/doors/test_segments.py ------------------------------


# -- 3.14 commands are in tests/conversations/commands.play --------------------------------------


async def test_3_14_what_was_said_before_a_question_is_in_the_answer(stage: Stage) -> None:
    async with Peer(stage.port) as alice:
        await arrived(alice, "alice")
        await alice.send(frame(b"first") + frame(b"/history") + frame(b"/who"))
        (sender, text), answer = await alice.pairs(2)
        assert (sender, text[8:]) == ("alice", "first")
        assert answer == ("server", "1 here: alice")


async def test_3_14_a_long_whisper_is_several_messages(opened: Opened) -> None:
    stage = await opened({"limits.message": 256})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await arrived(alice, "alice")
        await alice.until_answered()
        await arrived(bob, "bob", alice)
        text = "".join(f"word{number} " for number in range(100))
        await bob.say(f"/msg alice {text}")
        heard = ""
        while len(heard) < len(text):
            sender, part = await alice.pair()
            assert (sender, part[:10]) == ("bob", "(private) ")
            heard += part[10:]
        assert heard == text
        assert await bob.pair() == ("server", "told alice")


# -- 3.16 dialects -----------------------------------------------------------------------------


async def test_3_16_the_ack_dialect_acknowledges_the_name_with_one_frame(opened: Opened) -> None:
    stage = await opened({"classic.dialect": "ack", "classic.width": 16})
    async with Peer(stage.port, width=16) as alice, Peer(stage.port, width=16) as bob:
        await alice.arrive("alice")
        assert await alice.frame() == "Username assigned to you: alice"
        assert await alice.until_answered() == []
        await bob.arrive("alice")
        assert await bob.frame() == "Username assigned to you: alice_2"
        assert await bob.pair() == ("server", "you are called alice_2 here")
        assert await alice.pair() == ("server", "alice_2 joined")


async def test_3_16_the_single_dialect_is_one_frame_an_event(opened: Opened) -> None:
    stage = await opened({"classic.dialect": "single"})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        await alice.say("/who")
        assert await alice.frame() == "server > 1 here: alice"
        await bob.arrive("bob")
        assert await alice.frame() == "server > bob joined"
        await bob.say("hi\nthere")
        assert [await alice.frame(), await alice.frame()] == ["bob > hi", "bob > there"]
        await bob.say("-" * 3000)
        parts = [await alice.frame() or "" for _ in range(3)]
        assert parts[0].startswith("bob > ---")
        assert "".join(parts).count("-") == 3000
