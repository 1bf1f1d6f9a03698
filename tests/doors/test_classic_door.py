"""One classic connection where its surroundings matter: the disk, the store, the clock, the end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from doors.peer import Peer
from hubbub.core.ports import Commit, StoreError
from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from conversations.stage import Stage
    from hubbub.doors.classic.door import ClassicDoor

    Opened = Callable[..., Awaitable[Stage]]


class Valve:
    """Between the timeline and its journal: closed, batches wait; `failure` makes them fail."""

    def __init__(self, stage: Stage) -> None:
        self._timeline = stage.hub.timeline
        self._write = stage.hub.timeline._journal.write
        self._waiting: list[tuple[Any, Callable[[Commit], None]]] = []
        self._is_closed = False
        self.failure: StoreError | None = None
        self._timeline._journal = self  # type: ignore[assignment]  # probing is not tested here

    def close(self) -> None:
        self._is_closed = True

    def open(self) -> None:
        self._is_closed = False
        waiting, self._waiting = self._waiting, []
        for events, done in waiting:
            self.write(events, done)

    def write(self, events: Any, done: Callable[[Commit], None], **_: object) -> None:
        if self.failure is not None:
            done(Commit(failure=self.failure))
        elif self._is_closed:
            self._waiting.append((events, done))
        else:
            self._write(events, done)

    @property
    def is_holding(self) -> bool:
        return bool(self._waiting)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go round until it is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  (it has no event to wait for)
            await asyncio.sleep(0)


async def entered(stage: Stage, *peers: tuple[Peer, str]) -> None:
    """Everybody in the room, all that heard."""
    for peer, name in peers:
        await peer.arrive(name)
        await peer.until_answered()
    for peer, _ in peers:
        await peer.until_answered()


def door_of(stage: Stage, name: str) -> ClassicDoor:
    session = stage.hub.world.session(name)
    assert session is not None
    return session.reader  # type: ignore[return-value]  # the door is the reader


# -- the disk ----------------------------------------------------------------------------------


async def test_who_talks_is_slowed_while_the_disk_is_behind(opened: Opened) -> None:
    stage = await opened({"limits.backlog": 5, "limits.messages_per_second": 0})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        valve = Valve(stage)
        valve.close()
        await alice.say("in flight")
        await until(lambda: valve.is_holding)
        await alice.send(b"".join(frame(str(number).encode()) for number in range(20)))
        door = door_of(stage, "alice")
        await until(lambda: door._link.held)
        assert len(stage.hub.timeline._gathering.events) == 5, "and no more until it is taken up"
        valve.open()
        heard = [text for _, text in await bob.pairs(21)]
        assert heard == ["in flight", *map(str, range(20))]
        assert not door._link.held


async def test_what_cannot_be_saved_is_refused_to_its_author_and_heard_by_nobody(
    stage: Stage,
) -> None:
    words = "error: nothing can be saved at the moment, so your message was not sent."
    refused = ("server", f"{words} Please try again in a minute")
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        valve = Valve(stage)
        valve.failure = StoreError("the disk is full")
        await alice.say("lost")
        assert await alice.pair() == refused
        await alice.say("lost before it was decided")
        assert await alice.pair() == refused
        await alice.say("/msg bob lost too")
        assert await alice.pair() == refused
        assert await bob.until_answered() == []
        async with Peer(stage.port) as carol:  # the room stays open
            await carol.arrive("carol")
            await carol.until_answered()
            assert await bob.pair() == ("server", "carol joined")


async def test_a_history_that_cannot_be_read_says_so(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StoreError("hubbub.sqlite: database disk image is malformed")

    async with Peer(stage.port) as alice:
        await entered(stage, (alice, "alice"))
        monkeypatch.setattr(stage.hub.archive, "latest", broken)
        await alice.say("/history")
        assert await alice.pair() == ("server", "error: the history cannot be read at the moment")
        assert "cannot read: hubbub.sqlite: database disk image is malformed" in caplog.text
        assert await alice.until_answered() == []


async def test_nobody_was_told_what_could_not_be_saved(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        Valve(stage).failure = StoreError("the disk is full")
        await alice.say("/msg bob psst")
        (answer,) = await alice.until_answered()
        assert answer[1].startswith("error: nothing can be saved at the moment")
        assert await bob.until_answered() == []


# -- order -------------------------------------------------------------------------------------


class SlowStore:
    """Answers a question when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stage: Stage, question: str) -> None:
        self.was_asked = asyncio.Event()
        self._may_answer = asyncio.Event()
        self._ask = getattr(stage.hub.archive, question)
        monkeypatch.setattr(stage.hub.archive, question, self)

    async def __call__(self, *args: Any, **more: Any) -> Any:
        self.was_asked.set()
        await self._may_answer.wait()
        return await self._ask(*args, **more)

    def answer(self) -> None:
        self._may_answer.set()


def as_if_they_returned(stage: Stage) -> None:
    """Let the store be asked about those who are here: of new ones it knows nothing."""
    for session in stage.hub.world.sessions:
        session.person.returning = True


async def test_while_a_command_waits_for_the_store_what_comes_later_waits_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        as_if_they_returned(stage)
        store = SlowStore(monkeypatch, stage, "direct_room")
        await alice.send(frame(b"/msg bob first") + frame(b"second") + frame(b"/who"))
        await store.was_asked.wait()
        assert await bob.until_answered() == [], "others go on"
        assert door_of(stage, "alice")._link.held
        store.answer()
        assert await bob.pairs(2) == [("alice", "(private) first"), ("alice", "second")]
        assert [text for _, text in await alice.pairs(2)] == ["told bob", "2 here: alice, bob"]


async def test_who_is_gone_before_the_store_answers_has_said_all_in_order(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        as_if_they_returned(stage)
        store = SlowStore(monkeypatch, stage, "direct_room")
        await alice.send(frame(b"/msg bob first") + frame(b"second"))
        await store.was_asked.wait()
        door = door_of(stage, "alice")
        alice.reset()
        door.cut()  # reading is paused, so the reset would be noticed later
        await until(lambda: door._lost)
        store.answer()
        assert await bob.pairs(3) == [
            ("alice", "(private) first"),
            ("alice", "second"),
            ("server", "alice left"),
        ]


async def test_a_command_that_outlives_the_server_s_patience_answers_nobody(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await opened()
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        as_if_they_returned(stage)
        store = SlowStore(monkeypatch, stage, "direct_room")
        await alice.say("/msg bob too late")
        await store.was_asked.wait()
        stopping = asyncio.create_task(stage.stop())
        assert await bob.rest() == []
        store.answer()
        assert await alice.rest() == []
        alice.close()
        bob.close()
        await stopping


# -- the end -----------------------------------------------------------------------------------


async def test_who_reads_slowly_has_two_seconds_for_our_last_words(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.doors.classic.door.LINGER", 0.1)
    stage = await opened()
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        await bob.say("/quit")
        await alice.pair()
        door = next(door for door in stage.doors.classic._open if door.session.nick == "bob")
        await until(lambda: door not in stage.doors.classic._open)


async def test_what_is_sent_after_good_bye_is_nobody_s(stage: Stage) -> None:
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        await bob.say("/quit")
        assert await bob.rest() == []
        await bob.say("one more thing")
        bob.half_close()
        assert await alice.pair() == ("server", "bob left")
        assert await alice.until_answered() == []


async def test_a_reader_who_broke_away_is_noticed_by_sending(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, logger="hubbub.doors.classic.door")
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))

        def broken(segment: bytes, flags: int) -> int:
            raise BrokenPipeError("gone")

        monkeypatch.setattr(door_of(stage, "bob")._outbox, "_send", broken)
        await alice.say("hi")
        assert await alice.pair() == ("server", "bob left")
        assert "sending failed: gone" in caplog.text


# -- talking too fast --------------------------------------------------------------------------


async def test_reading_pauses_for_who_is_too_fast_and_nobody_else(opened: Opened) -> None:
    stage = await opened({"limits.message_burst": 2, "limits.messages_per_second": 1})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        await until(lambda: len(stage.hub.world) == 2)
        await bob.until_answered()
        await alice.send(b"".join(frame(str(number).encode()) for number in range(6)))
        assert [text for _, text in await bob.pairs(3)] == ["0", "1", "2"]
        door = door_of(stage, "alice")
        assert door._link.held
        assert not door_of(stage, "bob")._link.held
        door._pacing.allowance.rate = 0
        door._release("flood")
        assert [text for _, text in await bob.pairs(3)] == ["3", "4", "5"]


async def test_who_goes_on_for_long_is_refused_and_told_so(opened: Opened) -> None:
    stage = await opened({"limits.message_burst": 1, "limits.messages_per_second": 1000})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        door = door_of(stage, "alice")
        door._pacing.allowance.rate = 0.001
        door._pacing.charge(2)
        door._pacing.slowed_since = stage.doors.classic.loop.time() - 200  # of 300 seconds
        await alice.send(frame(b"on and on"))
        assert await alice.pair() == (
            "server",
            "error: you talk too fast: this was not said. Please pause",
        )
        assert await bob.until_answered() == []


async def test_who_is_cut_off_while_slowed_is_heard_out_no_faster(opened: Opened) -> None:
    stage = await opened({"limits.message_burst": 2, "limits.messages_per_second": 1})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await entered(stage, (alice, "alice"), (bob, "bob"))
        await alice.send(b"".join(frame(str(number).encode()) for number in range(6)))
        assert [text for _, text in await bob.pairs(3)] == ["0", "1", "2"]
        door = door_of(stage, "alice")
        door.cut()
        await until(lambda: bool(door._lost))
        assert await bob.until_answered() == []
        door._pacing.allowance.rate = 0
        door._release("flood")
        assert [text for _, text in await bob.pairs(4)] == ["3", "4", "5", "alice left"]


async def test_a_question_costs_what_it_is_declared_to_and_is_answered(opened: Opened) -> None:
    stage = await opened({"limits.message_burst": 10, "limits.messages_per_second": 0.1})
    async with Peer(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        await until(lambda: stage.hub.world.session("alice"))
        door = door_of(stage, "alice")
        await alice.send(frame(b"/history") + frame(b"hi"))  # the whole allowance, and one more
        assert await alice.pair() == ("server", "nothing has been said yet")
        await until(lambda: door._link.held)
        assert 9_000 < door._pacing.allowance.spend(door._loop.time() * 1000, 0) <= 10_000
        await bob.arrive("bob")
        assert [text[-2:] for _, text in await bob.until_answered()] == ["hi"], "others go on"


async def test_a_question_that_costs_more_than_the_whole_allowance_is_answered_too(
    opened: Opened,
) -> None:
    stage = await opened({"limits.message_burst": 1, "limits.messages_per_second": 0.1})
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.say("/history")
        assert await alice.pair() == ("server", "nothing has been said yet")


async def test_who_is_lost_while_slowed_and_waiting_for_the_store_has_left(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await opened({"limits.message_burst": 2, "limits.messages_per_second": 0.1})
    async with Peer(stage.port) as bob:
        await bob.arrive("bob")
        await bob.until_answered()
        store = SlowStore(monkeypatch, stage, "latest")
        await bob.say("/history")
        await store.was_asked.wait()
        door = door_of(stage, "bob")
        door.cut()
        await until(lambda: bool(door._lost))
        store.answer()
        await until(lambda: not len(stage.hub.world))
