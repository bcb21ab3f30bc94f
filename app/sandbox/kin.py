"""Invented people while they are being invented: not yet numbered, tied to each other as objects.

All is as of the end of 2025, whenever it runs, so that the same seed gives the same people.
"""

from dataclasses import dataclass, field
from typing import Final

from app.sandbox.peoples import People, Sex
from app.sandbox.places import Place

LAST_YEAR: Final = 2025
GROWN_UP: Final = 18

# The register's codes; the words for life are the file's own.
UNMARRIED, MARRIED, DIVORCED, WIDOWED = "1", "2", "3", "4"
SPOUSE, CHILD, FATHER, MOTHER = "CH02", "CH03", "CH04", "CH05"
ALIVE, DECEASED, MISSING = "alive", "deceased", "missing"


@dataclass(slots=True, eq=False)
class Person:
    """Somebody invented. A parent is a person too, or a name only, or unknown."""

    people: People
    family_name: str
    full_name: str
    sex: Sex
    birth_year: int
    birth_date: str
    native: Place
    religion: str
    blood_type: str
    father: "Person | str | None" = None
    mother: "Person | str | None" = None
    spouse: "Person | None" = None
    marital_status: str = UNMARRIED
    life_status: str = ALIVE
    id_number: str = ""
    old_id_number: str | None = None

    @property
    def age(self) -> int:
        """Years that are full for certain."""
        return LAST_YEAR - self.birth_year

    @property
    def is_grown_up(self) -> bool:
        """Tell whether the person may head a household."""
        return self.age >= GROWN_UP


@dataclass(slots=True, eq=False)
class Household:
    """People who live together. The head is grown up and alive."""

    head: Person
    members: list[tuple[Person, str]]
    place: Place
    detail: str
    is_old_address: bool

    def everyone(self) -> list[Person]:
        """List the head and the members."""
        return [self.head, *(person for person, _ in self.members)]


@dataclass(slots=True)
class Family:
    """What is invented together: nobody outside it is named in it with a number."""

    households: list[Household] = field(default_factory=list)

    def everyone(self) -> list[Person]:
        """List the people, household by household; each is in exactly one."""
        return [person for household in self.households for person in household.everyone()]
