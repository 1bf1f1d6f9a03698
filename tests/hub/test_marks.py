"""Marks: how far somebody has read is theirs, goes forward, and is saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import FULL_DISK, Scene, scene, turn
from hubbub.core.people import Mark
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.hub import arrival, marks, resumption, rooms
from hubbub.hub.marks import Marks
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.sessions import Session


@pytest.fixture
async def stage() -> Scene:
    return scene()


async def token_of(stage: Scene, session: Session) -> str:
    given: list[str] = []
    resumption.issue(stage.hub, session, given.append)
    await turn()
    return given[0]


async def test_a_mark_goes_forward_and_never_back(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    assert await marks.read_until(stage.hub, alice, "#lobby") is None
    assert await marks.mark(stage.hub, alice, "#lobby", 500) == 500
    assert await marks.mark(stage.hub, alice, "#LOBBY", 300) == 500
    assert await marks.read_until(stage.hub, alice, "#lobby") == 500
    assert await marks.read_until(stage.hub, bob, "#lobby") is None, "it is nobody else's"


async def test_nobody_has_read_what_is_to_come(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    now = stage.hub.clock.now()
    assert await marks.mark(stage.hub, alice, "#lobby", now + 60_000) == now
    await stage.settle()
    assert await marks.mark(stage.hub, stage.arrive("bob"), "alice", -1) == 0


async def test_one_marks_what_one_is_in(stage: Scene) -> None:
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    for name, reason in {
        "#lobby": Reason.NOT_IN_ROOM,
        "#nowhere": Reason.NO_SUCH_ROOM,
        "nobody": Reason.NO_SUCH_NICK,
    }.items():
        with pytest.raises(Refused) as no:
            await marks.mark(stage.hub, alice, name, 5)
        assert no.value.reason is reason
        assert await marks.read_until(stage.hub, alice, name) is None
    assert await marks.mark(stage.hub, alice, "bob", 5) == 5
    assert alice.person.marks == {bob.person.id: 5}


async def test_a_conversation_is_with_a_person_not_a_nick(stage: Scene) -> None:
    alice, bob = stage.arrive("alice"), stage.arrive("bob")
    await marks.mark(stage.hub, alice, "bob", 5)
    arrival.quit(stage.hub, bob, "bye")
    stage.arrive("bob")
    assert await marks.read_until(stage.hub, alice, "bob") is None


async def test_a_room_that_is_closed_is_the_same_when_it_is_open_again(stage: Scene) -> None:
    alice = stage.arrive("alice")
    room = await rooms.open_room(stage.hub, "#attic")
    rooms.join(stage.hub, alice, room)
    assert isinstance(stage.hub.archive, MemoryStore)
    stage.hub.archive.write([], lambda _: None, [room])
    await marks.mark(stage.hub, alice, "#attic", 5)
    rooms.part(stage.hub, alice, room)
    await stage.settle()
    assert stage.hub.world.room("#attic") is None
    assert await marks.read_until(stage.hub, alice, "#attic") == 5


# -- who comes back ----------------------------------------------------------------------------


async def test_who_comes_back_has_read_what_they_had_read(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    await marks.mark(stage.hub, alice, "#lobby", 5)
    token = await token_of(stage, alice)
    await marks.mark(stage.hub, alice, "#lobby", 9)
    arrival.quit(stage.hub, alice, "bye")
    person = await resumption.find(stage.hub, token)
    assert person is not alice.person
    assert person.marks == alice.person.marks == {stage.room.id: 9}


async def test_what_the_former_reads_while_somebody_comes_back_is_read(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    person = await resumption.find(stage.hub, await token_of(stage, alice))
    await marks.mark(stage.hub, alice, "#lobby", 9)
    arrival.quit(stage.hub, alice, "bye")
    assert person.marks == {stage.room.id: 9}


# -- the way to the store ----------------------------------------------------------------------


class SlowStore(MemoryStore):
    """Keeps marks when it is told to, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[Mark]] = []
        self.go_on = asyncio.Event()
        self.fails = False

    async def keep_marks(self, marks: Sequence[Mark]) -> None:
        self.asked.append(list(marks))
        await self.go_on.wait()
        if self.fails:
            raise StoreError(str(FULL_DISK))


async def test_what_comes_while_one_write_is_in_flight_goes_with_the_next() -> None:
    store = SlowStore()
    kept = Marks(store)
    async with asyncio.TaskGroup() as group:
        group.create_task(kept.keep(Mark(1, 7, 10)))
        await turn()
        for mark in (Mark(2, 7, 20), Mark(1, 7, 30), Mark(1, 7, 25)):
            group.create_task(kept.keep(mark))
        await turn()
        assert store.asked == [[Mark(1, 7, 10)]]
        store.go_on.set()
    assert store.asked == [[Mark(1, 7, 10)], [Mark(2, 7, 20), Mark(1, 7, 30)]]


async def test_who_asks_what_is_known_is_told_of_all_that_was_set(stage: Scene) -> None:
    store = SlowStore()
    kept = Marks(store)
    setting = asyncio.create_task(kept.keep(Mark(1, 7, 10)))
    await turn()
    asking = asyncio.create_task(kept.of(stage.arrive("alice").person))
    await turn()
    assert not asking.done()
    store.go_on.set()
    assert await asking == {}
    await setting


async def test_a_disk_that_fails_fails_those_who_wait_and_not_the_next(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    store = SlowStore()
    stage.hub.marks = Marks(store)
    store.go_on.set()
    store.fails = True
    with pytest.raises(StoreError):
        await marks.mark(stage.hub, alice, "#lobby", 5)
    store.fails = False
    assert await marks.mark(stage.hub, alice, "#lobby", 5) == 5
    assert await marks.mark(stage.hub, alice, "#lobby", 4) == 5
    assert len(store.asked) == 2, "what was not saved is saved when it is set again"
