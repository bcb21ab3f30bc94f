"""Ids that sort by the time they were made: RFC 9562's UUID version 7.

Neighbours in time are neighbours in an index, so that a full log's indexes grow at their end; with random ids
each record would touch a page of its own in every index.
"""

import time
from uuid import UUID

from app.domain.random_pieces import random_piece

_VERSION = 0x7 << 76
_VERSION_OF_A_PART = 0x8 << 76
_VARIANT = 0b10 << 62
_RANDOM_HIGH = 0xFFF << 64
_RANDOM_LOW = (1 << 62) - 1


def time_ordered_id() -> UUID:
    """Make an id of this millisecond; 74 of its bits are random, so it cannot be guessed."""
    return _made(_VERSION)


def id_of_a_part() -> UUID:
    """Make such an id that says of itself that what bears it is a part of something.

    Version 8 of RFC 9562, 5.8, is for what an application means by it.
    """
    return _made(_VERSION_OF_A_PART)


def _made(version: int) -> UUID:
    random = int.from_bytes(random_piece())
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | version | random & _RANDOM_HIGH | _VARIANT | random & _RANDOM_LOW)
