"""A birth date as papers and the register know it: a year, a month or a day of the Gregorian calendar."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

_FORM: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2200


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose month and day may be unknown.

    Raises:
        ValueError: a day without a month, a date that no calendar has, or a year outside 1800..2200.
    """

    year: int = field(repr=False)
    month: int | None = field(default=None, repr=False)
    day: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse dates that cannot be."""
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise ValueError("the year is outside 1800..2200")
        if self.month is None and self.day is not None:
            raise ValueError("a day needs its month")
        # The standard library's message repeats the number, and a birth date must not reach a log.
        if not _exists(self.first_day_parts):
            raise ValueError("no calendar has this date")

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, ASCII digits only.

        Raises:
            ValueError: another form, or a date that the class refuses; the message does not repeat the text.
        """
        form = _FORM.fullmatch(text)
        if form is None:
            raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (None if part is None else int(part) for part in form.groups())
        return cls(year or 0, month, day)

    def __str__(self) -> str:
        """Give the text that `parse` reads, to the same precision."""
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @property
    def first_day_parts(self) -> tuple[int, int, int]:
        """Year, month and day of the first day that this date may mean."""
        return self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day

    def is_form_of(self, record: "PartialDate") -> bool:
        """Tell whether this is the record's date or a shorter form of it; never true for a longer one."""
        return (
            self.year == record.year and self.month in {None, record.month} and self.day in {None, record.day}
        )

    def begins_after(self, day: date) -> bool:
        """Tell whether the first day that this date may mean comes after `day`."""
        return date(*self.first_day_parts) > day


def _exists(parts: tuple[int, int, int]) -> bool:
    try:
        date(*parts)
    except ValueError:
        return False
    return True
