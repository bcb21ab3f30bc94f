"""Finds a person's position in a file by number, in eight bytes a number."""

from array import array
from bisect import bisect_left
from itertools import islice
from typing import Final

# A number of 12 digits takes 40 bits, which leaves 24 for the position.
_POSITION_BITS: Final = 24
_POSITION: Final = (1 << _POSITION_BITS) - 1

MOST_PEOPLE: Final = _POSITION
"""Positions are below this, so that the value itself can stand for nobody."""


class NumberIndex:
    """Numbers of one length with the positions of their people. Number and position share one integer."""

    def __init__(self) -> None:
        self._entries = array("Q")

    def add(self, number: int, position: int) -> None:
        """Enter a number; the index is of use only after `sort`."""
        self._entries.append(number << _POSITION_BITS | position)

    def sort(self) -> int | None:
        """Make the index ready; return the position of somebody whose number another has too, if any."""
        self._entries = array("Q", sorted(self._entries))
        following = islice(self._entries, 1, None)
        return next(
            (
                later & _POSITION
                for earlier, later in zip(self._entries, following, strict=False)
                if earlier >> _POSITION_BITS == later >> _POSITION_BITS
            ),
            None,
        )

    def position(self, number: int) -> int | None:
        """Return the position of the person with the number; None if nobody has it."""
        at = bisect_left(self._entries, number << _POSITION_BITS)
        if at == len(self._entries) or self._entries[at] >> _POSITION_BITS != number:
            return None
        return self._entries[at] & _POSITION
