"""What a classic user is told for each refusal: one table, complete."""

from __future__ import annotations

from hubbub.core.refusals import Reason
from hubbub.text.sanitise import one_line

REASONS: dict[Reason, str] = {
    Reason.UNWRITABLE: "nothing can be saved at the moment, so your message was not sent. "
    "Please try again in a minute",
    Reason.CONFLICT: "not sent: it repeats the number of another message",
    Reason.ENDED: "you are not here any more",
    Reason.NO_SUCH_NICK: "nobody here is called {}. /who lists everybody",
    Reason.NO_SUCH_ROOM: "there is no room {}",
    Reason.TEXT_TOO_LONG: "not sent: a message may have {} bytes",
    Reason.BAD_NAME: "that name cannot be used: {}",
    Reason.NAMES_EXHAUSTED: "{} and all names like it are in use. Come back under another name",
    Reason.FULL: "the server is full. Please try again later",
    Reason.NICK_IN_USE: "somebody else is called {}",
    Reason.NO_SUCH_TARGET: "there is no {}",
    Reason.BAD_METADATA_KEY: "nothing can be set under {}",
    Reason.BAD_METADATA_VALUE: "{} may have {} bytes",
    Reason.NOT_YOURS: "what {} says is not yours to change",
    Reason.TOO_MUCH_METADATA: "{} says as much as may be: {} keys",
    Reason.TOO_MANY_CHANGES: "you change too much. Please wait",
    Reason.TOO_MANY_SUBSCRIPTIONS: "you hear of too many keys to hear of {}",
    Reason.NO_SUCH_MESSAGE: "there is no such message in {}",
    Reason.NOT_AUTHOR: "what was said in {} by others is theirs",
    Reason.NOT_YOUR_WORDS: "what was said in {} by others is theirs: nobody else changes it",
    Reason.BAD_EDIT: "what was said in {0} cannot be changed so: {2}",
    Reason.TOO_LATE: "what was said in {} is too old for that",
    Reason.TOO_FAST: "you talk too fast: this was not said. Please pause",
    Reason.TOO_MUCH: "that takes too long. Please ask for less: add a word, or a name (from:alice)",
    Reason.NOT_IN_ROOM: "you are not in {}",
    Reason.NOT_THERE: "{} is not in {}",
    Reason.ALREADY_THERE: "{} is in {} already",
    Reason.NEED_OPERATOR: "only operators of {} may do that",
    Reason.BANNED: "you are banned from {}",
    Reason.INVITE_ONLY: "{} is for those who are invited",
    Reason.WRONG_KEY: "{} has a key, and that is not it",
    Reason.ROOM_FULL: "{} is full",
    Reason.TOO_MANY_ROOMS: "you are in too many rooms to enter {}",
    Reason.CANNOT_SPEAK: "you cannot speak in {}: {}",
    Reason.BAD_KEY: "that cannot be the key of {}",
    Reason.LIST_FULL: "the list of {} is full",
    Reason.BAD_ROOM_NAME: "no room can be called {}",
    Reason.ROOM_NAME_IN_USE: "{} cannot be called {}: that name is taken",
    Reason.CANNOT_RENAME: "{} cannot be called {}: {}",
    Reason.TOO_MANY_WATCHED: "you watch {} names already, so not {}",
    Reason.BAD_MASK: "nobody can be banned by {}: {}",
    Reason.NO_SUCH_BAN: "there is no ban of {}",
    Reason.BANNED_HERE: "you may not be on this server: {}",
    Reason.BAD_REAL_NAME: "a real name has 1 to {} bytes",
    Reason.BAD_TOKEN: "you are not known by that token, or not any more",
    Reason.WRONG_PASSWORD: "the password is wrong",
    Reason.NOT_PRIVILEGED: "only operators of the server may do that",
    Reason.STOPPING: "the server is about to stop. Please come back in a minute",
}


def explain(reason: Reason, details: tuple[str, ...] = ()) -> str:
    """A refusal in words."""
    return REASONS[reason].format(*map(one_line, details))
