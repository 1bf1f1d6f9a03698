"""Whatever a server sends, the client neither fails nor shows what is not safe to print."""

from __future__ import annotations

from dataclasses import fields
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from client.irc_script import ALL, Script
from hubbub.client.irc.protocol import IrcProtocol
from hubbub.text.sanitise import without_controls

COMMANDS = [
    *("CAP", "BATCH", "PRIVMSG", "NOTICE", "JOIN", "PART", "KICK", "QUIT", "NICK", "MODE", "TOPIC"),
    *("CHGHOST", "RESUME", "FAIL", "ERROR", "PING", "PONG", "INVITE", "WALLOPS", "CHATHISTORY"),
    *("001", "005", "301", "332", "353", "366", "376", "401", "422", "433", "903"),
]
WORDS = [
    *("ada", "bob", "#lobby", "#tea", "*", "+o", "-o+v", "LS", "ACK", "NAK", "NEW", "DEL"),
    *("+1", "-1", "+2", "-2", "chathistory", "labeled-response", "TOKEN", "SUCCESS", "TARGETS"),
    *("PREFIX=(ov)@+", "CHANTYPES=", "CASEMAPPING=x", "MSGREFTYPES=", "CHATHISTORY=1", ALL),
    *("hubbub-1", "hubbub-2", "\x1b[31mred", "\x01ACTION", "\x01ACTION x\x01", "\x0304", ""),
]
TAGS = ["", "@batch=1 ", "@batch=2;msgid=m ", "@label=hubbub-2;time=x ", "@msgid=m2;time=2026 "]
SOURCES = ["", ":ada!u@h ", ":bob!u@h ", ":s ", ":\x1b[1mbob ", ": "]

lines = st.builds(
    lambda tags, source, command, params: f"{tags}{source}{command} {' '.join(params)}",
    st.sampled_from(TAGS),
    st.sampled_from(SOURCES),
    st.sampled_from(COMMANDS) | st.text(max_size=5),
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=5).map(
        lambda words: [*words[:-1], f":{words[-1]}"] if words else words
    ),
)


@given(st.lists(lines, max_size=30), st.booleans())
def test_any_lines_are_borne(said: list[str], welcomed: bool) -> None:
    script = Script(recent=5)
    if welcomed:
        script.is_welcomed(caps=ALL)
        script.enters()
    for line in said:
        script.hears(*line.splitlines())
        if script.protocol.may_say:
            script.says("hello")
    script.events += script.protocol.receive_eof(script.now)
    script.protocol.cut(script.now)
    for event in script.events:
        for field in fields(event):
            value = getattr(event, field.name)
            if isinstance(value, str) and field.name != "msgid":
                assert without_controls(value) == value, event


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_any_bytes_are_borne(data: bytes, size: int) -> None:
    numbers = count()
    protocol = IrcProtocol("ada", server="s", ids=lambda: f"{next(numbers)}")
    protocol.begin(0)
    for start in range(0, len(data), size):
        protocol.receive(data[start : start + size], 0)
    protocol.receive_eof(0)
