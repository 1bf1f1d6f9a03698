"""One line for each event, with one time before it."""

from __future__ import annotations

import re

from hubbub.cli.rendering import Rendering
from hubbub.client import Message

PLAIN = Rendering(colour=False)


def test_a_line_of_the_past_has_the_time_it_was_said_and_no_other() -> None:
    assert PLAIN.line(Message(0, "nc", "[12:20] hi", "12:20")) == "12:20 nc > hi"
    then = Message(0, "nc", "[21 Nov 12:20] hi", "21 Nov 12:20")
    assert PLAIN.line(then) == "21 Nov 12:20 nc > hi"


def test_what_somebody_typed_stays_as_it_is() -> None:
    line = PLAIN.line(Message(0, "nc", "[12:20] hi"))
    assert re.fullmatch(r"\d\d:\d\d nc > \[12:20\] hi", line)
