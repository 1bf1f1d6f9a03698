"""LIST: the conditions, and the rooms that meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from hubbub.core.rooms import Room
from hubbub.core.settings import Topic
from hubbub.doors.irc import listing

if TYPE_CHECKING:
    from conversations.stage import Stage

NOW = 100 * listing.MINUTE


def room(
    name: str = "#tea", *, members: int = 3, created: int = 40, topic: int | None = 70
) -> Room:
    """A room of that many members; minutes at which it was made and its topic set."""
    made = Room(1, name, name, created=created * listing.MINUTE)
    made.members = dict.fromkeys(range(members), 0)  # type: ignore[arg-type]  # they are counted
    if topic is not None:
        made.settings.topic = Topic("green", "alice", topic * listing.MINUTE)
    return made


@pytest.mark.parametrize(
    "conditions",
    [
        *("", ",", ">2", "<4", ">2,<4", "C>59", "C<61", "c<61", "T>29", "T<31", "T<31,C>59,>0"),
        *("#tea", "#TEA", "#t*", "*e?", "#coffee,#tea", "!#coffee", "#t*,!#teapot"),
    ],
)
def test_wanted(conditions: str) -> None:
    assert listing.parse(conditions).has(room(), NOW)


@pytest.mark.parametrize(
    "conditions",
    [
        *(">3", "<3", ">2,<3", "C>60", "C<60", "T>30", "T<30"),
        *("#coffee", "#te", "!#tea", "!*", "#t*,!#te*", "#tea,>3", ">1000000000", "C=60"),
    ],
)
def test_not_wanted(conditions: str) -> None:
    assert not listing.parse(conditions).has(room(), NOW)


@pytest.mark.parametrize("condition", ["T>0", "T<1000"])
def test_no_topic_was_set_at_no_time(condition: str) -> None:
    assert not listing.parse(condition).has(room(topic=None), NOW)


async def test_a_list_has_what_is_wanted_and_may_be_seen(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send("JOIN #tea,#coffee,#secret", "MODE #secret +s", "TOPIC #tea :green")
        await alice.heard()

        async def listed(who: Client, conditions: str) -> list[tuple[str, ...]]:
            who.send(f"LIST {conditions}".rstrip())
            return [words[3:] for words in said(await who.heard(), "322")]

        assert await listed(bob, "") == [("#tea", "1", "green"), ("#coffee", "1", "")]
        assert ("#secret", "1", "") in await listed(alice, "")
        assert await listed(bob, "#t*,>0") == [("#tea", "1", "green")]
        assert await listed(bob, ">1") == []
        assert await listed(bob, "#secret") == []
        bob.send("NAMES #secret", "TOPIC #secret", "WHO #secret")
        heard = said(await bob.heard())
        assert [words[1] for words in heard] == ["366", "442", "315"]
