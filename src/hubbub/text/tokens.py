"""Search tokens: what a text is found by.

Owns the one function that turns text into tokens, for the index (FTS5 now, tsvector later), for
the search words and for scanning what is not indexed yet, so that all three agree (DESIGN §5). A
word is found whole, whatever its case, accents or width; scripts that put no spaces between words
(Han, kana, Thai, …) by any substring. Must not know engines beyond `FTS5_TOKENIZER`.
Next: `hubbub.text.query`, the grammar people type.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

TOKENIZER_VERSION: Final = 1
"""Raise it whenever `tokens` gives other tokens for any text: the index is then rebuilt."""

TOKENIZER_ID: Final = f"{TOKENIZER_VERSION}/unicode-{unicodedata.unidata_version}"
"""What an index keeps with its tokens: another Python may know more letters than the last."""

FTS5_TOKENIZER: Final = "ascii tokenchars '+#'"
"""The FTS5 `tokenize` under which `index_text` splits at its spaces and nowhere else.

FTS5's `ascii` takes every non-ASCII character as part of a token and folds only A-Z, which never
occur here; `unicode61` would split at vowel signs and emoji.
"""

MAX_TOKEN: Final = 128
"""Characters. A longer word becomes several tokens: FTS5 cuts at 32 KiB, tsvector refuses 2."""

LINK: Final = "#link"
FILE: Final = "#file"
"""Marks at the end of an index row. No text gives them: `#` is only ever a token of its own."""

# Scripts written without spaces, and Hangul, whose words carry their particles: 학교 is to find
# 학교에서.
_UNSPACED: Final = (
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul: letters (bare ones too: ㅋㅋㅋ), syllables
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303c"  # Han: radicals, 々 〆 〇, numerals
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han: ideographs
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # kana
    "\u3105-\u312f\u31a0-\u31bf\ua000-\ua48c"  # Bopomofo, Yi
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai, Lao (their digits are words)
    "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17b3\u17b6-\u17d3\u17d7\u17dc\u17dd"  # Khmer
)

# Left out wherever they stand. Not the marks that spell: kana voicing (か, が), vowel signs,
# viramas.
_IGNORED: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # accents
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0711\u0730-\u074a\u08ca-\u08e1\u08e3-\u08ff"  # Arabic and Syriac points, tatweel
    "\u115f\u1160\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"  # fillers, variation selectors
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f"  # invisible
    "\U0001f3fb-\U0001f3ff]"  # skin tones: 👍 finds 👍🏽
)

# NFKD would glue these to the word before them: Windows™ is no windowstm, 1½ no 11⁄2.
_GLUED: Final = re.compile("[™℠¼-¾⅐-⅟↉]")

# Letters with a stroke or joined, which Unicode does not decompose but keyboards lack.
_PLAIN: Final = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
_STROKED: Final = re.compile(f"[{''.join(_PLAIN)}]")

_EMOJI: Final = (
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    "|[\u2190-\u21ff\u2300-\u23ff\u25a0-\u2775\u2794-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\U0001f000-\U0001faff]"
)


def _vowel_signs() -> str:
    """The marks that spell, of the scripts that have spaces (Devanagari, Tamil, Thaana, …)."""
    blocks = (range(0x07A6, 0x1AB0), range(0x1B00, 0x1D00), range(0xA800, 0xAC00))
    return "".join(
        character
        for block in (*blocks, range(0x11000, 0x11A00))
        for character in map(chr, block)
        if unicodedata.category(character)[0] == "M"
    )


# C++ and C# are a word and a sign: both are found by c, and as themselves by the phrase.
_ASCII_SIGNED: Final = re.compile(r"[a-z0-9]+|(?<=[a-z0-9])\+\+|(?<=[a-z])#(?![a-z0-9_])")
_ASCII_SPACED: Final = bytes(
    ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else ord(" ")
    for byte in range(256)
)
_LETTER: Final = f"[^\\W_{_UNSPACED}]"
_SPELLED: Final = f"{_LETTER}+(?:[{_vowel_signs()}]+{_LETTER}*)*"
_PIECE: Final = re.compile(
    rf"[{_UNSPACED}]+|{_SPELLED}|(?<=[^\W_])\+\+|(?<=[^\W\d_])#(?![^\W_{_UNSPACED}]|_)|{_EMOJI}"
)
_RUN: Final = re.compile(f"[{_UNSPACED}]")
_URL: Final = re.compile(r"[a-z0-9]://\S|\bwww\.\w")


class Phrase(NamedTuple):
    """Tokens that stand side by side; with `prefix` the last may be the beginning of a token."""

    tokens: tuple[str, ...]
    prefix: bool = False


def normalised(text: str) -> str:
    """The text as it is compared: NFKD without accents, case folded, recomposed. Idempotent.

    Any string is taken, lone surrogates too. Recomposing (NFC) makes Hangul and voiced kana one
    character each again.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _GLUED.sub(r" \g<0>", text))
    text = _IGNORED.sub("", text).casefold()
    text = _STROKED.sub(lambda found: _PLAIN[found[0]], text)
    return unicodedata.normalize("NFC", text)


def tokens(text: str) -> list[str]:
    """The tokens of a text in reading order; the index in the list is the position.

    A word is one token. A run of an unspaced script gives one token per character: the pair that
    begins there, and the last character alone, so 東京で is 東京 京で で. Every pair or single
    character is then findable, and any substring is a phrase (see `phrase`).
    """
    if not text.isascii():
        text = normalised(text)
        if not text.isascii():
            return _mixed(text)
    if "+" in text or "#" in text:
        found: list[str] = _ASCII_SIGNED.findall(text.lower())
    else:
        found = text.encode("ascii").translate(_ASCII_SPACED).decode("ascii").split()
    return found if len(text) <= MAX_TOKEN else _cut(found)


def _mixed(text: str) -> list[str]:
    found: list[str] = _PIECE.findall(text)
    if len(text) <= MAX_TOKEN and not _RUN.search(text):
        return found
    out: list[str] = []
    for piece in found:
        if _RUN.match(piece):
            out += [piece[start : start + 2] for start in range(len(piece))]
        else:
            out += _cut([piece])
    return out


def _cut(words: list[str]) -> list[str]:
    if max(map(len, words), default=0) <= MAX_TOKEN:
        return words
    starts = ((word, start) for word in words for start in range(0, len(word), MAX_TOKEN))
    return [word[start : start + MAX_TOKEN] for word, start in starts]


def phrase(text: str, *, prefix: bool = False) -> Phrase | None:
    """The phrase that finds `text`, or None if it has no tokens. `prefix`: the last word goes on.

    A run at the end of the searched text may go on in the message: its last character alone would
    ask that the message's run ends too, so it is dropped when a pair covers it, and is a prefix
    when it stands alone (京 finds 京で).
    """
    found = tokens(text)
    if not found:
        return None
    if not _RUN.match(found[-1]):
        # Only where one letter more would belong to the last token: not after a sign or an emoji.
        return Phrase(tuple(found), prefix and tokens(f"{text}0")[-1] != "0")
    if len(found) > 1 and len(found[-2]) == 2 and _RUN.match(found[-2]):
        return Phrase(tuple(found[:-1]))
    return Phrase(tuple(found), prefix=True)


def matches(phrases: Iterable[Phrase], text: str) -> bool:
    """True if the text has every phrase: exactly what FTS5 says of `index_text(text)`."""
    row = f" {' '.join(tokens(text))} "
    return all(f" {' '.join(wanted)}{'' if prefix else ' '}" in row for wanted, prefix in phrases)


def has_link(text: str) -> bool:
    """True if the text holds a URL (`scheme://…` or `www.…`)."""
    lowered = text.lower()
    likely = "://" in lowered or "www." in lowered  # ten times quicker than the pattern
    return likely and _URL.search(lowered) is not None


def index_text(text: str, *, file: bool = False) -> str:
    """A message as its row in the index: its tokens and the marks for `has:`, joined by spaces."""
    row = tokens(text)
    if has_link(text):
        row.append(LINK)
    if file:
        row.append(FILE)
    return " ".join(row)
