"""The mirror: however things come, in the end it shows what the server has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.client import events as e
from hubbub.client.buffers import Closed, Judged, Link, Opened, Page, Sort, Typed
from hubbub.client.mirror import Mirror
from hubbub.client.timeline import Fate, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.client.buffers import Buffer
    from hubbub.client.timeline import Entry

ROOM = "#tea"

Kept: TypeAlias = e.Message | e.Reacted | e.Edited | e.Redacted
"""What a server keeps of a room."""


def mirror(*events: e.Event) -> Mirror:
    """One who is in the room as ada."""
    made = Mirror()
    made.apply(e.Joined(1, "ada", "here:1234", rooms=(ROOM,)))
    made.apply(e.Entered(1, ROOM, "green or black", (("ada", "@"), ("bob", ""))))
    for event in events:
        made.apply(event)
    return made


def said(number: int, text: str = "", sender: str = "bob", *, replayed: bool = False) -> e.Message:
    """The message that the server calls m7."""
    words = text or f"line {number}"
    when = "2026-11-22T12:00:00.000Z" if replayed else ""
    return e.Message(number * 1_000, sender, words, when, room=ROOM, msgid=f"m{number}")


def tea(made: Mirror) -> Buffer:
    buffer = made.get(ROOM)
    assert buffer is not None
    return buffer


def texts(made: Mirror) -> list[str]:
    return [entry.text for entry in tea(made).timeline.entries]


# --- the property


@dataclass(frozen=True)
class Log:
    """What a server has of a room: messages and what was said about them, in its order."""

    events: Sequence[Kept]

    def between(self, start: int, stop: int, now: int) -> list[Kept]:
        """What CHATHISTORY tells at the time `now`: what was taken away is left out for ever."""
        gone = {one.target for one in self.events[:now] if isinstance(one, e.Redacted)}
        return [
            replace(one, replayed="then")
            if isinstance(one, e.Message)
            else replace(one, replayed=True)
            for one in self.events[start:stop]
            if not (isinstance(one, e.Message | e.Reacted) and one.msgid in gone)
        ]


@st.composite
def logs(draw: st.DrawFn) -> Log:
    events: list[Kept] = []
    messages: list[e.Message] = []
    time = 0
    for number in range(draw(st.integers(1, 40))):
        time += draw(st.sampled_from([0, 0, 1, 1_000]))
        who = draw(st.sampled_from(["bob", "chen", "dora"]))
        kind = draw(st.sampled_from(["say", "say", "say", "react", "unreact", "edit", "redact"]))
        msgid = f"m{number}"
        if kind == "say" or not messages:
            messages.append(e.Message(time, who, f"{number}", room=ROOM, msgid=msgid))
            events.append(messages[-1])
            continue
        about = draw(st.sampled_from(messages)).msgid
        sign = draw(st.sampled_from(["👍", "tea"]))
        match kind:
            case "react" | "unreact":
                on = kind == "react"
                events.append(e.Reacted(time, who, ROOM, about, sign, on, msgid=msgid))
            case "edit":
                events.append(e.Edited(time, who, ROOM, about, f"not {number}", msgid=msgid))
            case _:
                events.append(e.Redacted(time, who, ROOM, about, msgid=msgid))
    return Log(events)


def shown(made: Mirror) -> list[tuple[object, ...]]:
    """What a screen shows of the room, but the stones over what was taken away."""
    entries: Iterable[Entry] = tea(made).timeline.entries
    return [
        (one.msgid, one.time, one.sender, one.text, one.edited, one.reactions)
        for one in entries
        if one.is_talk and not one.redacted
    ]


@dataclass(frozen=True)
class Deed:
    """Something that happens to a client: it hears, is cut off, asks for a page of the past."""

    kind: str
    missed: int
    overlap: int


DEEDS = st.builds(
    Deed, st.sampled_from(["hear", "hear", "cut", "page"]), st.integers(0, 6), st.integers(0, 3)
)


class Client:
    """One who has arrived at some moment, with some of the past."""

    def __init__(self, log: Log, now: int, recent: int) -> None:
        self.log = log
        self.places = {one.msgid: at for at, one in enumerate(log.events)}
        self.mirror = mirror()
        self.now = now
        self.start = max(0, now - recent)
        self._hear(log.between(self.start, now, now))

    def _hear(self, events: Iterable[e.Event]) -> None:
        for event in events:
            self.mirror.apply(event)

    def do(self, deed: Deed) -> None:
        match deed.kind:
            case "hear":
                stop = min(len(self.log.events), self.now + deed.missed)
                self._hear(self.log.events[self.now : stop])
                self.now = stop
            case "cut":  # what was missed is told again, with some that was heard
                back = max(self.start, self.now - deed.overlap)
                self.now = min(len(self.log.events), self.now + deed.missed)
                self._hear(self.log.between(back, self.now, self.now))
            case _:
                self.page(deed.missed, deed.overlap)

    def page(self, size: int, overlap: int) -> int:
        """Some of what is before the first that is known, and some that is; how much it was."""
        oldest = tea(self.mirror).timeline.oldest
        until = self.places.get(oldest, self.now)
        stop = min(self.now, until + overlap)
        page = self.log.between(0, stop, self.now)
        page = page[max(0, len(page) - size - (stop - until)) :]
        self.mirror.apply(Page(ROOM, page, oldest if stop == until else ""))
        return len(page)

    def finish(self) -> None:
        """Hear the rest, and fetch all of the past."""
        self._hear(self.log.events[self.now :])
        self.now = len(self.log.events)
        while self.page(5, 0):
            pass


@settings(max_examples=200, deadline=None)
@given(logs(), st.integers(0, 40), st.integers(0, 10), st.lists(DEEDS, max_size=8))
def test_however_it_comes_it_is_what_a_fresh_fetch_gives(
    log: Log, now: int, recent: int, deeds: list[Deed]
) -> None:
    client = Client(log, min(now, len(log.events)), recent)
    for deed in deeds:
        client.do(deed)
    client.finish()
    fresh = mirror()
    end = len(log.events)
    fresh.apply(Page(ROOM, log.between(0, end, end), complete=True))
    assert shown(client.mirror) == shown(fresh)


@given(logs())
def test_hearing_it_as_it_happens_is_what_a_fetch_gives(log: Log) -> None:
    heard, fetched = mirror(*log.events), mirror()
    fetched.apply(Page(ROOM, log.between(0, len(log.events), len(log.events))))
    assert shown(heard) == shown(fetched)


@given(logs())
def test_the_same_events_make_the_same_mirror(log: Log) -> None:
    first, second = mirror(*log.events), mirror(*log.events)
    assert shown(first) == shown(second)
    assert tea(first).unread == tea(second).unread


@given(logs())
def test_splices_tell_all_that_a_screen_must_know(log: Log) -> None:
    made, drawn = mirror(), list[object]()

    def look(entry: Entry) -> tuple[object, ...]:
        return (entry.msgid, entry.text, entry.redacted, repr(entry.reactions))

    for event in (*log.events, Page(ROOM, log.between(0, len(log.events), len(log.events)))):
        for change in made.apply(event):
            if change.splice is not None and change.buffer == ROOM:
                at, removed, added = change.splice
                entries = tea(made).timeline.entries
                drawn[at : at + removed] = [look(one) for one in entries[at : at + added]]
    assert len(drawn) == len(tea(made).timeline.entries)


# --- what we say


def test_what_is_typed_shows_at_once_and_stands_where_the_server_has_it() -> None:
    made = mirror(said(1))
    made.apply(Typed(1_500, "k1", ROOM, "mine"))
    made.apply(said(2))
    assert texts(made) == ["line 1", "line 2", "mine"]
    assert tea(made).timeline.entries[-1].fate is Fate.PENDING
    made.apply(e.Settled(2_500, "k1", ROOM, "mine", "m3"))
    made.apply(said(4))
    assert texts(made) == ["line 1", "line 2", "mine", "line 4"]
    entry = tea(made).timeline.get("m3")
    assert entry is not None
    assert (entry.fate, entry.ours) == (Fate.SAVED, True)


def test_what_was_saved_before_the_cut_stands_before_what_came_after() -> None:
    made = mirror(said(1))
    made.apply(Typed(1_500, "k1", ROOM, "mine"))
    made.apply(said(3, replayed=True))
    made.apply(e.Settled(2_000, "k1", ROOM, "mine", "m2"))
    assert texts(made) == ["line 1", "mine", "line 3"]


def test_a_text_of_several_messages_is_saved_one_after_the_other() -> None:
    made = mirror()
    made.apply(Typed(1_000, "k1", ROOM, "one\ntwo\nthree"))
    made.apply(e.Settled(1_001, "k1", ROOM, "one", "m1"))
    assert texts(made) == ["one", "two\nthree"]
    made.apply(e.Settled(1_002, "k1", ROOM, "two", "m2"))
    made.apply(e.Settled(1_003, "k1", ROOM, "three", "m3"))
    assert texts(made) == ["one", "two", "three"]
    assert {one.fate for one in tea(made).timeline.entries} == {Fate.SAVED}


def test_what_is_refused_stays_and_says_why() -> None:
    made = mirror()
    made.apply(Typed(1_000, "k1", ROOM, "psst"))
    made.apply(e.Settled(1_001, "k1", ROOM, "psst", refused="moderated"))
    (entry,) = tea(made).timeline.entries
    assert (entry.fate, entry.why) == (Fate.FAILED, "moderated")


def test_what_is_typed_without_a_connection_is_kept() -> None:
    made = mirror(e.Disconnected(5, "cut", clean=False))
    made.apply(Typed(1_000, "k1", ROOM, "later"))
    made.apply(Judged("k1", ROOM, Fate.KEPT))
    assert tea(made).timeline.entries[-1].fate is Fate.KEPT


# --- what is unread


def test_what_is_said_is_unread_until_it_is_read() -> None:
    made = mirror(said(1), said(2, "ada: tea?"), said(3, "not for adam"))
    assert (tea(made).unread, tea(made).mentions) == (3, 1)
    assert tea(made).first_unread is tea(made).timeline.entries[0]
    made.apply(e.Read(0, ROOM, 1_000))
    assert (tea(made).unread, tea(made).mentions) == (2, 1)
    made.apply(e.Read(0, ROOM, 3_000))
    assert (tea(made).unread, tea(made).mentions, tea(made).first_unread) == (0, 0, None)
    made.apply(e.Read(0, ROOM, 1_000))
    assert tea(made).unread == 0


def test_what_was_said_before_we_first_came_is_not_unread() -> None:
    made = mirror(said(1, replayed=True))
    assert tea(made).unread == 0


def test_what_was_said_while_we_were_away_is_unread() -> None:
    made = mirror(said(1), e.Read(0, ROOM, 1_000), said(2, replayed=True))
    assert tea(made).unread == 1


def test_what_we_say_ourselves_is_not_unread() -> None:
    made = mirror(said(1, sender="ada"))
    assert tea(made).unread == 0


# --- who is where


def test_members_come_go_and_are_called_otherwise() -> None:
    made = mirror(
        e.Arrived(1, "chen", ROOM),
        e.Ranked(2, ROOM, "bob", "+", "ada"),
        e.NickChanged(3, "bob", "rob"),
        e.Left(4, "chen", ROOM, "bye"),
    )
    assert set(tea(made).members.values()) == {("ada", "@"), ("rob", "+")}
    assert [one.kind for one in tea(made).timeline.entries] == [
        *(Kind.JOINED, Kind.RANK, Kind.NICK, Kind.LEFT)
    ]


def test_after_a_cut_the_room_is_as_it_is_now() -> None:
    made = mirror(e.Disconnected(5, "cut", clean=False), e.Waiting(6, 2.0, "nobody there"))
    assert (made.link, made.why, made.retry_at) == (Link.DOWN, "nobody there", 2_006)
    assert not tea(made).joined
    made.apply(e.Joined(9, "ada", "here:1234", rooms=(ROOM,), resumed=True))
    made.apply(e.Entered(9, ROOM, "oolong", (("ada", ""),)))
    assert made.link is Link.UP
    assert (tea(made).topic, list(tea(made).members)) == ("oolong", ["ada"])


def test_a_conversation_follows_the_person() -> None:
    made = mirror(e.Message(1, "bob", "psst", room="bob", direct=True, msgid="d1"))
    made.apply(e.NickChanged(2, "bob", "rob"))
    talk = made.get("rob")
    assert talk is not None
    assert (talk.name, talk.sort, made.get("bob")) == ("rob", Sort.PERSON, None)


def test_a_room_that_is_renamed_keeps_what_was_said() -> None:
    made = mirror(said(1), e.RoomRenamed(2, ROOM, "#coffee", "bob"))
    coffee = made.get("#coffee")
    assert coffee is not None
    assert [one.text for one in coffee.timeline.entries] == ["line 1", "#coffee"]
    assert made.get(ROOM) is None


def test_typing_is_over_by_itself_or_with_the_message() -> None:
    made = mirror(e.Typing(1_000, "bob", ROOM, on=True))
    assert tea(made).typists(2_000) == ["bob"]
    assert tea(made).typists(7_000) == []
    made.apply(said(2))
    assert tea(made).typists(2_001) == []


def test_a_nick_in_the_middle_of_a_word_names_nobody() -> None:
    made = mirror(
        said(1, "adapt"), said(2, "ADA!"), said(3, "(ada)"), e.Renamed(4, "x"), said(5, "ada")
    )
    assert [one.mentions for one in tea(made).timeline.entries if one.is_talk] == [
        *(False, True, True, False)
    ]


def test_the_lines_of_one_message_are_one_entry() -> None:
    long = [said(1, "one"), replace(said(1, "two"), msgid=""), said(2)]
    made = mirror(*long)
    assert texts(made) == ["one\ntwo", "line 2"]
    made.apply(Page(ROOM, long))
    assert texts(made) == ["one\ntwo", "line 2"]


def test_an_empty_past_is_the_beginning() -> None:
    made = mirror(said(1))
    made.apply(Page(ROOM, [], "m1", complete=True))
    assert tea(made).timeline.complete


def test_a_buffer_is_opened_and_put_away() -> None:
    made = mirror()
    made.apply(Opened("chen", Sort.PERSON))
    assert made.get("chen") is not None
    made.apply(Closed("chen"))
    assert made.get("chen") is None


def test_a_classic_server_has_one_room_without_a_name() -> None:
    made = Mirror()
    made.apply(e.Joined(1, "ada", "ship:5050"))
    made.apply(e.Message(2, "bob", "[12:03] ahoy", "12:03"))
    assert made.buffers[""].timeline.entries[-1].text == "ahoy"
