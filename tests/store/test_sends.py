"""Send-once: what is sent again is stored once, held against every store."""

from __future__ import annotations

from hubbub.core.ports import Already, Conflict
from store.scene import DAY, Scene, Store, commit, saved, texts


class TestSendOnce:
    async def test_a_repeat_gets_the_first_msgid(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first = scene.says(alice, lobby, "hello", send_id="x1")
        again = scene.says(alice, lobby, "hello", send_id="x1")
        await saved(store, first)

        answer = await commit(store, again, scene.says(alice, lobby, "more"))

        assert answer.exceptions == {again.msgid: Already(first.msgid, first.time)}
        assert texts(await store.latest(lobby.id, 10)) == ["hello", "more"]

    async def test_another_text_is_a_conflict(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
        other = scene.says(alice, lobby, "goodbye", send_id="x1")

        assert (await commit(store, other)).exceptions == {other.msgid: Conflict()}
        assert texts(await store.latest(lobby.id, 10)) == ["hello"]

    async def test_another_target_is_a_conflict(self, store: Store, scene: Scene) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
        other = scene.says(alice, attic, "hello", send_id="x1")

        assert (await commit(store, other)).exceptions == {other.msgid: Conflict()}
        assert await store.latest(attic.id, 10) == []

    async def test_another_person_is_a_conflict(self, store: Store, scene: Scene) -> None:
        alice, bob, lobby = scene.arrives("alice"), scene.arrives("bob"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
        other = scene.says(bob, lobby, "hello", send_id="x1")

        assert (await commit(store, other)).exceptions == {other.msgid: Conflict()}

    async def test_for_some_of_a_room_is_another_target(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
        whispered = scene.says(alice, lobby, "hello", send_id="x1")
        whispered.to, whispered.audience = "@#lobby", (alice,)

        assert (await commit(store, whispered)).exceptions == {whispered.msgid: Conflict()}

    async def test_a_repeat_learns_when_the_first_was_said(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first = scene.says(alice, lobby, "hello", send_id="x1")
        await saved(store, first)
        scene.now += DAY
        again = scene.says(alice, lobby, "hello", send_id="x1")
        assert again.time > first.time
        assert (await commit(store, again)).exceptions[again.msgid] == Already(
            first.msgid, first.time
        )

    async def test_what_a_client_added_for_others_makes_no_other_message(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first, again = (scene.says(alice, lobby, "hello", send_id="x1") for _ in range(2))
        first.extra = '{"tags": {"+reply": "1"}}'
        await saved(store, first)
        answer = await commit(store, again)
        assert answer.exceptions == {again.msgid: Already(first.msgid, first.time)}

    async def test_what_was_said_is_found_by_its_id(self, store: Store, scene: Scene) -> None:
        alice, bob, lobby = scene.arrives("alice"), scene.arrives("bob"), scene.room("#lobby")
        between = scene.direct(alice, bob)
        await saved(
            store,
            scene.says(alice, lobby, "hello", send_id="x1"),
            scene.says(bob, between, "psst", send_id="x2"),
            scene.says(bob, lobby, "hello"),
        )
        await commit(store, scene.says(bob, lobby, "other", send_id="x1"))
        for send_id, room, who, text in (
            ("x1", lobby, alice, "hello"),
            ("x2", between, bob, "psst"),
        ):
            found = await store.sent(send_id)
            assert found is not None
            assert (found.room, found.entry.person_id) == (room.name, who.person.id)
            assert found.entry.text == text
        assert await store.sent("x3") is None

    async def test_a_conflict_opens_no_room(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        lobby, attic = scene.room("#lobby"), scene.room("#attic")
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
        await commit(store, scene.says(bob, attic, "mine", send_id="x1"))
        assert await store.room("#attic") is None
        assert not attic.kept
        assert not bob.person.kept

    async def test_repeats_within_one_batch(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first, again, other = (
            scene.says(alice, lobby, text, send_id="x1") for text in ("a", "a", "b")
        )
        assert (await commit(store, first, again, other)).exceptions == {
            again.msgid: Already(first.msgid, first.time),
            other.msgid: Conflict(),
        }
        assert texts(await store.latest(lobby.id, 10)) == ["a"]

    async def test_an_id_is_remembered_for_seven_days(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        first = scene.says(alice, lobby, "hello", send_id="x1")
        await saved(store, first)
        scene.now += 7 * DAY
        again = scene.says(alice, lobby, "hello", send_id="x1")
        assert (await commit(store, again)).exceptions == {
            again.msgid: Already(first.msgid, first.time)
        }
        scene.now += 1
        await saved(store, scene.says(alice, lobby, "hello", send_id="x1"))
