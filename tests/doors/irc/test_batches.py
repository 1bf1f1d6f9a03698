"""Batches of clients: what is wrong with one is said once, and nothing of it is heard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from doors.irc.client import Client, said
from hubbub.doors.irc import batches
from hubbub.doors.irc.batches import Batches, Spoiled
from hubbub.doors.irc.capabilities import SEVERAL_LINES
from hubbub.wire.irc.line import Line, parse
from hubbub.wire.irc.multiline import CONCAT, Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

CAPS = ("draft/multiline", "batch", "message-tags", "labeled-response")
OPEN = "BATCH +1 draft/multiline #tea"
LINE = "@batch=1 PRIVMSG #tea :hi"
END = "BATCH -1"
INVALID = ("MULTILINE_INVALID",)

WRONG: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "a line of another target": (
        [OPEN, "@batch=1 PRIVMSG #green :hi", LINE, END],
        ("MULTILINE_INVALID_TARGET", "#tea", "#green"),
    ),
    "a line of another batch": ([OPEN, "@batch=2 PRIVMSG #tea :hi", LINE, END], INVALID),
    "a line of no batch": (["@batch=2 PRIVMSG #tea :hi"], INVALID),
    "both commands": ([OPEN, LINE, "@batch=1 NOTICE #tea :hi", END], INVALID),
    "another command": ([OPEN, "@batch=1 TAGMSG #tea", LINE, END], INVALID),
    "a line without text": ([OPEN, "@batch=1 PRIVMSG #tea", LINE, END], INVALID),
    "a blank line that goes on": (
        [OPEN, LINE, f"@batch=1;{CONCAT} PRIVMSG #tea :", END],
        INVALID,
    ),
    "blank lines only": (
        [OPEN, "@batch=1 PRIVMSG #tea :", "@batch=1 PRIVMSG #tea :", END],
        INVALID,
    ),
    "nothing": ([OPEN, END], INVALID),
    "tags inside": ([OPEN, "@batch=1;+x=1 PRIVMSG #tea :hi", LINE, END], INVALID),
    "a batch inside": ([OPEN, "@batch=1 BATCH +2 draft/multiline #tea", LINE, END], INVALID),
    "a batch beside it": ([OPEN, "BATCH +2 draft/multiline #tea", LINE, END, "BATCH -2"], INVALID),
    "another end": ([OPEN, LINE, "BATCH -2", END], INVALID),
    "an end of nothing": ([END], INVALID),
    "no target": (["BATCH +1 draft/multiline", LINE, END], INVALID),
    "two targets": (["BATCH +1 draft/multiline #tea,#green", LINE, END], INVALID),
    "too many lines": ([OPEN, *[LINE] * 6, END], ("MULTILINE_MAX_LINES", "4")),
    "too many bytes": (
        [OPEN, *[f"@batch=1 PRIVMSG #tea :{'é' * 64}"] * 3, END],
        ("MULTILINE_MAX_BYTES", "256"),
    ),
    "no type": (["BATCH +1", LINE, END], ("UNKNOWN_TYPE", "1", "*")),
    "another type": (["BATCH +1 netsplit a b", LINE, END], ("UNKNOWN_TYPE", "1", "netsplit")),
    "no reference": (["BATCH + draft/multiline #tea"], ("INVALID_REFTAG", "+")),
    "another sign": (["BATCH 1 draft/multiline #tea"], ("INVALID_REFTAG", "1")),
    "a bad reference": (
        ["BATCH +a.b draft/multiline #tea", "@batch=a.b PRIVMSG #tea :hi", "BATCH -a.b"],
        ("INVALID_REFTAG", "a.b"),
    ),
}


@pytest.fixture
async def small(opened: Opened) -> Stage:
    """A server that takes little at a time."""
    return await opened({"limits.message": 256, "irc.message_lines": 4})


async def in_tea(client: Client, nick: str, *caps: str) -> None:
    await client.arrive(nick, *caps)
    client.send("JOIN #tea")
    await client.heard()


@pytest.mark.parametrize("name", WRONG)
async def test_it_is_refused_once_and_nothing_is_heard(name: str, small: Stage) -> None:
    lines, words = WRONG[name]
    async with Client(small.port) as alice, Client(small.port) as bob:
        await in_tea(alice, "alice", *CAPS)
        await in_tea(bob, "bob")
        await alice.heard()
        alice.send(*lines)
        (answer,) = said(await alice.heard())
        assert answer[1 : 3 + len(words)] == ("FAIL", "BATCH", *words)
        assert len(answer) == 4 + len(words)
        assert await bob.heard() == []
        alice.send(OPEN, LINE, LINE, END)
        assert [one[-1] for one in said(await bob.heard())] == ["hi", "hi"], "the next is heard"


async def test_the_most_that_may_be_is_heard(small: Stage) -> None:
    async with Client(small.port) as alice, Client(small.port) as bob:
        await in_tea(alice, "alice", *CAPS)
        await in_tea(bob, "bob")
        alice.send(OPEN, *[f"@batch=1 PRIVMSG #tea :{'x' * 63}"] * 3)
        alice.send(f"@batch=1 PRIVMSG #tea :{'x' * 64}", END)
        assert len(await bob.heard()) == 4


async def test_the_refusal_bears_the_label_of_the_beginning(small: Stage) -> None:
    async with Client(small.port) as alice:
        await in_tea(alice, "alice", *CAPS)
        alice.send(f"@label=x {OPEN}", LINE, "@batch=1 NOTICE #tea :hi", END)
        (answer,) = await alice.heard()
        assert (answer.command, answer.tags) == ("FAIL", {"label": "x"})


async def test_what_is_wrong_with_the_whole_is_said_as_of_one_line(small: Stage) -> None:
    async with Client(small.port) as alice:
        await alice.arrive("alice", *CAPS)
        alice.send(f"@label=x {OPEN}", LINE, LINE, END)
        (answer,) = await alice.heard()
        assert (answer.command, answer.params[1]) == ("403", "#tea")
        assert answer.tags == {"label": "x"}


@pytest.mark.parametrize("bad", [b"@batch=1 PRIVMSG #tea :caf\xe9", b"a\0b", b"x" * 600])
async def test_a_line_that_cannot_be_read_may_have_been_a_part(bad: bytes, small: Stage) -> None:
    async with Client(small.port) as alice, Client(small.port) as bob:
        await in_tea(alice, "alice", *CAPS)
        await in_tea(bob, "bob")
        await alice.heard()
        alice.send(OPEN, LINE)
        alice.send_bytes(bad + b"\r\n")
        alice.send(LINE, END)
        assert said(await alice.heard())[-1][1:4] == ("FAIL", "BATCH", "MULTILINE_INVALID")
        assert await bob.heard() == []


async def test_without_the_capability_there_are_no_batches(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, "alice", "message-tags", "draft/multiline")
        await in_tea(bob, "bob")
        await alice.heard()
        alice.send("@batch=2 PRIVMSG #tea :a tag means nothing", OPEN, LINE, END)
        alice.send(f"@batch=2 {OPEN}")
        first, second = said(await alice.heard())
        assert first[1:5] == ("FAIL", "BATCH", "UNKNOWN_TYPE", "1")
        assert second[1:4] == ("FAIL", "BATCH", "MULTILINE_INVALID")
        assert [one[-1] for one in said(await bob.heard())] == ["a tag means nothing"]


async def test_what_is_no_part_of_it_is_carried_out_meanwhile(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, "alice", *CAPS)
        await in_tea(bob, "bob")
        await alice.heard()
        alice.send(OPEN, LINE, "PING x", "PRIVMSG #tea :meanwhile", LINE, END)
        assert said(await alice.heard())[0][1] == "PONG"
        assert [one[-1] for one in said(await bob.heard())] == ["meanwhile", "hi", "hi"]


async def test_one_that_is_never_ended_is_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Client(stage.port) as alice:
        await in_tea(alice, "alice", *CAPS)
        monkeypatch.setattr(batches, "TIMEOUT", 0.01)
        alice.send(f"@label=x {OPEN}")
        answer = await alice.line()
        assert answer is not None
        assert answer.params[:3] == ["BATCH", "TIMEOUT", "1"]
        assert answer.tags == {"label": "x"}
        alice.send(LINE, END)
        assert await alice.heard() == [], "all future messages in this batch will be ignored"


class Clock:
    """Timers that run when they are told."""

    def __init__(self) -> None:
        self.due: dict[str, Callable[[], object]] = {}

    def set(self, name: str, _delay: float, callback: Callable[[], object]) -> None:
        self.due[name] = callback

    def drop(self, name: str) -> None:
        self.due.pop(name, None)


def test_whom_we_keep_waiting_has_more_time() -> None:
    done: list[Line] = []
    clock = Clock()
    doors = SimpleNamespace(multiline=Limits(1000, 10))
    door = SimpleNamespace(caps=SEVERAL_LINES, session_or_none=1, is_held=True, doors=doors)
    begun = Batches(cast("Any", door), cast("Any", clock), done.append)
    assert begun.take(parse(OPEN)) is None
    clock.due["batch"]()
    assert not done, "we do not listen"
    door.is_held = False
    assert begun.take(parse(LINE)) is None
    clock.due["batch"]()
    assert not done, "it goes on"
    clock.due["batch"]()
    (spoiled,) = done
    assert isinstance(spoiled, Spoiled)
    assert spoiled.words[:2] == ("TIMEOUT", "1")
    assert not clock.due
