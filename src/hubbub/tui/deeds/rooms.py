"""Rooms: in and out of them, what they are about, who may be there, and their past."""

from __future__ import annotations

from hubbub.client.address import room_name
from hubbub.client.buffers import Closed, Opened, Sort
from hubbub.client.events import Notice
from hubbub.text.sanitise import one_line
from hubbub.tui.deeds.desk import AtDesk, CannotDo, need


class Rooms(AtDesk):
    """The deeds of this area."""

    async def do_join(self, words: str) -> None:
        """Enter a room, and be there."""
        need(words, "join")
        name, *key = words.split()
        room = room_name(name)
        session, _ = self._here()
        await self._connection().do("JOIN", room, *key[:1])
        session.take(Opened(room, Sort.ROOM))
        self._desk.go(session, room)

    async def do_leave(self, words: str) -> None:
        """Leave a room, or put a conversation away."""
        session, here = self._here()
        buffer = session.mirror.get(room_name(words.split(maxsplit=1)[0])) if words else here
        if buffer is None or buffer.sort is Sort.SERVER:
            raise CannotDo("that is no room where you are; /disconnect leaves the server")
        if buffer.sort is Sort.ROOM and buffer.joined:
            await self._connection().do("PART", buffer.name)
        session.take(Closed(buffer.name))

    async def do_topic(self, words: str) -> None:
        """Tell what the room is about, or say it."""
        _, buffer = self._here()
        if words:
            await self._connection().do("TOPIC", buffer.name, words)
        else:
            topic = buffer.topic or "nothing in particular"
            self._desk.tell(f"{buffer.name} is about: {topic}")

    async def do_invite(self, words: str) -> None:
        """Invite somebody into a room."""
        need(words, "invite")
        nick, *room = words.split()
        _, buffer = self._here()
        where = room_name(room[0]) if room else buffer.name
        await self._connection().do("INVITE", nick, where)
        self._desk.tell(f"{one_line(nick)} is invited into {one_line(where)}")

    async def do_kick(self, words: str) -> None:
        """Send somebody out of the room."""
        need(words, "kick")
        nick, _, why = words.partition(" ")
        _, buffer = self._here()
        await self._connection().do("KICK", buffer.name, nick, *([why] if why else []))

    async def do_ban(self, words: str) -> None:
        """Keep somebody out of the room."""
        need(words, "ban")
        nick = words.split(maxsplit=1)[0]
        mask = nick if any(sign in nick for sign in "!@*") else f"{nick}!*@*"
        _, buffer = self._here()
        await self._connection().do("MODE", buffer.name, "+b", mask)
        self._desk.tell(f"{one_line(mask)} stays out of {buffer.name}; /kick sends them out now")

    async def do_mute(self, words: str) -> None:
        """Ring no more, or again."""
        spot = self._spot()
        if words:
            buffer = spot.session.mirror.get(room_name(words.split(maxsplit=1)[0]))
            if buffer is None:
                raise CannotDo(f"{one_line(words)} is no room where you are")
            spot = spot._replace(buffer=buffer)
        self._desk.toggle_mute(spot)

    async def do_history(self, _: str) -> None:
        """Fetch more of the past."""
        session, buffer = self._here()
        if not await session.fetch(buffer):
            self._desk.tell("this is the beginning, as far as anybody knows")

    async def do_read(self, words: str) -> None:
        """Mark the room, or all of them, as read."""
        here, buffer = self._here()
        if words.lower() != "all":
            await here.mark_read(buffer)
            return
        for session in self._desk.servers:
            for each in list(session.mirror.buffers.values()):
                await session.mark_read(each)

    async def do_search(self, words: str) -> None:
        """Find what was said."""
        need(words, "search")
        session, buffer = self._here()
        found = await self._connection().search(words)
        for message in found:
            where = message.room if not message.direct else f"with {message.room}"
            session.take(
                Notice(message.time, f"{where} {message.sender}", message.text, buffer.name)
            )
        self._desk.tell(f"found: {len(found)}" if found else "nothing was found")
