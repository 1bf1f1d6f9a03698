"""Lines taken apart and put together, as Modern and "message-tags" write them and people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.line import (
    MAX_BODY,
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
from hubbub.wire.irc.tags import NO_TAGS, section

TEXT = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]))
WORD = st.text(
    st.characters(exclude_characters="\0\r\n ", exclude_categories=["Cs"]), min_size=1
).filter(lambda word: word[0] != ":")
COMMAND = st.from_regex(r"[A-Z]{1,12}|[0-9]{3}", fullmatch=True)
KEY = st.from_regex(r"\+?([a-z.]{1,9}/)?[a-zA-Z0-9-]{1,9}", fullmatch=True)
TAGS = st.dictionaries(KEY, TEXT, max_size=4)


# --- what we read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "command", "params"),
    [
        ("PING", "PING", []),
        ("ping 5", "PING", ["5"]),
        ("CAP REQ :sasl message-tags foo", "CAP", ["REQ", "sasl message-tags foo"]),
        ("CAP * LS :multi-prefix sasl", "CAP", ["*", "LS", "multi-prefix sasl"]),
        ("PRIVMSG #chan Hey!", "PRIVMSG", ["#chan", "Hey!"]),
        ("PRIVMSG #chan :Hey!", "PRIVMSG", ["#chan", "Hey!"]),
        ("PRIVMSG #chan ::-)", "PRIVMSG", ["#chan", ":-)"]),
        ("PRIVMSG #chan :", "PRIVMSG", ["#chan", ""]),
        ("PRIVMSG #chan :a :b  c ", "PRIVMSG", ["#chan", "a :b  c "]),
        ("PRIVMSG #a:b c:d", "PRIVMSG", ["#a:b", "c:d"]),
        ("AWAY :", "AWAY", [""]),
        ("AWAY ", "AWAY", []),
        ("JOIN   #a    key  ", "JOIN", ["#a", "key"]),
        ("JOIN  :#a", "JOIN", ["#a"]),
        ("  NICK bob", "NICK", ["bob"]),
        ("NICK\tbob", "NICK\tBOB", []),
        ("USER u 0 *\xa0x :é \u2028", "USER", ["u", "0", "*\xa0x", "é \u2028"]),
        ("MODE #a +oo alice :bob", "MODE", ["#a", "+oo", "alice", "bob"]),
        ("paß x", "paß", ["x"]),
    ],
)
def test_commands_and_parameters(raw: str, command: str, params: list[str]) -> None:
    assert parse(raw) == parse(raw.encode()) == Line(command, params, {}, "")


@pytest.mark.parametrize(
    ("raw", "source", "params"),
    [
        (":irc.example.com NOTICE *", "irc.example.com", ["*"]),
        (":dan!d@localhost NOTICE #chan :Hey!", "dan!d@localhost", ["#chan", "Hey!"]),
        (":a\tb   NOTICE   x", "a\tb", ["x"]),
        (":a!~b@\x035c\x03 NOTICE x", "a!~b@\x035c\x03", ["x"]),
        (": NOTICE x", "", ["x"]),
    ],
)
def test_sources(raw: str, source: str, params: list[str]) -> None:
    assert parse(raw) == Line("NOTICE", params, {}, source)


def test_tags_before_a_line() -> None:
    read = parse(b"@id=234AB;+example.com/x=a\\sb;rose :dan!d@localhost PRIVMSG #chan :Hey @ you")
    assert read == Line(
        "PRIVMSG",
        ["#chan", "Hey @ you"],
        {"id": "234AB", "+example.com/x": "a b", "rose": ""},
        "dan!d@localhost",
    )
    assert parse("@a=:b;c=@   PING").tags == {"a": ":b", "c": "@"}
    assert parse("@ PING").tags is parse("PING").tags is NO_TAGS


def test_any_number_of_parameters() -> None:
    words = [str(number) for number in range(40)]
    assert parse(f"MONITOR {' '.join(words)}").params == words


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "  ",
        ":",
        ":a",
        ":a ",
        ":a :b",
        "@",
        "@a=b",
        "@a=b ",
        "@a=b :c",
        "@a :c  :d",
        " @a B",
        ":a @b C",
    ],
)
def test_a_line_without_a_command(raw: str) -> None:
    with pytest.raises(BadLine, match="no command") as bad:
        parse(raw)
    assert bad.value.reason == "the line has no command"


@pytest.mark.parametrize("raw", ["PRIVMSG a :b\0", "\0", "A\rB", "@a=\n PING", ":\r PING"])
def test_characters_that_no_line_holds(raw: str) -> None:
    for given_as in (raw, raw.encode()):
        with pytest.raises(BadLine, match="cannot stand inside a line") as bad:
            parse(given_as)
        assert type(bad.value) is BadLine


@pytest.mark.parametrize(
    ("raw", "command", "tags"),
    [
        (b"@label=xyz PRIVMSG #qux hi\xaa", "PRIVMSG", {"label": "xyz"}),
        (b"user \xe8rc\xe9 * * :x", "USER", {}),
        (b"@label=a\xff;msgid=b;\xff=c PRIVMSG", "PRIVMSG", {"msgid": "b"}),
        (b"PRIV\xc3 x", "*", {}),
        (b"\xff\0", "*", {}),
        (b":\xff", "*", {}),
    ],
)
def test_a_line_that_is_not_utf8_says_what_can_be_answered(
    raw: bytes, command: str, tags: dict[str, str]
) -> None:
    with pytest.raises(NotUtf8, match="not UTF-8") as bad:
        parse(raw)
    assert (bad.value.command, bad.value.tags) == (command, tags)


@given(st.binary(max_size=600) | TEXT.map(str.encode))
def test_any_bytes_are_a_line_or_a_bad_one(raw: bytes) -> None:
    try:
        read = parse(raw)
    except BadLine:
        return
    assert read.command
    assert not any(" " in param for param in [read.command, *read.params[:-1]])


# --- what we send --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ([], b"A\r\n"),
        (["b"], b"A b\r\n"),
        (["b", "c"], b"A b c\r\n"),
        (["b", ""], b"A b :\r\n"),
        (["b", ":)"], b"A b ::)\r\n"),
        (["b", "c d"], b"A b :c d\r\n"),
        (["b", "c\td"], b"A b c\td\r\n"),
        (["é", "ü"], b"A \xc3\xa9 \xc3\xbc\r\n"),
        (["b", "c\r\nQUIT\0"], b"A b :c  QUIT \r\n"),
        (["", "b c", ":d", "e\nQUIT", "f"], b"A * * * * f\r\n"),
        (["b", "\ud83d"], b"A b ?\r\n"),
    ],
)
def test_parameters_are_written_so_that_they_are_read_again(params: list[str], sent: bytes) -> None:
    assert line("A", *params) == sent


def test_source_tags_and_a_colon_on_demand() -> None:
    assert line("QUIT", source="a!b@c") == b":a!b@c QUIT\r\n"
    assert line("QUIT", source="a\r\nb") == b":* QUIT\r\n"
    assert line("PRIVMSG", "#a", "hi", trailing=True) == b"PRIVMSG #a :hi\r\n"
    tags = {"+c": None, "time": "x y", "+d": "é", "bad key": "lost"}
    assert line("PING", source="s", tags=tags) == "@time=x\\sy;+c;+d=é :s PING\r\n".encode()
    assert line("PING", tags={}) == line("PING", tags={"no good": ""}) == b"PING\r\n"


def test_a_line_is_cut_on_a_character_and_its_tags_are_not() -> None:
    sent = line("PRIVMSG", "#a", "é" * 600, tags={"a": "b" * 4000})
    tags, _, body = sent.partition(b" ")
    assert len(tags) == 4003
    assert len(body) == MAX_LINE - 1
    assert body.endswith("é\r\n".encode())
    assert len(line("PRIVMSG", "#a", "e" * 600)) == MAX_LINE
    assert len(line("A" * 600)) == len(line("A", "b" * 600, "c")) == MAX_LINE


def test_a_head_is_prepared_once_and_used_for_many_texts() -> None:
    prepared = head("PRIVMSG", "#room", source="a!b@c")
    assert prepared == b":a!b@c PRIVMSG #room :"
    assert with_text(prepared, "hi") == b":a!b@c PRIVMSG #room :hi\r\n"
    assert with_text(prepared, "a\r\nQUIT\0") == b":a!b@c PRIVMSG #room :a  QUIT \r\n"
    exactly = "x" * room(prepared)
    assert with_text(prepared, exactly) == prepared + exactly.encode() + b"\r\n"
    assert with_text(prepared, exactly + "x") == with_text(prepared, exactly)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(9, "aé🎉"), (7, "aé🎉"), (6, "aé"), (4, "aé"), (3, "aé"), (2, "a"), (1, "a"), (0, "")],
)
def test_cutting(limit: int, kept: str) -> None:
    assert cut("aé🎉".encode(), limit) == kept.encode()


@given(TEXT.map(str.encode), st.integers(0, 40))
def test_a_cut_keeps_whole_characters_and_as_many_as_fit(data: bytes, limit: int) -> None:
    kept = cut(data, limit)
    assert data.startswith(kept)
    assert len(kept) <= limit
    assert len(data) == len(kept) or len(kept) > limit - 4
    kept.decode()


@given(COMMAND, st.lists(WORD), TEXT, st.just("") | WORD, TAGS, st.booleans())
def test_what_is_sent_is_read_again(
    command: str, middle: list[str], last: str, source: str, tags: dict[str, str], trailing: bool
) -> None:
    sent = line(command, *middle, last, source=source, tags=dict(tags), trailing=trailing)
    assert sent.endswith(b"\r\n")
    body = sent.removeprefix(section(tags))
    if len(body) < MAX_LINE - 4:
        assert parse(sent[:-2]) == Line(command, [*middle, last], tags, source)
    assert len(body) <= MAX_LINE


@given(COMMAND, st.lists(st.text()), st.text(), st.dictionaries(st.text(), st.text()), st.text())
def test_nothing_we_send_is_two_lines(
    command: str, params: list[str], source: str, tags: dict[str, str], text: str
) -> None:
    for sent in (
        line(command, *params, source=source, tags=dict(tags)),
        with_text(head(command, *params[:2], source=source[:40]), text),
    ):
        assert sent.endswith(b"\r\n")
        assert not set(sent[:-2]) & set(b"\r\n\0")
        assert parse(sent[:-2]).command
    assert len(with_text(head(command, source="a"), text)) <= MAX_BODY + 2
