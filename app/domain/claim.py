"""What somebody says of a person, and the one question it may answer: does all of it fit a record."""

from collections.abc import Collection
from dataclasses import dataclass, field

from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """Name, number and birth date as claimed. They match a record as a whole or not at all."""

    full_name: PersonName = field(repr=False)
    id_number: IdentityNumber = field(repr=False)
    birth_date: PartialDate = field(repr=False)

    def matches(
        self, *, full_name: str | None, id_numbers: Collection[str | None], birth_date: str | None
    ) -> bool:
        """Compare the claim with a record's own values.

        A record whose name or date is missing or unusable does not match; nothing is raised.
        """
        # No part is left out once another has failed: the time taken must not tell which one was wrong.
        parts = (
            _is_same_name(self.full_name, full_name),
            self.id_number.value in id_numbers,
            _is_form_of(self.birth_date, birth_date),
        )
        return all(parts)


def is_comparable(*, full_name: str | None, birth_date: str | None) -> bool:
    """Tell whether a record's own name and date can be held against a claim: neither missing nor unusable."""
    try:
        PersonName(full_name or "")
        PartialDate.parse(birth_date or "")
    except ValueError:
        return False
    return True


def _is_same_name(claimed: PersonName, recorded: str | None) -> bool:
    try:
        return claimed.matches(PersonName(recorded or ""))
    except ValueError:
        return False


def _is_form_of(claimed: PartialDate, recorded: str | None) -> bool:
    try:
        return claimed.is_form_of(PartialDate.parse(recorded or ""))
    except ValueError:
        return False
