"""The full-screen terminal client, on Textual: many servers in one screen.

Screens route, widgets draw, and what is known lives in `hubbub.client.mirror`. Read `registry`
first (every command and key, as data), then `sessions` (a server, its connection and its mirror),
`app`, `screens/` and `widgets/`. What a line of talk looks like is in `drawing/`, which knows no
widget.
"""
