"""Proofs: the tokens by which persons are known again, held against every store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hubbub.core.people import Person, Proof
from hubbub.core.ports import StoreError
from hubbub.store import proofs as in_memory
from hubbub.store.proofs import Proofs
from store.scene import DAY, NOON, Scene, Store, saved

if TYPE_CHECKING:
    from hubbub.core.sessions import Session
    from store.conftest import Folder


def proof(who: Session, digest: bytes, time: int = NOON) -> Proof:
    return Proof(who.person, digest, time)


async def nick_of(store: Store, digest: bytes, oldest: int = 0) -> str | None:
    found = await store.proof(digest, oldest=oldest)
    return None if found is None else found.person.nick


class TestProofs:
    async def test_who_shows_a_token_is_known_again(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        await store.keep_proofs([proof(alice, b"a"), proof(bob, b"b", NOON + 5)], oldest=0)
        found = await store.proof(b"b", oldest=0)
        assert found is not None
        assert (found.person.id, found.person.nick) == (bob.person.id, "bob")
        assert (found.digest, found.time) == (b"b", NOON + 5)
        assert found.person.kept
        assert found.person.returning
        assert alice.person.kept
        assert not alice.person.returning
        assert await store.proof(b"c", oldest=0) is None

    async def test_a_person_has_one_token_the_last(self, store: Store, scene: Scene) -> None:
        alice = scene.arrives("alice")
        await store.keep_proofs([proof(alice, b"old")], oldest=0)
        await store.keep_proofs([proof(alice, b"new")], oldest=0)
        assert await nick_of(store, b"old") is None
        assert await nick_of(store, b"new") == "alice"

    async def test_a_token_that_is_not_used_expires(self, store: Store, scene: Scene) -> None:
        alice, bob = scene.arrives("alice"), scene.arrives("bob")
        await store.keep_proofs([proof(alice, b"a"), proof(bob, b"b")], oldest=0)
        assert await nick_of(store, b"a", NOON) == "alice"
        assert await nick_of(store, b"a", NOON + 1) is None
        # Bob used his; with that, what has expired is forgotten for good.
        await store.keep_proofs([proof(bob, b"b", NOON + DAY)], oldest=NOON + 1)
        assert await nick_of(store, b"a", 0) is None
        assert await nick_of(store, b"b", NOON + 1) == "bob"

    async def test_a_new_name_is_kept_with_what_is_saved_next(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await store.keep_proofs([proof(alice, b"a")], oldest=0)
        await saved(store, scene.joins(alice, lobby))
        alice.person.rename("ally")
        await saved(store, scene.says(alice, lobby, "it is me"))
        assert await nick_of(store, b"a") == "ally"
        assert alice.person.kept

    async def test_what_is_saved_of_a_person_leaves_the_token(
        self, store: Store, scene: Scene
    ) -> None:
        alice, lobby = scene.arrives("alice"), scene.room("#lobby")
        await store.keep_proofs([proof(alice, b"a")], oldest=0)
        alice.person.kept = False
        await saved(store, scene.says(alice, lobby, "hello"))
        assert await nick_of(store, b"a") == "alice"


async def test_a_token_outlives_the_process_and_nothing_of_it_is_in_the_file(
    folder: Folder, scene: Scene
) -> None:
    alice = scene.arrives("alice")
    store = folder.open()
    await store.keep_proofs([proof(alice, b"digest")], oldest=0)
    folder.close()
    assert await nick_of(folder.open(), b"digest") == "alice"


async def test_expired_tokens_go_a_few_at_a_time(folder: Folder, scene: Scene) -> None:
    store = folder.open()
    many = [proof(scene.arrives(f"p{number}"), b"%d" % number) for number in range(250)]
    await store.keep_proofs(many, oldest=0)
    alice = scene.arrives("alice")
    for left in (50, 0):
        await store.keep_proofs([proof(alice, b"a", NOON + 2)], oldest=NOON + 1)
        with closing(sqlite3.connect(folder.path / "hubbub.sqlite")) as connection:
            query = "SELECT count(*) FROM people WHERE token_hash IS NOT NULL AND nick != 'alice'"
            assert connection.execute(query).fetchone() == (left,)


async def test_a_store_that_is_closed_says_so(folder: Folder, scene: Scene) -> None:
    store = folder.open()
    folder.close()
    with pytest.raises(StoreError, match="closed"):
        await store.keep_proofs([proof(scene.arrives("alice"), b"a")], oldest=0)


def test_a_rename_while_a_name_is_saved_is_saved_too() -> None:
    person = Person(1, "alice")
    person.rename("ally")
    person.kept_as("alice")
    assert not person.kept
    person.kept_as("ally")
    assert person.kept


def test_memory_forgets_what_was_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "MAX_PROOFS", 2)
    kept = Proofs()
    people = [Person(number, f"p{number}") for number in range(3)]
    kept.keep([Proof(people[0], b"0", 1), Proof(people[1], b"1", 1)], 0)
    kept.keep([Proof(people[0], b"0", 2)], 0)
    kept.keep([Proof(people[2], b"2", 2)], 0)
    assert [kept.find(digest, 0) is None for digest in (b"0", b"1", b"2")] == [False, True, False]
