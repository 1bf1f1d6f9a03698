"""The hub: what every verb works with, in one object.

Holds no behaviour. `server/assemble` makes it; verbs take it as their first parameter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.core.bans import Bans
from hubbub.core.limits import Limits
from hubbub.core.world import World
from hubbub.hub.marks import Marks
from hubbub.hub.memory import Memory
from hubbub.hub.retention import Retention
from hubbub.hub.subscribers import Subscribers
from hubbub.hub.tokens import Tokens
from hubbub.hub.watching import Watching

if TYPE_CHECKING:
    from hubbub.core.ports import Archive, Clock, Ids
    from hubbub.core.rooms import Room
    from hubbub.hub.timeline import Timeline


@dataclass(slots=True)
class Hub:
    """The world, the way into the record and the way back.

    `stopping` is set once, when the server begins to end; arrivals are refused from then on.
    `guests` counts those who came without a name. `memory` has the names given up, `watching` who
    wants to know whether somebody is here, `subscribers` what they say of themselves, `tokens`
    brings proofs to the store, `marks` how far people have read, `bans` has those who may not be
    here, `retention` deletes what is due. `lobby` is the room that is always open. `started` is
    milliseconds; `most` how many people were here at once.
    """

    timeline: Timeline
    archive: Archive
    clock: Clock
    ids: Ids
    limits: Limits = field(default_factory=Limits)
    world: World = field(default_factory=World)
    memory: Memory = field(default_factory=Memory)
    watching: Watching = field(default_factory=Watching)
    subscribers: Subscribers = field(default_factory=Subscribers)
    tokens: Tokens = field(init=False)
    marks: Marks = field(init=False)
    bans: Bans = field(default_factory=Bans)
    retention: Retention = field(default_factory=Retention)
    lobby: Room | None = None
    stopping: bool = False
    guests: int = 0
    started: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self.started = self.started or self.clock.now()
        self.tokens = Tokens(self.archive)
        self.marks = Marks(self.archive)
