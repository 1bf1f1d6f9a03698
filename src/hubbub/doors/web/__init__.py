"""The web door: HTTP on the one port.

For now a plain page that says how to join, `/healthz` for those who watch the server and, when
enabled, `/metrics`. aiohttp speaks HTTP; `factory` fits its handler between the front and us.
"""
