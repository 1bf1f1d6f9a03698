"""Partners: whose conversation it was, for people who read its name; the same of every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.rooms import Room, RoomKind
from store.scene import DAY, NOON, SECOND, saved

if TYPE_CHECKING:
    from store.scene import Scene, Store


async def test_both_whoever_spoke_as_they_were_called_last(store: Store, scene: Scene) -> None:
    bob, alice, lobby = scene.arrives("bob"), scene.arrives("alice"), scene.room("#lobby")
    between = scene.direct(alice, bob)
    await saved(store, scene.says(alice, lobby, "hi"), scene.says(alice, between, "psst"))
    carol = scene.arrives("carol")
    another = scene.direct(carol, bob)
    await saved(store, scene.says(carol, another, "is somebody there?"))
    assert await store.partners([between.folded, another.folded]) == {
        between.folded: ("alice",),
        another.folded: ("carol",),
    }, "of bob nothing is kept"

    scene.now += SECOND
    await saved(store, scene.says(bob, lobby, "hello"))
    assert await store.partners([between.folded, another.folded]) == {
        between.folded: ("alice", "bob"),
        another.folded: ("bob", "carol"),
    }


async def test_of_a_conversation_from_elsewhere_those_who_spoke(store: Store, scene: Scene) -> None:
    erin, dan = scene.imported("erin"), scene.imported("dan")
    room = Room(scene.number(), "@aaaa:bbbb", "@aaaa:bbbb", RoomKind.DIRECT)
    chunk = [scene.past(room, one, "psst", NOON - DAY) for one in (erin, dan, erin)]
    await store.import_chunk(chunk, [erin, dan], [room])
    assert await store.partners([room.name, "@cccc:dddd", "@"]) == {
        room.name: ("dan", "erin"),
        "@cccc:dddd": (),
        "@": (),
    }
