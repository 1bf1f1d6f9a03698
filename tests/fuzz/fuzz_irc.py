"""Fuzz the IRC codec: streams into lines, lines apart and together again, tags, modes, splitting.

`python -m fuzz irc` runs it for long (see `driver`), `tests/wire/irc/test_fuzz.py` briefly with
every test run.
"""

from __future__ import annotations

from functools import partial

from fuzz.driver import Mutations, fuzz
from hubbub.wire.irc.buffer import MAX_UNENDED, TOO_LONG, LineBuffer, TooLong
from hubbub.wire.irc.casemap import fold
from hubbub.wire.irc.line import (
    MAX_LINE,
    BadLine,
    Line,
    NotUtf8,
    cut,
    head,
    line,
    parse,
    room,
    with_text,
)
from hubbub.wire.irc.modes import Kind, ModeKinds, format_modes, parse_modes
from hubbub.wire.irc.split import fill, split_text
from hubbub.wire.irc.tags import MAX_CLIENT_TAGS, client_tags, parse_tags, section

KINDS = ModeKinds("beI", "k", "l", "imnst", "ov", "@+")

CORPUS = [
    b"NICK alice\r\nUSER a 0 * :Alice Liddell\r\n",
    b"CAP LS 302\r\nCAP REQ :message-tags  echo-message\r\nCAP END\n",
    b"PRIVMSG #room :hello ::) there\r\n",
    b"@label=1;+draft/reply=0123;+typing=a\\:b\\s\\\\ TAGMSG #room\r\n",
    b"@;;=;a=;a=1;+x.y/z ;b :src!u@h   PRIVMSG  #a,b  \r\n",
    b"MODE #room +o-v+b alice bob *!*@192.0.2.1 -kl key :\r\n",
    b":a PRIVMSG b :\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xc3\xa9\xc3\r\n",
    b"@" + b"t" * 4094 + b" PRIVMSG #room " + b"b" * 496 + b"\r\n",
    b"PRIVMSG #room :" + "ü東 ".encode() * 80 + b"\r\n",
    b"x" * 511 + b"\r\n",
    b"\r\n\n\r\r\n \r\n:\r\n@\r\n\0\n",
]
_RUNS = (b"x" * 400, b" " * 200, b"\xc3\xa9" * 260, b"\n" * 40, b"y" * MAX_UNENDED)
MUTATIONS = Mutations(CORPUS, b" :;=@+-\\\x00\r\n\xc3\xa9\xff\x01bok", head=1, runs=_RUNS)


def one_input(data: bytes) -> None:
    """Check what must hold of any bytes. The first of them chooses how the rest arrives."""
    step = data[0] * 5 + 1 if data else 1
    data = data[1:]
    lines = _check_buffer(data, step)
    for heard in lines:
        if heard is not TOO_LONG:
            _check_line(heard)
    if data:
        _check_line(data[:600])


def _check_buffer(data: bytes, step: int) -> list[bytes | TooLong]:
    """The lines of the data, the same in pieces as at once."""
    pieces, whole = LineBuffer(), LineBuffer()
    lines = []
    for at in range(0, len(data), step):
        pieces.feed(data[at : at + step])
        lines += _lines_of(pieces)
        assert pieces.pending <= MAX_UNENDED
    whole.feed(data)
    assert whole.pending <= len(data)
    assert _lines_of(whole) == lines
    assert (whole.overflow, whole.pending) == (pieces.overflow, pieces.pending)
    long = max(map(len, data.split(b"\n")))
    assert whole.overflow == (long > MAX_UNENDED)
    return lines


def _lines_of(buffer: LineBuffer) -> list[bytes | TooLong]:
    lines = []
    while (heard := buffer.next_line()) is not None:
        if heard is not TOO_LONG:
            assert 0 < len(heard) <= MAX_CLIENT_TAGS + MAX_LINE - 2
            assert b"\n" not in heard
        lines.append(heard)
    return lines


def _check_line(raw: bytes) -> None:
    try:
        read = parse(raw)
    except BadLine as bad:
        _check_refusal(bad)
        return
    assert parse(raw.decode()) == read
    assert read.command
    assert read.command == parse(read.command).command
    _check_answer(read)
    _check_tags(read)
    _check_modes(read.params)


def _check_refusal(bad: BadLine) -> None:
    assert bad.reason.isprintable()
    if isinstance(bad, NotUtf8):
        assert "\ufffd" not in bad.command + "".join(bad.tags.values())


def _check_answer(read: Line) -> None:
    """What we make of what we heard is one line, and the same again where it fits."""
    sent = line(read.command, *read.params, source=read.source, tags=dict(read.tags))
    before = section(read.tags)
    assert sent.startswith(before)
    assert not set(sent[:-2]) & set(b"\0\r\n")
    assert len(sent) - len(before) <= MAX_LINE
    if len(sent) - len(before) < MAX_LINE - 4:
        source = "*" if read.source.startswith(":") else read.source
        assert parse(sent[:-2]) == Line(read.command, read.params, read.tags, source)
    text = " ".join([*read.params, read.source])
    prepared = head("PRIVMSG", fold(read.command)[:60], source=read.source[:60])
    said = ""
    for piece in split_text(text, room=room(prepared)):
        told = with_text(prepared, piece)
        assert len(told) <= MAX_LINE
        said += parse(told[:-2]).params[-1]
    assert said == text
    assert text.encode().startswith(cut(text.encode(), len(read.command)))
    assert " ".join(fill(text.split(" "), 50)) == text


def _check_tags(read: Line) -> None:
    relayed = client_tags(read.tags)
    assert all(key.startswith("+") for key in relayed)
    assert parse_tags(section(relayed)[1:-1].decode()) == relayed


def _check_modes(params: list[str]) -> None:
    changes = [
        change
        for change in parse_modes(params, kinds=KINDS)
        if change.kind is not Kind.UNKNOWN and not (change.lacks_param or change.asks_list)
    ]
    told = format_modes(changes, most=4, room=100)
    assert [change for words in told for change in parse_modes(words, kinds=KINDS)] == changes


run = partial(fuzz, MUTATIONS, one_input)
