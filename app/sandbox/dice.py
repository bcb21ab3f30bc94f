"""Chance that repeats: the same seed throws the same numbers, on every machine."""

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")


class Weighted(Generic[Item]):
    """Things to choose from, some more often than others."""

    def __init__(self, weights: Sequence[tuple[Item, int]]) -> None:
        self.items: Final = tuple(item for item, _ in weights)
        self.sums: Final = tuple(accumulate(weight for _, weight in weights))


class Dice:
    """Throws by `random.random` alone, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: int) -> None:
        # Invented people are no secret.
        self._random = random.Random(seed).random  # noqa: S311 - nothing here has to be unguessable

    def chance(self, probability: float) -> bool:
        """Tell whether something of this probability happens."""
        return self._random() < probability

    def between(self, least: int, most: int) -> int:
        """Choose a whole number, both ends included; `least` if the range is empty."""
        return least + int(self._random() * max(most - least + 1, 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """Choose one of several."""
        return items[int(self._random() * len(items))]

    def weighted(self, choice: Weighted[Item]) -> Item:
        """Choose one by weight."""
        return choice.items[bisect(choice.sums, self._random() * choice.sums[-1])]
