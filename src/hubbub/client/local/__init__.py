"""What a client keeps on its own disk: scrollback, what is typed and not said, whom it trusts.

Read `folder` first (where), then `database` (one file per server), `notebook` (what is in it for
one person), and its parts: `log` is what was seen, `pages` reads it, `outbox` what is to be said,
`drafts` what is being typed, `seats` who we are there. `trusted` is about certificates, `servers`
which servers come back at the next start. Only `database` and what it is handed to know SQL.
"""
