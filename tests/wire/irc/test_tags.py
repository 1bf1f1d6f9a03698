"""Tag sections: the examples of "message-tags", its limits, and everything strange."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.tags import (
    MAX_CLIENT_TAGS,
    MAX_TAG_DATA,
    MAX_TAGS,
    NO_TAGS,
    client_tags,
    escape,
    format_tags,
    parse_tags,
    section,
    unescape,
)

VALUE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("data", "tags"),
    [
        ("aaa=bbb;ccc;example.com/ddd=eee", {"aaa": "bbb", "ccc": "", "example.com/ddd": "eee"}),
        ("id=123AB;rose", {"id": "123AB", "rose": ""}),
        ("url=;netsplit=tur,ty", {"url": "", "netsplit": "tur,ty"}),
        (r"+example=raw+:=,escaped\:\s\\", {"+example": "raw+:=,escaped; \\"}),
        ("+icon=https://example.com/?a=b", {"+icon": "https://example.com/?a=b"}),
        ("a=1;b=2;a=3;x.y/a=4", {"a": "3", "b": "2", "x.y/a": "4"}),
        ("a=1;a", {"a": ""}),
        ("A=1;a=2", {"A": "1", "a": "2"}),
        ("", {}),
        (";;a;", {"a": ""}),
        ("=x;a=b", {"a": "b"}),
        ("é!*=ü", {"é!*": "ü"}),
    ],
)
def test_sections(data: str, tags: dict[str, str]) -> None:
    assert parse_tags(data) == tags


@pytest.mark.parametrize(
    ("escaped", "value"),
    [
        (r"a\:b\sc\\d\re\nf", "a;b c\\d\re\nf"),
        (r"\b", "b"),
        ("test\\", "test"),
        (r"\\n", r"\n"),
        (r"\\\\\:\\s", r"\\;\s"),
        ("\\é\\", "é"),
        ("\\\x01", "\x01"),
        ("", ""),
    ],
)
def test_escapes(escaped: str, value: str) -> None:
    assert unescape(escaped) == value


@given(VALUE)
def test_a_value_comes_back(value: str) -> None:
    escaped = escape(value)
    assert not set(escaped) & set("; \r\n\0")
    assert unescape(escaped) == value


@given(st.dictionaries(st.from_regex(r"[+a-z0-9./-]+", fullmatch=True), VALUE))
def test_tags_come_back(tags: dict[str, str]) -> None:
    assert parse_tags(format_tags(tags)) == tags


@given(st.dictionaries(st.text(), st.text()))
def test_no_tag_breaks_out_of_its_section(tags: dict[str, str]) -> None:
    sent = section(tags)
    assert not sent or (sent.startswith(b"@") and sent.find(b" ") == len(sent) - 1)
    assert not set(sent) & set(b"\r\n\0")
    assert len(parse_tags(sent[1:-1].decode())) <= len(tags)


def test_server_tags_stand_before_those_of_clients() -> None:
    tags = {"+typing": "active", "time": "t", "+x": None, "msgid": "m", "bot": ""}
    assert format_tags(tags) == "time=t;msgid=m;bot;+typing=active;+x"
    assert section({"a": "b"}) == b"@a=b "
    assert section({}) == b""


def test_a_nul_has_no_escape_and_a_broken_key_no_place() -> None:
    assert format_tags({"a": "x\0y", "b c": "1", "d;e": "2", "": "3", "f=": "4", "g\n": "5"}) == (
        "a=xy"
    )


def test_only_client_only_tags_are_relayed() -> None:
    tags = parse_tags("label=1;+typing=active;+example.com/a;unknown")
    assert client_tags(tags) == {"+typing": "active", "+example.com/a": ""}
    assert client_tags({"label": "1"}) is client_tags({}) is NO_TAGS


def test_the_limits_are_those_of_the_specification() -> None:
    assert (MAX_TAG_DATA, MAX_CLIENT_TAGS, MAX_TAGS) == (4094, 4096, 8191)
