"""Webpage: a transcript as one self-contained page of HTML.

Nothing in it runs or is loaded, and its own policy says so: a style of known hash, no script, no
image, no link. Everything strangers wrote is escaped text, in isolation from the direction of what
stands beside it. Dark or light as the reader's system is.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Final

from hubbub.core.events import TALK, EntryKind
from hubbub.hub.transcript import phrases
from hubbub.text.times import rfc3339

if TYPE_CHECKING:
    from datetime import tzinfo

    from hubbub.core.ports import Found

STYLE: Final = """
:root { color-scheme: light dark; --quiet: #5c6470; --line: #d8dce2; --name: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --quiet: #9aa4b2; --line: #363c46; --name: #8cc2ff; }
  body { background: #14171c; color: #e6e9ee; }
}
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; padding-bottom: .25rem;
     border-bottom: 1px solid var(--line); position: sticky; top: 0; background: Canvas; }
@media (prefers-color-scheme: dark) { h2 { background: #14171c; } }
small, time, .done { color: var(--quiet); font-weight: normal; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); padding: .1rem 0; }
time { font-size: .85rem; line-height: 1.75; font-variant-numeric: tabular-nums; }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
b { color: var(--name); }
@media print { body { background: none; color: black; } h2 { position: static; } }
"""

_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'"

_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<title>hubbub: what was said</title>
<style>{STYLE}</style>
</head>
<body>
<main>
"""


class Webpage:
    """A `Transcript` as a page, times in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._room: str | None = None
        self._day = ""

    def begin(self) -> str:
        """Everything up to the first room."""
        return _HEAD

    def add(self, found: Found) -> str:
        """The entry's item, after headings for a new room or day."""
        entry = found.entry
        at = phrases.moment(entry.time, self._zone)
        heading = ""
        if found.room != self._room:
            heading += f"{self._closed()}<h1><bdi>{escape(phrases.room(found))}</bdi></h1>\n"
            self._room, self._day = found.room, ""
        day = phrases.day(at)
        if day != self._day:
            heading += f"{self._closed()}<h2>{day} <small>{phrases.offset(at)}</small></h2>\n<ol>\n"
            self._day = day
        clock = f'<time datetime="{rfc3339(entry.time)}">{at:%H:%M:%S}</time>'
        return f"{heading}<li>{clock}{_words(found)}</li>\n"

    def end(self) -> str:
        """Everything after the last entry."""
        empty = "" if self._room else "<p>Nothing was said.</p>\n"
        return f"{self._closed()}{empty}</main>\n</body>\n</html>\n"

    def _closed(self) -> str:
        return "</ol>\n" if self._day else ""


def _words(found: Found) -> str:
    entry = found.entry
    name = f"<bdi>{escape(phrases.name(entry))}</bdi>"
    if entry.kind not in TALK:
        return f'<p class="done">{name} <bdi>{escape(phrases.done(entry))}</bdi></p>'
    said = f'<bdi dir="auto">{escape(phrases.text(found))}</bdi>'
    if phrases.mark(found):
        said += f" <small>{phrases.mark(found)}</small>"
    if entry.kind is EntryKind.ACTION:
        return f"<p>* <b>{name}</b> {said}</p>"
    return f"<p><b>{name}</b> {said}</p>"
