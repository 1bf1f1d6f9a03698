"""The loads that have to do with the past: tell, ask, wear.

A real client's view: CHATHISTORY and SEARCH through the port, an answer is there when its batch
has ended. Pages are checked for how many messages they have. `crowd.py` has the clients.
"""

from __future__ import annotations

import random
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bench.load.connection import LoadError
from bench.load.crowd import Asker, Crowd
from bench.load.indexing import Behind
from bench.load.percentiles import percentiles
from bench.words import Talk

if TYPE_CHECKING:
    from bench.load.accounting import ServerAccount
    from bench.load.scenarios import Figures, Load

PAGE: Final = 50
TALKERS: Final = 10
SOME: Final = slice(3, None, 11)
"""The rooms of somebody who is in few of them, of fifty in five."""

BREATH: Final = 0.01
"""Seconds between two questions where others talk, so that it is they who load the server."""

AT_ONCE: Final = 500
"""Messages that are told before the server is asked whether it has taken them."""

ASKERS: Final = 4
"""Clients that wear a server out, each with one question at a time."""

WARM: Final = 20
"""One of so many questions is asked before memory is looked at: caches are full then."""

_MSGID: Final = re.compile(rb"[@;]msgid=([^; ]+)")
_TIME: Final = re.compile(rb"[@;]time=([^; ]+)")


def tell(load: Load) -> Figures:
    """Say `messages` texts in `rooms` rooms."""
    options = load.options
    crowd = Crowd(load.engine, load.setup, options.rooms, askers=0, talkers=TALKERS)
    crowd.join(options.deadline)
    talk = Talk(options.rooms, random.Random(1))
    begin = time.perf_counter()
    for start in range(0, options.messages, AT_ONCE):
        for _ in range(min(AT_ONCE, options.messages - start)):
            room = talk.some_room()
            crowd.say(room, talk.text(room).encode())
        crowd.settle(options.deadline)
    seconds = time.perf_counter() - begin
    return {
        "seconds": round(seconds, 1),
        "messages_per_second": round(options.messages / seconds),
        "dead": len(load.engine.lost),
        "ok": not load.engine.lost,
    }


def ask(load: Load) -> Figures:
    """Ask `questions` of each kind, one after the other, while others say `rate` a second."""
    options = load.options
    crowd = Crowd(load.engine, load.setup, options.rooms, askers=2, talkers=TALKERS)
    crowd.join(options.deadline, some=SOME)
    questions = Questions(crowd, Talk(options.rooms, random.Random(2)), load.account)
    questions.learn_spans()
    behind = Behind(options.data) if options.data is not None else None
    crowd.talk_at(options.rate, Talk(options.rooms, random.Random(3)), behind)
    said, rss = 0, 0
    for turn in range(options.questions):
        if turn == options.questions // 3:  # caches are full, what grows now grows for good
            said, rss = crowd.said, load.account.memory()[0]
        questions.one_of_each(BREATH if options.rate else 0.0)
        load.engine.check("ask")
    grown = load.account.memory()[0] - rss
    figures = questions.figures()
    if options.rate:
        figures["grown_bytes_per_message"] = round(grown * 1024 / max(1, crowd.said - said))
        crowd.hush()
        crowd.settle(options.deadline)
        figures |= {"said": crowd.said, "lost": crowd.said - crowd.heard}
    if behind is not None:
        figures |= behind.figures()
    whole = not (questions.wrong or figures.get("lost") or load.engine.lost)
    return figures | {"dead": len(load.engine.lost), "ok": whole}


def wear(load: Load) -> Figures:
    """Ask for `questions` pages, and see what that cost and what is left of it in memory."""
    options, account = load.options, load.account
    crowd = Crowd(load.engine, load.setup, options.rooms, askers=ASKERS, talkers=0)
    crowd.join(options.deadline)
    questions = Questions(crowd, Talk(options.rooms, random.Random(4)), account)
    questions.learn_spans()
    questions.pages(options.questions // WARM)
    rss = account.memory()[0]
    before = account.snapshot()
    questions.pages(options.questions)
    after = account.snapshot()
    load.engine.check("wear")
    grown = account.memory()[0] - rss
    return {
        "questions_per_second": round(options.questions / (after.wall - before.wall)),
        "cpu_ms_per_question": round((after.cpu - before.cpu) / options.questions * 1e3, 4),
        "load_busy": round((after.own - before.own) / (after.wall - before.wall), 3),
        "rss_mib_before": round(rss / 1024, 1),
        "grown_mib": round(grown / 1024, 2),
        "wrong": questions.wrong,
        "ok": not questions.wrong,
    }


class Questions:
    """What is asked, how long the answers took, what CPU of the server (ns), how many were wrong.

    What others let the server do meanwhile is in its CPU, too.
    """

    def __init__(self, crowd: Crowd, talk: Talk, account: ServerAccount) -> None:
        self.account = account
        self.crowd = crowd
        self.talk = talk
        self.chance = random.Random(5)
        self.taken: dict[str, list[int]] = {}
        self.cpu: dict[str, list[int]] = {}
        self.found: dict[str, int] = {}
        self.wrong = 0
        self._spans: list[tuple[int, int]] = []

    def learn_spans(self) -> None:
        """From when to when there was talk in each room."""
        for room in self.crowd.names:
            first = self._page(b"AFTER %b timestamp=1970-01-01T00:00:00.000Z 1" % room)
            last = self._page(b"LATEST %b * 1" % room)
            if not (first and last):
                raise LoadError(f"nothing was ever said in {room.decode()}")
            self._spans.append((_time(first[0]), _time(last[0])))

    def one_of_each(self, breath: float) -> None:
        """The last page of a room, one from deep in it, that again between two messages; then
        two words in all rooms, in the rooms of somebody who is in few, and in one room."""
        for question in (self._latest, self._before_and_between, self._searches):
            question(breath)

    def pages(self, count: int) -> None:
        """So many pages of all rooms and times, asked for by all askers at once."""
        askers = self.crowd.askers
        for start in range(0, count, len(askers)):
            asked = askers[: count - start]
            for asker in asked:
                asker.send(b"CHATHISTORY " + self._some_page())
            for asker in asked:
                reply, _ = self.crowd.answer(asker)
                self.wrong += reply is None

    def figures(self) -> Figures:
        """Milliseconds of each kind of question, and how much was found on average."""
        taken: Figures = {f"{kind}_ms": percentiles(ns) for kind, ns in self.taken.items()}
        taken |= {f"{kind}_cpu_ms": percentiles(ns) for kind, ns in self.cpu.items()}
        found = {k: round(n / len(self.taken[k]), 1) for k, n in self.found.items()}
        return taken | {"found": found, "wrong": self.wrong}

    # -- each kind -------------------------------------------------------------------------

    def _latest(self, breath: float) -> None:
        page = self._timed("latest", b"CHATHISTORY LATEST %b * %d" % (self._room(), PAGE))
        self.wrong += len(page) != PAGE
        self.crowd.wait(breath)

    def _before_and_between(self, breath: float) -> None:
        number = self.chance.randrange(len(self._spans))
        room, moment = self.crowd.names[number], _written(self._moment(number))
        page = self._timed(
            "before", b"CHATHISTORY BEFORE %b timestamp=%b %d" % (room, moment, PAGE)
        )
        self.crowd.wait(breath)
        if len(page) < 3:
            return  # from the very beginning of the room
        ends = (_found(_MSGID, page[0]), _found(_MSGID, page[-1]))
        line = b"CHATHISTORY BETWEEN %b msgid=%b msgid=%b %d" % (room, *ends, PAGE)
        self.wrong += len(self._timed("between", line)) != len(page) - 2
        self.crowd.wait(breath)

    def _searches(self, breath: float) -> None:
        if not self.crowd.can_search:
            return
        everywhere, few = self.crowd.askers[:2]
        for kind, asker in (("search", everywhere), ("search_in_few", few)):
            _, *words = self.talk.two_words()
            self._timed(kind, b"SEARCH limit=%d;text=%b" % (PAGE, _words(words)), asker)
            self.crowd.wait(breath)
        number, *words = self.talk.two_words()
        room = self.crowd.names[number]
        line = b"SEARCH limit=%d;in=%b;text=%b" % (PAGE, room, _words(words))
        self._timed("search_in_one", line)
        self.crowd.wait(breath)

    # -- asking ----------------------------------------------------------------------------

    def _timed(self, kind: str, line: bytes, asker: Asker | None = None) -> list[bytes]:
        asker = asker or self.crowd.askers[0]
        cpu = self.account.cpu()
        asker.send(line)
        reply, taken = self.crowd.answer(asker)
        if reply is None:
            self.wrong += 1
            return []
        self.cpu.setdefault(kind, []).append(round((self.account.cpu() - cpu) * 1e9))
        self.taken.setdefault(kind, []).append(taken)
        self.found[kind] = self.found.get(kind, 0) + len(reply)
        return reply

    def _page(self, words: bytes) -> list[bytes]:
        asker = self.crowd.askers[0]
        asker.send(b"CHATHISTORY " + words)
        return self.crowd.answer(asker)[0] or []

    def _room(self) -> bytes:
        return self.chance.choice(self.crowd.names)

    def _moment(self, number: int) -> int:
        return self.chance.randint(*self._spans[number])

    def _some_page(self) -> bytes:
        number = self.chance.randrange(len(self._spans))
        room = self.crowd.names[number]
        if self.chance.random() < 0.5:
            return b"LATEST %b * %d" % (room, PAGE)
        return b"BEFORE %b timestamp=%b %d" % (room, _written(self._moment(number)), PAGE)


def _words(words: list[str]) -> bytes:
    return r"\s".join(words).encode()  # a space as the value of a tag has it


def _found(what: re.Pattern[bytes], line: bytes) -> bytes:
    found = what.search(line)
    if found is None:
        raise LoadError(f"a message has no {what.pattern.decode()}")
    return found[1]


def _time(line: bytes) -> int:
    return round(datetime.fromisoformat(_found(_TIME, line).decode()).timestamp() * 1000)


def _written(time_: int) -> bytes:
    seconds, milliseconds = divmod(time_, 1000)
    return time.strftime(f"%Y-%m-%dT%H:%M:%S.{milliseconds:03}Z", time.gmtime(seconds)).encode()
