"""How memory is kept: what was freed goes back to the system, what stays for good is not looked through.

glibc's malloc has settings for the first; elsewhere nothing happens. Without them a large block that was
freed once, of a password's hash or a register's answer, makes glibc take the next ones from heaps that never
shrink, one for each thread.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
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


def spare_the_collector() -> None:
    """Take what was built for good out of the garbage collector's sight.

    Looking through all of it took 0.1 s every few seconds, during which nobody was served.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from looking through what is being imported, over and over: it all stays.

    A quarter of a start's time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
