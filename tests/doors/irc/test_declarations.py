"""The table of commands: complete, readable, and obeyed by the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hubbub.doors.irc.factory  # noqa: F401 (declares the commands)
from doors.irc.client import Client, said
from hubbub.core.refusals import Reason, Refused
from hubbub.core.settings import Flag
from hubbub.doors.irc import capabilities, isupport, letters
from hubbub.doors.irc.dispatch import COMMANDS, Command, When
from hubbub.doors.irc.refusals import REASONS, explain
from hubbub.wire.irc.line import parse

if TYPE_CHECKING:
    from conversations.stage import Stage


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_how_it_is_used(command: Command) -> None:
    assert command.name.isupper()
    assert command.summary[0].isupper() or command.summary[0].islower()
    assert not command.summary.endswith(".")
    assert command.cost > 0
    assert command.usage.count("<") == command.usage.count(">")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_the_gate_asks_for_parameters_before_anything_else(
    command: Command, stage: Stage
) -> None:
    async with Client(stage.port) as client:
        if command.when is When.BEFORE:
            client.send(command.name)
            heard = await client.heard()
        else:
            await client.arrive("alice")
            client.send(command.name)
            heard = [] if command.name == "QUIT" else await client.heard()
        refused = ("hubbub.local", "461", "alice" if command.when is not When.BEFORE else "*")
        is_refused = any(line[:3] == refused for line in said(heard, "461"))
        assert is_refused is bool(command.needs)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_nobody_acts_before_they_are_somebody(command: Command, stage: Stage) -> None:
    async with Client(stage.port) as client:
        if command.when is not When.AFTER:
            return
        await client.heard()  # so that it is clear that this is IRC
        client.send(f"{command.name} a b c d")
        assert said(await client.heard()) == [
            ("hubbub.local", "451", "*", "You have not registered")
        ]


async def test_operators_only(stage: Stage) -> None:
    async with Client(stage.port) as client:
        await client.arrive("alice")
        for command in COMMANDS.values():
            if command.privilege is not None:
                client.send(f"{command.name} one two")
                assert [line.command for line in await client.heard()] == ["481"], command


def test_every_refusal_has_an_answer() -> None:
    assert REASONS.keys() == set(Reason)
    for reason in Reason:
        for details in ((), ("one",), ("one", "two")):
            raw = explain(reason, details, command="JOIN", nick="alice", server="a.server")
            line = parse(raw.removesuffix(b"\r\n"))
            assert line.source == "a.server"
            assert "{" not in line.params[-1]
            assert line.params[0] in ("alice", "JOIN")


def test_a_refusal_is_an_exception_with_its_details() -> None:
    assert Refused(Reason.NO_SUCH_NICK, "bob").details == ("bob",)


def test_every_flag_has_its_letter() -> None:
    assert set(letters.FLAGS.values()) == set(Flag)
    assert letters.KINDS.chanmodes == "beI,k,l,Cimnst"
    assert letters.KINDS.prefixes == "(ov)@+"


def test_every_letter_has_its_meaning() -> None:
    assert set(letters.MEANINGS) == {*letters.KINDS.chanmodes, *letters.ROLES} - {","}
    assert set(letters.USER_MEANINGS) == set(letters.USER_MODES)


async def test_help_tells_what_the_letters_mean(stage: Stage) -> None:
    async with Client(stage.port) as client:
        await client.arrive("alice")
        client.send("HELP MODE")
        start, *lines, end = await client.heard()
    assert start.params[-1] == "MODE <channel or nick> [<modes> <parameters>]"
    assert lines[0].params[-1] == "See or change modes."
    assert [line.params[-1] for line in lines[1:]] == list(COMMANDS["MODE"].details)
    assert end.command == "706"


async def test_no_token_has_two_equal_signs(stage: Stage) -> None:
    tokens = isupport.tokens(stage.doors.irc.settings, stage.hub.limits)
    assert all(token.count("=") <= 1 for token in tokens)


def test_capabilities_are_requested_all_or_none() -> None:
    has = capabilities.requested(["batch", "echo-message"], capabilities.Cap.NONE)
    assert has == capabilities.Cap.BATCH | capabilities.Cap.ECHO_MESSAGE
    assert capabilities.requested(["-batch"], has) == capabilities.Cap.ECHO_MESSAGE
    assert capabilities.requested(["batch", "no-such-thing"], has) is None


def test_every_capability_is_in_the_table_once() -> None:
    bits = [capability.bit for capability in capabilities.TABLE.values()]
    assert sorted(bits) == sorted(set(bits))
    assert set(bits) == set(capabilities.Cap)
