"""Small words that people read: how a port is written, what a name may be, what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.command import run
from cli.program import hubbub
from client.servers import Visitor, serving
from hubbub.client.diagnosis import nothing_heard

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("verb", ["chat", "tail"])
def test_a_port_behind_a_space_is_answered_with_how_it_is_written(verb: str) -> None:
    status, out, err = run(verb, "ship", "15200", "--name", "ada")
    assert (status, out) == (2, "")
    assert "a port is written behind its host: ship:15200." in err


async def test_say_says_a_number_and_how_a_port_is_written() -> None:
    async def script(visitor: Visitor) -> None:
        assert await visitor.read_frame() == b"ada"
        assert await visitor.read_frame() == b"15200"
        await visitor.read_to_end()

    async with serving(script) as address:
        status, _, err = await hubbub("say", address, "15200", "--name", "ada")
    assert status == 0
    assert err == "hint: 15200 is the text here; a port is written 127.0.0.1:15200\n"


@pytest.mark.parametrize("verb", ["chat", "say", "tail"])
@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_refused(verb: str, name: str) -> None:
    words = ["hi"] if verb == "say" else []
    status, _, err = run(verb, "localhost:1", *words, "--name", name)
    assert status == 2
    assert err == "hubbub: the name is empty: give one with --name\n"


@pytest.mark.parametrize("group", ["db", "history", "config"])
def test_a_group_lists_its_verbs_as_the_first_page_does(group: str) -> None:
    out = run(group, "--help").out
    assert "VERB …" in out
    assert "\nVerbs:\n" in out
    assert "Command" not in out


def test_a_flag_is_named_once(tmp_path: Path) -> None:
    err = run("serve", "--data", tmp_path, "--durability", "foo").err
    assert err == 'hubbub: --durability is "foo", but must be full, os or none\n'


def test_a_width_that_was_tried_is_not_advised() -> None:
    assert nothing_heard(10).endswith("try --header-length 64, 16, 8 or 3")
    assert nothing_heard(64).endswith("try --header-length 10, 16, 8 or 3")
