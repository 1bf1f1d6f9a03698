"""What is kept on the disk of what was seen: in order, once, holes known, within bounds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from hubbub.client import CannotKeep, Message
from hubbub.client.events import (
    Arrived,
    Edited,
    Left,
    Notice,
    Reacted,
    Redacted,
    RoomRenamed,
    TopicChanged,
)
from hubbub.client.local.database import Database
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.log import Log
from hubbub.client.local.pages import Page, Pages
from hubbub.client.local.writing import DAY, Bounds
from hubbub.text.query import parse_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from hubbub.client.events import Event

NOW = 1_790_000_000_000


class Kept:
    """A log and its pages."""

    def __init__(self, database: Database, bounds: Bounds) -> None:
        self.troubles: list[CannotKeep] = []
        self.database = database
        self.log = Log(database, 1, bounds, troubled=self.troubles.append)
        self.pages = Pages(database, 1)

    async def see(self, *events: Event) -> None:
        for event in events:
            self.log.see(event)
        await self.log.settled()

    async def search(self, words: str) -> list[str]:
        found = await self.pages.search(parse_query(words, now=NOW, zone=UTC))
        return [message.text for message in found]


@asynccontextmanager
async def kept(folder: Path, bounds: Bounds | None = None) -> AsyncIterator[Kept]:
    path = ClientFolder(folder).prepare(folder / "ship-1234.sqlite")
    database = await Database.open(path)
    try:
        one = Kept(database, bounds or Bounds())
        await one.log.begin(NOW)
        yield one
        await one.log.settled()
        assert one.troubles == []
    finally:
        await database.close()


def said(number: int, text: str = "", *, room: str = "#tea", msgid: str | None = None) -> Message:
    msgid = f"m{number}" if msgid is None else msgid
    return Message(NOW + number, "bob", text or f"line {number}", room=room, msgid=msgid)


def texts(page: Page) -> list[str]:
    return [event.text for event in page.events if isinstance(event, Message)]


def numbered(numbers: Sequence[int]) -> list[str]:
    return [f"line {number}" for number in numbers]


async def test_events_come_out_as_they_went_in(tmp_path: Path) -> None:
    events: list[Event] = [
        Arrived(NOW, "bob", "#tea"),
        said(1),
        Message(NOW + 2, "ada", "waves", room="#tea", msgid="m2", action=True, reply_to="m1"),
        Reacted(NOW + 3, "bob", "#tea", "m2", "👍", msgid="r1"),
        Notice(NOW + 4, "server", "tea is ready", room="#tea"),
        TopicChanged(NOW + 5, "#tea", "cake", "ada"),
        Left(NOW + 6, "bob", "#tea", "bye", "ada"),
    ]
    async with kept(tmp_path) as one:
        await one.see(*events)
        page = await one.pages.before("#TEA")
    assert [type(event) for event in page.events] == [type(event) for event in events]
    assert page.events[0] == events[0]
    assert page.events[5:] == tuple(events[5:])
    second = page.events[2]
    assert isinstance(second, Message)
    assert (second.action, second.reply_to, second.msgid) == (True, "m1", "m2")
    assert second.replayed == "2026-09-21T14:13:20.002Z"


async def test_pages_are_read_from_the_latest_back(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(*map(said, range(25)))
        page = await one.pages.before("#tea", limit=10)
        assert (texts(page), page.more, page.hole) == (numbered(range(15, 25)), True, False)
        page = await one.pages.before("#tea", page.first, limit=10)
        assert texts(page) == numbered(range(5, 15))
        page = await one.pages.before("#tea", page.first, limit=10)
        assert (texts(page), page.more, page.hole) == (numbered(range(5)), False, True)
        assert page.last is not None
        later = await one.pages.after("#tea", page.last, limit=3)
        assert (texts(later), later.more) == (numbered([5, 6, 7]), True)
        around = await one.pages.around("m12", limit=5)
        assert texts(around) == numbered(range(10, 15))
        assert await one.pages.around("nowhere") == Page()


async def test_what_comes_again_is_kept_once(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(1), said(2), said(1), said(2), said(3))
        assert texts(await one.pages.before("#tea")) == numbered([1, 2, 3])
        # Servers without names for messages say what they say.
        await one.see(said(4, "ha", msgid=""), said(5, "ha", msgid=""))
        assert texts(await one.pages.before("#tea"))[-2:] == ["ha", "ha"]


async def test_the_lines_of_a_long_message_are_one_message_in_another_run_too(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(1, "a long"), said(1, "message", msgid=""))
    async with kept(tmp_path) as one:
        await one.see(said(1, "indeed", msgid=""), said(2, "next"))
        page = await one.pages.before("#tea")
        assert texts(page) == ["a long", "message", "indeed", "next"]
        await one.see(Redacted(NOW + 9, "bob", "#tea", "m1"))
        assert texts(await one.pages.before("#tea")) == ["", "next"]


async def test_a_hole_is_known_and_filled(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(*map(said, range(5)))
        one.log.missing_in(["#TEA"])
        await one.see(*map(said, range(10, 13)))
        page = await one.pages.before("#tea")
        assert (texts(page), page.hole, page.more) == (numbered([10, 11, 12]), True, True)
        assert page.first is not None
        assert await one.pages.before("#tea", page.first) == Page(hole=True, more=True)
        # Part of it, and still something is missing.
        await one.log.fill(page.first.line, [said(8), said(9)])
        page = await one.pages.before("#tea")
        assert (texts(page), page.hole) == (numbered(range(8, 13)), True)
        assert page.first is not None
        # The rest, and what is known already.
        await one.log.fill(page.first.line, [said(number) for number in range(3, 8)])
        page = await one.pages.before("#tea")
        assert texts(page) == numbered(range(13))
        assert (page.hole, page.more) == (True, False)
        # Nothing is before that.
        assert page.first is not None
        await one.log.fill(page.first.line, [])
        assert not (await one.pages.before("#tea")).hole


async def test_lines_of_one_millisecond_keep_their_order(tmp_path: Path) -> None:
    def at_once(number: int) -> Message:
        return Message(NOW, "bob", f"line {number}", room="#tea", msgid=f"m{number}")

    async with kept(tmp_path) as one:
        await one.see(*map(at_once, range(6, 9)))
        first = (await one.pages.before("#tea")).first
        assert first is not None
        await one.log.fill(first.line, [at_once(number) for number in (3, 4, 5)])
        first = (await one.pages.before("#tea")).first
        assert first is not None
        await one.log.fill(first.line, [at_once(number) for number in (0, 1, 2)])
        await one.see(at_once(9))
        assert texts(await one.pages.before("#tea")) == numbered(range(10))


async def test_what_is_edited_is_found_by_its_new_words_alone(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(1, "teh tea"), said(2), Edited(NOW + 3, "bob", "#tea", "m1", "the tea"))
        assert await one.search("teh") == []
        assert await one.search("tea") == ["the tea"]
        page = await one.pages.before("#tea")
        assert [type(event) for event in page.events] == [Message, Edited, Message]
        assert page.events[1] == Edited(NOW + 3, "bob", "#tea", "m1", "the tea", replayed=True)
    assert b"teh" not in (tmp_path / "ship-1234.sqlite").read_bytes()


async def test_reactions_come_and_go(tmp_path: Path) -> None:
    thumb = Reacted(NOW + 2, "ada", "#tea", "m1", "👍", msgid="r1")
    heart = Reacted(NOW + 3, "ada", "#tea", "m1", "❤", msgid="r2")
    async with kept(tmp_path) as one:
        await one.see(said(1), thumb, thumb, heart)
        assert len((await one.pages.before("#tea")).events) == 3
        await one.see(Reacted(NOW + 4, "ada", "#tea", "m1", "👍", on=False))
        assert len((await one.pages.before("#tea")).events) == 2
        await one.see(Redacted(NOW + 5, "ada", "#tea", "r2"))
        assert len((await one.pages.before("#tea")).events) == 1


async def test_what_was_taken_away_before_it_came_does_not_come(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(5), Redacted(NOW + 9, "bob", "#tea", "m4"))
        first = (await one.pages.before("#tea")).first
        assert first is not None
        await one.log.fill(first.line, [said(4, "secret")])
        assert texts(await one.pages.before("#tea")) == ["", "line 5"]
        assert await one.search("secret") == []


async def test_a_room_takes_its_past_to_its_new_name(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(1), RoomRenamed(NOW + 2, "#tea", "#Cake", "ada"), said(3, room="#Cake"))
        assert texts(await one.pages.before("#cake")) == numbered([1, 3])
        assert (await one.pages.before("#tea")).events == ()
        assert [place.name for place in await one.pages.places()] == ["#Cake"]


async def test_search_finds_by_the_same_grammar_as_the_server(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(
            said(1, "Café au lait"),
            said(2, "東京で会いましょう", room="#travel"),
            Message(NOW + 3, "ada", "coffee", room="#tea", msgid="m3"),
        )
        assert await one.search("cafe") == ["Café au lait"]
        assert await one.search("京で") == ["東京で会いましょう"]
        assert await one.search("from:ADA") == ["coffee"]
        assert await one.search("in:#travel") == ["東京で会いましょう"]
        assert await one.search("coffee in:#travel") == []


async def test_no_more_is_kept_than_there_may_be(tmp_path: Path) -> None:
    old = said(0)
    ancient = Message(NOW - 8 * DAY, "bob", "ancient", room="#tea", msgid="m-1")
    async with kept(tmp_path) as one:
        await one.see(ancient, old, *map(said, range(1, 11)))
    async with kept(tmp_path, Bounds(lines=5, days=7)) as one:
        page = await one.pages.before("#tea")
        assert (texts(page), page.hole) == (numbered(range(6, 11)), True)
        assert await one.search("ancient") == []
    assert b"ancient" not in (tmp_path / "ship-1234.sqlite").read_bytes()


async def test_bounds_are_kept_while_it_grows(tmp_path: Path) -> None:
    async with kept(tmp_path, Bounds(lines=100)) as one:
        for start in range(0, 3000, 500):
            await one.see(*map(said, range(start, start + 500)))
        page = await one.pages.before("#tea", limit=5000)
        assert len(texts(page)) < 1200
        assert texts(page)[-1] == "line 2999"


async def test_two_clients_write_at_once(tmp_path: Path) -> None:
    async with kept(tmp_path) as one, kept(tmp_path) as two:
        for start in range(0, 300, 30):
            both = [*map(said, range(start, start + 30))]
            await asyncio.gather(one.see(*both), two.see(*both))
        page = await one.pages.before("#tea", limit=1000)
        assert sorted(texts(page)) == sorted(numbered(range(300)))


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.database.read(lambda db: db.execute("PRAGMA user_version = 99"))
    with pytest.raises(CannotKeep, match="a newer hubbub has made it"):
        async with kept(tmp_path):
            pass


async def test_another_tokenizer_means_another_index(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.see(said(1, "tea"))
        await one.database.write(lambda db: db.execute("DELETE FROM words"))
        await one.database.write(lambda db: db.execute("UPDATE state SET value = 'older'"))
        assert await one.search("tea") == []
    async with kept(tmp_path) as one:
        assert await one.search("tea") == ["tea"]


async def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    async with kept(tmp_path) as one:
        await one.database.read(lambda db: db.execute("PRAGMA query_only = ON"))
        await one.see(said(1))
        (trouble,) = one.troubles
        assert "make it writable" in str(trouble)
        one.troubles.clear()
