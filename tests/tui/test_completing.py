"""What a word may become, and what signs are called."""

from __future__ import annotations

from hubbub.tui import registry
from hubbub.tui.completing import Vocabulary, complete
from hubbub.tui.emoji import EMOJI, FIRST, replaced, sign
from hubbub.tui.registry import COMMANDS, KEYS
from hubbub.tui.screens.palette import Choice, found

HERE = Vocabulary(
    nicks=["bob", "Ben"],
    rooms=["#tea", "#teapots", "#coffee"],
    persons=["chen"],
    addresses=["ship:5050"],
    themes=["dark", "light"],
)


def texts(before: str) -> list[str]:
    return [candidate.text for candidate in complete(before, HERE).candidates]


def test_a_nick_is_addressed_at_the_beginning_and_named_within() -> None:
    assert texts("b") == ["bob: ", "Ben: "]
    assert texts("ask @B") == ["bob ", "Ben "]
    assert texts("") == []


def test_rooms_and_signs_have_a_sign_of_their_own() -> None:
    assert texts("in #tea") == ["#tea ", "#teapots "]
    assert texts("well :tad") == ["🎉 "]


def test_commands_are_completed_and_so_is_what_they_take() -> None:
    (join,) = complete("/jo", HERE).candidates
    assert (join.text, join.shown) == ("/join ", "/join #ROOM [KEY]")
    assert texts("/join te") == ["#tea ", "#teapots "]
    assert texts("/msg c") == ["chen "]
    assert texts("/kick c") == []
    assert texts("/connect s") == ["ship:5050 "]
    assert texts("/theme l") == ["light "]
    assert texts("/react tad") == ["🎉 "]
    assert texts("/help qu") == ["quit "]
    assert texts("//jo") == []


def test_the_word_is_the_last_one() -> None:
    assert complete("hello bo", HERE).start == 6
    assert complete("one\nbo", HERE).start == 4


def test_signs_have_names_but_not_in_code_or_times() -> None:
    assert replaced("well :tada: and :nosuch:") == "well 🎉 and :nosuch:"
    assert replaced("`:tada:`") == "`:tada:`"
    assert replaced("at 12:00:00") == "at 12:00:00"
    assert (sign(":+1:"), sign("tada"), sign("🦊"), sign("nosuch")) == ("👍", "🎉", "🦊", "")
    assert set(FIRST) <= set(EMOJI)


def test_the_registry_makes_sense() -> None:
    kinds = {
        *(registry.ROOM, registry.NICK, registry.PERSON, registry.ADDRESS),
        *(registry.THEME, registry.SIGN, registry.COMMAND),
    }
    assert {kind for command in COMMANDS.values() for kind in command.takes} <= kinds
    for where in registry.Where:
        keys = [name for key in KEYS if key.where is where for name in key.keys]
        assert len(keys) == len(set(keys))
    assert [key.shown for key in KEYS if key.act == "room_number"] == ["Alt+1…9"]


def test_the_palette_finds_by_the_beginning_then_within_then_by_letters() -> None:
    choices = [Choice(words, "", words) for words in ("/theme", "#tea", "the hat", "• bob")]
    assert [one.words for one in found(choices, "te")] == ["#tea", "/theme", "the hat"]
    assert [one.words for one in found(choices, "bob")] == ["• bob"]
    assert found(choices, "") == choices
