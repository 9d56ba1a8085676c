"""Unpredictable random numbers for libosdp's challenges.

libosdp's wheel (3.2.9) takes them from C's `rand()`, which is never seeded: every process start
produces the same sequence, and with the same challenge and key an old session could be replayed to
the kiosk. `rand()` sums over a state table. This module provides that table, and refills it from
the operating system's random source before every handshake.
"""

from __future__ import annotations

import ctypes
import functools
import secrets

_TABLE_BYTES = 256  # the largest size that initstate(3) supports
_KIND_BYTES = 4  # its first number gives the table type


def stir() -> None:
    """Refill the table, so that the next few hundred draws are unpredictable."""
    chance = secrets.token_bytes(_TABLE_BYTES - _KIND_BYTES)
    ctypes.memmove(ctypes.addressof(_table()) + _KIND_BYTES, chance, len(chance))


@functools.cache
def _table() -> ctypes.Array[ctypes.c_char]:
    """The state table that C's `rand()` uses from now on; cached so that it is never freed."""
    table = ctypes.create_string_buffer(_TABLE_BYTES)
    seed = ctypes.c_uint(secrets.randbits(32))
    ctypes.CDLL(None).initstate(seed, table, ctypes.c_size_t(_TABLE_BYTES))
    return table
