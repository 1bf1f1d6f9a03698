"""Pages of the past: whichever way one goes, put together they are the whole, in every store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.history import AFTER_ALL, BEFORE_ALL, Place
from hubbub.store import MemoryStore, open_store
from hubbub.store.upkeep import check
from store.scene import DAY, NOON, SECOND, Scene, Store, saved, texts

if TYPE_CHECKING:
    from hubbub.core.events import Entry
    from hubbub.core.rooms import Room
    from store.conftest import Folder


async def ten(store: Store, scene: Scene) -> tuple[Room, list[Entry]]:
    """A room where somebody came, said ten things, one a second, and went."""
    alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
    said: list[Entry] = []
    await saved(store, scene.joins(alice, lobby))
    for number in range(10):
        scene.now += SECOND
        one = scene.says(alice, lobby, str(number))
        said.append(one)
        await saved(store, one, scene.says(alice, attic, "elsewhere"))
    await saved(store, scene.quits(alice, lobby, "bye"))
    return lobby, said


class TestSpans:
    async def test_the_last_and_the_first_of_a_span(self, store: Store, scene: Scene) -> None:
        lobby, said = await ten(store, scene)
        after, before = said[1].seq, said[8].seq

        last = await store.latest(lobby.id, 3, after=after, before=before)
        first = await store.earliest(lobby.id, 3, after=after, before=before)
        every = await store.earliest(lobby.id, 100, after=after, before=before)

        assert texts(last) == ["5", "6", "7"]
        assert texts(first) == ["2", "3", "4"]
        assert texts(every) == ["2", "3", "4", "5", "6", "7"]

    async def test_a_span_that_holds_nothing(self, store: Store, scene: Scene) -> None:
        lobby, said = await ten(store, scene)
        nothing = ((said[4].seq, said[5].seq), (said[5].seq, said[4].seq), (AFTER_ALL, AFTER_ALL))
        for after, before in nothing:
            assert await store.latest(lobby.id, 3, after=after, before=before) == []
            assert await store.earliest(lobby.id, 3, after=after, before=before) == []
        assert await store.earliest(lobby.id + 999, 3, after=BEFORE_ALL) == []

    async def test_what_happened_is_there_for_those_who_ask(
        self, store: Store, scene: Scene
    ) -> None:
        lobby, _ = await ten(store, scene)
        first = await store.earliest(lobby.id, 2, after=BEFORE_ALL, events=True)
        last = await store.latest(lobby.id, 2, events=True)
        assert [str(entry.kind) for entry in first + last] == ["join", "message", "message", "quit"]


class TestPlaces:
    async def test_of_a_message(self, store: Store, scene: Scene) -> None:
        lobby, said = await ten(store, scene)
        seq = said[3].seq
        assert await store.place(lobby.id, said[3].msgid) == Place(seq, seq)

    async def test_of_a_message_that_is_not_there(self, store: Store, scene: Scene) -> None:
        lobby, said = await ten(store, scene)
        (elsewhere,) = await store.latest(scene_room_id(said), 1)
        torn = said[3].msgid[:-1]
        for msgid in (torn, "", "%", said[3].msgid + "x", elsewhere.msgid):
            assert await store.place(lobby.id, msgid) is None

    async def test_of_a_moment(self, store: Store, scene: Scene) -> None:
        lobby, said = await ten(store, scene)
        one, time = said[3].seq, said[3].time
        assert await store.place(lobby.id, time) == Place(one, one)
        assert await store.place(lobby.id, time + 1) == Place(one + 1, one)
        assert await store.place(lobby.id, NOON - DAY) == Place(BEFORE_ALL, 0)
        assert await store.place(lobby.id, NOON + DAY) == Place(lobby.last_seq + 1, AFTER_ALL)

    async def test_of_a_moment_that_several_share(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        for _ in range(3):
            await saved(store, *(scene.says(alice, lobby, "x") for _ in range(3)))
            scene.now += SECOND
        assert await store.place(lobby.id, NOON + SECOND) == Place(4, 6)

    async def test_of_a_moment_in_the_imported_past(self, store: Store, scene: Scene) -> None:
        alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
        await saved(store, scene.says(alice, lobby, "now"))
        chunk = [scene.past(lobby, erin, str(day), NOON - day * DAY) for day in (3, 2, 1)]
        await store.import_chunk(chunk, [erin], [lobby])

        place = await store.place(lobby.id, NOON - 2 * DAY)
        assert place is not None
        assert texts(await store.latest(lobby.id, 9, before=place.before)) == ["3"]
        assert texts(await store.earliest(lobby.id, 9, after=place.after)) == ["1", "now"]


def scene_room_id(said: list[Entry]) -> int:
    """The other room of `ten`, which was made after that one."""
    return said[0].room_id + 1


class TestConversations:
    async def test_of_both_persons_the_last_first(self, store: Store, scene: Scene) -> None:
        alice, bob, carol = (scene.arrives(nick) for nick in ("alice", "bob", "carol"))
        first, second = scene.direct(alice, bob), scene.direct(carol, alice)
        await saved(store, scene.joins(carol, scene.room("#lobby")))
        await saved(store, scene.says(alice, first, "hi"), scene.says(bob, first, "hello"))
        scene.now += SECOND
        await saved(store, scene.says(carol, second, "psst"))

        async def of(person_id: int, limit: int = 9) -> list[tuple[object, ...]]:
            return [tuple(one) for one in await store.conversations(person_id, limit)]

        with_bob = (first.id, bob.person.id, "bob", NOON)
        with_carol = (second.id, carol.person.id, "carol", NOON + SECOND)
        assert await of(alice.person.id) == [with_carol, with_bob]
        assert await of(alice.person.id, 1) == [with_carol]
        assert await of(bob.person.id) == [(first.id, alice.person.id, "alice", NOON)]
        assert await of(scene.number()) == []

    async def test_the_name_is_the_last_that_was_shown(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        between = scene.direct(alice, bob)
        await saved(store, scene.says(bob, between, "I am bob"))
        bob.name("robert")
        await saved(store, scene.says(bob, between, "now I am robert"))
        await saved(store, *(scene.says(alice, between, "you are?") for _ in range(3)))
        (one,) = await store.conversations(alice.person.id, 9)
        assert one.nick == "robert"

    async def test_who_never_said_a_word_has_a_name(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        await saved(store, scene.tells(alice, bob, "psst"))
        (one,) = await store.conversations(alice.person.id, 9)
        assert (one.other, one.nick) == (bob.person.id, "bob")

    async def test_with_oneself(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice")
        await saved(store, scene.says(alice, scene.direct(alice, alice), "remember the milk"))
        (one,) = await store.conversations(alice.person.id, 9)
        assert (one.other, one.nick) == (alice.person.id, "alice")


# -- the property ------------------------------------------------------------------------------

KINDS = st.sampled_from(["say", "say", "join", "quit", "wait"])


async def fill(store: Store, what: list[str], imported: list[int]) -> Room:
    scene = Scene()
    alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
    for number, kind in enumerate(what):
        match kind:
            case "say":
                await saved(store, scene.says(alice, lobby, str(number)))
            case "join":
                await saved(store, scene.joins(alice, lobby))
            case "quit":
                await saved(store, scene.quits(alice, lobby, "bye"))
            case "wait":
                scene.now += SECOND
    chunk = [scene.past(lobby, erin, f"past {day}", NOON - day * DAY) for day in imported]
    await store.import_chunk(chunk, [erin], [lobby])
    return lobby


async def whole(store: Store, room: Room, *, size: int, events: bool) -> list[str]:
    """All of a room, backwards and forwards by pages, which must agree; as msgids."""
    back: list[Entry] = []
    before = None
    while page := await store.latest(room.id, size, before=before, events=events):
        assert len(page) <= size
        back = page + back
        before = page[0].seq
    ahead: list[Entry] = []
    after = BEFORE_ALL
    while page := await store.earliest(room.id, size, after=after, events=events):
        assert len(page) <= size
        ahead += page
        after = page[-1].seq
    assert [entry.msgid for entry in ahead] == [entry.msgid for entry in back]
    for entry in ahead:
        assert await store.place(room.id, entry.msgid) == Place(entry.seq, entry.seq)
    return [entry.msgid for entry in ahead]


@given(
    what=st.lists(KINDS, max_size=25),
    imported=st.lists(st.integers(1, 3), max_size=5),
    size=st.integers(1, 7),
    events=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_pages_put_together_are_the_whole(
    what: list[str], imported: list[int], size: int, events: bool
) -> None:
    async def both() -> None:
        with TemporaryDirectory() as folder:
            post = asyncio.get_running_loop().call_soon_threadsafe
            disk = open_store(Path(folder), durability="os", post=post)
            memory = MemoryStore()
            try:
                room, same = await fill(disk, what, imported), await fill(memory, what, imported)
                pages = await whole(disk, room, size=size, events=events)
                assert pages == await whole(memory, same, size=size, events=events)
                talk = len([kind for kind in what if kind == "say"])
                happened = len([kind for kind in what if kind in ("join", "quit")])
                assert len(pages) == talk + len(imported) + (happened if events else 0)
                moments = [NOON + n * SECOND + e for n in range(-1, 9) for e in (-1, 0, 1)]
                for moment in moments:
                    assert await disk.place(room.id, moment) == await memory.place(same.id, moment)
            finally:
                await asyncio.to_thread(disk.close)

    asyncio.run(both())


# -- what it costs -----------------------------------------------------------------------------


@pytest.mark.parametrize("events", [False, True])
async def test_every_question_is_answered_by_an_index(
    folder: Folder, scene: Scene, events: bool
) -> None:
    store = folder.open()
    alice, bob = scene.arrives("alice"), scene.arrives("bob")
    between = scene.direct(alice, bob)
    await saved(store, scene.says(alice, between, "hi"))
    asked: list[str] = []
    with store._engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
    await asyncio.gather(  # the engine hands out its connections in turn, this one among them
        *(store.latest(between.id, 50, before=99, after=1, events=events) for _ in range(2)),
        *(store.earliest(between.id, 50, before=99, after=1, events=events) for _ in range(2)),
    )
    for reference in ("some msgid", NOON):
        await asyncio.gather(*(store.place(between.id, reference) for _ in range(2)))
    await asyncio.gather(*(store.conversations(alice.person.id, 50) for _ in range(2)))

    questions = [text for text in asked if text.lstrip().upper().startswith("SELECT")]
    assert len(questions) >= 7
    with store._engine.begin() as connection:
        for question in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}").fetchall()
            scans = [row[3] for row in plan if row[3].startswith("SCAN") and "entries" in row[3]]
            scans += [row[3] for row in plan if row[3] in ("SCAN rooms", "SCAN people")]
            assert scans == [], question
    assert check(store.path).findings == []
