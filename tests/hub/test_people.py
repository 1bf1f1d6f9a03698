"""People: what they are called, what changes about them, and who hears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.doubles import Scene, scene
from hubbub.core.bans import Ban
from hubbub.core.refusals import Refused
from hubbub.core.sessions import Operator, Privilege, Trait
from hubbub.hub import arrival, operations, people, rooms, talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


@pytest.fixture
async def stage() -> Scene:
    return scene()


async def together(stage: Scene) -> tuple[Session, Session, Session]:
    """Alice and Bob share two rooms, Carol is in none."""
    alice, bob = stage.come_in("alice", "bob")
    side = stage.open("#side", alice)
    rooms.join(stage.hub, bob, side)
    carol = stage.arrive("carol")
    await stage.quiet()
    return alice, bob, carol


# -- names -------------------------------------------------------------------------------------


async def test_a_rename_is_heard_once_by_each_who_shares_a_room(stage: Scene) -> None:
    alice, _, _ = await together(stage)
    people.rename(stage.hub, alice, "ally")
    talk.say(stage.hub, alice, stage.room, "it is me")
    await stage.settle()
    assert stage.heard("bob") == ["alice is now ally", "ally in #lobby: it is me"]
    assert stage.heard("alice") == ["own: alice is now ally", "own: ally in #lobby: it is me"]
    assert stage.heard("carol") == []
    assert stage.hub.world.session("ALLY") is alice
    assert stage.hub.world.session("alice") is None
    assert alice.person.nick == "ally"


async def test_a_rename_is_kept_in_each_room(stage: Scene) -> None:
    alice, _, _ = await together(stage)
    people.rename(stage.hub, alice, "ally")
    await stage.settle()
    kept = [(e.room.name, e.nick, e.text, e.source) for e in stage.journal.written[-1]]
    assert sorted(kept) == [
        ("#lobby", "alice", "ally", "alice!guest@192.0.2.1"),
        ("#side", "alice", "ally", "alice!guest@192.0.2.1"),
    ]


async def test_who_is_in_no_room_hears_of_their_own_name(stage: Scene) -> None:
    _, _, carol = await together(stage)
    before = len(stage.journal.written)
    people.rename(stage.hub, carol, "caro")
    await stage.settle()
    assert stage.heard("carol") == ["own: carol is now caro"]
    assert len(stage.journal.written) == before


async def test_names_that_cannot_be_had(stage: Scene) -> None:
    alice, _, _ = await together(stage)
    for nick, refusal in [
        ("BOB", "NICK_IN_USE"),
        ("bоb", "NICK_IN_USE"),
        ("a b", "BAD_NAME"),
        ("server", "BAD_NAME"),
        ("🙂", "BAD_NAME"),
        ("", "BAD_NAME"),
    ]:
        with pytest.raises(Refused, match=refusal):
            people.rename(stage.hub, alice, nick)
    people.rename(stage.hub, alice, "alice")
    await stage.settle()
    assert stage.heard("alice") == []


async def test_one_s_own_name_may_be_written_differently(stage: Scene) -> None:
    alice, _, carol = await together(stage)
    people.watch(stage.hub, carol, "alice")
    people.rename(stage.hub, alice, "Alice")
    await stage.settle()
    assert stage.heard("bob") == ["alice is now Alice"]
    assert stage.heard("carol") == [], "nobody came and nobody went"


async def test_who_has_left_has_no_name_to_change(stage: Scene) -> None:
    alice, _, _ = await together(stage)
    arrival.quit(stage.hub, alice, "left")
    stage.arrive("alice")
    with pytest.raises(Refused, match="ENDED"):
        people.rename(stage.hub, alice, "ally")
    assert stage.hub.world.session("alice") is not None
    await stage.settle()


async def test_nobody_takes_a_banned_name_after_they_came(stage: Scene) -> None:
    alice, _, carol = await together(stage)
    stage.hub.bans.put(Ban("bad*!*@*", "root", "", 0))
    with pytest.raises(Refused, match="BAD_NAME"):
        people.rename(stage.hub, alice, "BadAlice")
    people.rename(stage.hub, carol, "good")
    await stage.settle()


async def test_who_was_sent_away_changes_nothing_more(stage: Scene) -> None:
    """Their connection lasts until all have heard it; another has their name by then."""
    alice, bob, carol = await together(stage)
    people.watch(stage.hub, carol, "alice")
    people.watch(stage.hub, bob, "alice")
    arrival.quit(stage.hub, alice, "killed")
    stage.arrive("alice")
    await stage.quiet()
    with pytest.raises(Refused, match="ENDED"):
        people.set_away(stage.hub, alice, "out")
    with pytest.raises(Refused, match="ENDED"):
        people.set_real_name(stage.hub, alice, "Alison")
    await stage.settle()
    assert stage.heard("carol") == stage.heard("bob") == []


async def test_a_name_given_up_is_remembered(stage: Scene) -> None:
    alice, bob, _ = await together(stage)
    people.rename(stage.hub, alice, "ally")
    stage.clock.time += 5
    arrival.quit(stage.hub, bob, "left")
    people.rename(stage.hub, alice, "bob")
    stage.clock.time += 5
    arrival.quit(stage.hub, alice, "left")
    await stage.settle()
    of = stage.hub.memory.of
    assert [(past.real_name, past.time) for past in of("BOB")] == [("alice", 1010), ("bob", 1005)]
    assert [past.nick for past in of("alice")] == ["alice"]
    assert of("nobody") == []


# -- what changes about them -------------------------------------------------------------------


CHANGES: list[tuple[Callable[[Hub, Session], None], str]] = [
    (lambda hub, session: people.set_away(hub, session, "tea"), "is away: tea"),
    (lambda hub, session: people.set_real_name(hub, session, "Al"), "is really Al"),
    (lambda hub, session: people.set_host(hub, session, "al", "host"), "is at al@host"),
    (lambda hub, session: people.set_account(hub, session, "al"), "has the account al"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
async def test_a_change_is_heard_once_by_each_who_shares_a_room(
    stage: Scene, change: Callable[[Hub, Session], None], words: str
) -> None:
    alice, _, _ = await together(stage)
    mask = alice.mask
    change(stage.hub, alice)
    await stage.settle()
    assert stage.heard("bob") == [f"{mask} {words}"]
    assert stage.heard("alice") == [f"own: {mask} {words}"]
    assert stage.heard("carol") == []


@pytest.mark.parametrize(("change", "words"), CHANGES)
async def test_it_is_heard_by_watchers_and_by_nobody_twice(
    stage: Scene, change: Callable[[Hub, Session], None], words: str
) -> None:
    alice, bob, carol = await together(stage)
    for watcher in (alice, bob, carol):
        people.watch(stage.hub, watcher, "ALICE")
    mask = alice.mask
    change(stage.hub, alice)
    await stage.settle()
    assert stage.heard("carol") == [f"own: watched: {mask} {words}"]
    assert stage.heard("bob") == [f"{mask} {words}"]
    assert stage.heard("alice") == [f"own: {mask} {words}"]


async def test_who_is_in_no_room_hears_their_own_change(stage: Scene) -> None:
    _, _, carol = await together(stage)
    people.set_away(stage.hub, carol, "tea")
    people.set_away(stage.hub, carol, "tea")
    people.set_away(stage.hub, carol, None)
    people.set_account(stage.hub, carol, None)
    await stage.settle()
    assert stage.heard("carol") == [
        f"own: {carol.mask} is away: tea",
        f"own: {carol.mask} is away: None",
    ]


async def test_words_that_are_too_long() -> None:
    stage = scene(away=8, real_name=8)
    alice = stage.arrive("alice")
    people.set_away(stage.hub, alice, "東京都庁")
    assert alice.away == "東京"
    for name in ("", "123456789", "東京都"):
        with pytest.raises(Refused, match="BAD_REAL_NAME") as no:
            people.set_real_name(stage.hub, alice, name)
        assert no.value.details == ("8",)
    await stage.settle()


async def test_a_new_host_counts_from_then_on(stage: Scene) -> None:
    alice, _, _ = await together(stage)
    people.set_host(stage.hub, alice, "al", "host")
    assert alice.mask == "alice!al@host"
    await stage.settle()


# -- watching ----------------------------------------------------------------------------------


async def test_a_watcher_hears_who_comes_and_goes_under_a_name(stage: Scene) -> None:
    watcher = stage.arrive("watcher")
    assert people.watch(stage.hub, watcher, "Alice") is None
    alice = stage.arrive("alice")
    assert people.watched(stage.hub, watcher) == [("Alice", alice)]
    arrival.quit(stage.hub, alice, "left")
    bob = stage.arrive("bob")
    people.rename(stage.hub, bob, "ALICE")
    people.rename(stage.hub, bob, "robert")
    await stage.settle()
    assert stage.heard("watcher") == [
        "own: online: alice!guest@192.0.2.1",
        "own: offline: alice",
        "own: online: ALICE!guest@192.0.2.1",
        "own: offline: ALICE",
    ]


async def test_who_watches_somebody_here_is_told_who_it_is(stage: Scene) -> None:
    alice, _, carol = await together(stage)
    assert people.watch(stage.hub, carol, "aLICE") is alice


async def test_who_watches_no_more_hears_nothing(stage: Scene) -> None:
    watcher, other = stage.arrive("watcher"), stage.arrive("other")
    for session in (watcher, other):
        people.watch(stage.hub, session, "alice")
        people.watch(stage.hub, session, "bob")
    people.unwatch(stage.hub, watcher, "ALICE")
    people.unwatch(stage.hub, watcher, "nobody")
    people.unwatch(stage.hub, stage.arrive("idle"), "nobody")
    arrival.quit(stage.hub, other, "left")
    stage.arrive("alice")
    await stage.settle()
    assert stage.heard("watcher") == stage.heard("other") == []
    assert people.watched(stage.hub, watcher) == [("bob", None)]
    stage.hub.watching.forget(watcher)
    stage.arrive("bob")
    people.unwatch(stage.hub, watcher, "bob")
    await stage.settle()
    assert stage.heard("watcher") == []
    assert stage.hub.watching.count(watcher) == 0


async def test_so_many_names_and_no_more() -> None:
    stage = scene(watched=1)
    watcher = stage.arrive("watcher")
    people.watch(stage.hub, watcher, "alice")
    people.watch(stage.hub, watcher, "ALICE")
    with pytest.raises(Refused, match="TOO_MANY_WATCHED") as no:
        people.watch(stage.hub, watcher, "bob")
    assert no.value.details == ("1", "bob")


async def test_a_mask_is_no_name_to_watch(stage: Scene) -> None:
    watcher = stage.arrive("watcher")
    with pytest.raises(Refused, match="BAD_NAME"):
        people.watch(stage.hub, watcher, "*!bob@host")
    smile = stage.arrive("🙂")
    assert people.watch(stage.hub, watcher, "🙂") is smile, (
        "they are here, whatever they are called"
    )
    arrival.quit(stage.hub, watcher, "left")
    with pytest.raises(Refused, match="ENDED"):
        people.watch(stage.hub, watcher, "alice")


async def test_the_end_of_the_server_is_not_told_to_watchers(stage: Scene) -> None:
    _, _, carol = await together(stage)
    people.watch(stage.hub, carol, "alice")
    operations.stop(stage.hub)
    await stage.settle()
    assert stage.heard("carol") == []


# -- who is here -------------------------------------------------------------------------------


async def test_who_hides_is_seen_by_those_who_share_a_room_and_by_who_sees_all(
    stage: Scene,
) -> None:
    alice, bob, carol = await together(stage)
    assert people.set_trait(stage.hub, alice, Trait.INVISIBLE, on=True)
    assert not people.set_trait(stage.hub, alice, Trait.INVISIBLE, on=True)
    assert list(people.visible(stage.hub, alice)) == [alice, bob, carol]
    assert list(people.visible(stage.hub, bob)) == [alice, bob, carol]
    assert list(people.visible(stage.hub, carol)) == [bob, carol]
    carol.operator = Operator("root", frozenset({Privilege.SEE_ALL}))
    assert list(people.visible(stage.hub, carol)) == [alice, bob, carol]
    people.set_trait(stage.hub, alice, Trait.INVISIBLE, on=False)
    assert alice.traits == set()
