"""What a classic program gets from one `recv`: whole pairs, never a part, never a lone frame.

Programs of the family take one `recv` for one pair, so a pair that arrives in two pieces is lost
to them, and everything after it (docs/protocols/classic.md §3.4, §3.12, §3.13). Loopback only: how
TCP cuts a stream elsewhere is not ours to see.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from doors.peer import Peer
from hubbub.wire.classic import SEGMENT_LIMIT, Decoder, frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

FAST = {"limits.messages_per_second": 0, "history.replay": 0}


def assert_whole_pairs(segments: list[bytes], width: int = 10) -> int:
    """Each `recv` ended with a pair; returns how many pairs there were."""
    count = 0
    for segment in segments:
        decoder = Decoder(width=width)
        decoder.feed(segment)
        frames = 0
        while decoder.next_frame() is not None:
            frames += 1
        assert not decoder.pending, "a recv that ended in the middle of a frame"
        assert frames % 2 == 0, "a recv that ended between a name and its text"
        count += frames // 2
    return count


async def entered(stage: Stage, alice: Peer, bob: Peer) -> None:
    """Both in the room, and all that heard."""
    await alice.arrive("alice")
    await alice.until_answered()
    await bob.arrive("bob")
    await bob.until_answered()
    assert await alice.until_answered() == [("server", "bob joined")]
    alice.segments.clear()


@pytest.mark.parametrize("size", [1, 40, 300, 1170, 3000])
async def test_no_recv_ends_inside_a_pair(opened: Opened, size: int) -> None:
    stage = await opened(FAST)
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, alice, bob)
        count = 60_000 // size // 20
        await bob.send(frame(b"x" * size) * count)
        heard = ""
        while len(heard) < size * count:
            heard += (await alice.pair())[1]
        assert_whole_pairs(alice.segments)


@pytest.mark.parametrize("count", [900, 9000])
async def test_who_is_blocked_in_input_finds_everything_when_it_reads(
    opened: Opened, count: int
) -> None:
    stage = await opened(FAST | {"limits.outbox": 16 << 20})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, alice, bob)
        for start in range(0, count, 450):
            burst = (frame(f"line {start + number} {'.' * 60}".encode()) for number in range(450))
            await bob.send(b"".join(burst))
            await bob.until_answered()
        alice.recv = 4 << 20
        numbers: list[int] = []
        while len(numbers) < count:
            name, text = await alice.pair()
            assert name == "bob"
            numbers.append(int(text.split()[1]))
        assert numbers == list(range(count)), "in order, nothing lost"
        # Whole pairs as long as the reader's system has room. When it is full for some 300 ms,
        # Linux pushes what fits of the next segment after it (the persist probe), whatever its end.
        if count == 900:
            assert_whole_pairs(alice.segments)


async def test_a_slow_reader_loses_whole_pairs_the_oldest_first_and_is_told(
    opened: Opened,
) -> None:
    stage = await opened(FAST | {"limits.outbox": 64 << 10}, send_buffer=4096)
    slow = Peer(stage.port, receive_buffer=4096)
    async with Peer(stage.port) as bob, slow as alice:
        await entered(stage, alice, bob)
        count = 2000
        for number in range(count):
            await bob.send(frame(f"line {number} {'.' * 80}".encode()))
        await bob.until_answered()
        heard: list[int] = []
        gaps = []
        while heard[-1:] != [count - 1]:
            name, text = await alice.pair()
            if name == "bob":
                heard.append(int(text.split()[1]))
            else:
                assert text == "you read too slowly: some messages were left out (/history)"
                gaps.append(len(heard))
        assert heard == sorted(set(heard)), "in order, none twice"
        assert len(heard) < count, "the system keeps little for so slow a reader"
        holes = [at for at in range(1, len(heard)) if heard[at] != heard[at - 1] + 1]
        assert gaps == holes, "told where something is missing, each time"
        await bob.say("good morning")
        assert await alice.pair() == ("bob", "good morning")
        await alice.say("/history 1")
        assert (await alice.pair())[1].endswith("good morning")


async def test_a_deaf_program_can_talk_and_keeps_nobody_waiting(opened: Opened) -> None:
    stage = await opened(FAST, send_buffer=4096)
    async with Peer(stage.port) as alice, Peer(stage.port, receive_buffer=4096) as deaf:
        await entered(stage, alice, deaf)
        for number in range(200):
            await alice.send(frame(f"{number} {'.' * 1000}".encode()))
        await alice.until_answered()
        await deaf.say("still here")
        assert await alice.pair() == ("bob", "still here")
        assert len(stage.hub.world) == 2


async def test_what_slow_readers_lost_is_counted_after_they_are_gone_too(opened: Opened) -> None:
    stage = await opened(FAST | {"limits.outbox": 64 << 10}, send_buffer=4096)

    def metric() -> float:
        found = re.search(
            rb"^hubbub_segments_dropped_total (\S+)$", stage.doors._metrics.text(), re.MULTILINE
        )
        assert found
        return float(found[1])

    async with Peer(stage.port) as alice, Peer(stage.port, receive_buffer=4096) as deaf:
        await entered(stage, alice, deaf)
        assert metric() == 0
        for number in range(200):
            await alice.send(frame(f"{number} {'.' * 1000}".encode()))
        await alice.until_answered()
        lost = metric()
        assert 0 < lost < 200
        deaf.reset()
        assert await alice.pair() == ("server", "bob left")
        assert metric() == lost


async def test_who_goes_without_reading_is_a_leave(opened: Opened) -> None:
    stage = await opened(FAST, send_buffer=4096)
    async with Peer(stage.port) as alice, Peer(stage.port, receive_buffer=4096) as deaf:
        await entered(stage, alice, deaf)
        for number in range(100):
            await alice.send(frame(f"{number} {'.' * 1000}".encode()))
        await alice.until_answered()
        deaf.reset()
        assert await alice.pair() == ("server", "bob left")


# -- history -----------------------------------------------------------------------------------


async def test_history_is_at_most_16_kilobytes_the_last_of_it_with_times(opened: Opened) -> None:
    stage = await opened(FAST | {"history.replay": 100})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        for number in range(100):
            await alice.say(f"{number} {'.' * 400}")
        await alice.until_answered()
        await bob.arrive("bob")
        shown = await bob.until_answered()
        assert all(re.fullmatch(r"\[\d\d:\d\d\] \d+ \.{400}", text) for _, text in shown)
        numbers = [int(text.split()[1]) for _, text in shown]
        assert numbers == list(range(numbers[0], 100))
        size = sum(20 + len(name) + len(text) for name, text in shown)
        assert 15 * 1024 < size <= 16 * 1024


async def test_live_talk_follows_history_without_a_gap_or_a_repeat(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 0, "history.replay": 100})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        await alice.send(b"".join(frame(str(number).encode()) for number in range(50)))
        await bob.arrive("bob")
        await alice.send(b"".join(frame(str(number).encode()) for number in range(50, 100)))
        heard = [(await bob.pair())[1] for _ in range(100)]
        assert [int(text.split()[-1]) for text in heard] == list(range(100))
        assert_whole_pairs(bob.segments)


async def test_nothing_larger_than_a_segment_but_what_cannot_be_smaller(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, alice, bob)
        await bob.say("word " * 1000)
        text = ""
        while len(text) < 5000:
            text += (await alice.pair())[1]
        assert text == "word " * 1000
        decoder = Decoder()
        for segment in alice.segments:
            decoder.feed(segment)
        while (name := decoder.next_frame()) is not None:
            said = decoder.next_frame() or b""
            assert 20 + len(name) + len(said) <= SEGMENT_LIMIT
