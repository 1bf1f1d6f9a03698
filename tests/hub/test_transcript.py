"""Transcripts: what people read of the record, and that nobody can write in it but by talking."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.events import Entry, EntryKind
from hubbub.core.ports import Found
from hubbub.hub.transcript import READABLE
from hubbub.hub.transcript.records import found_in, record_of
from hubbub.text.sanitise import one_line, without_controls
from hubbub.text.times import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo


def said(
    text: str,
    *,
    sender: str = "alice",
    at: str = "2026-11-22T09:41:07.250Z",
    kind: EntryKind = EntryKind.MESSAGE,
    room: str = "#lobby",
    msgid: str = "01JD0000000000000000000000",
    target: str | None = None,
) -> Found:
    return Found(
        room,
        Entry(0, kind, msgid, 0, sender, text, target=target, time=parse_rfc3339(at)),
    )


def written(style: str, founds: Iterable[Found], zone: tzinfo = UTC) -> str:
    transcript = READABLE[style](zone)
    return transcript.begin() + "".join(map(transcript.add, founds)) + transcript.end()


# -- records -----------------------------------------------------------------------------------


def test_a_record_says_what_when_where_and_who_and_nothing_of_our_own_numbers() -> None:
    found = said("tea?")
    found.entry.seq, found.entry.person_id, found.entry.room_id = 7, 8, 9
    assert record_of(found) == {
        "msgid": "01JD0000000000000000000000",
        "time": "2026-11-22T09:41:07.250Z",
        "room": "#lobby",
        "sender": "alice",
        "kind": "message",
        "text": "tea?",
    }


@given(
    text=st.text(),
    kind=st.sampled_from(list(EntryKind)),
    time=st.integers(0, 2**42 - 1),
    account=st.none() | st.text(),
    target=st.none() | st.text(),
)
def test_a_record_is_the_entry_again(
    text: str, kind: EntryKind, time: int, account: str | None, target: str | None
) -> None:
    entry = Entry(0, kind, "m", 0, "alice", text, account=account, target=target, time=time)
    record = record_of(Found("#lobby", entry))
    assert record_of(found_in(record)) == record
    assert found_in(record).entry.time == time


# -- for people: text --------------------------------------------------------------------------


def test_a_day_in_two_rooms() -> None:
    talk = [
        said("", kind=EntryKind.JOIN),
        said("hello", at="2026-11-22T09:41:08Z"),
        said("waves", at="2026-11-22T09:41:09Z", kind=EntryKind.ACTION),
        said("good night", at="2026-11-23T00:00:01Z"),
        said("left", at="2026-11-23T00:00:02Z", kind=EntryKind.QUIT),
        said("timed out", sender="bob", at="2026-11-23T00:00:03Z", kind=EntryKind.QUIT),
        said("first", room="#tea", at="2026-11-20T08:00:00Z", kind=EntryKind.NOTICE),
    ]
    assert written("txt", talk) == (
        "=== #lobby ===\n"
        "--- Sunday 2026-11-22 (UTC+00:00) ---\n"
        "[09:41:07] --> alice joined\n"
        "[09:41:08] <alice> hello\n"
        "[09:41:09] * alice waves\n"
        "--- Monday 2026-11-23 (UTC+00:00) ---\n"
        "[00:00:01] <alice> good night\n"
        "[00:00:02] <-- alice left\n"
        "[00:00:03] <-- bob left (timed out)\n"
        "\n"
        "=== #tea ===\n"
        "--- Friday 2026-11-20 (UTC+00:00) ---\n"
        "[08:00:00] -alice- first\n"
    )


def test_what_became_of_a_message_is_told() -> None:
    edited, gone = replace(said("tvo"), now="two"), replace(said(""), now="", redacted=5_000)
    edited.entry.edited = gone.entry.edited = 4_000
    record = record_of(edited)
    assert (record["text"], record["now"]) == ("tvo", "two")
    assert record["edited"] == "1970-01-01T00:00:04.000Z"
    assert record_of(gone).keys() & {"edited", "now", "redacted"} == {"redacted"}
    for found in (edited, gone):
        assert record_of(found_in(record_of(found))) == record_of(found)
    edit = said("two", kind=EntryKind.EDIT, target="m")
    of_the_gone = said("", kind=EntryKind.EDIT, target="m")
    talk = [edited, edit, gone, of_the_gone]
    assert [line[11:] for line in written("txt", talk).splitlines()[2:]] == [
        "<alice> two (edited)",
        "-- alice changed a message to: two",
        "<alice> (removed)",
        "-- alice changed a message",
    ]
    html = written("html", talk)
    assert '<bdi dir="auto">two</bdi> <small>(edited)</small>' in html
    assert '<bdi dir="auto"></bdi> <small>(removed)</small>' in html
    assert "tvo" not in html


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_has_its_words(kind: EntryKind) -> None:
    line = written("txt", [said("words", kind=kind, target="m")]).splitlines()[-1]
    assert "alice" in line
    assert "words" in line
    assert "words" in written("html", [said("words", kind=kind, target="m")])


def test_days_and_hours_are_those_of_the_zone_also_when_its_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    talk = [
        said("summer", at="2026-10-24T22:30:00Z"),
        said("winter", at="2026-10-25T01:30:00Z"),
        said("day", at="2026-10-25T23:30:00Z"),
    ]
    lines = written("txt", talk, berlin).splitlines()[1:]
    assert lines == [
        "--- Sunday 2026-10-25 (UTC+02:00) ---",
        "[00:30:00] <alice> summer",
        "[02:30:00] <alice> winter",
        "--- Monday 2026-10-26 (UTC+01:00) ---",
        "[00:30:00] <alice> day",
    ]


def test_nobody_can_say_a_line_that_reads_as_anothers() -> None:
    forged = "hi\n[09:41:08] <bob> I am a fool\r--- Monday 2026-11-23 (UTC) ---\x1b[2J\u2028!"
    lines = written("txt", [said(forged)]).splitlines()[2:]
    assert lines == [
        "[09:41:07] <alice> hi",
        "           [09:41:08] <bob> I am a fool",
        "           --- Monday 2026-11-23 (UTC) ---",
        "           !",
    ]


@given(st.text(), st.text(), st.text(min_size=1))
def test_whatever_is_said_only_we_begin_a_line(text: str, sender: str, room: str) -> None:
    for line in written("txt", [said(text, sender=sender, room=room)]).split("\n")[:-1]:
        assert re.match(r"=== .* ===$|--- Sunday |\[09:41:07\] <|           ", line, re.DOTALL)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", line)


# -- for people: a page ------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser would make of it: the elements, their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault("/".join(self.open[-3:]), []).append(data)

    def text(self, place: str) -> str:
        return "".join(self.texts.get(place, []))


def test_the_page_is_one_file_without_anything_that_runs_or_is_loaded() -> None:
    page = Page(written("html", [said("hello"), said("bye", at="2026-11-23T00:00:00Z")]))
    assert page.open == []
    assert {tag for tag, _ in page.elements} == {
        *("html", "head", "meta", "title", "style", "body", "main"),
        *("h1", "h2", "small", "ol", "li", "time", "p", "b", "bdi"),
    }
    attributes = {name for _, found in page.elements for name in found}
    assert attributes <= {"lang", "charset", "name", "content", "http-equiv", "datetime", "dir"}


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    page = written("html", [])
    style = page.partition("<style>")[2].partition("</style>")[0]
    found = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{found}'" in page
    assert "url(" not in style
    assert "@import" not in style


def test_an_empty_page_says_so() -> None:
    assert "Nothing was said." in written("html", [])


@given(
    st.text(alphabet=st.sampled_from("<>&\"'/ab\n\x1b\u202e]-!= ")) | st.text(),
    st.text(alphabet=st.sampled_from("<>&\"'/ab")) | st.text(),
    st.text(alphabet=st.sampled_from("<>&\"'/ab"), min_size=1),
)
def test_whatever_is_said_is_text_on_the_page(text: str, sender: str, room: str) -> None:
    page = Page(written("html", [said(text, sender=sender, room=room)]))
    assert page.open == []
    assert page.text("p/b/bdi") == one_line(sender)
    assert page.text("li/p/bdi") == without_controls(text)
    assert page.text("main/h1/bdi") == one_line(room)


def test_a_page_in_another_zone_still_tells_the_moment_to_machines() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    page = written("html", [said("hello")], zone)
    assert '<time datetime="2026-11-22T09:41:07.250Z">15:11:07</time>' in page
    assert "Sunday 2026-11-22 <small>UTC+05:30</small>" in page
