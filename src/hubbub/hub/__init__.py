"""What people can do: one function per verb, one module per area of the chat.

A verb prepares (may await stored facts), decides (synchronous: checks the rules, changes the
world or raises `Refused`) and records what happened on the timeline, which alone carries things
out. The hub sees neither a frame nor a database driver. Read `hub` (what verbs work with),
`talk` (the simplest verbs), then `timeline` and `delivery`.
"""
