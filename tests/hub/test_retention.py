"""What is due goes while people talk; what is in use stays, and nobody is told of what has gone."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from hub.doubles import CountingIds, ManualClock, Scene, Sentences, turn
from hubbub.core.limits import Limits
from hubbub.core.ports import StoreError
from hubbub.core.retention import Rule
from hubbub.core.rooms import Room
from hubbub.hub import history, resumption, retention, rooms, talk
from hubbub.hub.hub import Hub
from hubbub.hub.timeline import Timeline
from hubbub.store import DATABASE, MemoryStore, SqliteStore, open_store
from hubbub.store.upkeep import check

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hubbub.core.sessions import Session

DAY = 24 * 3600 * 1000
AND_A_BIT = 30 * 60 * 1000
"""The loop's own clock goes on meanwhile, and what is told is whole hours."""


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "REST", 0)


class House(Scene):
    """A scene on a store that answers by itself, with all that is said from now on committed."""

    async def settle(self) -> None:
        await self.hub.timeline.settled()
        await turn()

    async def pass_(self) -> dict[Rule, int]:
        """One pass, when the search index has reached all that is there."""
        await self.settle()
        if isinstance(self.hub.archive, SqliteStore):
            self.hub.archive.indexer.wake()
            assert await asyncio.to_thread(self.hub.archive.indexer.wait, 10)
        gone: dict[Rule, int] = {}
        async with aclosing(retention.prune(self.hub)) as steps:
            async for rule, count in steps:
                gone[rule] = gone.get(rule, 0) + count
        return gone

    async def leave(self, session: Session, room: Room) -> None:
        rooms.part(self.hub, session, room)
        await self.settle()

    async def enter(self, session: Session, name: str) -> Room:
        room = await rooms.open_room(self.hub, name)
        rooms.join(self.hub, session, room)
        await self.settle()
        return room


@pytest.fixture(params=["disk", "memory"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    store: SqliteStore | MemoryStore = MemoryStore()
    if request.param == "disk":
        post = asyncio.get_running_loop().call_soon_threadsafe
        store = open_store(tmp_path, durability="os", post=post)
    clock, ids = ManualClock(1000 * DAY), CountingIds()
    hub = Hub(Timeline(store, clock), store, clock, ids, Limits())
    lobby = hub.lobby = Room(ids.number(), "#lobby", "#lobby", created=clock.now())
    hub.world.add_room(lobby)
    opened: Any = None
    yield House(hub, lobby, opened, clock, Sentences())
    await hub.timeline.settled()
    await asyncio.to_thread(store.close)
    if isinstance(store, SqliteStore):
        assert check(tmp_path / DATABASE).findings == []


class TestRooms:
    async def test_one_with_somebody_in_it_never_ends(self, house: House) -> None:
        alice = house.arrive("alice")
        tea = await house.enter(alice, "#tea")
        house.clock.time += 400 * DAY
        assert Rule.ROOMS not in await house.pass_()
        talk.say(house.hub, alice, tea, "still here")
        await house.leave(alice, tea)
        house.clock.time += 30 * DAY
        assert Rule.ROOMS not in await house.pass_()

    async def test_it_returns_within_thirty_days_and_is_another_afterwards(
        self, house: House
    ) -> None:
        alice, bob = house.arrive("alice"), house.arrive("bob")
        tea = await house.enter(alice, "#tea")
        rooms.set_topic(house.hub, alice, tea, "mine")
        talk.say(house.hub, alice, tea, "secret")
        await house.leave(alice, tea)
        house.clock.time += 29 * DAY
        assert Rule.ROOMS not in await house.pass_()
        again = await house.enter(alice, "#tea")
        assert (again.id, again.settings.topic and again.settings.topic.text) == (tea.id, "mine")
        await house.leave(alice, again)
        house.clock.time += 30 * DAY + 1
        assert (await house.pass_())[Rule.ROOMS] == 1

        other = await house.enter(bob, "#tea")
        assert other.id != tea.id
        assert other.settings.topic is None
        assert other.is_operator(bob)
        assert await history.recent(house.hub, bob, other, 50) == []
        # Whoever runs the server has it still.
        pages = [page async for page in history.everything(house.hub, room="#tea")]
        assert "secret" in [one.entry.text for page in pages for one in page]

    async def test_one_that_somebody_is_about_to_open_is_opened_or_new(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The store has told of a room, and it ends before whoever asked could open it."""
        alice = house.arrive("alice")
        tea = await house.enter(alice, "#tea")
        await house.leave(alice, tea)
        house.clock.time += 31 * DAY
        asked, go = asyncio.Event(), asyncio.Event()
        ask = house.hub.archive.room

        async def slowly(folded: str) -> Any:
            row = await ask(folded)
            asked.set()
            await go.wait()
            return row

        monkeypatch.setattr(house.hub.archive, "room", slowly)
        opening = asyncio.create_task(rooms.open_room(house.hub, "#tea"))
        await asked.wait()
        assert (await house.pass_())[Rule.ROOMS] == 1
        go.set()
        room = await opening
        assert room.id != tea.id
        rooms.join(house.hub, alice, room)
        await house.settle()

    async def test_the_lobby_lasts(self, house: House) -> None:
        (alice,) = house.come_in("alice")
        await house.leave(alice, house.room)
        house.clock.time += 400 * DAY
        assert Rule.ROOMS not in await house.pass_()

    async def test_for_ever(self, house: House) -> None:
        house.hub.limits = Limits(keep_rooms=0)
        alice = house.arrive("alice")
        await house.leave(alice, await house.enter(alice, "#tea"))
        house.clock.time += 4000 * DAY
        assert Rule.ROOMS not in await house.pass_()


class TestEntries:
    async def test_nobody_who_arrives_is_shown_what_has_gone(self, house: House) -> None:
        house.hub.limits = Limits(keep=DAY)
        alice, bob = house.come_in("alice", "bob")
        talk.say(house.hub, alice, house.room, "old")
        await house.settle()
        house.clock.time += 2 * DAY
        talk.say(house.hub, alice, house.room, "new")
        gone = await house.pass_()
        assert gone[Rule.AGE] == 3
        assert [event.text for event in house.room.recent] == ["new"]
        shown = await history.recent(house.hub, bob, house.room, 50)
        assert [event.text for event in shown] == ["new"]
        assert house.hub.retention.gone[Rule.AGE] == 3

    async def test_without_a_bound_all_stays(self, house: House) -> None:
        house.hub.limits = Limits(keep_arrivals=0)
        alice, _ = house.come_in("alice", "bob")
        talk.say(house.hub, alice, house.room, "old")
        house.clock.time += 4000 * DAY
        assert await house.pass_() == {}

    async def test_talking_meanwhile_loses_nothing(self, house: House) -> None:
        house.hub.limits = Limits(keep=DAY)
        alice, bob = house.come_in("alice", "bob")
        for number in range(3000):
            talk.say(house.hub, alice, house.room, f"old {number}")
        await house.settle()
        house.clock.time += 2 * DAY

        async def keep_talking() -> None:
            for number in range(300):
                talk.say(house.hub, bob, house.room, f"new {number}")
                await asyncio.sleep(0)

        talking = asyncio.create_task(keep_talking())
        gone = await house.pass_()
        await talking
        await house.settle()
        assert gone[Rule.AGE] == 3002
        pages = [page async for page in house.hub.archive.pages()]
        texts = [one.entry.text for page in pages for one in page]
        assert texts == [f"new {number}" for number in range(300)]


class TestPeople:
    async def test_who_is_here_is_not_forgotten(self, house: House) -> None:
        """Nothing is left of somebody who came long ago and has said nothing; then they speak."""
        alice, bob = house.come_in("alice", "bob")
        await house.settle()
        house.clock.time += 40 * DAY
        talk.say(house.hub, bob, house.room, "x")
        assert (await house.pass_())[Rule.ARRIVALS] == 2
        talk.say(house.hub, alice, house.room, "at last")
        await house.settle()

    async def test_who_stays_for_months_comes_back_when_cut_off(self, house: House) -> None:
        (alice,) = house.come_in("alice")
        given: list[str] = []
        resumption.issue(house.hub, alice, given.append)
        while not given:
            await house.settle()
        for _ in range(100):
            house.clock.time += DAY
            await house.pass_()
            await house.settle()
        person = await resumption.find(house.hub, given[0])
        assert person.id == alice.person.id

    async def test_who_leaves_at_that_moment_is_not_forgotten(self, house: House) -> None:
        """What somebody did last is on its way to the disk while it is asked who has left."""
        alice, bob = house.come_in("alice", "bob")
        await house.settle()
        house.clock.time += 40 * DAY
        talk.say(house.hub, bob, house.room, "x")
        await house.pass_()
        leaving = asyncio.create_task(house.pass_())
        await turn()
        rooms.part(house.hub, alice, house.room, "bye")
        await leaving

    async def test_a_conversation_goes_on_after_all_of_it_has_gone(self, house: House) -> None:
        house.hub.limits = Limits(keep=DAY)
        alice, bob = house.come_in("alice", "bob")
        _, both = await talk.open_conversation(house.hub, alice, "bob")
        talk.tell(house.hub, alice, bob, both, "psst")
        await house.settle()
        house.clock.time += 2 * DAY
        talk.say(house.hub, bob, house.room, "x")
        gone = await house.pass_()
        assert Rule.EMPTY not in gone
        talk.tell(house.hub, bob, alice, both, "yes?")
        await house.settle()
        row = await house.hub.archive.direct_room(alice.person.id, bob.person.id)
        assert row is not None
        assert (row.id, row.last_seq) == (both.id, 2)


async def logged(caplog: pytest.LogCaptureFixture, words: str, times: int = 1) -> None:
    """Wait until the log has a line so often."""
    while sum(words in record.getMessage() for record in caplog.records) < times:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def passed(house: House) -> None:
    """Wait until a pass that begins from now on has come to its end."""
    lock = house.hub.retention.passing
    while not lock.locked():  # noqa: ASYNC110
        await asyncio.sleep(0)
    async with lock:
        return


class TestEveryHour:
    async def test_what_has_gone_is_one_line_in_the_log(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        alice, bob = house.come_in("alice", "bob")
        await house.leave(alice, house.room)
        house.clock.time += 31 * DAY
        talk.say(house.hub, bob, house.room, "x")
        await house.settle()
        if isinstance(house.hub.archive, SqliteStore):
            assert await asyncio.to_thread(house.hub.archive.indexer.wait, 10)
        async with retention.pruning(house.hub, every=0.01, first=0):
            await logged(caplog, "pruned")
        (line, *more) = [one for one in caplog.records if one.getMessage() == "pruned"]
        assert line.__dict__["fields"] == {"arrivals": 3}
        assert not more

    async def test_by_a_clock_that_was_just_set_ahead_nothing_goes(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        house.hub.limits = Limits(keep=40 * DAY)
        alice = house.arrive("alice")
        await house.leave(alice, await house.enter(alice, "#tea"))
        async with retention.pruning(house.hub, every=0.01, first=0):
            await asyncio.sleep(0)  # it has looked at the clock
            house.clock.time += 75 * 365 * DAY + AND_A_BIT
            await logged(caplog, "the clock was set ahead by 657000 hours; nothing is deleted")
            house.clock.time -= 75 * 365 * DAY + AND_A_BIT
            await passed(house)
        assert not house.hub.retention.gone
        assert await house.hub.archive.room("#tea") is not None

    async def test_by_one_that_was_set_right_all_goes_that_is_due(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        alice = house.arrive("alice")
        await house.leave(alice, await house.enter(alice, "#tea"))
        async with retention.pruning(house.hub, every=0.01, first=0):
            await asyncio.sleep(0)
            house.clock.time += 31 * DAY + AND_A_BIT
            await logged(caplog, "pruned")
        assert "the clock was set ahead by 744 hours" in caplog.text
        assert house.hub.retention.gone[Rule.ROOMS] == 1

    async def test_a_store_that_fails_is_asked_again(
        self, house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def prune(*_: object) -> Any:
            raise StoreError("the disk is full")

        monkeypatch.setattr(house.hub.archive, "prune", prune)
        async with retention.pruning(house.hub, every=0, first=0):
            await logged(caplog, "tries again later", 3)
        assert "cannot delete what is due, and tries again later: the disk is full" in caplog.text

    async def test_what_would_go_is_told(self, house: House) -> None:
        alice = house.arrive("alice")
        await house.leave(alice, await house.enter(alice, "#tea"))
        house.clock.time += 31 * DAY
        due = {rule: count async for rule, count in retention.due(house.hub)}
        assert (due[Rule.ROOMS], due[Rule.ARRIVALS]) == (1, 2)
        assert await house.hub.archive.room("#tea") is not None

    async def test_what_two_rules_would_take_is_counted_once(self, house: House) -> None:
        house.hub.limits = Limits(keep=40 * DAY)
        alice = house.arrive("alice")
        await house.leave(alice, await house.enter(alice, "#tea"))
        house.clock.time += 35 * DAY
        due = {rule: count async for rule, count in retention.due(house.hub)}
        assert (due.get(Rule.AGE), due[Rule.ARRIVALS]) == (None, 2)
        house.clock.time += 10 * DAY
        due = {rule: count async for rule, count in retention.due(house.hub)}
        assert (due[Rule.AGE], due.get(Rule.ARRIVALS)) == (2, None)
