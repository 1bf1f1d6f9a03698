"""The table of numerics: three digits each, one name each, those we promise among them."""

from __future__ import annotations

from hubbub.wire.irc import numerics

DEFINED = {
    name: value for name, value in vars(numerics).items() if name.startswith(("RPL_", "ERR_"))
}


def test_every_numeric_is_three_digits() -> None:
    for name, value in DEFINED.items():
        assert len(value) == 3, name
        assert value.isascii(), name
        assert value.isdecimal(), name


def test_every_number_has_one_name() -> None:
    assert len(numerics.NAMES) == len(DEFINED)
    assert {name: value for value, name in numerics.NAMES.items()} == DEFINED


def test_names_tell_answers_from_errors() -> None:
    # 4xx and 5xx are errors by RFC 1459 §6; what came later took numbers where it could.
    for name, value in DEFINED.items():
        if value < "600":
            assert name.startswith("ERR_") == ("400" <= value < "600"), name


def test_some_that_many_confuse() -> None:
    assert numerics.NAMES["335"] == "RPL_WHOISBOT"
    assert numerics.NAMES["354"] == "RPL_WHOSPCRPL"
    assert numerics.NAMES["417"] == "ERR_INPUTTOOLONG"
    assert numerics.NAMES["477"] == "ERR_NEEDREGGEDNICK"
    assert numerics.NAMES["696"] == "ERR_INVALIDMODEPARAM"
    assert numerics.NAMES["734"] == "ERR_MONLISTFULL"
