"""The disk is full or read-only, and then it is not: the store refuses whole batches and goes on.

On a file system of its own: a small tmpfs, which takes root to mount.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from hubbub.core.ports import StoreError
from hubbub.store import DATABASE, open_store
from hubbub.store.connect import open_writer
from hubbub.store.upkeep import backup, check
from store.scene import NOON, Scene, commit, everything, found_texts, probe, saved, texts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from hubbub.core.events import RoomEvent
    from hubbub.store import SqliteStore
    from hubbub.store.connect import Durability

SIZE = 4 * 1024 * 1024


def mount(folder: Path, options: str) -> bool:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not mount(folder, f"size={SIZE}"):
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
async def store(disk: Path) -> AsyncIterator[SqliteStore]:
    opened = open_store(disk, post=asyncio.get_running_loop().call_soon_threadsafe)
    yield opened
    await asyncio.to_thread(opened.close)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def fill(disk: Path) -> Path:
    """Somebody else's file takes all that is left."""
    other = disk / "holiday.mov"
    with other.open("ab", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return other
    raise AssertionError("the disk has no end")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def talk_until_refused(
    store: SqliteStore, batch: Callable[[], list[RoomEvent]]
) -> StoreError:
    """Batch after batch until one is refused: why."""
    for _ in range(1000):
        answer = await commit(store, *batch())
        if answer.failure is not None:
            return answer.failure
    raise AssertionError("never refused")


class TestFull:
    async def test_a_batch_is_refused_whole_and_later_ones_are_saved(
        self, store: SqliteStore, disk: Path, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "first"))
        other = fill(disk)

        failure = await talk_until_refused(
            store, lambda: [scene.says(alice, lobby, f"{n} " + "x" * 8000) for n in range(8)]
        )

        assert str(failure) == "hubbub.sqlite: the disk is full; make room (SQLITE_FULL)"
        before = found_texts(await everything(store))
        assert len(before) % 8 == 1  # "first", then whole batches
        assert "the disk is full" in str(await probe(store))

        other.unlink()
        assert await probe(store) is None
        await saved(store, scene.says(alice, scene.room("#attic"), "on we go"))
        assert found_texts(await everything(store, room="#attic")) == ["on we go"]
        assert found_texts(await everything(store, room="#lobby")) == before

    async def test_what_is_kept_can_be_read(
        self, store: SqliteStore, disk: Path, scene: Scene
    ) -> None:
        """The writer lets go of its connection, which may be the only one, and the room that this
        leaves on the disk is taken by others."""
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await asyncio.to_thread(store.indexer.close)
        await saved(store, scene.says(alice, lobby, "first"))
        fill(disk)
        await talk_until_refused(store, lambda: [scene.says(alice, lobby, "x" * 8000)])
        fill(disk)

        assert found_texts(await everything(store))[0] == "first"

    async def test_it_is_sound_after_a_restart(
        self, store: SqliteStore, disk: Path, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        fill(disk)
        await talk_until_refused(store, lambda: [scene.says(alice, lobby, "x" * 8000)])
        before = found_texts(await everything(store))
        await asyncio.to_thread(store.close)

        assert not check(disk / DATABASE).findings
        again = open_store(disk, post=asyncio.get_running_loop().call_soon_threadsafe)
        assert found_texts(await everything(again)) == before
        await asyncio.to_thread(again.close)

    async def test_an_import_is_refused_whole(
        self, store: SqliteStore, disk: Path, scene: Scene
    ) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        fill(disk)
        chunk = [scene.past(lobby, erin, "x" * 16_000, NOON + n) for n in range(500)]
        with pytest.raises(StoreError, match="the disk is full"):
            await store.import_chunk(chunk, [erin], [lobby])
        assert await everything(store) == []
        assert not lobby.kept

    async def test_a_backup_that_does_not_fit_leaves_nothing(
        self, store: SqliteStore, disk: Path, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, *(scene.says(alice, lobby, "x" * 10_000) for _ in range(50)))
        fill(disk)
        with pytest.raises(StoreError, match="the backup needs"):
            await asyncio.to_thread(backup, disk / DATABASE, disk / "copy.sqlite")
        assert not [name for name in names(disk) if "copy" in name]

    async def test_the_reserve_refuses_first(self, disk: Path, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        post = asyncio.get_running_loop().call_soon_threadsafe
        store = open_store(disk, post=post, reserve=SIZE // 2)
        await saved(store, scene.says(alice, lobby, "first"))
        await asyncio.to_thread(store.close)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (SIZE // 2))

        store = open_store(disk, post=post, reserve=SIZE // 2)
        failure = await talk_until_refused(store, lambda: [scene.says(alice, lobby, "more")])
        assert "kept in reserve" in str(failure)
        ballast.unlink()
        assert await probe(store) is None
        await saved(store, scene.says(alice, lobby, "more"))
        assert texts(await store.latest(lobby.id, 10)) == ["first", "more"]
        await asyncio.to_thread(store.close)


class TestQuota:
    async def test_files_may_not_grow(self, tmp_path: Path, scene: Scene) -> None:
        """A limit on the size of files: what a disk says when it is not root's to fill."""
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        store = open_store(tmp_path, post=asyncio.get_running_loop().call_soon_threadsafe)
        await saved(store, scene.says(alice, lobby, "first"))
        store.indexer.close()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (512 * 1024, hard))
        try:
            failure = await talk_until_refused(
                store, lambda: [scene.says(alice, lobby, "x" * 8000) for _ in range(8)]
            )
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        assert str(failure).startswith("hubbub.sqlite: the disk ")
        before = found_texts(await everything(store))
        assert len(before) % 8 == 1
        assert await probe(store) is None
        await saved(store, scene.says(alice, lobby, "on we go"))
        assert found_texts(await everything(store)) == [*before, "on we go"]
        await asyncio.to_thread(store.close)
        assert not check(tmp_path / DATABASE).findings


class TestReadOnly:
    async def test_at_the_start(self, store: SqliteStore, disk: Path, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "first"))
        await asyncio.to_thread(store.close)
        remount(disk, "ro")
        try:
            with pytest.raises(StoreError, match="read-only") as caught:
                open_store(disk, post=lambda call: call())
            assert "\n" not in str(caught.value)
        finally:
            remount(disk, "rw")
        again = open_store(disk, post=asyncio.get_running_loop().call_soon_threadsafe)
        assert texts(await again.latest(lobby.id, 10)) == ["first"]
        await saved(again, scene.says(alice, lobby, "second"))
        await asyncio.to_thread(again.close)

    async def test_under_way_and_back(
        self, tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A disk that turns read-only cannot be staged with open files: the connection does it."""
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        post = asyncio.get_running_loop().call_soon_threadsafe
        open_store(tmp_path, post=post).close()

        def read_only(path: Path, durability: Durability = "full") -> sqlite3.Connection:
            connection = open_writer(path, durability)
            connection.execute("PRAGMA query_only = ON")
            return connection

        with monkeypatch.context() as patch:
            patch.setattr("hubbub.store.writer.open_writer", read_only)
            store = open_store(tmp_path, post=post)
            failure = await talk_until_refused(store, lambda: [scene.says(alice, lobby, "lost")])
            assert "read-only" in str(failure)
            assert "read-only" in str(await probe(store))
            assert await store.latest(lobby.id, 10) == []

        assert await probe(store) is None
        lobby.last_seq = 0
        await saved(store, scene.says(alice, lobby, "first"))
        assert texts(await store.latest(lobby.id, 10)) == ["first"]
        await asyncio.to_thread(store.close)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)
