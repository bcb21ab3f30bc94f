"""Gives memory that was freed back to the system, by settings of glibc's malloc; elsewhere nothing happens.

Without them a large block that was freed once, of a password's hash or a register's answer, makes glibc
take the next ones from heaps that never shrink, one for each thread.
"""

import ctypes
from typing import Final

# From glibc's malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8

_LARGE_BYTES: Final = 256 * 1024
_HEAPS: Final = 2


def give_freed_memory_back() -> None:
    """Set it up; before there are threads, whose heaps would stay."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_ARENA_MAX, _HEAPS)
    mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    mallopt(_M_TRIM_THRESHOLD, 4 * _LARGE_BYTES)
