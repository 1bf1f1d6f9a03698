"""What classic readers are shown: words for every event and every refusal."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from hubbub.core.events import (
    AccountSet,
    AwaySet,
    Changed,
    Entry,
    EntryKind,
    HostSet,
    Invited,
    Joined,
    Kicked,
    Offline,
    Online,
    Parted,
    Quit,
    RealNameSet,
    Refusal,
    Renamed,
    Repeated,
    Replay,
    RoomRenamed,
    Said,
    Tagged,
    TopicSet,
    Unsaved,
    Wallops,
    Watched,
)
from hubbub.core.people import Person
from hubbub.core.refusals import Reason
from hubbub.core.rooms import Room, RoomKind
from hubbub.core.sessions import Address, Session
from hubbub.doors.classic.commands import COMMANDS
from hubbub.doors.classic.refusals import REASONS, explain
from hubbub.doors.classic.render import ClassicKind, time_of_day
from hubbub.wire.classic import SEGMENT_LIMIT, Decoder

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = round(datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp() * 1000)
DAY = 24 * 3600 * 1000
ROOM = Room(1, "#lobby", "#lobby")
BETWEEN = Room(2, "@1:2", "@1:2", RoomKind.DIRECT)


class Noon:
    def now(self) -> int:
        return NOON


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """Times of day are local ones: here they are UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def kind() -> ClassicKind:
    return ClassicKind(10, Noon())


def session(nick: str = "alice") -> Session:
    return Session(Person(1, nick), nick, nick, "test", Address("::1", 5), 0, None)  # type: ignore[arg-type]  # nobody listens here


def said(text: str, kind: EntryKind = EntryKind.MESSAGE, **more: Any) -> Said:
    return Said(session(), more.pop("room", ROOM), text, "id", kind, **more)


def live(event: Any, kind: EntryKind, text: str = "", **more: Any) -> Any:
    where = {"room": ROOM, "where": ROOM.name}
    return event(1, kind, "id", 1, "alice", text, session=session(), **where, **more)


def passing(event: Any, **more: Any) -> Any:
    return event(session=session(), source="alice!a@h", time=NOON, **more)


def shown(pieces: tuple[bytes, ...] | list[bytes]) -> list[tuple[str, str]]:
    decoder = Decoder()
    decoder.feed(b"".join(pieces))
    frames = []
    while (body := decoder.next_frame()) is not None:
        frames.append(body.decode())
    return list(zip(frames[::2], frames[1::2], strict=True))


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_has_words_that_say_what_happened(reason: Reason) -> None:
    assert set(REASONS) == set(Reason)
    words = explain(reason, ("ONE", "TWO", "THREE"))
    assert words[-1] not in " :"
    assert "{" not in words


def test_a_detail_cannot_break_the_line() -> None:
    assert explain(Reason.NO_SUCH_NICK, ("a\nb\x1b[2J",)) == (
        "nobody here is called a b. /who lists everybody"
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (said("hi"), [("alice", "hi")]),
        (said("waves", EntryKind.ACTION), [("alice", "* waves")]),
        (
            said("psst", room=BETWEEN, audience=(session("bob"),)),
            [("alice", "(private) psst")],
        ),
        (said("to all ops", audience=(session("bob"),)), [("alice", "to all ops")]),
        (live(Joined, EntryKind.JOIN), [("server", "alice joined")]),
        (live(Parted, EntryKind.PART, "why"), [("server", "alice left")]),
        (live(Quit, EntryKind.QUIT, "why"), [("server", "alice left")]),
        (live(Renamed, EntryKind.NICK, "ally"), [("server", "alice is now called ally")]),
        (
            live(Kicked, EntryKind.KICK, "why", victim=session("bob"), target="bob"),
            [("server", "bob was sent out by alice (why)")],
        ),
        (
            live(TopicSet, EntryKind.TOPIC, "tea"),
            [("server", "alice says this room is about: tea")],
        ),
        (
            live(RoomRenamed, EntryKind.RENAME, "#coffee", reason="better"),
            [("server", "alice calls this room #coffee now (better)")],
        ),
        (live(RoomRenamed, EntryKind.RENAME, "#x"), [("server", "alice calls this room #x now")]),
        (live(Changed, EntryKind.MODE, changes=()), []),
        (passing(Tagged, to="#lobby", tags={"+typing": "active"}, msgid="id"), []),
        (passing(AwaySet, away="tea"), []),
        (passing(RealNameSet, real_name="Alice"), []),
        (passing(HostSet, username="a", host="b"), []),
        (passing(AccountSet, account="a"), []),
        (passing(Invited, room=ROOM, guest=session("bob")), []),
        (passing(Wallops, text="hi"), [("server", "alice tells everybody: hi")]),
        (Online("bob", "bob!b@h"), []),
        (Offline("bob"), []),
        (Watched(passing(AwaySet, away="tea")), []),
        (Unsaved(ROOM), [("server", "error: what you changed of #lobby is not saved yet")]),
        (
            Refusal(Reason.CONFLICT, said("hi"), ("#lobby",)),
            [("server", "error: not sent: it repeats the number of another message")],
        ),
        (Repeated(said("hi")), []),
        (Replay(ROOM, ()), []),
    ],
)
def test_what_a_bystander_sees(kind: ClassicKind, event: Any, words: list[tuple[str, str]]) -> None:
    assert shown(kind.render(event)) == words


def test_an_author_sees_nothing_of_their_own(kind: ClassicKind) -> None:
    assert kind.render_own(said("hi")) == ()


def test_an_author_sees_that_somebody_was_told(kind: ClassicKind) -> None:
    pair = Room(2, "@1:2", "@1:2", RoomKind.DIRECT)
    whisper = said("psst", room=pair, to="bob", audience=(session("bob"),))
    assert shown(kind.render_own(whisper)) == [("server", "told bob")]


def test_who_whispers_to_oneself_reads_it(kind: ClassicKind) -> None:
    whisper = said("hm", room=Room(2, "@1:1", "@1:1", RoomKind.DIRECT))
    whisper.audience = (whisper.session,)
    assert shown(kind.render_own(whisper)) == [("alice", "(private) hm")]


def test_words_of_controls_alone_show_nothing(kind: ClassicKind) -> None:
    assert kind.render(said("\x1b[31m\n\n")) == ()


@pytest.mark.parametrize(
    ("earlier", "stamp"),
    [(0, "12:00"), (3_600_000, "11:00"), (DAY, "21 Nov 12:00"), (400 * DAY, "2025-10-18 12:00")],
)
def test_a_time_as_people_read_it(earlier: int, stamp: str) -> None:
    assert time_of_day(NOON - earlier, NOON) == stamp


def past(count: int, size: int = 400) -> tuple[Entry, ...]:
    return tuple(
        Entry(1, EntryKind.MESSAGE, "id", 1, "alice", f"{number} {'.' * size}", time=NOON)
        for number in range(count)
    )


def test_a_replay_is_sent_pair_by_pair_between_other_things(kind: ClassicKind) -> None:
    pieces = [kind.house("before"), kind.render_own(Replay(ROOM, past(3))), kind.house("after")]
    segments = kind.join(pieces)
    assert [len(shown([segment])) for segment in segments] == [1, 1, 1, 1, 1]
    assert [text.split()[-2:][0] for _, text in shown(segments)[1:4]] == ["0", "1", "2"]


def test_what_is_no_replay_is_packed(kind: ClassicKind) -> None:
    segments = kind.join([kind.render(said("x" * 300)) for _ in range(10)])
    assert [len(shown([segment])) for segment in segments] == [3, 3, 3, 1]
    assert max(map(len, segments)) <= SEGMENT_LIMIT


def test_the_past_is_the_last_that_fits(kind: ClassicKind) -> None:
    lines = shown(kind.past(past(100), 2000))
    assert [text.split()[1] for _, text in lines] == ["96", "97", "98", "99"]


def test_the_past_is_on_one_line_each(kind: ClassicKind) -> None:
    entry = Entry(1, EntryKind.ACTION, "id", 1, "alice", "waves\nbob > hi", time=NOON)
    assert shown(kind.past([entry], 2000)) == [("alice", "[12:00] * waves bob > hi")]


def test_every_command_says_how_it_is_typed() -> None:
    for name, command in COMMANDS.items():
        assert command.synopsis.startswith(f"/{name}")
        assert command.summary
        assert command.needs_argument <= bool(command.usage)
