"""Whatever happens, the store on disk answers as the one in memory does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hubbub.core.events import TALK
from hubbub.core.masks import parse
from hubbub.core.retention import Bounds, Rule
from hubbub.core.roles import Role
from hubbub.core.settings import Listed, ListKind
from hubbub.store import MemoryStore, open_store
from hubbub.store.upkeep import check
from hubbub.text.query import QueryError, parse_query
from store.scene import DAY, NOON, SECOND, Scene, commit, everything, facts, told

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from hubbub.core.events import RoomEvent
    from hubbub.core.ports import Found, RoomRow
    from store.scene import Store

    T = TypeVar("T")

WORDS = st.sampled_from(
    ["tea", "Tea!", "café", "cafe", "東京で会う", "東", "京都", "teapot", "x", "", "c++", "a\nb"]
)
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)
NICKS = ("alice", "Bob", "été")
ROOMS = ("#lobby", "#Attic")


class Stores(RuleBasedStateMachine):
    """Batches, repeats, imports, what goes and restarts, the same for both."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.disk = self.open()
        self.memory = MemoryStore()
        # Each has a scene of its own: events and rooms belong to one store.
        self.scenes = {"disk": Scene(), "memory": Scene()}
        self.casts = {
            name: (
                [scene.arrives(nick) for nick in NICKS],
                [scene.room(room) for room in ROOMS],
                scene.imported("erin"),
            )
            for name, scene in self.scenes.items()
        }
        self.imported: list[tuple[int, str, int, str]] = []

    def open(self) -> Any:
        loop = self.runner.get_loop()
        return open_store(Path(self.folder.name), durability="os", post=loop.call_soon_threadsafe)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def batch(self, name: str, said: list[tuple[int, int, str, str | None]]) -> list[RoomEvent]:
        scene, (people, rooms, _) = self.scenes[name], self.casts[name]
        return [
            scene.says(people[who], rooms[where], text, send_id)
            for who, where, text, send_id in said
        ]

    @rule(
        said=st.lists(
            st.tuples(
                st.integers(0, 2),
                st.integers(0, 1),
                TEXTS,
                st.none() | st.sampled_from(["s1", "s2", "s3"]),
            ),
            max_size=6,
        )
    )
    def talk(self, said: list[tuple[int, int, str, str | None]]) -> None:
        self.say(said)

    def say(self, said: list[tuple[int, int, str, str | None]]) -> None:
        one = self.run(commit(self.disk, *self.batch("disk", said)))
        other = self.run(commit(self.memory, *self.batch("memory", said)))
        assert one == other

    @rule(who=st.integers(0, 2), where=st.integers(0, 1))
    def comings_and_goings(self, who: int, where: int) -> None:
        for name, store in self.both():
            scene, (people, rooms, _) = self.scenes[name], self.casts[name]
            batch = (
                scene.joins(people[who], rooms[where]),
                scene.quits(people[who], rooms[where], "tea time"),
            )
            assert self.run(commit(store, *batch)).failure is None

    @rule(
        where=st.integers(0, 1),
        key=st.none() | WORDS,
        bans=st.sets(st.sampled_from(["zed!*@*", "m:*!*@192.0.2.*", "a:été"])),
        role=st.sampled_from([Role.NONE, Role.VOICE, Role.VOICE | Role.OPERATOR]),
    )
    def change_a_room(self, where: int, key: str | None, bans: set[str], role: Role) -> None:
        for name, store in self.both():
            people, rooms, _ = self.casts[name]
            room = rooms[where]
            room.settings.key = key
            room.settings.lists[ListKind.BAN] = {
                text: Listed(parse(text), "alice", NOON) for text in sorted(bans)
            }
            room.revoke(people[0].person.id, Role.VOICE | Role.OPERATOR)
            if role:
                room.grant(people[0].person.id, role)
            room.touch()
            assert self.run(commit(store, rooms=[room])).failure is None
            assert not room.unsaved

    @rule(
        lines=st.lists(st.tuples(st.integers(0, 1), TEXTS, st.integers(-3, 3)), max_size=5),
        again=st.booleans(),
    )
    def history_arrives(self, lines: list[tuple[int, str, int]], *, again: bool) -> None:
        start = len(self.imported)
        self.imported += [
            (where, text, day, f"I{start + number:025d}")
            for number, (where, text, day) in enumerate(lines)
        ]
        chosen = self.imported if again else self.imported[start:]
        outcomes = []
        for name, store in self.both():
            scene, (_, rooms, erin) = self.scenes[name], self.casts[name]
            chunk = [
                scene.past(rooms[where], erin, text, scene.now + day * DAY, msgid)
                for where, text, day, msgid in chosen
            ]
            outcomes.append(self.run(store.import_chunk(chunk, [erin], rooms)))
        assert outcomes[0] == outcomes[1]

    @rule(rule_=st.sampled_from([Rule.AGE, Rule.ARRIVALS]), days=st.integers(0, 4))
    def what_is_due_goes(self, rule_: Rule, days: int) -> None:
        # The last entry of all stays on disk, so it is one that is not due.
        self.say([(0, 0, "here", None)])
        counts = []
        for name, store in self.both():
            before = self.scenes[name].now - days * DAY
            bounds = Bounds(entries=before, arrivals=before)
            counts.append(self.run(pruned(store, rule_, bounds)))
        assert counts[0] == counts[1]

    @rule(milliseconds=st.sampled_from([1, SECOND, 4 * DAY]))
    def time_passes(self, milliseconds: int) -> None:
        for scene in self.scenes.values():
            scene.now += milliseconds

    @precondition(lambda self: self.imported)
    @rule()
    def restart(self) -> None:
        self.disk.close()
        self.disk = self.open()

    @rule(where=st.integers(0, 1), limit=st.integers(0, 5), before=st.none() | st.integers(-5, 9))
    def look_back(self, where: int, limit: int, before: int | None) -> None:
        seen = []
        for name, store in self.both():
            room = self.casts[name][1][where]
            entries = self.run(store.latest(room.id, limit, before=before))
            seen.append([(entry.seq, entry.time, entry.text, entry.nick) for entry in entries])
        assert seen[0] == seen[1]

    @rule(size=st.integers(1, 5), only=st.none() | st.sampled_from(["#lobby", "#attic"]))
    def export(self, size: int, only: str | None) -> None:
        since = self.scenes["disk"].now - DAY
        one, other = (
            self.run(everything(store, room=only, since=since, size=size))
            for _, store in self.both()
        )
        assert facts(one) == facts(other)

    @rule(
        words=st.lists(WORDS, max_size=2).map(" ".join),
        filters=st.lists(
            st.sampled_from(
                ["from:ALICE", "from:erin", "in:#lobby", "in:attic", "-tea", "after:2026-09-21"]
            ),
            max_size=2,
        ).map(" ".join),
        limit=st.integers(1, 4) | st.just(1000),
    )
    def search(self, words: str, filters: str, limit: int) -> None:
        try:
            query = parse_query(
                f"{words} {filters}", now=self.scenes["disk"].now, zone=ZoneInfo("UTC")
            )
        except QueryError:
            return
        one, other = (self.run(store.search(query, limit)) for _, store in self.both())
        # Of one moment any may come first, and any may be the one that the limit cuts off.
        assert [found.entry.time for found in one] == [found.entry.time for found in other]
        if len(one) < limit:
            assert unordered(one) == unordered(other)
        naive = self.run(everything(self.disk))
        assert len(one) == min(
            limit,
            sum(
                found.entry.kind in TALK
                and query.matches(
                    text=found.entry.text,
                    sender=found.entry.nick,
                    room=found.room,
                    time=found.entry.time,
                )
                for found in naive
            ),
        )

    @invariant()
    def both_hold_the_same(self) -> None:
        one, other = (self.run(everything(store)) for _, store in self.both())
        assert facts(one) == facts(other)
        for folded in ("#lobby", "#attic"):
            assert room_facts(self.run(self.disk.room(folded))) == room_facts(
                self.run(self.memory.room(folded))
            )

    def both(self) -> list[tuple[str, Store]]:
        return [("disk", self.disk), ("memory", self.memory)]

    def teardown(self) -> None:
        self.disk.close()
        assert not check(self.disk.path).findings
        self.runner.close()
        self.folder.cleanup()


async def pruned(store: Store, what: Rule, bounds: Bounds) -> int:
    return sum([step.count async for step in store.prune(what, bounds, lambda: ())])


def room_facts(row: RoomRow | None) -> tuple[object, ...] | None:
    """What must be equal in every store."""
    if row is None:
        return None
    return (replace(row, settings=None, roles={}), told(row))


def unordered(found: list[Found]) -> list[tuple[object, ...]]:
    return sorted(facts(found), key=repr)


TestStores = Stores.TestCase
TestStores.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@given(
    lines=st.lists(st.integers(0, 3), max_size=12),
    cuts=st.lists(st.integers(1, 4), max_size=6),
    interrupted=st.integers(0, 6),
)
@settings(max_examples=60, deadline=None)
def test_an_import_is_the_same_in_any_chunks(
    lines: list[int], cuts: list[int], interrupted: int
) -> None:
    """Cut or broken off anywhere and run again: the order is by time, then that of the file."""
    scene, store = Scene(), MemoryStore()
    lobby, erin = scene.room("#lobby"), scene.imported("erin")
    file = [
        scene.past(lobby, erin, str(n), scene.now + second * SECOND)
        for n, second in enumerate(lines)
    ]
    chunks, rest = [], file
    for cut in [*cuts, len(file)]:
        chunks.append(rest[:cut])
        rest = rest[cut:]

    async def run() -> list[str]:
        for chunk in [*chunks[:interrupted], *chunks]:
            await store.import_chunk(chunk, [erin], [lobby])
        return [entry.text for entry in await store.latest(lobby.id, 100)]

    ordered = sorted(enumerate(lines), key=lambda line: (line[1], line[0]))
    assert asyncio.run(run()) == [str(number) for number, _ in ordered]
