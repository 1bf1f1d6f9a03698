"""Resumption: who was cut off comes back as the person they were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hub.doubles import FULL_DISK, KeepingReader, Scene, scene, turn
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.core.sessions import Address, Operator, Trait
from hubbub.hub import arrival, people, resumption, rooms, talk
from hubbub.hub.tokens import DAY, LIFETIME, Tokens
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.people import Person, Proof
    from hubbub.core.sessions import Session


@pytest.fixture
async def stage() -> Scene:
    return scene()


async def token_of(stage: Scene, session: Session) -> str:
    """A token for a session, which it is given when it is kept."""
    given: list[str] = []
    resumption.issue(stage.hub, session, given.append)
    await turn()
    (token,) = given
    return token


async def person_of(stage: Scene, session: Session) -> Person:
    return await resumption.find(stage.hub, await token_of(stage, session))


def come_back(
    stage: Scene, person: Person, nick: str = "", address: str = "192.0.2.9"
) -> tuple[Session, bool]:
    newcomer = arrival.Newcomer(
        "test", Address(address, 6), KeepingReader(stage.kind), real_name="new", username="new"
    )
    return resumption.resume(stage.hub, newcomer, person, nick)


def heard(session: Session) -> list[str]:
    assert isinstance(session.reader, KeepingReader)
    return session.reader.take()


# -- taking over -------------------------------------------------------------------------------


async def test_nobody_notices_that_somebody_else_reads_now(stage: Scene) -> None:
    alice, _ = stage.come_in("alice", "bob")
    person = await person_of(stage, alice)
    await stage.quiet()
    again, was_here = come_back(stage, person)
    talk.say(stage.hub, stage.hub.world.session("bob") or alice, stage.room, "hello alice")
    talk.say(stage.hub, again, stage.room, "hello bob")
    await stage.settle()
    assert was_here
    assert again.person is alice.person
    assert again.mask == alice.mask == "alice!guest@192.0.2.1"
    assert stage.heard("bob") == [
        "own: bob in #lobby: hello alice",
        "alice in #lobby: hello bob",
    ]
    assert heard(again) == ["bob in #lobby: hello alice", "own: alice in #lobby: hello bob"]
    assert stage.heard("alice") == []
    assert stage.readers["alice"].ended == "Closing link: resumed elsewhere"


async def test_what_was_decided_before_belongs_to_the_former(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    person = await person_of(stage, alice)
    await stage.quiet()
    talk.say(stage.hub, bob, stage.room, "before")
    stage.hub.timeline.reply(alice, "pong")
    await turn()  # it is on its way to the disk
    talk.say(stage.hub, bob, stage.room, "before, too")
    again, _ = come_back(stage, person)
    talk.say(stage.hub, bob, stage.room, "after")
    stage.hub.timeline.reply(again, "welcome")
    assert stage.readers["alice"].ended is None
    await stage.settle()
    assert stage.heard("alice") == [
        *("bob in #lobby: before", "pong", "bob in #lobby: before, too"),
    ]
    assert heard(again) == ["bob in #lobby: after", "welcome"]


async def test_all_that_a_session_was_and_had_goes_on(stage: Scene) -> None:
    alice, bob, carol = stage.come_in("alice", "bob", "carol")
    side = stage.open("#side", alice)
    guarded = stage.open("#guarded", carol)
    rooms.invite(stage.hub, carol, alice, guarded)
    people.watch(stage.hub, alice, "dave")
    people.set_away(stage.hub, alice, "tea")
    people.set_trait(stage.hub, alice, Trait.BOT, on=True)
    alice.operator = Operator("root", frozenset())
    conversation = talk.conversation(stage.hub, alice, bob)
    to_herself = talk.conversation(stage.hub, alice, alice)
    assert conversation is not None
    assert to_herself is not None
    person = await person_of(stage, alice)
    await stage.quiet()

    again, _ = come_back(stage, person)
    assert again.rooms == {stage.room, side}
    assert side.is_operator(again)
    assert again.invitations == {guarded}
    assert (again.away, again.traits, again.since) == ("tea", frozenset({Trait.BOT}), alice.since)
    assert (again.username, again.real_name) == ("guest", "alice")
    assert again.operator is None, "that takes a password"
    assert again.conversations == {conversation: bob, to_herself: again}
    assert bob.conversations == {conversation: again}
    stage.arrive("dave")
    talk.tell(stage.hub, bob, again, conversation, "psst")
    await stage.settle()
    assert heard(again) == [
        "own: online: dave!guest@192.0.2.1",
        f"bob in {conversation.name}: psst",
    ]

    assert alice.ended
    assert (alice.rooms, alice.conversations) == (set(), {})
    with pytest.raises(Refused) as no:
        talk.say(stage.hub, alice, stage.room, "I am still here")
    assert no.value.reason is Reason.ENDED
    arrival.quit(stage.hub, alice, "Connection reset")
    assert stage.hub.world.session("alice") is again


async def test_a_room_keeps_its_operator(stage: Scene) -> None:
    alice = stage.arrive("alice")
    room = stage.open("#attic", alice)
    person = await person_of(stage, alice)
    await stage.quiet()
    again, _ = come_back(stage, person)
    await stage.settle()
    assert stage.hub.world.room("#attic") is room
    assert list(room.members) == [again]
    assert rooms.is_governed(room)


# -- after it was gone -------------------------------------------------------------------------


async def test_who_has_gone_comes_back_under_their_name_with_their_roles(stage: Scene) -> None:
    alice, bob = stage.come_in("alice", "bob")
    side = stage.open("#side", alice, bob)
    person = await person_of(stage, alice)
    arrival.quit(stage.hub, alice, "gone")
    await stage.quiet()
    again, was_here = come_back(stage, person, "somebody")
    assert not was_here
    assert (again.nick, again.person.id, again.username) == ("alice", alice.person.id, "new")
    assert again.person.returning
    assert again.rooms == set()
    rooms.join(stage.hub, again, side)
    await stage.settle()
    assert stage.heard("bob") == ["alice joined #side as operator"]
    assert Role.OPERATOR in side.role(again)


async def test_a_name_that_somebody_has_is_not_taken_from_them(stage: Scene) -> None:
    alice = stage.arrive("alice")
    person = await person_of(stage, alice)
    arrival.quit(stage.hub, alice, "gone")
    stage.arrive("ALICE")
    for nick, refused in (("", "alice"), ("Alice", "Alice")):
        with pytest.raises(Refused) as no:
            come_back(stage, person, nick)
        assert (no.value.reason, no.value.details) == (Reason.NICK_IN_USE, (refused,))
    again, _ = come_back(stage, person, "alicia")
    assert (again.nick, again.person.nick, again.person.kept) == ("alicia", "alicia", False)


async def test_the_name_they_had_last_is_theirs(stage: Scene) -> None:
    (alice,) = stage.come_in("alice")
    token = await token_of(stage, alice)
    people.rename(stage.hub, alice, "ally")
    arrival.quit(stage.hub, alice, "gone")
    await stage.settle()
    again, _ = come_back(stage, await resumption.find(stage.hub, token))
    assert again.nick == "ally"


async def test_who_is_not_welcome_is_not_let_in_by_a_token(stage: Scene) -> None:
    alice = stage.arrive("alice")
    person = await person_of(stage, alice)
    stage.hub.stopping = True
    with pytest.raises(Refused) as no:
        come_back(stage, person)
    assert (no.value.reason, no.value.fatal) == (Reason.STOPPING, True)
    assert stage.hub.world.session("alice") is alice


# -- tokens ------------------------------------------------------------------------------------


async def test_a_token_lasts_for_thirty_days_after_its_last_use(stage: Scene) -> None:
    alice = stage.arrive("alice")
    token = await token_of(stage, alice)
    for _ in range(3):
        stage.clock.time += 30 * DAY
        assert (await resumption.find(stage.hub, token)).id == alice.person.id
        await turn()
    stage.clock.time += LIFETIME + 1
    with pytest.raises(Refused) as no:
        await resumption.find(stage.hub, token)
    assert no.value.reason is Reason.BAD_TOKEN


async def test_a_token_of_nobody_is_refused(stage: Scene) -> None:
    for token in ("", "nonsense", "\udce9" * 100):
        with pytest.raises(Refused):
            await resumption.find(stage.hub, token)


async def test_only_a_digest_is_kept(stage: Scene) -> None:
    token = await token_of(stage, stage.arrive("alice"))
    assert await stage.hub.archive.proof(token.encode(), oldest=0) is None


class SlowStore(MemoryStore):
    """Keeps proofs when it is told to, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[Proof]] = []
        self.go_on = asyncio.Event()
        self.failures = 0

    async def keep_proofs(self, proofs: Sequence[Proof], *, oldest: int) -> None:
        self.asked.append(list(proofs))
        await self.go_on.wait()
        if self.failures:
            self.failures -= 1
            raise StoreError(str(FULL_DISK))
        await super().keep_proofs(proofs, oldest=oldest)


@pytest.fixture
async def slow(stage: Scene) -> SlowStore:
    store = SlowStore()
    stage.hub.archive = store
    stage.hub.tokens = Tokens(store, pause=0)
    return store


async def test_a_token_is_given_when_it_is_kept_and_not_before(
    stage: Scene, slow: SlowStore
) -> None:
    given: list[str] = []
    names = ("alice", "bob", "carol", "dave")
    alice, bob, carol, dave = (stage.arrive(name) for name in names)
    resumption.issue(stage.hub, alice, given.append)
    await turn()
    for session in (bob, carol, dave):
        resumption.issue(stage.hub, session, given.append)
    arrival.quit(stage.hub, dave, "did not wait")
    await turn()
    assert given == []
    slow.go_on.set()
    await turn()
    assert len(given) == 3
    # One write in flight, what came meanwhile goes with the next.
    assert [[one.person.nick for one in proofs] for proofs in slow.asked] == [
        ["alice"],
        ["bob", "carol"],
    ]


async def test_while_the_disk_fails_there_are_no_tokens_and_then_there_are(
    stage: Scene, slow: SlowStore, caplog: pytest.LogCaptureFixture
) -> None:
    given: list[str] = []
    done = asyncio.Event()
    slow.failures = 2
    slow.go_on.set()

    def give(token: str) -> None:
        given.append(token)
        done.set()

    resumption.issue(stage.hub, stage.arrive("alice"), give)
    async with asyncio.timeout(10):
        await done.wait()
    assert len(slow.asked) == 3
    assert (await resumption.find(stage.hub, given[0])).nick == "alice"
    assert "cannot keep tokens" in caplog.text
    assert given[0] not in caplog.text
