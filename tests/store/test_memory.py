"""What the store in memory forgets, because memory has an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.store import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.ports import Commit
    from store.scene import Scene


def ignore(_: Commit) -> None:
    """Nobody has to be told."""


async def test_whispers_do_not_push_out_the_lobby(scene: Scene) -> None:
    store, alice, lobby = MemoryStore(rooms=3), scene.arrives("alice"), scene.room("#lobby")
    store.write([scene.says(alice, lobby, "still here")], ignore)
    whispers = [scene.direct(alice, scene.arrives(f"guest-{number}")) for number in range(5)]
    for whisper in whispers:
        store.write([scene.says(alice, whisper, "psst")], ignore)
    assert [entry.text for entry in await store.latest(lobby.id, 5)] == ["still here"]
    kept = [whisper for whisper in whispers if await store.latest(whisper.id, 5)]
    assert kept == whispers[-2:]


async def test_empty_rooms_do_not_push_out_where_people_are(scene: Scene) -> None:
    store, alice, lobby = MemoryStore(rooms=2), scene.arrives("alice"), scene.room("#lobby")
    lobby.enter(alice)
    store.write([scene.says(alice, lobby, "still here")], ignore)
    for number in range(5):
        store.write([scene.says(alice, scene.room(f"#{number}"), "hi")], ignore)
    assert [entry.text for entry in await store.latest(lobby.id, 5)] == ["still here"]


async def test_without_whispers_the_room_that_was_opened_first_goes(scene: Scene) -> None:
    store, alice = MemoryStore(rooms=2), scene.arrives("alice")
    rooms = [scene.room(f"#{number}") for number in range(3)]
    for room in rooms:
        store.write([scene.says(alice, room, "hi")], ignore)
    assert [room for room in rooms if await store.latest(room.id, 1)] == rooms[1:]
