"""Metadata: what persons and rooms say of themselves, held against every store."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from hubbub.core.metadata import Change
from hubbub.core.people import Person, Proof
from hubbub.core.ports import Commit
from hubbub.store.upkeep import check
from store.scene import NOON, Scene, Store, saved

if TYPE_CHECKING:
    from hubbub.core.events import RoomEvent
    from hubbub.core.metadata import Owner
    from hubbub.core.rooms import Room
    from store.conftest import Folder


async def say(store: Store, *changes: Change, events: tuple[RoomEvent, ...] = ()) -> None:
    """Set what is said of somebody or a room, as the hub does: there, and then in the store."""
    for owner, key, value in changes:
        if value is None:
            owner.metadata.pop(key, None)
        else:
            owner.metadata[key] = value
    answer: asyncio.Future[Commit] = asyncio.get_running_loop().create_future()
    store.write(events, answer.set_result, metadata=changes)
    assert await answer == Commit()


async def known(store: Store, scene: Scene, nick: str, time: int = NOON) -> Person:
    """Somebody who has a token."""
    person = scene.arrives(nick).person
    await store.keep_proofs([Proof(person, nick.encode(), time)], oldest=0)
    return person


async def of_room(store: Store, room: Room) -> dict[str, str]:
    row = await store.room(room.folded)
    assert row is not None
    return dict(row.metadata)


def some(owner: Owner, **values: str | None) -> list[Change]:
    return [Change(owner, key, value) for key, value in values.items()]


class TestPersons:
    async def test_what_they_say_is_known_again(self, store: Store, scene: Scene) -> None:
        alice, bob = await known(store, scene, "alice"), await known(store, scene, "bob")
        await say(store, *some(alice, status="here", avatar="a.png"), *some(bob, status="there"))
        await say(store, *some(alice, status="gone"), *some(alice, avatar=None))
        assert await store.metadata(alice.id) == {"status": "gone"}
        assert await store.metadata(bob.id) == {"status": "there"}
        assert await store.metadata(12345) == {}

    async def test_changes_of_one_batch_are_saved_in_their_order(
        self, store: Store, scene: Scene
    ) -> None:
        alice = await known(store, scene, "alice")
        await say(store, *some(alice, a="1"), *some(alice, a=None), *some(alice, a="2"))
        assert await store.metadata(alice.id) == {"a": "2"}

    async def test_what_those_say_who_cannot_come_back_is_left_out(
        self, store: Store, scene: Scene
    ) -> None:
        guest = scene.arrives("guest")
        event = scene.joins(guest, scene.room("#tea"))
        await say(store, *some(guest.person, status="here"), events=(event,))
        assert await store.metadata(guest.person.id) == {}

    async def test_a_token_brings_what_they_have_said_before(
        self, store: Store, scene: Scene
    ) -> None:
        alice = scene.arrives("alice").person
        await say(store, *some(alice, status="here"))
        await store.keep_proofs([Proof(alice, b"first", NOON)], oldest=0)
        assert await store.metadata(alice.id) == {"status": "here"}

    async def test_it_goes_with_the_token(self, store: Store, scene: Scene) -> None:
        alice = await known(store, scene, "alice")
        await say(store, *some(alice, status="here"))
        later = Proof(scene.arrives("carol").person, b"carol", NOON + 9)
        await store.keep_proofs([later], oldest=NOON + 1)
        assert await store.metadata(alice.id) == {}


class TestRooms:
    async def test_it_is_there_with_the_room(self, store: Store, scene: Scene) -> None:
        room = scene.room("#tea")
        await saved(store, scene.joins(scene.arrives("alice"), room))
        await say(store, *some(room, url="https://tea.example", avatar="t.png"))
        await say(store, *some(room, avatar=None))
        assert await of_room(store, room) == {"url": "https://tea.example"}

    async def test_a_room_that_was_not_saved_yet_is_saved_with_it(
        self, store: Store, scene: Scene
    ) -> None:
        room = scene.room("#tea")
        await say(store, *some(room, url="https://tea.example"))
        assert room.kept
        assert await of_room(store, room) == {"url": "https://tea.example"}


async def test_it_outlives_the_process_and_belongs_to_somebody(
    folder: Folder, scene: Scene
) -> None:
    store = folder.open()
    alice, room = await known(store, scene, "alice"), scene.room("#tea")
    await say(store, *some(alice, status="here"), *some(room, url="https://tea.example"))
    folder.close()
    assert check(folder.path / "hubbub.sqlite").findings == []
    again = folder.open()
    assert await again.metadata(alice.id) == {"status": "here"}
    assert await of_room(again, room) == {"url": "https://tea.example"}
    folder.close()
    with closing(sqlite3.connect(folder.path / "hubbub.sqlite")) as connection:
        connection.execute("DELETE FROM people")
        connection.commit()
    findings = check(folder.path / "hubbub.sqlite").findings
    assert findings == [f"metadata of nobody and no room: {alice.id} (status)"]
