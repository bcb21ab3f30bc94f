"""Random bytes for ids, fetched from the system for many ids at once.

Fetching gives away Python's lock, which a thread of a busy process gets back late, and a lookup needs five.
Not for keys, nonces and tokens: a machine that is copied while it runs would use some of them twice.
"""

import os
from typing import Final

PIECE_BYTES: Final = 16
_PIECES_AT_ONCE: Final = 64

# Taking from a list's end is one step, so no two threads get the same piece.
_left: Final[list[bytes]] = []
os.register_at_fork(after_in_child=_left.clear)


def random_piece() -> bytes:
    """Give sixteen random bytes that nobody else is given."""
    while True:
        try:
            return _left.pop()
        except IndexError:
            fetched = os.urandom(PIECE_BYTES * _PIECES_AT_ONCE)
            _left.extend([fetched[at : at + PIECE_BYTES] for at in range(0, len(fetched), PIECE_BYTES)])
