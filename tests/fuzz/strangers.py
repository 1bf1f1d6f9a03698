"""Strangers: what they send to the gate (`fuzz_gate`), every command among it.

Lines of a corpus, some with another word in them, some with other bytes, so that most get past
the parser and many past the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import hubbub.doors.irc.factory  # noqa: F401 (declares the commands)
from fuzz.driver import Mutations
from hubbub.doors.irc.capabilities import TABLE
from hubbub.doors.irc.dispatch import COMMANDS

if TYPE_CHECKING:
    import random

STRANGERS = 10
"""How many there are."""

TALK = """
PRIVMSG #lobby :hello ::) there
PRIVMSG #lobby,s1,#play,@#play :to all of you
PRIVMSG s2 :psst
PRIVMSG s3 :\x01ACTION waves\x01
PRIVMSG #play :\x01VERSION\x01
NOTICE #lobby :nothing answers
@label=1;+draft/reply=0123;+typing=a\\:b\\s\\\\ TAGMSG #lobby
@label=2 PRIVMSG s1 :labelled
@+typing=active;label=3 TAGMSG s1,@#play,#play
@;;=;a=;a=1;+x.y/z ;b :src!u@h   PRIVMSG  #play,s4  ::
PRIVMSG #lobby :ü東👩‍👧 \u202e\u0301
JOIN #play,#lobby,#other key,,
JOIN 0
PART #play :tired
@hubbub.chat/send-once=0123456789abcdef012345 PRIVMSG #lobby :once
BATCH +1 draft/multiline #lobby
@batch=1 PRIVMSG #lobby :one
@batch=1;draft/multiline-concat PRIVMSG #lobby :two
@batch=1 PRIVMSG #lobby :
BATCH -1
@label=5;hubbub.chat/send-once=0123456789abcdef012346 BATCH +2 draft/multiline s1
@batch=2 NOTICE s1 :psst
BATCH -2
CAP REQ :draft/multiline
@hubbub.chat/send-once=x;label=4 PRIVMSG s1 :too short an id
RESUME 0123456789abcdef0123456789abcdef
CHATHISTORY LATEST #lobby * 10
CHATHISTORY BEFORE #play timestamp=2026-11-22T13:00:00.000Z 5
CHATHISTORY AFTER s1 msgid=01J00000000000000000000000 5
CHATHISTORY AROUND #play msgid=x 3
CHATHISTORY BETWEEN #lobby timestamp=2026-01-01T00:00:00.000Z timestamp=2027-01-01T00:00:00.000Z 9
CHATHISTORY TARGETS timestamp=2026-01-01T00:00:00.000Z timestamp=2027-01-01T00:00:00.000Z 9
TOPIC #play :what it is about
TOPIC #lobby
NAMES #lobby,#play
LIST >0,<100,C>1,T<60,#*,!#p*
INVITE s1 #play
INVITE
MODE #play +o-v+b s1 s2 *!*@192.0.2.1
MODE #play +beI-kl m:a:acc *!*@* x key
MODE #play +Cimnst-t+k word
MODE #play +l 3
MODE #play -lk *
MODE #play +t
MODE #play -b+e s1 s2
MODE #own +o s1
MODE #own +v s2
PRIVMSG +#own :voiced
JOIN #own
INVITE s2 #own
MODE #play b
MODE s1 +iwB-o
KICK #play s1,s2 :out
KICK #play,#other s1,s3
CAP LS 302
CAP REQ :message-tags -echo-message batch labeled-response
CAP REQ :server-time extended-monitor away-notify
CAP LIST
CAP END
NICK s1
NICK Zoë
USER a 0 * :Alice Liddell
PASS word
WEBIRC hunter2 gate host 2001:db8::1 :secure remote-port=99
ISUPPORT
PING :x y
PONG x
QUIT :bye
WHO * %tcuihsnfdlaor,42
WHO s* o
WHOIS s1,s2
WHOIS x s1
WHOWAS s1 3
ISON s1 s2
USERHOST s1 s2 s3
AWAY :gone fishing
AWAY
SETNAME :Somebody else
MONITOR + s1,s2,Zoë,*
MONITOR - s1
MONITOR C
MONITOR L
MONITOR S
OPER root secret
OPER root wrong
KILL s5 :enough
WALLOPS :listen
KLINE 1 s6!*@* :go
KLINE 198.51.100.0/24
KLINE *!bad@2001:db8::/32 :bad
UNKLINE s6
REHASH
STATS k
STATS u
STATS t
HELP JOIN
HELP
LUSERS
MOTD
"""
CORPUS = [one.encode() + b"\r\n" for one in TALK.strip().splitlines()]
CORPUS += [b"%s #play s1 :x\r\n" % name.encode() for name in COMMANDS]
CORPUS += [b"%s\r\n" % name.encode() for name in COMMANDS if name != "QUIT"]
WORDS = (
    *(f"s{number}".encode() for number in range(STRANGERS)),
    *(name.encode() for name in TABLE),
    *b"#lobby #play #other #own @#play +#play * *!*@* 0 : 302 +o -b :x 2001:db8::/32 1 #".split(),
    "#東京".encode(),
    "Zoë".encode(),
    b"",
    b"x" * 300,
)
_RUNS = (b"x" * 600, b" " * 200, b"\xc3\xa9" * 260, b",a" * 150, b"\n" * 40, b"@" + b"t" * 4200)
MUTATIONS = Mutations(CORPUS, b" :;=@+-,#*!%\\\x00\r\n\xc3\xa9\xff\x01bok", runs=_RUNS)


def mutated(rng: random.Random) -> bytes:
    """What a stranger sends: lines of the corpus, some with other words, some with other bytes."""
    if rng.random() < 0.3:
        return MUTATIONS(rng)
    data = bytearray()
    for _ in range(rng.randint(1, 4)):
        line = rng.choice(CORPUS)
        if rng.random() < 0.5:
            words = line.split(b" ")
            words[rng.randrange(len(words))] = rng.choice(WORDS)
            line = b" ".join(words).rstrip(b"\r\n") + b"\r\n"
        data += line
    if rng.random() < 0.3:
        MUTATIONS.mutate(rng, data)
    return bytes(data)
