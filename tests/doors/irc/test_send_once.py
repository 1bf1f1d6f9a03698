"""Send-once: what may have been lost is said again, and heard once (docs/protocols/irc.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said, session
from hubbub.wire.irc.line import MAX_BODY

if TYPE_CHECKING:
    from conversations.stage import Stage

CAPABILITIES = (
    *("hubbub.chat/send-once", "message-tags", "server-time"),
    *("echo-message", "labeled-response", "batch"),
)
ID = "Zk3vQ0m2sXyT9aLr1cPbWg"
OTHER_ID = "another-id_of-24-letters"


def once(text: str, id_: str = ID, *, label: str = "1", command: str = "PRIVMSG") -> str:
    return f"@label={label};hubbub.chat/send-once={id_} {command} {text}"


async def test_a_repeat_is_answered_with_the_first_and_heard_by_nobody(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPABILITIES)
        await bob.arrive("bob", "message-tags")
        alice.send("JOIN #lobby")
        bob.send("JOIN #lobby")
        await bob.heard()
        await alice.heard()
        alice.send(once("#lobby :hello"))
        (first,) = await alice.heard()
        alice.send("NICK ally", once("#LOBBY :hello", label="2"))
        _, again = await alice.heard()
        assert again.tags["label"] == "2"
        assert [again.tags[key] for key in ("msgid", "time")] == [
            first.tags[key] for key in ("msgid", "time")
        ]
        assert again.source.startswith("ally!")
        assert again.params == ["#lobby", "hello"]
        heard = await bob.heard()
        assert said(heard, "PRIVMSG") == [("alice", "PRIVMSG", "#lobby", "hello")]
        assert all("send-once" not in key for line in heard for key in line.tags)


async def test_without_an_echo_a_label_gets_its_ack(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *(one for one in CAPABILITIES if one != "echo-message"))
        alice.send("JOIN #lobby")
        await alice.heard()
        alice.send(once("#lobby :hello"), once("#lobby :hello", label="2"))
        assert [(one.command, one.tags["label"]) for one in await alice.heard()] == [
            ("ACK", "1"),
            ("ACK", "2"),
        ]


async def test_a_repeated_whisper_to_oneself_is_an_echo_and_no_message(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send(once("alice :note"), once("alice :note", label="2"))
        assert [one.tags.get("label") for one in await alice.heard()] == ["1", None, "2"]


async def test_a_repeated_whisper_is_heard_once(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPABILITIES)
        await bob.arrive("bob")
        alice.send(once("bob :psst", command="NOTICE"), once("bob :psst", command="NOTICE"))
        first, again = await alice.heard()
        assert (first.command, first.tags["msgid"]) == (again.command, again.tags["msgid"])
        bob.send("NICK robert")
        await bob.heard()
        alice.send(once("robert :psst", command="NOTICE"))
        (third,) = await alice.heard()
        assert third.tags["msgid"] == first.tags["msgid"]
        assert third.params == ["robert", "psst"]
        assert said(await bob.heard(), "NOTICE") == []


@pytest.mark.parametrize(
    "other",
    [
        once("#lobby :goodbye"),
        once("#attic :hello"),
        once("@#lobby :hello"),
        once("#lobby :hello", command="NOTICE"),
        once("#lobby :\x01ACTION hello\x01"),
    ],
    ids=["text", "room", "some of the room", "notice", "action"],
)
async def test_another_message_with_the_id_is_a_conflict(stage: Stage, other: str) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send("JOIN #lobby,#attic")
        await alice.heard()
        alice.send(once("#lobby :hello"))
        await alice.heard()
        alice.send(other)
        (line,) = await alice.heard()
        command, target = other.split(" ")[1:3]
        assert line.params[:3] == [command, "SEND_ONCE_CONFLICT", target]
        assert line.tags["label"] == "1"


async def test_another_person_cannot_use_the_id(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as mallory:
        for client in (alice, mallory):
            await client.arrive("alice" if client is alice else "mallory", *CAPABILITIES)
            client.send("JOIN #lobby")
            await client.heard()
        alice.send(once("#lobby :hello"))
        await alice.heard()
        mallory.send(once("#lobby :hello"))
        lines = await mallory.heard()
        assert said(lines, "FAIL")[0][2:5] == ("PRIVMSG", "SEND_ONCE_CONFLICT", "#lobby")
        assert said(await alice.heard()) == []


@pytest.mark.parametrize("bad", ["", "x" * 21, "x" * 65, "x" * 22 + "é", "x" * 21 + "\\s"])
async def test_an_id_that_is_none_says_nothing(stage: Stage, bad: str) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send(once("alice :hello", bad))
        (line,) = await alice.heard()
        assert line.params[:3] == ["PRIVMSG", "INVALID_SEND_ONCE_ID", "alice"]


async def test_a_message_for_several_has_no_send_once_id(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send(once("alice,bob :hello"))
        (line,) = await alice.heard()
        assert line.params[:3] == ["PRIVMSG", "SEND_ONCE_TOO_MANY_TARGETS", "alice,bob"]


async def test_what_was_refused_has_not_used_its_id(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPABILITIES)
        await bob.arrive("bob", *CAPABILITIES)
        alice.send("JOIN #attic", "MODE #attic +m")
        await alice.heard()
        bob.send("JOIN #attic")
        await bob.heard()
        bob.send(once("#attic :hello"))
        assert [one.command for one in await bob.heard()] == ["404"]
        alice.send("MODE #attic -m")
        await alice.heard()
        bob.send(once("#attic :something else"))
        assert said(await bob.heard(), "PRIVMSG") == [
            ("bob", "PRIVMSG", "#attic", "something else")
        ]


async def test_without_the_capability_the_tag_means_nothing(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES[1:])
        alice.send(once("alice :a"), once("alice :a"), once("alice :a", "short"))
        lines = await alice.heard()
        assert len({one.tags["msgid"] for one in lines}) == 3


async def test_tags_alone_have_no_id(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send(once("alice", "bad", command="TAGMSG"))
        assert [one.command for one in await alice.heard()] == ["TAGMSG", "TAGMSG"]


# -- what cannot be said any more --------------------------------------------------------------


async def test_a_repeat_where_one_may_not_speak_any_more(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPABILITIES)
        await bob.arrive("bob", *CAPABILITIES)
        alice.send("JOIN #attic")
        await alice.heard()
        bob.send("JOIN #attic")
        await bob.heard()
        bob.send(once("#attic :hello"), once("@#attic :psst", OTHER_ID))
        first, whispered = await bob.heard()
        alice.send("MODE #attic +m")
        await alice.heard()
        await bob.heard()
        bob.send(once("#attic :hello", label="2"), once("@#attic :psst", OTHER_ID, label="3"))
        again, whispered_again = await bob.heard()
        assert (again.tags["msgid"], again.tags["time"], again.tags["label"]) == (
            *(first.tags["msgid"], first.tags["time"], "2"),
        )
        assert again.source == first.source
        assert whispered_again.tags["msgid"] == whispered.tags["msgid"]
        assert whispered_again.params == ["@#attic", "psst"]
        # What was not said is refused, and so is another message with the id.
        bob.send(once("#attic :hello", "x" * 22), once("#attic :goodbye"), once("@#attic :hello"))
        assert [one.command for one in await bob.heard()] == ["404"] * 3
        assert said(await alice.heard()) == []


async def test_a_repeat_for_which_the_mask_has_become_too_long(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send("JOIN #lobby")
        await alice.heard()
        space = MAX_BODY - len(f":{session(stage, 'alice').mask} PRIVMSG #lobby :")
        text = "x" * space
        alice.send(once(f"#lobby :{text}"), "NICK alexandra", once(f"#lobby :{text}"))
        first, _, *again = await alice.heard()
        assert {one.tags["msgid"] for one in again if "msgid" in one.tags} == {first.tags["msgid"]}
        assert "".join(one.params[1] for one in again if one.command == "PRIVMSG") == text
        alice.send(once(f"#lobby :{text}", OTHER_ID))
        assert [one.command for one in await alice.heard()] == ["417"]


async def test_a_repeat_to_somebody_who_has_left(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as mallory:
        await alice.arrive("alice", *CAPABILITIES)
        await mallory.arrive("mallory", *CAPABILITIES)
        async with Client(stage.port) as bob:
            await bob.arrive("bob")
            alice.send(once("bob :psst", command="NOTICE"))
            (first,) = await alice.heard()
            bob.send("QUIT")
            await bob.rest()
        alice.send(once("bob :psst", command="NOTICE"), once("bob :psst"))
        again, refused = await alice.heard()
        assert (again.command, again.params) == ("NOTICE", ["bob", "psst"])
        assert again.tags["msgid"] == first.tags["msgid"]
        assert refused.command == "401"
        mallory.send(once("bob :psst", command="NOTICE"))
        assert [one.command for one in await mallory.heard()] == ["401"]


async def test_without_an_id_a_notice_that_cannot_be_said_is_not_answered(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPABILITIES)
        alice.send("NOTICE bob :psst", once("bob :psst", command="NOTICE"))
        assert [one.command for one in await alice.heard()] == ["401"]
