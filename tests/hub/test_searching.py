"""Searching: who finds what, and that it is never more than they could page to."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hub.doubles import scene
from hub.test_past import asked, kept, tell
from hubbub.core.ports import TooMuchError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.settings import KeyChange
from hubbub.hub import arrival, moderation, past, rooms, searching, talk
from hubbub.hub.past import everything_readable
from hubbub.store.memory import MemoryStore
from hubbub.text.query import Query, parse_query

if TYPE_CHECKING:
    from hub.doubles import Scene
    from hubbub.core.ports import Found
    from hubbub.core.sessions import Session


def query(words: str) -> Query:
    return parse_query(words, now=0, zone=ZoneInfo("UTC"))


async def finds(
    stage: Scene,
    session: Session,
    words: str = "tea",
    limit: int = 50,
    *,
    within: str | None = None,
    earliest: bool = False,
) -> list[str]:
    found = await searching.search(
        stage.hub, session, query(words), limit, within=within, earliest=earliest
    )
    return [said.text for said in found]


async def says(stage: Scene, session: Session, *texts: str) -> None:
    for text in texts:
        talk.say(stage.hub, session, stage.room, text)
        await stage.hub.timeline.settled()
        stage.clock.time += 10


async def test_the_last_or_the_first_oldest_first() -> None:
    stage = kept(history=4)
    (alice,) = stage.come_in("alice")
    await says(stage, alice, *(f"tea {number}" for number in range(6)))
    assert await finds(stage, alice, limit=2) == ["tea 4", "tea 5"]
    assert await finds(stage, alice, limit=2, earliest=True) == ["tea 0", "tea 1"]
    assert len(await finds(stage, alice, limit=1000)) == 4


async def test_what_one_said_before_one_searched_is_found() -> None:
    stage = kept()
    (alice,) = stage.come_in("alice")
    talk.say(stage.hub, alice, stage.room, "tea")
    assert await finds(stage, alice) == ["tea"]


async def test_no_more_than_a_reader_can_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PAGE_BYTES", 10)
    stage = kept()
    (alice,) = stage.come_in("alice")
    await says(stage, alice, *(f"tea {number}" for number in range(6)))
    assert await finds(stage, alice) == ["tea 4", "tea 5"]
    assert await finds(stage, alice, earliest=True) == ["tea 0", "tea 1"]


async def test_words_for_a_role_stay_theirs_and_take_no_places() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.room.grant(alice.person.id, Role.OPERATOR)
    await says(stage, alice, "tea 1", "tea 2")
    for _ in range(9):
        talk.say_to_roles(stage.hub, alice, stage.room, "my tea", role=Role.OPERATOR, to="@#lobby")
    assert await finds(stage, alice, limit=2) == ["my tea", "my tea"]
    assert await finds(stage, bob, limit=2) == ["tea 1", "tea 2"]


async def test_a_conversation_is_found_by_its_two_persons() -> None:
    stage = kept()
    alice, bob, carol = stage.come_in("alice", "bob", "carol")
    await tell(stage, alice, "bob", "our tea")
    found = await searching.search(stage.hub, bob, query("tea"), 5)
    assert [(said.nick, said.to) for said in found] == [("alice", "bob")]
    assert await finds(stage, alice, within="bob") == ["our tea"]
    assert await finds(stage, carol) == await finds(stage, carol, within="bob") == []

    arrival.quit(stage.hub, bob, "bye")
    assert await finds(stage, alice) == ["our tea"], "the last who was called so"
    (mallory,) = stage.come_in("bob")
    assert await finds(stage, mallory) == await finds(stage, mallory, within="alice") == []
    assert await finds(stage, alice) == [], "the name means somebody else now"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("#nowhere", Reason.NO_SUCH_ROOM),
        ("#attic", Reason.NOT_IN_ROOM),
        ("nobody", Reason.NO_SUCH_NICK),
    ],
)
async def test_places_that_one_may_not_read(name: str, reason: Reason) -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    stage.open("#attic", bob)
    with pytest.raises(Refused) as caught:
        await finds(stage, alice, within=name)
    assert caught.value.reason is reason


async def test_who_leaves_while_the_store_is_asked_is_shown_nothing() -> None:
    stage = kept()
    alice, bob = stage.come_in("alice", "bob")
    await says(stage, alice, "tea")
    await tell(stage, alice, "bob", "our tea")
    found = await searching.search(stage.hub, bob, query("tea"), 5)
    assert searching.still_readable(stage.hub, bob, found) == found
    rooms.part(stage.hub, bob, stage.room)
    left = searching.still_readable(stage.hub, bob, found)
    assert [said.text for said in left] == ["our tea"]

    # Nor does it help to come back: of a room with a key one reads what was said since.
    stage.room.grant(alice.person.id, Role.OPERATOR)
    moderation.change(stage.hub, alice, stage.room, [KeyChange("word")])
    rooms.join(stage.hub, bob, stage.room, "word")
    await stage.hub.timeline.settled()
    assert searching.still_readable(stage.hub, bob, found) == left


async def test_who_asks_for_too_much_is_told_so() -> None:
    class Slow(MemoryStore):
        async def search(self, *_: object, **__: object) -> list[Found]:
            raise TooMuchError("ten seconds")

    stage = scene()
    stage.hub.archive = Slow()
    (alice,) = stage.come_in("alice")
    bob = stage.arrive("bob")
    await stage.settle()
    assert await finds(stage, bob) == [], "who may read nothing is not worth a search"
    with pytest.raises(Refused) as caught:
        await finds(stage, alice)
    assert caught.value.reason is Reason.TOO_MUCH


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_found_is_what_pages_hold(seed: int) -> None:
    """Whatever happened: a search is a scan of all that somebody can page to."""
    dice, stage = random.Random(seed), kept()
    people = stage.come_in("alice", "bob", "carol")
    places = [stage.room, stage.open("#attic", people[0]), stage.open("#cellar", people[1])]
    for _ in range(150):
        who, room = dice.choice(people), dice.choice(places)
        other = dice.choice(people)
        word = dice.choice(("tea", "green tea", "coffee"))
        match dice.randrange(7):
            case 0 if who not in room.members:
                rooms.join(stage.hub, who, room, room.settings.key)
            case 1 if who in room.members and len(room.members) > 1:
                rooms.part(stage.hub, who, room)
            case 2 if room.is_operator(who):
                key = dice.choice((None, "word"))
                moderation.change(stage.hub, who, room, [KeyChange(key)])
            case 3 if room.is_operator(who):
                to = f"@{room.name}"
                talk.say_to_roles(stage.hub, who, room, word, role=Role.OPERATOR, to=to)
            case 4:
                await tell(stage, who, other.nick, word)
            case _ if who in room.members:
                talk.say(stage.hub, who, room, word)
            case _:
                pass
        await stage.hub.timeline.settled()
        stage.clock.time += 1
    for who in people:
        names = {place.name for place in await everything_readable(stage.hub, who)}
        paged = [text for name in names for text in await asked(stage, who, name, limit=200)]
        assert sorted(await finds(stage, who, limit=200)) == sorted(
            text for text in paged if "tea" in text
        )
