"""What the population database knows of a person, as plain values. Never stored, never logged.

`None` everywhere means that the register has no information.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class LifeStatus(StrEnum):
    """Whether the record says that the person lives (tình trạng sống)."""

    ALIVE = "alive"
    DECEASED = "deceased"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of the register with its Vietnamese label; `label` is None for a code that we do not know."""

    code: str = field(repr=False)
    label: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """An address (địa chỉ) of two levels, or of three with a district from before 1/7/2025."""

    province: Coded | None = field(repr=False)
    district: Coded | None = field(repr=False)
    ward: Coded | None = field(repr=False)
    detail: str | None = field(repr=False)
    country: Coded | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Relative:
    """Father, mother or spouse (cha, mẹ, vợ hoặc chồng) as the person's record names them."""

    full_name: str | None = field(repr=False)
    nationality: Coded | None = field(repr=False)
    id_number: str | None = field(repr=False)
    old_id_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HouseholdHead:
    """The head of the person's household (chủ hộ) and the person's relation to the head."""

    full_name: str | None = field(repr=False)
    id_number: str | None = field(repr=False)
    old_id_number: str | None = field(repr=False)
    relationship: Coded | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Citizen:
    """One record of the register. `birth_date` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    `tells_household_head`: whether the record has a place for the head; without one it says nothing of him.
    """

    full_name: str = field(repr=False)
    gender: Coded | None = field(repr=False)
    id_number: str | None = field(repr=False)
    old_id_number: str | None = field(repr=False)
    birth_date: str | None = field(repr=False)
    ethnicity: Coded | None = field(repr=False)
    religion: Coded | None = field(repr=False)
    blood_type: Coded | None = field(repr=False)
    marital_status: Coded | None = field(repr=False)
    nationality: Coded | None = field(repr=False)
    birth_registration_place: Address | None = field(repr=False)
    native_place: Address | None = field(repr=False)
    permanent_address: Address | None = field(repr=False)
    current_address: Address | None = field(repr=False)
    household_head: HouseholdHead | None = field(repr=False)
    father: Relative | None = field(repr=False)
    mother: Relative | None = field(repr=False)
    spouse: Relative | None = field(repr=False)
    life_status: LifeStatus | None = field(repr=False)
    tells_household_head: bool = True
