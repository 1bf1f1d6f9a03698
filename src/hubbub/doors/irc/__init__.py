"""The IRC door: RFC 1459 and 2812 as practised today, with the ratified IRCv3 set.

"Modern" in comments is the living IRC client protocol document at modern.ircdocs.horse, other
names in quotes are IRCv3 specifications. Read `door` (one connection), `dispatch` (what one may
type, declared once, and the gate), `commands/` (translation, by the eight areas), `render` and
`kind` (what is shown), `labels` (which answer belongs to which question).
"""
