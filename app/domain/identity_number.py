"""Identity numbers: số định danh of 12 digits and the old CMND of 9. Prints only masked."""

from dataclasses import dataclass, field
from typing import Final, Literal

from app.domain.partial_date import PartialDate
from app.domain.territory import number_prefix_label

_LENGTHS: Final = frozenset({9, 12})
_OLD_LENGTH: Final = 9
_SHOWN_HEAD: Final = 3


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What a 12-digit number tells by its form. Clerical errors exist, so it is good for a warning only."""

    province: str | None = field(repr=False)
    sex: Literal["male", "female"] = field(repr=False)
    birth_year: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """The number of a person's identity paper.

    Raises:
        ValueError: anything but exactly 9 or 12 ASCII digits.
    """

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no number; `isdigit` alone would take Arabic and full-width digits."""
        if not (len(self.value) in _LENGTHS and self.value.isascii() and self.value.isdigit()):
            raise ValueError("an identity number has exactly 9 or 12 ASCII digits")

    def __str__(self) -> str:
        """Give the masked form, so that a stray print or log line discloses nobody."""
        return self.masked()

    @property
    def is_old(self) -> bool:
        """Tell whether this is a CMND number of 9 digits."""
        return len(self.value) == _OLD_LENGTH

    def masked(self) -> str:
        """Keep the first three digits and the last one."""
        return self.value[:_SHOWN_HEAD] + "*" * (len(self.value) - _SHOWN_HEAD - 1) + self.value[-1]

    def facts(self) -> NumberFacts | None:
        """Read province, sex and birth year from the number; None for an old one, which tells nothing."""
        if self.is_old:
            return None
        century, is_female = divmod(int(self.value[3]), 2)
        return NumberFacts(
            province=number_prefix_label(self.value[:3]),
            sex="female" if is_female else "male",
            birth_year=1900 + 100 * century + int(self.value[4:6]),
        )

    def contradicts(self, birth_date: PartialDate) -> bool:
        """Tell whether the year in the number differs from the date's. Never a reason to refuse."""
        facts = self.facts()
        return facts is not None and facts.birth_year != birth_date.year
