"""One port, many protocols: the first bytes tell, and later bytes never change the answer."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.wire import sniff as sniff_module
from hubbub.wire.sniff import MAX_SNIFF, Protocol, sniff

TLS_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n"

TABLE: list[tuple[bytes, Protocol]] = [
    (TLS_HELLO, Protocol.TLS),
    (b"\x16\x03\x03\x00\x50\x01", Protocol.TLS),
    (b"\x16\x03\x01\x02\x00", Protocol.MORE),
    (b"\x16\x03\x01\x02\x00\x02", Protocol.UNKNOWN),  # not a ClientHello
    (b"\x16\x02", Protocol.UNKNOWN),
    (b"\x16\x03\x10", Protocol.UNKNOWN),
    (b"GET / HTTP/1.1\r\n", Protocol.HTTP),
    *[
        (method + b" ", Protocol.HTTP)
        for method in b"GET HEAD POST PUT DELETE OPTIONS PATCH CONNECT TRACE".split()
    ],
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol.HTTP),
    (b"GET", Protocol.MORE),
    (b"GETTING", Protocol.UNKNOWN),
    (b"get / HTTP/1.1", Protocol.UNKNOWN),
    (b"PR", Protocol.MORE),
    (b"PRI x", Protocol.UNKNOWN),
    (b"NICK alice\r\n", Protocol.IRC),
    (b"nick alice\n", Protocol.IRC),
    (b"Cap LS 302\r\n", Protocol.IRC),
    (b"QUIT\r\n", Protocol.IRC),
    (b"LIST\n", Protocol.IRC),
    (b"PRIVMSG #a :b", Protocol.IRC),
    (b"pass ", Protocol.IRC),
    (b"WEBIRC pw gw", Protocol.IRC),
    (b":alice NICK bob", Protocol.IRC),
    (b"@label=1 PING x", Protocol.IRC),
    (b"\r\nNICK alice", Protocol.IRC),
    (b"\n\n\nuser a 0 * :a", Protocol.IRC),
    (b"NICK", Protocol.MORE),
    (b"NICKNAME", Protocol.UNKNOWN),
    (b"hello", Protocol.UNKNOWN),
    (b"connect x", Protocol.UNKNOWN),  # HTTP's CONNECT is upper case, IRC's is for operators
    (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n", Protocol.PROXY),
    (PROXY_V2, Protocol.PROXY),
    (PROXY_V2 + b"\x21\x11\x00\x0c", Protocol.PROXY),
    (PROXY_V2[:5], Protocol.MORE),
    (b"\r\n\r\n", Protocol.MORE),
    (b"\r\n\r\nNICK a", Protocol.IRC),
    (b"proxy ", Protocol.UNKNOWN),
    (b"5         alice", Protocol.CLASSIC),
    (b" 5        alice", Protocol.CLASSIC),
    (b"         5alice", Protocol.CLASSIC),
    (b"0000000005alice", Protocol.CLASSIC),
    (b"+5", Protocol.CLASSIC),
    (b"9", Protocol.CLASSIC),
    (b"9 ", Protocol.CLASSIC),
    (b"1_0", Protocol.CLASSIC),  # a bad header is for the classic door to answer
    (b" " * 10, Protocol.MORE),
    (b" " * 63, Protocol.MORE),
    (b" " * 64, Protocol.CLASSIC),
    (b" " * 62 + b"+", Protocol.MORE),
    (b" " * 63 + b"+", Protocol.UNKNOWN),
    (b" " * 63 + b"9", Protocol.CLASSIC),
    (b" +x", Protocol.UNKNOWN),
    (b"-1        ", Protocol.UNKNOWN),
    (b"\0" * 10, Protocol.UNKNOWN),
    ("٣         ".encode(), Protocol.UNKNOWN),
    (b"\x80\x04\x95", Protocol.UNKNOWN),  # a pickle
    (b"SSH-2.0-OpenSSH_9.2\r\n", Protocol.UNKNOWN),
    (b"\r\n" * 32, Protocol.UNKNOWN),
    (b"", Protocol.MORE),
]

FIRST_BYTES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([data for data, _ in TABLE]),
    st.lists(
        st.sampled_from(
            [b" ", b"\r\n", b"\n", b"+", b"9", b"NICK", b"pri", b"PRI", b" * HTTP/2.0", b"GET",
             b"\0", b"PROXY", b":", b"\x16\x03", b"\x01", PROXY_V2, b" " * 60, b"CONNECT",
             b"CAP", b"x"]
        )
    ).map(b"".join),
)  # fmt: skip


@pytest.mark.parametrize(("data", "protocol"), TABLE)
def test_table(data: bytes, protocol: Protocol) -> None:
    assert sniff(data) is protocol


def test_inside_tls_there_is_no_second_tls() -> None:
    for length in range(1, len(TLS_HELLO)):
        assert sniff(TLS_HELLO[:length], inside_tls=True) is Protocol.UNKNOWN
    assert sniff(b"NICK a", inside_tls=True) is Protocol.IRC


@given(FIRST_BYTES, st.booleans())
@example(b"\r\n\r\n\0\r\nQUIT\r\n", False)
def test_an_answer_is_never_revoked(data: bytes, inside_tls: bool) -> None:
    answers = [sniff(data[:end], inside_tls=inside_tls) for end in range(len(data) + 1)]
    decided = list(itertools.dropwhile(lambda answer: answer is Protocol.MORE, answers))
    assert len(set(decided)) <= 1


@given(FIRST_BYTES)
def test_it_is_decided_in_time(data: bytes) -> None:
    padded = data.ljust(MAX_SNIFF)
    assert sniff(padded) is not Protocol.MORE
    assert sniff(padded + data) is sniff(padded[:MAX_SNIFF])


@given(FIRST_BYTES)
def test_rows_exclude_each_other(data: bytes) -> None:
    head = data[:MAX_SNIFF]
    answers = [begins(head) for _, begins in sniff_module._TABLE]
    if True in answers:
        assert answers.count(True) == 1
        assert None not in answers
