"""Marks: up to when persons have read, held against every store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core import people
from hubbub.core.people import MAX_MARKS, Mark, Person, Proof
from hubbub.core.ports import StoreError
from hubbub.store.upkeep import check
from store.scene import NOON, Scene, Store

if TYPE_CHECKING:
    from store.conftest import Folder


async def known(store: Store, scene: Scene, nick: str, time: int = NOON) -> Person:
    """Somebody who has a token."""
    person = scene.arrives(nick).person
    await store.keep_proofs([Proof(person, nick.encode(), time)], oldest=0)
    return person


class TestMarks:
    async def test_what_was_read_is_known_again(self, store: Store, scene: Scene) -> None:
        alice, bob = await known(store, scene, "alice"), await known(store, scene, "bob")
        await store.keep_marks([Mark(alice.id, 7, NOON), Mark(bob.id, 7, 5)])
        await store.keep_marks([Mark(alice.id, 8, 3)])
        assert await store.marks(alice.id) == {7: NOON, 8: 3}
        assert await store.marks(bob.id) == {7: 5}
        assert await store.marks(12345) == {}

    async def test_marks_go_forward_only(self, store: Store, scene: Scene) -> None:
        alice = await known(store, scene, "alice")
        for time in (5, 3, 9, 8):
            await store.keep_marks([Mark(alice.id, 7, time)])
        assert await store.marks(alice.id) == {7: 9}

    async def test_those_of_who_cannot_come_back_are_left_out(
        self, store: Store, scene: Scene
    ) -> None:
        guest = scene.arrives("guest").person
        await store.keep_marks([Mark(guest.id, 7, NOON)])
        assert await store.marks(guest.id) == {}

    async def test_a_token_brings_what_was_read_before(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice").person
        alice.mark(7, NOON)
        await store.keep_proofs([Proof(alice, b"first", NOON)], oldest=0)
        await store.keep_proofs([Proof(alice, b"second", NOON)], oldest=0)
        assert await store.marks(alice.id) == {7: NOON}

    async def test_they_go_with_the_token(self, store: Store, scene: Scene) -> None:
        alice = await known(store, scene, "alice")
        await store.keep_marks([Mark(alice.id, 7, NOON)])
        await known(store, scene, "bob", NOON + 1)
        later = Proof(scene.arrives("carol").person, b"carol", NOON + 9)
        await store.keep_proofs([later], oldest=NOON + 1)
        assert await store.marks(alice.id) == {}

    async def test_the_oldest_go_when_there_are_too_many(self, store: Store, scene: Scene) -> None:
        alice = await known(store, scene, "alice")
        await store.keep_marks([Mark(alice.id, 1 + n, NOON + n) for n in range(MAX_MARKS)])
        await store.keep_marks([Mark(alice.id, 5000, NOON + MAX_MARKS)])
        kept = await store.marks(alice.id)
        assert len(kept) == MAX_MARKS
        assert 1 not in kept
        assert {2, 5000} <= kept.keys()


async def test_marks_outlive_the_process_and_dangle_nowhere(folder: Folder, scene: Scene) -> None:
    store = folder.open()
    alice = await known(store, scene, "alice")
    await store.keep_marks([Mark(alice.id, 7, NOON), Mark(999, 7, NOON)])
    folder.close()
    assert check(folder.path / "hubbub.sqlite").findings == []
    assert await folder.open().marks(alice.id) == {7: NOON}
    folder.close()
    with closing(sqlite3.connect(folder.path / "hubbub.sqlite")) as connection:
        connection.execute("DELETE FROM people")
        connection.commit()
    assert check(folder.path / "hubbub.sqlite").findings == [f"a mark of no person: {alice.id} (7)"]


async def test_a_store_that_is_closed_says_so(folder: Folder) -> None:
    store = folder.open()
    folder.close()
    with pytest.raises(StoreError, match="closed"):
        await store.keep_marks([Mark(1, 2, 3)])


def test_a_person_forgets_what_they_read_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MAX_MARKS", 2)
    person = Person(1, "alice")
    assert person.mark(7, 30) == 30
    assert person.mark(7, 20) == 30
    assert person.mark(8, 10) == 10
    assert person.mark(9, 40) == 40
    assert person.marks == {7: 30, 9: 40}
