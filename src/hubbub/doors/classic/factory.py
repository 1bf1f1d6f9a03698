"""What all classic connections share: the hub, the room, the settings, one kind per width."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub.doors.classic.door import ClassicDoor
from hubbub.doors.classic.render import ClassicKind

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.doors.classic.settings import ClassicSettings, Dialect
    from hubbub.doors.link import Link
    from hubbub.hub.hub import Hub


class ClassicDoors:
    """Makes a door for each link, knows those that are open, and ends them."""

    def __init__(self, hub: Hub, room: Room, settings: ClassicSettings) -> None:
        self.hub = hub
        self.room = room
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self._kinds: dict[tuple[int, bool, Dialect], ClassicKind] = {}
        self._open: set[ClassicDoor] = set()
        self._dropped = 0  # by doors that are closed
        self._closed = asyncio.Event()
        self._closed.set()

    def obey(self, settings: ClassicSettings) -> None:
        """Go by other settings from the next connection on."""
        self.settings = settings

    def __call__(self, link: Link) -> ClassicDoor:
        """A door for a connection."""
        return ClassicDoor(self, link)

    def kind(self, width: int, settings: ClassicSettings) -> ClassicKind:
        """What renders for all clients of a header width that came under these settings."""
        alike = (width, settings.notices, settings.dialect)
        kind = self._kinds.get(alike)
        if kind is None:
            kind = self._kinds[alike] = ClassicKind(
                width, self.hub.clock, notices=settings.notices, dialect=settings.dialect
            )
        return kind

    @property
    def dropped(self) -> int:
        """Segments that readers lost because they did not read, since the start."""
        return self._dropped + sum(door.dropped for door in self._open)

    def add(self, door: ClassicDoor) -> None:
        """Count a door as open."""
        self._open.add(door)
        self._closed.clear()

    def remove(self, door: ClassicDoor) -> None:
        """Count a door as closed."""
        self._open.discard(door)
        self._dropped += door.dropped
        if not self._open:
            self._closed.set()

    async def stop(self, patience: float) -> None:
        """End all connections; those that do not read within `patience` seconds are cut."""
        for door in list(self._open):
            door.stop()
        try:
            await asyncio.wait_for(self._closed.wait(), patience)
        except TimeoutError:
            for door in list(self._open):
                door.cut()
            await self._closed.wait()
