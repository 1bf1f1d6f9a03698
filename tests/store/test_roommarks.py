"""Searching few rooms: the index is read where their rows and the words meet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hubbub.core.history import BEFORE_ALL, Reach
from hubbub.core.world import direct_name
from hubbub.store import search
from hubbub.store.roommarks import MOST_MARKS, marks, within
from hubbub.text.query import Query, parse_query
from hubbub.text.tokens import tokens
from store.scene import NOON, SECOND, Scene, found_texts, saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.ports import Found
    from hubbub.core.rooms import Room
    from store.conftest import Folder


def asked(words: str) -> Query:
    return parse_query(words, now=NOON, zone=ZoneInfo("UTC"))


def reach(*rooms: Room) -> Reach:
    return Reach({room.id: BEFORE_ALL for room in rooms}, lambda _: True)


class Looked:
    """Counts the rows that a search looks at beyond the index."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        gently = search._gently

        def counting(rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
            for row in gently(rows):
                self.rows += 1
                yield row

        monkeypatch.setattr(search, "_gently", counting)


def test_a_mark_is_of_its_room_and_of_both_who_talk_alone() -> None:
    alone = direct_name(7, 9)
    assert marks(1, "#lobby") == ["#000001"]
    assert sorted(marks(2, alone)) == ["+000007", "+000009"]
    assert marks(2, f"{alone} ended") == marks(2, alone)


def test_a_mark_is_as_short_for_the_greatest_id() -> None:
    assert marks((1 << 63) - 1, "#lobby") == ["#zzzzzz"]


@pytest.mark.parametrize("text", ["#000001", "+000007", "C#000001", "a+000007", "#zzzzzz 東京#00"])
def test_no_text_has_a_mark(text: str) -> None:
    assert not {"#000001", "+000007", "#zzzzzz"} & set(tokens(text))


def test_a_room_is_asked_for_by_its_mark_and_one_by_all_their_conversations() -> None:
    assert within([(1, "#a"), (2, "#b")]) == '"#000001" OR "#000002"'
    assert within([(3, direct_name(7, 9))]) == '("+000007" AND "+000009")'
    mine = [(number, direct_name(7, number)) for number in range(8, 500)]
    assert within([(1, "#a"), *mine]) == '"#000001" OR ("+000007")'


def test_what_would_not_help_is_not_asked_for() -> None:
    rooms = [(number, f"#{number}") for number in range(MOST_MARKS + 1)]
    assert within(rooms[:-1]) is not None
    assert within(rooms) is None
    assert within([]) is None
    assert within([(1, direct_name(1, 2)), (2, direct_name(3, 4))]) is None


async def test_whoever_reads_few_rooms_finds_what_is_there_and_the_search_looks_at_no_other(
    folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, small = scene.arrives("alice"), scene.room("#small")
    loud = [scene.room(f"#loud{number}") for number in range(MOST_MARKS)]
    store = folder.open()
    await saved(store, scene.says(alice, small, "green tea here"))
    for turn in range(5):
        scene.now += SECOND
        await saved(store, *(scene.says(alice, room, f"green tea {turn}") for room in loud))
    assert await asyncio.to_thread(store.indexer.wait, 10)

    looked = Looked(monkeypatch)
    found: list[Found] = await store.search(asked("green tea"), 50, reach=reach(small))
    assert found_texts(found) == ["green tea here"]
    assert looked.rows == 1
    assert found_texts(await store.search(asked("green tea in:small"), 50)) == ["green tea here"]
    assert looked.rows == 2
    assert found_texts(await store.search(asked("in:small from:alice"), 50)) == ["green tea here"]
    assert looked.rows == 3

    found = await store.search(asked("green tea"), 500, reach=reach(small, *loud))
    assert len(found) == 5 * MOST_MARKS + 1


async def test_two_who_talk_alone_find_it_and_no_third(
    folder: Folder, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, carol = (scene.arrives(nick) for nick in ("alice", "bob", "carol"))
    with_bob, with_carol = scene.direct(alice, bob), scene.direct(alice, carol)
    of_others = scene.direct(bob, carol)
    store = folder.open()
    await saved(
        store,
        scene.says(alice, with_bob, "tea with bob"),
        scene.says(alice, with_carol, "tea with carol"),
        scene.says(bob, of_others, "tea without alice"),
    )
    assert await asyncio.to_thread(store.indexer.wait, 10)
    looked = Looked(monkeypatch)
    found = await store.search(asked("tea"), 10, reach=reach(with_bob, with_carol))
    assert sorted(found_texts(found)) == ["tea with bob", "tea with carol"]
    assert looked.rows == 2
    found = await store.search(asked("tea"), 10, reach=reach(with_bob))
    assert found_texts(found) == ["tea with bob"]
    assert looked.rows == 3
