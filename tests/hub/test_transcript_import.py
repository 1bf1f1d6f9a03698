"""The record out and in again: what an export leaves out, and where imported talk appears."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from hubbub.core.events import Entry, EntryKind
from hubbub.core.limits import Limits
from hubbub.core.ports import Found, Imported
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import RoomKind
from hubbub.hub import history
from hubbub.hub.hub import Hub
from hubbub.hub.restored import said_again
from hubbub.hub.rooms import open_room
from hubbub.hub.timeline import Timeline
from hubbub.hub.transcript.reading import person_id
from hubbub.server.ids import RandomIds
from hubbub.store import MemoryStore
from hubbub.text.query import parse_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PAIR = "@0000000000000001:0000000000000002"


class Noon:
    """A clock that stands."""

    def now(self) -> int:
        return 1_795_348_800_000


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    store = MemoryStore()
    timeline = Timeline(store, Noon())
    yield Hub(timeline, store, Noon(), RandomIds(), Limits(replay=3))
    timeline.close()


def past(text: str, *, room: str = "#lobby", sender: str = "alice", time: int = 0) -> Found:
    entry = Entry(0, EntryKind.MESSAGE, f"m-{text}", person_id(sender), sender, text, time=time)
    return Found(room, entry)


async def exported(hub: Hub, room: str | None = None, *, conversations: bool = False) -> list[str]:
    pages = history.everything(hub, room=room, conversations=conversations)
    return [found.entry.text async for page in pages for found in page]


async def test_what_is_imported_is_there_once(hub: Hub) -> None:
    talk = [past("one", time=1), past("two", time=2), past("three", room="#tea", time=1)]
    assert await history.import_past(hub, talk) == Imported(new=3, known=0)
    assert await history.import_past(hub, talk) == Imported(new=0, known=3)
    assert await exported(hub) == ["one", "two", "three"]
    assert await exported(hub, "#TEA") == ["three"]


async def test_a_room_that_nobody_knows_is_refused(hub: Hub) -> None:
    with pytest.raises(Refused) as caught:
        await exported(hub, "#nowhere")
    assert (caught.value.reason, caught.value.details) == (Reason.NO_SUCH_ROOM, ("#nowhere",))
    await open_room(hub, "#silent")
    assert await exported(hub, "#silent") == []


async def test_an_open_room_and_the_stored_one_are_the_same(hub: Hub) -> None:
    lobby = await open_room(hub, "#lobby")
    await history.import_past(hub, [past("one", room="#LOBBY")])
    assert [found.text for found in await hub.archive.latest(lobby.id, 9)] == ["one"]
    assert list(hub.world.rooms) == [lobby]


async def test_who_arrives_is_shown_the_imported_past_before_the_present(hub: Hub) -> None:
    lobby = await open_room(hub, "#lobby")
    await history.import_past(hub, [past("b", time=2)])
    await history.import_past(hub, [past("a", time=1), past("c", time=3)])
    stored = Entry(lobby.id, EntryKind.MESSAGE, "live", 1, "bob", "now", seq=1, time=9)
    live = said_again(hub.world, stored, lobby, to="#lobby")
    lobby.recent.append(live)
    await history.import_past(hub, [past("d", time=4)])
    assert [entry.text for entry in lobby.recent] == ["b", "c", "d", "now"]
    lobby.recent.extend([live, live])
    await history.import_past(hub, [past("e", time=5)])
    assert [entry.text for entry in lobby.recent] == ["b", "c", "d", "now", "now", "now"], (
        "there is enough of the present"
    )


async def test_conversations_of_two_are_for_those_who_ask_for_them(hub: Hub) -> None:
    await history.import_past(hub, [past("tea", time=1), past("secret tea", room=PAIR, time=2)])
    assert await exported(hub) == ["tea"]
    assert await exported(hub, conversations=True) == ["tea", "secret tea"]
    assert await exported(hub, PAIR) == ["secret tea"]


async def test_an_imported_conversation_is_one_of_two_and_is_not_left_open(hub: Hub) -> None:
    await history.import_past(hub, [past("secret", room=PAIR)])
    row = await hub.archive.direct_room(1, 2)
    assert row is not None
    assert row.kind == RoomKind.DIRECT
    assert hub.world.room(PAIR) is None
    await history.import_past(hub, [past("more", room=PAIR, time=1)])
    assert await exported(hub, PAIR) == ["secret", "more"]


async def test_a_search_gives_its_last_messages_although_conversations_hide_some(hub: Hub) -> None:
    await history.import_past(hub, [past(f"tea {number}", time=number) for number in range(3)])
    await history.import_past(
        hub, [past(f"tea, dear {number}", room=PAIR, time=10 + number) for number in range(20)]
    )
    query = parse_query("tea", now=0, zone=UTC)
    found = await history.search(hub, query, 2)
    assert [one.entry.text for one in found] == ["tea 1", "tea 2"]
    found = await history.search(hub, query, 2, conversations=True)
    assert [one.entry.text for one in found] == ["tea, dear 18", "tea, dear 19"]
