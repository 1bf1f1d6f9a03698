"""The process around the chat: configuration, data folder, log, start banner, assembly, control.

Everything that touches the machine it runs on is here, and nothing of the chat is: rules are in
`core`, verbs in `hub`, protocols in `doors`. Read `config` for what can be set, `folder` for what
is kept where, then `assemble` (the only place that chooses parts).
"""
