"""The sandbox's records as its file has them, and the register's words made of them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.domain import code_lists
from app.domain.citizen import Address, Citizen, Coded, HouseholdHead, LifeStatus, Relative
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName


def _date_that_can_be(text: str) -> str:
    PartialDate.parse(text)
    return text


def _name_that_can_be(text: str) -> str:
    PersonName(text)
    return text


Number = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
OldNumber = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
_Name = Annotated[str, AfterValidator(_name_that_can_be)]
_BirthDate = Annotated[str, AfterValidator(_date_that_can_be)]


class _Shape(BaseModel):
    # What was read stands in no error: it may be taken for a real person's.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LabelledCode(_Shape):
    """A unit of territory: the file brings its own label."""

    code: str = Field(repr=False)
    label: str = Field(repr=False)


class AddressRecord(_Shape):
    """An address; `district` only in those from before 1/7/2025."""

    detail: str = Field(repr=False)
    ward: LabelledCode = Field(repr=False)
    district: LabelledCode | None = Field(repr=False)
    province: LabelledCode = Field(repr=False)
    country: str = Field(repr=False)


class RelativeRecord(_Shape):
    """A relative as the person's own record names him; without a number if the register has no more."""

    id_number: Number | None = Field(repr=False)
    full_name: _Name = Field(repr=False)
    nationality: str = Field(repr=False)
    old_id_number: OldNumber | None = Field(repr=False)


class PersonRecord(_Shape):
    """A person of the file."""

    id_number: Number = Field(repr=False)
    old_id_number: OldNumber | None = Field(repr=False)
    full_name: _Name = Field(repr=False)
    gender: str | None = Field(repr=False)
    birth_date: _BirthDate = Field(repr=False)
    ethnicity: str | None = Field(repr=False)
    religion: str | None = Field(repr=False)
    blood_type: str | None = Field(repr=False)
    marital_status: str | None = Field(repr=False)
    nationality: str | None = Field(repr=False)
    birth_registration_place: AddressRecord | None = Field(repr=False)
    native_place: AddressRecord | None = Field(repr=False)
    permanent_address: AddressRecord | None = Field(repr=False)
    current_address: AddressRecord | None = Field(repr=False)
    father: RelativeRecord | None = Field(repr=False)
    mother: RelativeRecord | None = Field(repr=False)
    spouse: RelativeRecord | None = Field(repr=False)
    life_status: LifeStatus = Field(repr=False)

    @property
    def id_numbers(self) -> tuple[str, ...]:
        """The new number and, if there is one, the old."""
        return (self.id_number,) if self.old_id_number is None else (self.id_number, self.old_id_number)


class HouseholdRecord(_Shape):
    """A household of the file: the head's number, and each member's with the relationship code."""

    book_number: str = Field(repr=False)
    head: Number = Field(repr=False)
    members: dict[Number, str] = Field(repr=False)


def household_head(head: PersonRecord, relationship_code: str, labels: Mapping[str, str]) -> HouseholdHead:
    """Name the head of a person's household, with the person's relation to the head."""
    return HouseholdHead(
        full_name=head.full_name,
        id_number=head.id_number,
        old_id_number=head.old_id_number,
        relationship=code_lists.relationship(relationship_code, labels),
    )


def citizen(person: PersonRecord, head: HouseholdHead | None) -> Citizen:
    """Put a record into the register's words; codes that mean "no information" become None."""
    return Citizen(
        full_name=person.full_name,
        gender=code_lists.gender(person.gender),
        id_number=person.id_number,
        old_id_number=person.old_id_number,
        birth_date=person.birth_date,
        ethnicity=code_lists.ethnicity(person.ethnicity),
        religion=code_lists.religion(person.religion),
        blood_type=code_lists.blood_type(person.blood_type),
        marital_status=code_lists.marital_status(person.marital_status),
        nationality=code_lists.country(person.nationality),
        birth_registration_place=_address(person.birth_registration_place),
        native_place=_address(person.native_place),
        permanent_address=_address(person.permanent_address),
        current_address=_address(person.current_address),
        household_head=head,
        father=_relative(person.father),
        mother=_relative(person.mother),
        spouse=_relative(person.spouse),
        life_status=person.life_status,
    )


def _address(address: AddressRecord | None) -> Address | None:
    if address is None:
        return None
    return Address(
        province=_coded(address.province),
        district=None if address.district is None else _coded(address.district),
        ward=_coded(address.ward),
        detail=address.detail or None,
        country=code_lists.country(address.country),
    )


def _coded(unit: LabelledCode) -> Coded:
    return Coded(code=unit.code, label=unit.label)


def _relative(relative: RelativeRecord | None) -> Relative | None:
    if relative is None:
        return None
    return Relative(
        full_name=relative.full_name,
        nationality=code_lists.country(relative.nationality),
        id_number=relative.id_number,
        old_id_number=relative.old_id_number,
    )
