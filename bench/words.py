"""What is said in the rooms of table 3: texts with the shape of real talk, the same in every run.

Words follow Zipf's law: few are everywhere, most are rare. A room talks in one script and has words
of its own that it prefers, so that some words are found in one room only. Made-up words in real
letters: what counts for an index is how often a token comes and in which company.
Pure: the same seed gives the same words. Next: `record.py`, which has them said.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

VOCABULARY: Final = 30_000
"""Words of one script; the rarest of a million messages' words are said a handful of times."""

OWN_WORDS: Final = 500
"""Words that a room prefers."""

OWN_SHARE: Final = 0.2
"""How many of a room's words are of those."""

LINK_SHARE: Final = 0.02
FLATTENING: Final = 2.7
"""Mandelbrot's: without it the commonest word would be every tenth."""

LONGEST: Final = 24
"""Words of one message at most."""


@dataclass(frozen=True, slots=True)
class Script:
    """Letters that words are made of, and what stands between words."""

    name: str
    begin: str
    end: str
    most: int
    """Syllables of the longest word."""
    space: str = " "


LATIN: Final = Script("latin", "bcdfghjklmnprstvwz", "aeiou", 4)
SCRIPTS: Final = (
    *(LATIN,) * 6,
    Script("cyrillic", "бвгджзклмнпрстфхцчш", "аеиоуыюя", 4),
    Script("greek", "βγδζθκλμνξπρστφχψ", "αεηιουω", 4),
    Script("devanagari", "कखगघचजटडतथदधनपफबभमयरलवशसह", "ािीुूेो", 3),
    Script(
        "japanese", "".join(map(chr, range(0x4E00, 0x4E00 + 1200))), "のにをはがでとも", 2, space=""
    ),
)
"""What the rooms speak, in turn."""


@dataclass(frozen=True, slots=True)
class Language:
    """A script's words, the commonest first, with the sums of their weights."""

    script: Script
    words: list[str]
    weights: list[float]

    @classmethod
    def of(cls, script: Script) -> Language:
        """Make up its words."""
        chance = random.Random(script.name)
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            # The commonest words are short.
            syllables = chance.randint(1, min(script.most, 2 + len(words) // 1000))
            begin = chance.choices(script.begin, k=syllables)
            end = chance.choices(script.end, k=syllables)
            words["".join(one + other for one, other in zip(begin, end, strict=True))] = None
        weights = accumulate(1 / (rank + FLATTENING) for rank in range(1, VOCABULARY + 1))
        return cls(script, list(words), list(weights))


@dataclass(slots=True)
class Talk:
    """What is said in `rooms` rooms. `chance` decides; each call goes on where the last ended."""

    rooms: int
    chance: random.Random
    _languages: dict[str, Language] = field(init=False)
    _busy: list[float] = field(init=False)

    def __post_init__(self) -> None:
        spoken = {script.name: script for script in SCRIPTS[: self.rooms]}
        self._languages = {name: Language.of(script) for name, script in spoken.items()}
        self._busy = list(accumulate(1 / (room + 4) for room in range(self.rooms)))

    def language(self, room: int) -> Language:
        """What a room speaks."""
        return self._languages[SCRIPTS[room % len(SCRIPTS)].name]

    def some_room(self) -> int:
        """A room, the busier the more often: the first ones are."""
        return self.chance.choices(range(self.rooms), cum_weights=self._busy)[0]

    def words(self, room: int) -> list[str]:
        """The words of one message."""
        chance, language = self.chance, self.language(room)
        count = min(LONGEST, 2 + int(chance.expovariate(1 / 6)))
        found = chance.choices(language.words, cum_weights=language.weights, k=count)
        for place in range(count):
            if chance.random() < OWN_SHARE:
                found[place] = self._own_word(room)
        return found

    def text(self, room: int) -> str:
        """One message."""
        text = self.language(room).script.space.join(self.words(room))
        if self.chance.random() < LINK_SHARE:
            text += f" https://example.org/{self.chance.getrandbits(32):x}"
        return text

    def two_words(self) -> tuple[int, str, str]:
        """A room, and what somebody looks for: mostly two words that they remember from one
        message there; else one of there and one of somewhere else."""
        room = self.some_room()
        remembered = list(dict.fromkeys(self.words(room)))
        if self.chance.random() < 0.75 and len(remembered) > 1:
            one, other = self.chance.sample(remembered, 2)
        else:
            one, other = remembered[0], self.words(self.some_room())[0]
        return room, one, other

    def _own_word(self, room: int) -> str:
        words = self.language(room).words
        start = 200 + room * OWN_WORDS
        # Squared: of those, too, some are said more often than others.
        return words[start + int(OWN_WORDS * self.chance.random() ** 2)]
