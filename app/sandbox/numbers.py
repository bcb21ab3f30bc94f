"""Gives out identity numbers that nobody has: 12 digits beginning with 100, and old ones with 000."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from app.sandbox.peoples import FEMALE, Sex

_PREFIX: Final = "100"
_SERIALS: Final = 1_000_000
# Neither shares a factor with the number of serials, so every serial comes once, in no visible order.
_STEP: Final = 387_421
_OLD_STEP: Final = 618_039
_STRIDE: Final = 179_426_549


class NumbersUsedUpError(Exception):
    """A birth year has more people of one sex than a number has serials."""


class NumberGiver:
    """Gives numbers that tell century, sex and birth year rightly, none twice and none of `taken`."""

    def __init__(self, taken: AbstractSet[str]) -> None:
        self._taken = taken
        self._given: Counter[str] = Counter()
        self._old_numbers = self._old()

    def number(self, *, sex: Sex, birth_year: int) -> str:
        """Give a 12-digit number.

        Raises:
            NumbersUsedUpError: there is none left of this year and sex.
        """
        century = (birth_year - 1900) // 100 * 2 + (1 if sex == FEMALE else 0)
        head = f"{_PREFIX}{century}{birth_year % 100:02d}"
        while (given := self._given[head]) < _SERIALS:
            self._given[head] += 1
            # Each year and sex begins elsewhere, lest first-born differ in these alone.
            number = f"{head}{(given * _STEP + int(head) * _STRIDE) % _SERIALS:06d}"
            if number not in self._taken:
                return number
        raise NumbersUsedUpError(f"no number is left for somebody born in {birth_year}")

    def old_number(self) -> str | None:
        """Give a 9-digit number; None once all below 001000000 are given."""
        return next(self._old_numbers, None)

    def _old(self) -> Iterator[str]:
        for given in range(1, _SERIALS):
            number = f"000{given * _OLD_STEP % _SERIALS:06d}"
            if number not in self._taken:
                yield number
