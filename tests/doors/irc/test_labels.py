"""Labels: an ACK, one line, or a batch."""

from __future__ import annotations

from hubbub.doors.irc import labels
from hubbub.doors.irc.labels import Begin, End, Twice


def test_nothing_is_an_ack() -> None:
    assert labels.join([Begin("x"), End("s")]) == b"@label=x :s ACK\r\n"


def test_one_line_bears_the_label_beside_its_own_tags() -> None:
    assert labels.join([b"A\r\n", Begin("x y"), b"B\r\n", End("s"), b"C\r\n"]) == (
        b"A\r\n@label=x\\sy B\r\nC\r\n"
    )
    assert labels.join([Begin("x"), b"@a=b B\r\n", End("s")]) == b"@label=x;a=b B\r\n"


def test_several_lines_are_a_batch() -> None:
    joined = labels.join([Begin("x"), b"A\r\n@a=b B\r\n", b"C\r\n", End("s")]).split(b"\r\n")
    reference = joined[0].split(b" ")[3][1:]
    assert joined == [
        b"@label=x :s BATCH +%s labeled-response" % reference,
        b"@batch=%s A" % reference,
        b"@batch=%s;a=b B" % reference,
        b"@batch=%s C" % reference,
        b":s BATCH -%s" % reference,
        b"",
    ]


def test_a_response_that_is_a_batch_bears_the_label_itself() -> None:
    batch = labels.batched([b"A\r\n", b"B\r\n"], "draft/isupport", "s")
    assert labels.join([Begin("x"), batch, End("s")]) == b"@label=x " + batch


def test_what_one_sends_to_oneself_is_labelled_once() -> None:
    both = Twice(b"E\r\n", b"C\r\n")
    assert labels.join([Begin("x"), both, End("s")]) == b"@label=x E\r\nC\r\n"
    assert labels.join([both]) == b"E\r\nC\r\n"
    assert labels.join([Begin("x"), Twice(b"", b"C\r\n"), End("s")]) == (
        b"@label=x :s ACK\r\nC\r\n"
    )
