"""What every store promises, told once and held against each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hubbub.core.history import BEFORE_ALL, Reach
from hubbub.core.ports import Commit, Imported, RoomRow
from hubbub.text.query import parse_query
from store.scene import (
    DAY,
    NOON,
    SECOND,
    Scene,
    Store,
    commit,
    everything,
    found_texts,
    probe,
    saved,
    texts,
)

if TYPE_CHECKING:
    from hubbub.text.query import Query


def query(words: str) -> Query:
    return parse_query(words, now=NOON, zone=ZoneInfo("UTC"))


class TestWriting:
    async def test_what_was_said_is_found_again(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "one"), scene.says(alice, lobby, "two"))
        await saved(store, scene.says(alice, lobby, "three"))

        last = await store.latest(lobby.id, 2)

        assert texts(last) == ["two", "three"]
        assert [(entry.seq, entry.nick, entry.person_id) for entry in last] == [
            (2, "alice", alice.person.id),
            (3, "alice", alice.person.id),
        ]

    async def test_a_page_back(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, *(scene.says(alice, lobby, str(number)) for number in range(1, 10)))
        assert texts(await store.latest(lobby.id, 3, before=5)) == ["2", "3", "4"]

    async def test_the_latest_are_talk_only(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(
            store,
            scene.joins(alice, lobby),
            scene.says(alice, lobby, "hello"),
            scene.quits(alice, lobby, "bye"),
        )
        assert texts(await store.latest(lobby.id, 10)) == ["hello"]
        assert [str(found.entry.kind) for found in await everything(store)] == [
            "join",
            "message",
            "quit",
        ]

    async def test_any_text_comes_back_as_it_was(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = [
            "two\nlines",
            "nul \0 inside",
            "東京で会いましょう",
            "'; DROP TABLE entries; --",
            "",
        ]
        await saved(store, *(scene.says(alice, lobby, text) for text in said))
        assert texts(await store.latest(lobby.id, 10)) == said

    async def test_a_room_is_known_by_its_last_entry(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#Lobby")
        assert await store.room("#lobby") is None
        await saved(store, scene.says(alice, lobby, "one"))
        scene.now += SECOND
        await saved(store, scene.joins(alice, lobby), scene.says(alice, lobby, "two"))

        row = await store.room("#lobby")
        assert row is not None
        assert replace(row, settings=None) == RoomRow(
            id=lobby.id,
            name="#Lobby",
            folded="#lobby",
            kind="room",
            last_seq=3,
            last_time=NOON + SECOND,
            created=NOON,
        )

    async def test_a_conversation_is_found_from_both_sides(
        self, store: Store, scene: Scene
    ) -> None:
        alice, bob, carol = (scene.arrives(nick) for nick in ("alice", "bob", "carol"))
        between = scene.direct(alice, bob)
        await saved(store, scene.says(alice, between, "psst"))

        row = await store.direct_room(alice.person.id, bob.person.id)

        assert row is not None
        assert row.id == between.id
        other = await store.direct_room(bob.person.id, alice.person.id)
        assert other is not None
        assert (other.id, other.name, other.kind) == (row.id, row.name, "direct")
        assert await store.direct_room(alice.person.id, carol.person.id) is None

    async def test_rows_are_kept_once_the_batch_is(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.joins(alice, lobby))
        assert alice.person.kept
        assert lobby.kept

    @pytest.mark.parametrize("size", [31, 32, 33, 64, 100])
    async def test_batches_of_any_size(self, store: Store, scene: Scene, size: int) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        said = [str(number) for number in range(size)]
        await saved(store, *(scene.says(alice, lobby, text) for text in said))
        assert texts(await store.latest(lobby.id, 200)) == said

    async def test_an_empty_batch_is_settled(self, store: Store) -> None:
        assert await commit(store) == Commit()

    async def test_it_can_be_probed(self, store: Store) -> None:
        assert await probe(store) is None


class TestPages:
    @pytest.mark.parametrize("size", [1, 2, 3, 500])
    async def test_rooms_by_name_then_entries_by_seq(
        self, store: Store, scene: Scene, size: int
    ) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#lobby"), scene.room("#attic")
        await saved(
            store,
            scene.says(alice, lobby, "l1"),
            scene.says(alice, attic, "a1"),
            scene.says(alice, lobby, "l2"),
        )
        pages = [page async for page in store.pages(size=size)]

        assert found_texts([found for page in pages for found in page]) == ["a1", "l1", "l2"]
        assert [found.room for page in pages for found in page] == ["#attic", "#lobby", "#lobby"]
        assert all(0 < len(page) <= size for page in pages)

    async def test_one_room_and_a_time(self, store: Store, scene: Scene) -> None:
        alice, lobby, attic = scene.arrives("alice"), scene.room("#Lobby"), scene.room("#attic")
        await saved(store, scene.says(alice, lobby, "old"), scene.says(alice, attic, "old too"))
        scene.now += SECOND
        await saved(store, scene.says(alice, lobby, "new"), scene.says(alice, attic, "new too"))

        assert found_texts(await everything(store, room="#lobby")) == ["old", "new"]
        assert found_texts(await everything(store, since=scene.now)) == ["new too", "new"]
        assert await everything(store, room="#nowhere") == []

    @pytest.mark.parametrize("size", [1, 2, 500])
    async def test_without_conversations_of_two(
        self, store: Store, scene: Scene, size: int
    ) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        lobby, between = scene.room("#lobby"), scene.direct(alice, bob)
        await saved(store, scene.says(alice, lobby, "all"), scene.says(bob, between, "psst"))
        await saved(store, scene.says(bob, lobby, "hear"), scene.says(alice, between, "pssst"))

        every = [found async for page in store.pages(size=size) for found in page]
        assert found_texts(every) == ["all", "hear", "psst", "pssst"]
        pages = [page async for page in store.pages(conversations=False, size=size)]
        assert found_texts([found for page in pages for found in page]) == ["all", "hear"]
        assert all(pages), "a page that is empty tells nothing"


class TestImport:
    async def test_the_past_stands_before_the_present(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.says(alice, lobby, "now"))
        erin = scene.imported("erin")
        chunk = [scene.past(lobby, erin, text, NOON - DAY) for text in ("then", "and then")]

        assert await store.import_chunk(chunk, [erin], [lobby]) == Imported(new=2, known=0)

        assert texts(await store.latest(lobby.id, 10)) == ["then", "and then", "now"]
        row = await store.room("#lobby")
        assert row is not None
        assert (row.last_seq, row.last_time) == (1, NOON)

    async def test_twice_is_once(self, store: Store, scene: Scene) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        chunk = [scene.past(lobby, erin, text, NOON) for text in ("one", "two")]
        await store.import_chunk(chunk, [erin], [lobby])

        assert await store.import_chunk(chunk, [erin], [lobby]) == Imported(new=0, known=2)
        assert await store.import_chunk([chunk[0], chunk[0]], [], []) == Imported(0, 2)
        assert texts(await store.latest(lobby.id, 10)) == ["one", "two"]

    async def test_a_msgid_twice_in_one_chunk(self, store: Store, scene: Scene) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        entry = scene.past(lobby, erin, "one", NOON, msgid="A" * 26)
        same = scene.past(lobby, erin, "another", NOON, msgid="A" * 26)
        assert await store.import_chunk([entry, same], [erin], [lobby]) == Imported(1, 1)
        assert texts(await store.latest(lobby.id, 10)) == ["one"]

    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    @pytest.mark.parametrize("interrupted", [0, 1, 2])
    async def test_chunks_and_interruptions_do_not_show(
        self, store: Store, scene: Scene, size: int, interrupted: int
    ) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        # A log with whole seconds: several lines have the same time.
        lines = [scene.past(lobby, erin, str(n), NOON + n // 3 * SECOND) for n in range(10)]
        chunks = [lines[start : start + size] for start in range(0, len(lines), size)]

        for chunk in chunks[:interrupted]:
            await store.import_chunk(chunk, [erin], [lobby])
        for chunk in chunks:
            await store.import_chunk(chunk, [erin], [lobby])

        assert texts(await store.latest(lobby.id, 20)) == [str(number) for number in range(10)]

    async def test_the_older_file_comes_second(self, store: Store, scene: Scene) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        await store.import_chunk([scene.past(lobby, erin, "new", NOON)], [erin], [lobby])
        await store.import_chunk([scene.past(lobby, erin, "old", NOON - DAY)], [erin], [lobby])
        await store.import_chunk([scene.past(lobby, erin, "mid", NOON - SECOND)], [], [])
        assert texts(await store.latest(lobby.id, 10)) == ["old", "mid", "new"]

    async def test_a_room_goes_on_after_its_import(self, store: Store, scene: Scene) -> None:
        lobby, erin = scene.room("#lobby"), scene.imported("erin")
        await store.import_chunk([scene.past(lobby, erin, "then", NOON - DAY)], [erin], [lobby])
        assert lobby.kept
        assert erin.kept
        row = await store.room("#lobby")
        assert row is not None
        assert (row.last_seq, row.last_time) == (0, 0)

        await saved(store, scene.says(scene.arrives("alice"), lobby, "now"))
        assert texts(await store.latest(lobby.id, 10)) == ["then", "now"]


class TestSearch:
    async def test_words_of_any_script(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        for text in ("東京で会いましょう", "un café, merci", "Nothing here"):
            await saved(store, scene.says(alice, lobby, text))

        assert found_texts(await store.search(query("東京"), 10)) == ["東京で会いましょう"]
        assert found_texts(await store.search(query("CAFE"), 10)) == ["un café, merci"]
        assert await store.search(query("thing"), 10) == []

    async def test_the_newest_come_first(self, store: Store, scene: Scene) -> None:
        alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
        for number in range(5):
            scene.now += SECOND
            await saved(store, scene.says(alice, lobby, f"tea {number}"))
        await store.import_chunk([scene.past(lobby, erin, "old tea", NOON)], [erin], [lobby])

        assert found_texts(await store.search(query("tea"), 2)) == ["tea 4", "tea 3"]
        assert found_texts(await store.search(query("tea"), 10))[-1] == "old tea"

    async def test_by_whom_where_and_when(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("Alice"), scene.arrives("bob")
        lobby, attic = scene.room("#lobby"), scene.room("#Attic")
        await saved(store, scene.says(alice, lobby, "tea?"), scene.says(bob, attic, "tea!"))
        scene.now += 2 * DAY
        await saved(store, scene.says(bob, lobby, "tea, see https://tea.example"))

        async def finds(words: str) -> list[str]:
            return sorted(found_texts(await store.search(query(words), 10)))

        assert await finds("tea from:alice") == ["tea?"]
        assert await finds("from:ALICE") == ["tea?"]
        assert await finds("tea in:#attic") == ["tea!"]
        assert await finds("in:attic") == ["tea!"]
        assert await finds("has:link") == ["tea, see https://tea.example"]
        assert await finds("after:2026-09-22") == ["tea, see https://tea.example"]
        assert await finds("tea before:2026-09-22") == ["tea!", "tea?"]
        assert await finds("tea -see in:lobby") == ["tea?"]
        assert await finds("tea after:0001-01-02 before:9999-12-30") == await finds("tea")
        assert await finds("after:9999-12-30") == await finds("before:0001-01-02") == []

    async def test_conversations_of_two_take_no_places(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        lobby, between = scene.room("#lobby"), scene.direct(alice, bob)
        await saved(store, *(scene.says(alice, lobby, f"tea {number}") for number in range(3)))
        scene.now += SECOND
        await saved(store, *(scene.says(alice, between, "tea, dear") for _ in range(20)))

        found = await store.search(query("tea"), 2, conversations=False)
        assert found_texts(found) == ["tea 2", "tea 1"]
        assert found_texts(await store.search(query("tea"), 2)) == ["tea, dear"] * 2

    async def test_the_first_of_them(self, store: Store, scene: Scene) -> None:
        alice, lobby, erin = scene.arrives("alice"), scene.room("#lobby"), scene.imported("erin")
        for number in range(5):
            scene.now += SECOND
            await saved(store, scene.says(alice, lobby, f"tea {number}"))
        await store.import_chunk([scene.past(lobby, erin, "old tea", NOON)], [erin], [lobby])

        found = await store.search(query("tea"), 3, earliest=True)
        assert found_texts(found) == ["old tea", "tea 0", "tea 1"]

    async def test_what_is_out_of_reach_takes_no_places(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        lobby, attic, cellar = (scene.room(name) for name in ("#lobby", "#attic", "#cellar"))
        between = scene.direct(alice, bob)
        for number in range(4):
            scene.now += SECOND
            await saved(
                store,
                scene.says(alice, lobby, f"tea {number}"),
                scene.says(bob, attic, f"green tea {number}"),
                scene.says(bob, cellar, f"cold tea {number}"),
                scene.says(alice, between, f"our tea {number}"),
            )

        async def finds(limit: int, rooms: dict[int, int], but: str = "") -> set[str]:
            reach = Reach(rooms, lambda entry: entry.text != but)
            return set(found_texts(await store.search(query("tea"), limit, reach=reach)))

        whole, since = {lobby.id: BEFORE_ALL}, {attic.id: 2}
        assert await finds(10, {}) == set()
        assert await finds(2, whole) == {"tea 2", "tea 3"}
        assert await finds(2, whole, but="tea 3") == {"tea 1", "tea 2"}
        assert await finds(10, since) == {"green tea 2", "green tea 3"}
        assert await finds(4, whole | since) == await finds(2, whole) | await finds(10, since)
        assert await finds(1, {between.id: BEFORE_ALL}) == {"our tea 3"}

    async def test_it_looks_at_talk_only(self, store: Store, scene: Scene) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await saved(store, scene.quits(alice, lobby, "tea time"))
        assert await store.search(query("tea"), 10) == []


async def test_reading_goes_on_while_batches_are_written(store: Store, scene: Scene) -> None:
    alice, lobby = scene.arrives("alice"), scene.room("#lobby")

    async def talk() -> None:
        for number in range(50):
            await saved(store, scene.says(alice, lobby, str(number)))

    async def read() -> None:
        seen = 0
        while seen < 50:
            entries = await store.latest(lobby.id, 100)
            assert texts(entries) == [str(number) for number in range(len(entries))]
            assert len(entries) >= seen
            seen = len(entries)
            await asyncio.sleep(0)

    await asyncio.gather(talk(), read())
