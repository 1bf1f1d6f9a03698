"""Asking clients for a certificate, whoever signed it.

People make certificates for themselves to be known by their fingerprint. That the client has the
key is proved by the handshake; who vouches for it is asked by nobody. Python's `ssl` can ask for a
certificate only if it may refuse those of unknown signers, so OpenSSL is told by `ctypes`, through
the very library that `ssl` uses: its context is the first field of Python's. Where that cannot be
done, clients are not asked.
"""

from __future__ import annotations

import ctypes
import platform
import ssl
from typing import Any, Final

_VERIFY_PEER: Final = 1
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_accept: Final = _Callback(lambda _is_verified, _store: 1)
"""Kept for as long as the process lives: OpenSSL calls it."""


def ask(context: ssl.SSLContext) -> bool:
    """Let a server's context ask each client for a certificate and take any, or none.

    False when that is not possible here; then the context is as it was.
    """
    set_verify = _function("SSL_CTX_set_verify")
    if set_verify is None:
        return False
    context.verify_mode = ssl.CERT_OPTIONAL  # so that Python gives out what the client has shown
    handle = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    set_verify(handle, _VERIFY_PEER, _accept)
    return True


def _function(name: str) -> Any:
    """A function of the OpenSSL that `ssl` is linked with, None when it cannot be had."""
    if platform.python_implementation() != "CPython":
        return None
    try:
        import _ssl  # noqa: PLC0415 (not there as a library in every build)

        function = getattr(ctypes.CDLL(_ssl.__file__), name)
    except (ImportError, AttributeError, OSError):
        return None
    function.argtypes = [ctypes.c_void_p, ctypes.c_int, _Callback]
    function.restype = None
    return function
