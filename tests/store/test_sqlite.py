"""What only the store on disk can get wrong: transactions, threads, closing, words of errors."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from hubbub.core.ports import Commit, StoreError
from hubbub.core.roles import Role
from hubbub.core.settings import Topic
from hubbub.store.connect import WAL_LIMIT
from hubbub.store.space import Reserve
from store.scene import (
    NOON,
    SECOND,
    Scene,
    commit,
    everything,
    found_texts,
    probe,
    saved,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from store.conftest import Folder


def look(folder: Folder, query: str) -> list[tuple[object, ...]]:
    """What another program sees in the file."""
    connection = sqlite3.connect(folder.path / "hubbub.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


async def test_it_is_all_there_tomorrow(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    await saved(store, scene.joins(alice, lobby), scene.says(alice, lobby, "hello"))
    store.close()

    store = folder.open()
    room = await store.room("#lobby")
    assert room is not None
    assert texts(await store.latest(room.id, 10)) == ["hello"]
    assert room.last_seq == 2
    assert look(folder, "SELECT id, kind, nick FROM people") == [
        (alice.person.id, "guest", "alice")
    ]


async def test_a_failed_batch_leaves_nothing_behind(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    await saved(store, scene.says(alice, lobby, "hello"))
    bob, attic = scene.arrives("bob"), scene.room("#attic")
    twin = scene.says(alice, lobby, "twin")
    twin.msgid = "0" * 26
    other = scene.says(bob, attic, "other", send_id="x1")
    other.msgid = twin.msgid

    answer = await commit(store, twin, other)

    assert answer.failure is not None
    assert not answer.exceptions
    assert not bob.person.kept
    assert not attic.kept
    assert found_texts(await everything(store)) == ["hello"]
    assert await store.room("#attic") is None
    assert look(folder, "SELECT count(*) FROM people") == [(1,)]
    assert look(folder, "SELECT count(*) FROM sends") == [(0,)]
    # And the next one succeeds, with the same numbers.
    lobby.last_seq = 1
    await saved(store, scene.says(alice, lobby, "on we go"))
    assert texts(await store.latest(lobby.id, 10)) == ["hello", "on we go"]


async def test_the_state_of_a_room_is_all_there_tomorrow(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    lobby.settings.topic = Topic("tea", "alice", NOON)
    lobby.grant(alice.person.id, Role.OPERATOR)
    await saved(store, scene.joins(alice, lobby))
    store.close()

    row = await folder.open().room("#lobby")
    assert row is not None
    assert row.settings is not None
    assert row.settings.topic == lobby.settings.topic
    assert row.settings.flags == lobby.settings.flags
    assert row.roles == {alice.person.id: Role.OPERATOR}
    assert row.created == NOON


async def test_a_failed_batch_leaves_changes_unsaved(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    await saved(store, scene.joins(alice, lobby))
    lobby.grant(alice.person.id, Role.OPERATOR)
    broken = scene.says(alice, lobby, "broken \ud800")

    assert (await commit(store, broken)).failure is not None

    assert lobby.unsaved
    assert look(folder, "SELECT count(*) FROM roles") == [(0,)]
    lobby.last_seq = 1
    await saved(store, rooms=[lobby])
    assert lobby.changes_saved == lobby.changes
    assert look(folder, "SELECT role FROM roles") == [("operator",)]
    assert look(folder, "SELECT last_seq FROM rooms") == [(1,)]


async def test_a_conflict_saves_no_state_of_a_new_room(folder: Folder, scene: Scene) -> None:
    alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
    store = folder.open()
    await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
    attic.grant(alice.person.id, Role.OPERATOR)
    await commit(store, scene.says(alice, attic, "mine", send_id="x1"))
    assert attic.unsaved
    assert look(folder, "SELECT * FROM roles") == []


async def test_an_error_never_quotes_what_was_said(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    answer = await commit(store, scene.says(alice, lobby, "secret \ud800"))
    assert str(answer.failure) == "hubbub.sqlite: UnicodeEncodeError"
    assert answer.failure is not None
    assert answer.failure.__cause__ is None


async def test_done_is_called_on_the_callers_thread(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    threads: list[threading.Thread] = []
    done = asyncio.Event()

    def note(_: Commit) -> None:
        threads.append(threading.current_thread())
        done.set()

    store.write([scene.says(alice, lobby, "hello")], note)
    await done.wait()
    assert threads == [threading.current_thread()]


async def test_rows_are_not_kept_before_it_is_done(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    store.write(
        [scene.says(alice, lobby, "hello")],
        lambda _: answer.set_result(lobby.kept and alice.person.kept),
    )
    store.close()  # committed by now, but the loop has not heard of it
    assert not lobby.kept
    assert await answer


async def test_closing_finishes_what_is_queued(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    answers: list[Commit] = []
    for number in range(20):
        store.write([scene.says(alice, lobby, str(number))], answers.append)
    store.close()
    await asyncio.sleep(0)

    assert answers == [Commit()] * 20
    assert look(folder, "SELECT count(*) FROM entries") == [(20,)]
    assert not (folder.path / "hubbub.sqlite-wal").exists()


async def test_a_closed_store_says_so(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open()
    store.close()
    store.close()

    answer = await commit(store, scene.says(alice, lobby, "hello"))
    assert str(answer.failure) == "hubbub.sqlite: closed"
    assert str(await probe(store)) == "hubbub.sqlite: closed"
    with pytest.raises(StoreError, match="closed"):
        await store.room("#lobby")
    with pytest.raises(StoreError, match="closed"):
        await store.import_chunk([], [], [])


async def test_it_leaves_no_thread_behind(folder: Folder, scene: Scene) -> None:
    before = set(threading.enumerate())
    store = folder.open()
    await saved(store, scene.says(scene.arrives("alice"), scene.room("#lobby"), "hello"))
    await store.room("#lobby")
    store.close()
    assert set(threading.enumerate()) <= before


async def test_a_loop_that_ended_is_no_reason_to_lose_a_batch(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    ended = asyncio.new_event_loop()
    ended.close()
    folder.open().close()
    store = folder.open(post=ended.call_soon_threadsafe)
    store.write([scene.says(alice, lobby, "hello")], lambda _: None)
    store.close()
    assert look(folder, "SELECT text FROM entries") == [("hello",)]


async def test_the_log_stays_short(folder: Folder, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")
    store = folder.open(durability="os")
    batch_bytes = 64 * 16_000
    for _ in range(30):
        await saved(store, *(scene.says(alice, lobby, "x" * 16_000) for _ in range(64)))
    size = (folder.path / "hubbub.sqlite-wal").stat().st_size
    assert size < 2 * WAL_LIMIT + 10 * batch_bytes


async def test_a_room_that_is_known_under_another_id(folder: Folder, scene: Scene) -> None:
    store = folder.open()
    await saved(store, scene.says(scene.arrives("alice"), scene.room("#lobby"), "hello"))
    impostor, erin = scene.room("#lobby"), scene.imported("erin")
    with pytest.raises(StoreError, match="known under another id"):
        await store.import_chunk([scene.past(impostor, erin, "then", NOON)], [erin], [impostor])
    assert found_texts(await everything(store)) == ["hello"]


async def test_an_imported_person_is_known_by_the_nick(folder: Folder, scene: Scene) -> None:
    lobby, erin, twin = scene.room("#lobby"), scene.imported("erin"), scene.imported("erin")
    store = folder.open()
    await store.import_chunk([scene.past(lobby, erin, "one", NOON)], [erin], [lobby])
    await store.import_chunk([scene.past(lobby, twin, "two", NOON + SECOND)], [twin], [lobby])
    await store.import_chunk([scene.past(lobby, twin, "three", NOON + SECOND)], [twin], [])

    entries = await store.latest(lobby.id, 10)
    assert [(entry.text, entry.person_id) for entry in entries] == [
        ("one", erin.id),
        ("two", erin.id),
        ("three", erin.id),
    ]
    assert look(folder, "SELECT id FROM people") == [(erin.id,)]


async def test_a_time_beyond_all_times_is_refused(folder: Folder, scene: Scene) -> None:
    lobby, erin = scene.room("#lobby"), scene.imported("erin")
    store = folder.open()
    for time in (1 << 42, -(1 << 42) - 1):
        with pytest.raises(StoreError, match="too far away"):
            await store.import_chunk([scene.past(lobby, erin, "x", time)], [erin], [lobby])
    first, last = (scene.past(lobby, erin, "x", time) for time in (-(1 << 42), (1 << 42) - 1))
    await store.import_chunk([last, first], [erin], [lobby])
    await saved(store, scene.says(scene.arrives("alice"), lobby, "now"))
    assert [entry.time for entry in await store.latest(lobby.id, 3)] == [
        first.time,
        last.time,
        NOON,
    ]


class TestReserve:
    def test_it_looks_once_a_second_while_all_is_well(self, tmp_path: Path) -> None:
        looks: list[Path] = []
        now = 0.0

        def free(folder: Path) -> int:
            looks.append(folder)
            return 100

        reserve = Reserve(tmp_path, 100, free=free, clock=lambda: now)
        for now in (0.0, 0.5, 0.9, 1.0, 1.5):  # noqa: B007
            reserve.check()
        assert len(looks) == 2

    def test_it_refuses_until_there_is_room_again(self, tmp_path: Path) -> None:
        free = 5 * 1024 * 1024
        reserve = Reserve(tmp_path, 10 * 1024 * 1024, free=lambda _: free, clock=lambda: 0.0)
        for _ in range(2):
            with pytest.raises(StoreError, match="only 5 MiB are free, 10 MiB are kept"):
                reserve.check()
        free *= 2
        reserve.check()

    async def test_the_store_refuses_writes_and_still_reads(
        self, folder: Folder, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = folder.open()
        await saved(store, scene.says(alice, lobby, "hello"))
        store.close()

        store = folder.open(reserve=1 << 60)
        answer = await commit(store, scene.says(alice, lobby, "no room"))
        assert "kept in reserve" in str(answer.failure)
        assert "kept in reserve" in str(await probe(store))
        assert texts(await store.latest(lobby.id, 10)) == ["hello"]
