"""What an IRC client is told for each refusal: one table, complete.

A numeric says it where the field has one, FAIL ("standard-replies") where it has none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hubbub.core.refusals import Reason
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line


class Answer(NamedTuple):
    """`code` is a numeric or a code of FAIL; `details` of the refusal become its parameters."""

    code: str
    text: str
    details: int = 0


REASONS: dict[Reason, Answer] = {
    Reason.UNWRITABLE: Answer(
        "CANNOT_SAVE", "Nothing can be saved at the moment. Please try again in a minute"
    ),
    Reason.CONFLICT: Answer(
        "SEND_ONCE_CONFLICT", "That id was used before, for another message or by somebody else", 1
    ),
    Reason.ENDED: Answer("SESSION_ENDED", "Your session has ended"),
    Reason.NO_SUCH_NICK: Answer(n.ERR_NOSUCHNICK, "No such nick", 1),
    Reason.NO_SUCH_ROOM: Answer(n.ERR_NOSUCHCHANNEL, "No such channel", 1),
    Reason.TEXT_TOO_LONG: Answer(n.ERR_INPUTTOOLONG, "The message is too long"),
    Reason.BAD_NAME: Answer(n.ERR_ERRONEUSNICKNAME, "Erroneous nickname: {1}", 1),
    Reason.NAMES_EXHAUSTED: Answer(n.ERR_NICKNAMEINUSE, "All names like it are in use", 1),
    Reason.FULL: Answer("SERVER_FULL", "The server is full. Please try again later"),
    Reason.NICK_IN_USE: Answer(n.ERR_NICKNAMEINUSE, "Nickname is already in use", 1),
    # "metadata": the parameters of each are those of its table.
    Reason.NO_SUCH_TARGET: Answer("INVALID_TARGET", "No such target, or it is not for you", 1),
    Reason.BAD_METADATA_KEY: Answer("INVALID_KEY", "That cannot be a key", 1),
    Reason.BAD_METADATA_VALUE: Answer("INVALID_VALUE", "The value is longer than {1} bytes", 1),
    Reason.NOT_YOURS: Answer("KEY_NO_PERMISSION", "That is not yours to change", 2),
    Reason.TOO_MUCH_METADATA: Answer("LIMIT_REACHED", "As many keys as may be are set", 2),
    Reason.TOO_MANY_CHANGES: Answer("RATE_LIMITED", "You change too much. Please wait", 3),
    Reason.TOO_MANY_SUBSCRIPTIONS: Answer("LIMIT_REACHED", "You have too many subscriptions", 2),
    Reason.NO_SUCH_MESSAGE: Answer("UNKNOWN_MSGID", "There is no such message", 2),
    Reason.NOT_AUTHOR: Answer(
        "{command}_FORBIDDEN", "It is not yours, and you are no channel operator", 2
    ),
    Reason.NOT_YOUR_WORDS: Answer(
        "{command}_FORBIDDEN", "Nobody can change what somebody else has said", 2
    ),
    Reason.BAD_EDIT: Answer("INVALID_EDIT", "{2}", 2),
    Reason.TOO_LATE: Answer("{command}_WINDOW_EXPIRED", "It was said too long ago", 3),
    Reason.TOO_FAST: Answer("TOO_FAST", "You send too fast: this was not done. Please pause"),
    Reason.TOO_MUCH: Answer("TOO_MUCH", "That takes too long. Please ask for less"),
    Reason.NOT_IN_ROOM: Answer(n.ERR_NOTONCHANNEL, "You're not on that channel", 1),
    Reason.NOT_THERE: Answer(n.ERR_USERNOTINCHANNEL, "They aren't on that channel", 2),
    Reason.ALREADY_THERE: Answer(n.ERR_USERONCHANNEL, "is already on channel", 2),
    Reason.NEED_OPERATOR: Answer(n.ERR_CHANOPRIVSNEEDED, "You're not a channel operator", 1),
    Reason.BANNED: Answer(n.ERR_BANNEDFROMCHAN, "Cannot join channel (+b)", 1),
    Reason.INVITE_ONLY: Answer(n.ERR_INVITEONLYCHAN, "Cannot join channel (+i)", 1),
    Reason.WRONG_KEY: Answer(n.ERR_BADCHANNELKEY, "Cannot join channel (+k)", 1),
    Reason.ROOM_FULL: Answer(n.ERR_CHANNELISFULL, "Cannot join channel (+l)", 1),
    Reason.TOO_MANY_ROOMS: Answer(n.ERR_TOOMANYCHANNELS, "You have joined too many channels", 1),
    Reason.CANNOT_SPEAK: Answer(n.ERR_CANNOTSENDTOCHAN, "Cannot send to channel: {1}", 1),
    Reason.BAD_KEY: Answer(n.ERR_INVALIDKEY, "Key is not well-formed", 1),
    Reason.LIST_FULL: Answer(n.ERR_BANLISTFULL, "Channel list is full", 2),
    Reason.BAD_ROOM_NAME: Answer(n.ERR_NOSUCHCHANNEL, "No channel can be called so", 1),
    Reason.ROOM_NAME_IN_USE: Answer("CHANNEL_NAME_IN_USE", "The channel name is already taken", 2),
    Reason.CANNOT_RENAME: Answer("CANNOT_RENAME", "The channel cannot be renamed: {2}", 2),
    Reason.TOO_MANY_WATCHED: Answer(n.ERR_MONLISTFULL, "Monitor list is full", 2),
    Reason.BAD_MASK: Answer("BAD_MASK", "Nobody can be banned by that: {1}", 1),
    Reason.NO_SUCH_BAN: Answer("NO_SUCH_BAN", "There is no such ban", 1),
    Reason.BANNED_HERE: Answer(n.ERR_YOUREBANNEDCREEP, "You are banned from this server: {0}"),
    Reason.BAD_REAL_NAME: Answer("INVALID_REALNAME", "It is empty, or longer than {0} bytes"),
    Reason.BAD_TOKEN: Answer("INVALID_TOKEN", "No such token, or it has expired"),
    Reason.WRONG_PASSWORD: Answer(n.ERR_PASSWDMISMATCH, "Password incorrect"),
    Reason.NOT_PRIVILEGED: Answer(
        n.ERR_NOPRIVILEGES, "Permission Denied- You're not an IRC operator"
    ),
    Reason.STOPPING: Answer("SERVER_STOPPING", "The server is about to stop"),
}

NOT_UTF8: Final = (
    # "utf8-only": "Message rejected, your software MUST use UTF-8".
    "INVALID_UTF8",
    "Message rejected, your IRC software MUST use UTF-8 encoding on this network",
)
CANNOT_READ: Final = ("CANNOT_READ", "The record cannot be read at the moment")


def explain(
    reason: Reason, details: tuple[str, ...], *, command: str, nick: str, server: str
) -> bytes:
    """A refusal as the line that says it to who is called `nick`, who sent `command`."""
    code, text, count = REASONS[reason]
    words = (*details[:count], text.format(*details, "", "", ""))
    if code.isdigit():
        return line(code, nick, *words, source=server, trailing=True)
    return fail(command, code, *words, server=server)


def fail(command: str, code: str, *words: str, server: str) -> bytes:
    """A FAIL ("standard-replies"), the text last; codes may name the command."""
    code = code.format(command=command)
    return line("FAIL", command or "*", code, *words, source=server, trailing=True)
