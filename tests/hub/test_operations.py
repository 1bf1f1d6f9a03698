"""Operations: who acts for the server, what they may do, and the record of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from hub.doubles import KeepingReader, Scene, Sentences, scene
from hubbub.core.audit import Act, ActKind
from hubbub.core.bans import Ban
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.core.sessions import Address, Operator, Privilege, Trait
from hubbub.hub import arrival, operations, people, resumption
from hubbub.hub.operations import Reloaded
from hubbub.store.memory import MemoryStore

if TYPE_CHECKING:
    from hubbub.core.sessions import Session

ALL = frozenset(Privilege)


class Diary(MemoryStore):
    """Remembers what it was told, in order. `fails`: it cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.acts_kept: list[tuple[ActKind, str, str]] = []
        self.bans_kept: dict[str, Ban] = {}
        self.fails = False

    async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
        if self.fails:
            raise StoreError("the disk is full")
        self.acts_kept.append((act.kind, act.target, act.text))
        if ban is not None:
            self.bans_kept[ban.target] = ban
        elif act.kind is ActKind.UNBAN:
            del self.bans_kept[act.target]

    async def bans(self) -> list[Ban]:
        return list(self.bans_kept.values())


@pytest.fixture
async def stage() -> Scene:
    stage = scene(bans=2)
    stage.hub.archive = Diary()
    return stage


@pytest.fixture
def diary(stage: Scene) -> Diary:
    assert isinstance(stage.hub.archive, Diary)
    return stage.hub.archive


async def verify(name: str, password: str) -> Operator | None:
    return Operator(name, ALL) if (name, password) == ("root", "sesame") else None


@pytest.fixture
async def root(stage: Scene) -> Session:
    """An operator of the server, elsewhere than the others."""
    root = stage.arrive("root", address="198.51.100.1")
    root.operator = Operator("root", ALL)
    stage.hub.world.mark(root)
    return root


# -- who is one --------------------------------------------------------------------------------


async def test_the_right_password_makes_an_operator(stage: Scene, diary: Diary) -> None:
    alice = stage.arrive("alice")
    await operations.become_operator(stage.hub, alice, "root", "sesame", verify)
    assert alice.may(Privilege.KILL)
    assert diary.acts_kept == [(ActKind.OPER, "root", "")]
    operations.step_down(alice)
    with pytest.raises(Refused, match="NOT_PRIVILEGED"):
        operations.require_privilege(alice, Privilege.KILL)


@pytest.mark.parametrize(("name", "password"), [("root", "wrong"), ("nobody", "sesame")])
async def test_a_wrong_one_does_not_and_is_on_record(
    stage: Scene, diary: Diary, caplog: pytest.LogCaptureFixture, name: str, password: str
) -> None:
    caplog.set_level(logging.INFO)
    alice = stage.arrive("alice")
    with pytest.raises(Refused, match="WRONG_PASSWORD"):
        await operations.become_operator(stage.hub, alice, name, password, verify)
    assert alice.operator is None
    assert diary.acts_kept == [(ActKind.OPER_FAILED, name, "")]
    assert password not in str([record.__dict__ for record in caplog.records])


async def test_who_left_while_the_password_was_checked_is_none(stage: Scene) -> None:
    alice = stage.arrive("alice")

    async def slowly(name: str, password: str) -> Operator | None:
        arrival.quit(stage.hub, alice, "left")
        return await verify(name, password)

    with pytest.raises(Refused, match="ENDED"):
        await operations.become_operator(stage.hub, alice, "root", "sesame", slowly)
    assert alice.operator is None


async def test_others_may_nothing_of_it(stage: Scene, diary: Diary) -> None:
    alice, hub = stage.arrive("alice"), stage.hub
    alice.operator = Operator("helper", frozenset())

    async def reload() -> Reloaded:
        raise AssertionError

    for act in (
        operations.kill(hub, alice, "alice", ""),
        operations.wallops(hub, alice, "hi"),
        operations.rehash(hub, alice, reload),
        operations.ban(hub, alice, "192.0.2.1", ""),
        operations.unban(hub, alice, "192.0.2.1"),
    ):
        with pytest.raises(Refused, match="NOT_PRIVILEGED"):
            await act
    with pytest.raises(Refused, match="NOT_PRIVILEGED"):
        operations.bans(hub, alice)
    assert diary.acts_kept == []


# -- what they do ------------------------------------------------------------------------------


async def test_a_kill_is_heard_and_then_the_connection_ends(
    stage: Scene, root: Session, diary: Diary
) -> None:
    alice, _ = stage.come_in("alice", "bob")
    await stage.quiet()
    await operations.kill(stage.hub, root, "ALICE", "spam")
    assert stage.reader(alice).ended is None, "not before it is saved and heard"
    await stage.settle()
    assert stage.heard("bob") == ["alice quit: killed by root: spam"]
    assert stage.reader(alice).ended == "killed by root: spam"
    assert alice.ended
    assert diary.acts_kept == [(ActKind.KILL, "alice!guest@192.0.2.1", "spam")]
    with pytest.raises(Refused, match="NO_SUCH_NICK"):
        await operations.kill(stage.hub, root, "alice", "again")


async def test_who_leaves_meanwhile_is_not_killed(stage: Scene, root: Session) -> None:
    alice = stage.arrive("alice")

    class Slow(Diary):
        async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
            arrival.quit(stage.hub, alice, "left")

    stage.hub.archive = Slow()
    with pytest.raises(Refused, match="NO_SUCH_NICK"):
        await operations.kill(stage.hub, root, "alice", "spam")
    await stage.settle()
    assert stage.reader(alice).ended is None


async def test_who_resumes_meanwhile_is_killed_all_the_same(stage: Scene, root: Session) -> None:
    alice = stage.arrive("alice")
    again = KeepingReader(stage.kind)

    class Slow(Diary):
        async def keep_act(self, act: Act, *, ban: Ban | None = None) -> None:
            newcomer = arrival.Newcomer("test", Address("192.0.2.9", 6), again, "alice")
            resumption.resume(stage.hub, newcomer, alice.person, "")

    stage.hub.archive = Slow()
    await operations.kill(stage.hub, root, "alice", "spam")
    await stage.settle()
    assert again.ended == "killed by root: spam"
    assert stage.hub.world.session("alice") is None


async def test_an_operator_acts_although_the_disk_is_full(
    stage: Scene, root: Session, diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    alice = stage.arrive("alice")
    diary.fails = True
    await operations.kill(stage.hub, root, "alice", "spam")
    assert alice.ended
    assert "only the log has this act of an operator: the disk is full" in caplog.text
    (act,) = [record for record in caplog.records if record.getMessage() == "operator"]
    assert act.fields == {  # type: ignore[attr-defined]  # what our formatter shows
        "kind": "kill",
        "by": "root!guest@198.51.100.1 (root)",
        "target": "alice!guest@192.0.2.1",
        "text": "spam",
    }
    await stage.settle()


async def test_wallops_are_heard_by_all_who_listen(
    stage: Scene, root: Session, diary: Diary
) -> None:
    alice, _ = stage.arrive("alice"), stage.arrive("bob")
    people.set_trait(stage.hub, alice, Trait.LISTENING, on=True)
    await operations.wallops(stage.hub, root, "hi all")
    await stage.settle()
    assert stage.heard("alice") == [f"{root.mask} tells all: hi all"]
    assert stage.heard("bob") == stage.heard("root") == []
    assert diary.acts_kept == [(ActKind.WALLOPS, "", "hi all")]


async def test_a_rehash_says_what_changed(stage: Scene, root: Session, diary: Diary) -> None:
    async def reload() -> Reloaded:
        assert diary.acts_kept == [(ActKind.REHASH, "", "")]
        return changed

    changed = Reloaded(changes=("limits.name: 64 becomes 32",))
    assert await operations.rehash(stage.hub, root, reload) is changed


async def test_who_has_the_machine_may_rehash_too(stage: Scene, diary: Diary) -> None:
    async def reload() -> Reloaded:
        return Reloaded(mistake="no such key")

    assert (await operations.reread(stage.hub, "SIGHUP", reload)).mistake == "no such key"
    assert diary.acts_kept == [(ActKind.REHASH, "", "")]


async def test_operators_are_granted_again_what_their_name_is_good_for(stage: Scene) -> None:
    alice, bob, carol = (stage.arrive(name) for name in ("alice", "bob", "carol"))
    alice.operator, bob.operator = Operator("ada", ALL), Operator("ben", ALL)
    now = {"ada": Operator("ada", frozenset({Privilege.KILL}))}
    assert operations.grant_again(stage.hub, now.get) == [bob]
    assert alice.may(Privilege.KILL)
    assert not alice.may(Privilege.BAN)
    assert bob.operator is carol.operator is None


# -- bans --------------------------------------------------------------------------------------


async def test_a_ban_ends_the_connections_it_means_and_lets_nobody_in(
    stage: Scene, root: Session, diary: Diary
) -> None:
    alice, bob = stage.arrive("alice"), stage.arrive("bob", address="192.0.2.77")
    carol = stage.arrive("carol", address="203.0.113.9")
    ban, count = await operations.ban(stage.hub, root, "192.0.2.1/24", "spam")
    await stage.settle()
    assert (ban.target, ban.by, ban.until, count) == (
        "192.0.2.0/24",
        "root!guest@198.51.100.1 (root)",
        None,
        2,
    )
    assert stage.reader(alice).ended == stage.reader(bob).ended == "banned: spam"
    assert not carol.ended
    with pytest.raises(Refused, match="BANNED_HERE") as no:
        stage.arrive("alice")
    assert (no.value.details, no.value.fatal) == (("spam",), True)
    assert diary.acts_kept == [(ActKind.BAN, "192.0.2.0/24", "spam")]
    assert operations.bans(stage.hub, root) == [ban]


async def test_a_ban_ends_by_itself(stage: Scene, root: Session) -> None:
    ban, _ = await operations.ban(stage.hub, root, "alice", "", lasts=1000)
    assert ban.until == 2000
    with pytest.raises(Refused, match="BANNED_HERE") as no:
        stage.arrive("Alice")
    assert no.value.details == ("no reason was given",)
    stage.clock.time = 2000
    stage.arrive("Alice")
    assert operations.bans(stage.hub, root) == []


async def test_a_ban_is_lifted(stage: Scene, root: Session, diary: Diary) -> None:
    await operations.ban(stage.hub, root, "*!guest@192.0.2.*", "spam")
    with pytest.raises(Refused, match="NO_SUCH_BAN"):
        await operations.unban(stage.hub, root, "192.0.2.1")
    lifted = await operations.unban(stage.hub, root, "*!GUEST@192.0.2.*")
    assert lifted.reason == "spam"
    assert diary.acts_kept[-1] == (ActKind.UNBAN, "*!guest@192.0.2.*", "")
    assert diary.bans_kept == {}
    stage.arrive("alice")


@pytest.mark.parametrize("target", ["*", "10.0.0.1/40", "root", "198.51.100.0/24"])
async def test_what_cannot_be_banned(stage: Scene, root: Session, target: str) -> None:
    with pytest.raises(Refused, match="BAD_MASK"):
        await operations.ban(stage.hub, root, target, "")
    assert operations.bans(stage.hub, root) == []


async def test_so_many_bans_and_no_more(stage: Scene, root: Session) -> None:
    for target in ("a", "b", "b"):
        await operations.ban(stage.hub, root, target, "", lasts=10)
    with pytest.raises(Refused, match="LIST_FULL"):
        await operations.ban(stage.hub, root, "c", "")
    stage.clock.time += 10
    await operations.ban(stage.hub, root, "c", "")


async def test_bans_are_in_force_again_after_a_restart(stage: Scene, diary: Diary) -> None:
    for target, until in (("192.0.2.1", None), ("203.0.113.9", 500)):
        diary.bans_kept[target] = Ban(target, "root", "spam", 0, until)
    await operations.recall_bans(stage.hub)
    with pytest.raises(Refused, match="BANNED_HERE"):
        stage.arrive("alice")
    stage.arrive("carol", address="203.0.113.9")


async def test_a_name_asked_for_exactly_is_had_or_refused(stage: Scene, root: Session) -> None:
    def come(nick: str) -> Session:
        reader = KeepingReader(Sentences())
        newcomer = arrival.Newcomer("test", Address("203.0.113.9", 5), reader, "", "al", "al.host")
        return arrival.arrive_as(stage.hub, newcomer, nick)

    alice = come("alice")
    assert alice.mask == "alice!al@al.host"
    for nick, refusal in [("ALICE", "NICK_IN_USE"), ("a b", "BAD_NAME")]:
        with pytest.raises(Refused, match=refusal) as no:
            come(nick)
        assert not no.value.fatal
    await operations.ban(stage.hub, root, "*.host", "spam")
    with pytest.raises(Refused, match="BANNED_HERE"):
        come("bob")
    await stage.settle()


# -- how the server is -------------------------------------------------------------------------


async def test_statistics_count_who_is_here(stage: Scene, root: Session) -> None:
    alice, bob = stage.come_in("alice", "bob")
    people.set_trait(stage.hub, alice, Trait.INVISIBLE, on=True)
    arrival.quit(stage.hub, bob, "left")
    await stage.settle()
    now = operations.statistics(stage.hub)
    assert (now.people, now.invisible, now.operators, now.rooms) == (2, 1, 1, 1)
    assert (now.most, now.started) == (3, 1000)
    assert (now.batches, now.saved, now.unsaved) == (1, 3, 0)
