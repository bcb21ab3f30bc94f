"""Compares how long two questions take, on a machine that does other things as well.

The two are asked in turn, so that whatever slows the machine slows both, and the quicker answers of each are
compared: what else runs only ever makes an answer later. A leak is there in every series; a hiccup is not.
"""

import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from typing import Final

Question = Callable[[], Awaitable[object]]

PAIRS: Final = 50
SERIES: Final = 5
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
    one, other = (quantiles(times, n=5)[0] for times in (firsts, seconds))
    return abs(one - other) <= max(_LEAST_SECONDS, _SHARE * max(one, other))
