"""What a line of talk looks like: text in, rows of styled cells out. No widget is known here.

`wrapping` breaks a text into rows, `markup` finds links and code in it, `words` says what happened,
`palette` holds the colours, and `rows` puts an entry of a timeline together.
"""
