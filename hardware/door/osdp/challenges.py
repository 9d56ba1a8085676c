"""The chance that libosdp draws its challenges from is made unforeseeable here.

Its wheel (3.2.9) draws them from C's `rand()`, which nobody seeds: every start of a program draws
the same ones, and with the same challenge and the same key a session of last month can be played
to the kiosk again. `rand()` is a sum over a table of numbers. That table is ours, and it is filled
anew from the operating system before every handshake.
"""

from __future__ import annotations

import ctypes
import functools
import secrets

_TABLE_BYTES = 256  # the largest that initstate(3) knows
_KIND_BYTES = 4  # its first number says which kind of table it is


def stir() -> None:
    """Let the next hundreds of draws come from the operating system's chance."""
    chance = secrets.token_bytes(_TABLE_BYTES - _KIND_BYTES)
    ctypes.memmove(ctypes.addressof(_table()) + _KIND_BYTES, chance, len(chance))


@functools.cache
def _table() -> ctypes.Array[ctypes.c_char]:
    """C's own table from now on, so it is never given up."""
    table = ctypes.create_string_buffer(_TABLE_BYTES)
    seed = ctypes.c_uint(secrets.randbits(32))
    ctypes.CDLL(None).initstate(seed, table, ctypes.c_size_t(_TABLE_BYTES))
    return table
