"""IRCv3 as our client speaks it, with any server: a state machine without a socket, in parts.

Read `protocol` first, which puts the parts together: `capabilities` and `registration` get us in,
`support` is what the server says of itself, `requests` and `batches` tell which answer is whose,
`rooms` is who is where, `talk` makes events of words, `outbox` says ours once, `catchup` fetches
what was missed, `memory` is what outlives a connection.
"""
