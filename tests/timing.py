"""Compares how long two questions take, on a machine that does other things as well.

The two are asked in turn, so that whatever slows the machine slows both, and the median of the pairs'
differences is held against the time itself. A leak is there in every series; a hiccup is not.
"""

import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Final

Question = Callable[[], Awaitable[object]]

PAIRS: Final = 40
SERIES: Final = 4
# A fifth of the time, and never less than what a busy event loop is late by.
_SHARE: Final = 0.2
_LEAST_SECONDS: Final = 0.0004


async def take_the_same_time(first: Question, second: Question) -> bool:
    """Tell whether nobody could tell two questions apart by how long they take, in one of some series."""
    for _ in range(SERIES):
        if await _is_even_series(first, second):
            return True
    return False


async def _is_even_series(first: Question, second: Question) -> bool:
    await first()
    await second()
    firsts: list[float] = []
    seconds: list[float] = []
    for number in range(PAIRS):
        # Who comes first changes, for what one leaves behind may slow the next.
        for question, times in ((first, firsts), (second, seconds))[:: 1 if number % 2 else -1]:
            began = time.perf_counter()
            await question()
            times.append(time.perf_counter() - began)
    difference = median(one - other for one, other in zip(firsts, seconds, strict=True))
    return abs(difference) <= max(_LEAST_SECONDS, _SHARE * median([*firsts, *seconds]))
