"""Rooms end, and what nothing is left of is forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from hubbub.core.masks import parse
from hubbub.core.people import Mark, Proof
from hubbub.core.retention import Rule
from hubbub.core.roles import Role
from hubbub.core.settings import Listed, ListKind, Topic
from hubbub.store import DATABASE
from hubbub.store.upkeep import check
from store.pruned import finds, gone
from store.scene import DAY, NOON, Scene, everything, found_texts, saved, texts

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from store.conftest import Folder
    from store.scene import Store


class TestRooms:
    def governed(self, scene: Scene, alice: Session) -> Room:
        room = scene.room("#attic")
        room.settings.topic = Topic("dust", "alice", NOON)
        room.settings.put(ListKind.BAN, Listed(parse("eve!*@*"), "alice", NOON))
        room.grant(alice.person.id, Role.OPERATOR)
        return room

    async def test_it_ends_and_its_name_is_free(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice")
        attic = self.governed(scene, alice)
        await saved(store, scene.says(alice, attic, "mine"))
        scene.now += 40 * DAY
        assert await gone(store, Rule.ROOMS, rooms=NOON) == 0
        assert await gone(store, Rule.ROOMS, {attic.id}, rooms=NOON + 1) == 0
        assert await gone(store, Rule.ROOMS, rooms=NOON + 1) == 1
        assert await store.room("#attic") is None

        again = scene.room("#attic")
        bob = scene.arrives("bob")
        await saved(store, scene.says(bob, again, "ours now"))
        row = await store.room("#attic")
        assert row is not None
        assert row.id == again.id
        assert texts(await store.latest(again.id, 10)) == ["ours now"]

    async def test_its_record_is_found_under_its_name(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice")
        attic = self.governed(scene, alice)
        await saved(store, scene.says(alice, attic, "dusty boxes"))
        await gone(store, Rule.ROOMS, rooms=NOON + 1)
        again = scene.room("#attic")
        await saved(store, scene.says(alice, again, "empty boxes"))
        await saved(store, scene.says(alice, scene.room("#attic2"), "other boxes"))
        found = await everything(store, room="#attic")
        assert {(one.room, one.entry.text) for one in found} == {
            ("#attic", "dusty boxes"),
            ("#attic", "empty boxes"),
        }
        assert sorted(await finds(store, "boxes in:attic")) == ["dusty boxes", "empty boxes"]

    async def test_of_many_of_one_name_none_is_confused(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice")
        for number in range(3):
            await saved(store, scene.says(alice, scene.room("#attic"), f"{number}"))
            scene.now += DAY
            assert await gone(store, Rule.ROOMS, rooms=scene.now) == 1
        assert await store.room("#attic") is None
        assert found_texts(await everything(store, room="#attic")) == ["0", "1", "2"]

    async def test_one_that_was_imported_lasts_from_then_on(
        self, store: Store, scene: Scene
    ) -> None:
        erin, past = scene.imported("erin"), scene.room("#past")
        await store.import_chunk([scene.past(past, erin, "then", NOON - 900 * DAY)], [erin], [past])
        assert await gone(store, Rule.ROOMS, rooms=NOON) == 0
        assert await gone(store, Rule.ROOMS, rooms=NOON + 1) == 1

    async def test_what_was_imported_counts_as_what_happened(
        self, store: Store, scene: Scene
    ) -> None:
        erin, past = scene.imported("erin"), scene.room("#past")
        past.created = NOON - 900 * DAY
        await store.import_chunk([scene.past(past, erin, "lately", NOON)], [erin], [past])
        assert await gone(store, Rule.ROOMS, rooms=NOON) == 0
        assert await store.room("#past") is not None
        assert await gone(store, Rule.ROOMS, rooms=NOON + 1) == 1

    async def test_conversations_do_not_end_but_go_when_they_are_empty(
        self, store: Store, scene: Scene
    ) -> None:
        alice, bob, lobby = scene.arrives("alice"), scene.arrives("bob"), scene.room("#lobby")
        both, attic = scene.direct(alice, bob), scene.room("#attic")
        await saved(store, scene.says(alice, both, "psst"), scene.says(alice, attic, "x"))
        scene.now += DAY
        await saved(store, scene.says(alice, lobby, "new"))
        assert await gone(store, Rule.EMPTY) == 0
        assert await gone(store, Rule.AGE, entries=NOON + 1) == 2
        assert await gone(store, Rule.EMPTY, {both.id}) == 0
        assert await store.direct_room(alice.person.id, bob.person.id) is not None
        assert await gone(store, Rule.EMPTY) == 1
        assert await store.direct_room(alice.person.id, bob.person.id) is None
        # A room without an entry is a room still, and then is nothing.
        assert await store.room("#attic") is not None
        assert await gone(store, Rule.ROOMS, rooms=NOON + 1) == 1
        assert await gone(store, Rule.EMPTY) == 1


class TestPeople:
    """On disk: memory keeps nobody of whom nothing is left."""

    async def test_who_has_left_nothing_is_forgotten(self, folder: Folder, scene: Scene) -> None:
        store = folder.open()
        lobby = scene.room("#lobby")
        names = ("talker", "lurker", "here", "token", "governor", "partner")
        talker, lurker, here, token, governor, partner = map(scene.arrives, names)
        lobby.grant(governor.person.id, Role.VOICE)
        arrivals = [
            scene.joins(one, lobby) for one in (talker, lurker, here, token, governor, partner)
        ]
        both = scene.direct(talker, partner)
        await saved(store, *arrivals)
        await store.keep_proofs([Proof(token.person, b"digest", NOON)], oldest=0)
        scene.now += DAY
        await saved(
            store, scene.says(talker, lobby, "hi"), scene.says(talker, both, "psst"), rooms=[lobby]
        )
        assert await gone(store, Rule.ARRIVALS, arrivals=NOON + 1) == 6
        assert await gone(store, Rule.PEOPLE, {here.person.id}) == 1
        assert people(folder) == {"talker", "here", "token", "governor", "partner"}
        assert check(folder.path / DATABASE).findings == []

    async def test_tokens_end_with_what_was_kept_for_them(
        self, folder: Folder, scene: Scene
    ) -> None:
        store = folder.open()
        alice, bob, lobby = scene.arrives("alice"), scene.arrives("bob"), scene.room("#lobby")
        await saved(store, scene.joins(alice, lobby), scene.joins(bob, lobby))
        await store.keep_proofs(
            [Proof(alice.person, b"a", NOON), Proof(bob.person, b"b", NOON + DAY)], oldest=0
        )
        await store.keep_marks([Mark(alice.person.id, lobby.id, NOON)])
        assert await gone(store, Rule.TOKENS, tokens=NOON + 1) == 1
        assert await store.marks(alice.person.id) == {}
        assert await store.proof(b"a", oldest=0) is None
        assert await store.proof(b"b", oldest=0) is not None

    async def test_send_once_ids_end(self, folder: Folder, scene: Scene) -> None:
        store = folder.open()
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        many = [scene.says(alice, lobby, "x", send_id=f"id{number}") for number in range(450)]
        await saved(store, *many)
        assert await gone(store, Rule.SENDS, sends=NOON) == 0
        assert await gone(store, Rule.SENDS, sends=NOON + 1) == 450


def people(folder: Folder) -> set[str]:
    with closing(sqlite3.connect(folder.path / DATABASE)) as connection:
        return {nick for (nick,) in connection.execute("SELECT nick FROM people")}
