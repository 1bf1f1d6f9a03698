"""The state of rooms, and what operators did: held against every store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.core.audit import Act, ActKind
from hubbub.core.bans import Ban
from hubbub.core.masks import parse
from hubbub.core.ports import Commit
from hubbub.core.roles import Role
from hubbub.core.settings import Flag, Listed, ListKind, Settings, Topic
from hubbub.hub.rooms import room_of
from store.scene import NOON, SECOND, Scene, Store, saved, texts, told

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


def change_everything(room: Room, who: Session) -> None:
    """Use all that a room can be set to."""
    settings = room.settings
    settings.flags = {Flag.INVITE_ONLY, Flag.SECRET}
    settings.key, settings.limit = "open sesame", 12
    settings.topic = Topic("東京 & co", who.mask, NOON)
    for number, (kind, text) in enumerate(
        [
            (ListKind.BAN, "Zed"),
            (ListKind.BAN, "m:*!*@198.51.100.*"),
            (ListKind.BAN, "a:mallory"),
            (ListKind.EXCEPTION, "zed"),
            (ListKind.INVITATION, "été!*@*"),
        ]
    ):
        mask = parse(text)
        settings.put(kind, Listed(mask, who.mask, NOON + number))
    room.grant(who.person.id, Role.OPERATOR)
    room.grant(who.person.id, Role.VOICE)


class TestRoomState:
    """Settings, lists and roles are saved with what is recorded, and come back with the room."""

    async def test_all_of_it_comes_back(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        change_everything(lobby, alice)

        await saved(store, scene.joins(alice, lobby))

        assert not lobby.unsaved
        row = await store.room("#lobby")
        assert row is not None
        assert told(row) == told(lobby)

    async def test_a_room_reopened_and_closed_untouched_stays_as_it_was(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        change_everything(lobby, alice)
        await saved(store, scene.joins(alice, lobby))
        for _ in range(2):
            row = await store.room("#lobby")
            assert row is not None
            again = room_of(row)
            await saved(store, scene.says(alice, again, "hello"))

        row = await store.room("#lobby")
        assert row is not None
        assert told(row) == told(lobby)
        assert (row.last_seq, texts(await store.latest(row.id, 5))) == (3, ["hello", "hello"])

    async def test_a_room_that_is_renamed_is_found_by_its_new_name_alone(
        self, store: Store, scene: Scene
    ) -> None:
        alice, room = scene.arrives("alice"), scene.room("#tea")
        await saved(store, scene.joins(alice, room), scene.says(alice, room, "hello"))
        room.name, room.folded = "#Coffee", "#coffee"
        room.touch()
        await saved(store, scene.says(alice, room, "again"))
        assert await store.room("#tea") is None
        row = await store.room("#coffee")
        assert row is not None
        assert (row.id, row.name, row.last_seq) == (room.id, "#Coffee", 3)
        another = scene.room("#tea")
        await saved(store, scene.joins(alice, another))
        row = await store.room("#tea")
        assert row is not None
        assert row.id == another.id

    async def test_what_is_taken_away_is_gone(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        change_everything(lobby, alice)
        await saved(store, scene.joins(alice, lobby))
        lobby.settings = Settings(flags=set())
        lobby.revoke(alice.person.id, Role.OPERATOR | Role.VOICE)
        await saved(store, scene.says(alice, lobby, "open to all"))

        row = await store.room("#lobby")
        assert row is not None
        assert told(row) == told(lobby)
        assert row.roles == {}

    async def test_a_room_is_saved_although_nothing_happens_in_it(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        await saved(store, scene.joins(alice, lobby))
        for room in (lobby, attic):
            change_everything(room, alice)
        await saved(store, rooms=[lobby, attic])

        for room in (lobby, attic):
            assert room.kept
            assert not room.unsaved
            row = await store.room(room.folded)
            assert row is not None
            assert told(row) == told(room)

    async def test_what_changes_meanwhile_is_not_saved_yet(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        lobby.grant(alice.person.id, Role.OPERATOR)
        answer: asyncio.Future[Commit] = asyncio.get_running_loop().create_future()
        store.write([scene.joins(alice, lobby)], answer.set_result)
        lobby.grant(alice.person.id, Role.VOICE)

        assert await answer == Commit()

        assert lobby.unsaved
        await saved(store, scene.says(alice, lobby, "and now"))
        row = await store.room("#lobby")
        assert row is not None
        assert row.roles == {alice.person.id: Role.OPERATOR | Role.VOICE}
        assert lobby.changes_saved == lobby.changes


class TestActs:
    """What operators did is kept, together with what it changed."""

    async def test_a_ban_is_set_changed_and_lifted(self, store: Store) -> None:
        first = Ban("*!Bad@*", "ada", "spam", NOON)
        other = Ban("192.0.2.0/24", "ada", "", NOON + 1, until=NOON + SECOND)
        again = Ban("*!bad@*", "bob", "spam again", NOON + 2)
        await store.keep_act(Act(NOON, ActKind.BAN, "ada", first.target, "spam"), ban=first)
        await store.keep_act(Act(NOON + 1, ActKind.BAN, "ada", other.target), ban=other)
        assert await store.bans() == [first, other]

        await store.keep_act(Act(NOON + 2, ActKind.BAN, "bob", again.target), ban=again)
        assert await store.bans() == [other, again]

        await store.keep_act(Act(NOON + 3, ActKind.UNBAN, "ada", "*!BAD@*"))
        assert await store.bans() == [other]

    async def test_the_last_acts_come_first(self, store: Store) -> None:
        acts = [Act(NOON, ActKind.KILL, "ada!a@h (root)", f"bob{n}", "why") for n in range(5)]
        for act in acts:
            await store.keep_act(act)
        assert await store.acts(3) == acts[:1:-1]
        assert await store.acts(100) == acts[::-1]
        assert await store.bans() == []
