"""Taking the rules of retention on a store, and looking at what is left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hubbub.core.events import EntryKind, Reacted
from hubbub.core.retention import Bounds, Rule
from hubbub.store import SqliteStore
from hubbub.text.query import parse_query
from store.scene import NOON, Scene, found_texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from store.scene import Store

NOBODY: Collection[int] = ()


async def settled(store: Store) -> None:
    """Let the search index reach all that was committed: what it has not reached stays."""
    if isinstance(store, SqliteStore):
        store.indexer.wake()
        assert await asyncio.to_thread(store.indexer.wait, 10)


async def gone(store: Store, rule: Rule, spared: Collection[int] = NOBODY, **bounds: int) -> int:
    """How much went by a rule."""
    await settled(store)
    steps = [step async for step in store.prune(rule, Bounds(**bounds), lambda: spared)]
    return sum(step.count for step in steps)


async def finds(store: Store, words: str) -> list[str]:
    query = parse_query(words, now=NOON, zone=ZoneInfo("UTC"))
    return found_texts(await store.search(query, 50))


def reacts(scene: Scene, who: Session, room: Room, target: str) -> Reacted:
    event = Reacted(
        room_id=room.id,
        kind=EntryKind.REACT,
        msgid=scene.msgid(),
        person_id=who.person.id,
        nick=who.nick,
        text="+1",
        target=target,
        room=room,
        where=room.name,
        session=who,
        to=room.name,
    )
    return scene.sealed(event)
