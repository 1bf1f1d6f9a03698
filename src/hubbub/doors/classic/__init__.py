"""The classic door: length-prefixed names and texts, as the tutorial programs speak them.

The rules, with their section numbers, are in docs/protocols/classic.md. Read `door` (one
connection), `commands` (what may be typed), `render` (what is shown), `outbox` (how it is sent).
"""
