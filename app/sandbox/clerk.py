"""Enters invented families: gives their people numbers and addresses, and writes them as records."""

from typing import Any, Final

from app.sandbox.dice import Dice
from app.sandbox.kin import ALIVE, Family, Household, Person
from app.sandbox.numbers import NumberGiver
from app.sandbox.places import Address, some_detail, some_place

Record = dict[str, Any]

_OLD_NUMBERS_UNTIL: Final = 2006
_BIRTHS_REGISTERED_FROM: Final = 1965
_OLD_TERRITORY_UNTIL: Final = 2024


class Clerk:
    """Keeps the numbers given so far."""

    def __init__(self, dice: Dice, numbers: NumberGiver) -> None:
        self._dice = dice
        self._numbers = numbers
        self._households = 0

    def enter(self, family: Family) -> tuple[list[Record], list[Record]]:
        """Return the records of the family's people and of their households."""
        # All numbers come first, since records name the numbers of others.
        for person in family.everyone():
            person.id_number = self._numbers.number(sex=person.sex, birth_year=person.birth_year)
            if person.birth_year <= _OLD_NUMBERS_UNTIL and self._dice.chance(0.55):
                person.old_id_number = self._numbers.old_number()
        people = [
            self._person(person, household)
            for household in family.households
            for person in household.everyone()
        ]
        return people, [self._household(household) for household in family.households]

    def _household(self, household: Household) -> Record:
        self._households += 1
        return {
            "book_number": f"MP-{self._households:07d}",
            "head": household.head.id_number,
            "members": {person.id_number: code for person, code in household.members},
        }

    def _person(self, person: Person, household: Household) -> Record:
        home = household.place.address(household.detail, is_old=household.is_old_address)
        return {
            "id_number": person.id_number,
            "old_id_number": person.old_id_number,
            "full_name": person.full_name,
            "gender": person.sex,
            "birth_date": person.birth_date,
            "ethnicity": person.people.ethnicity,
            "religion": person.religion,
            "blood_type": person.blood_type,
            "marital_status": person.marital_status,
            "nationality": "VN",
            "birth_registration_place": self._birth_registration_place(person),
            "native_place": self._native_place(person),
            "permanent_address": home,
            "current_address": self._current_address(person, home),
            "father": _relative(person.father),
            "mother": _relative(person.mother),
            "spouse": _relative(person.spouse),
            "life_status": person.life_status,
        }

    def _birth_registration_place(self, person: Person) -> Address | None:
        dice = self._dice
        if person.birth_year < _BIRTHS_REGISTERED_FROM and dice.chance(0.6):
            return None
        is_old = person.birth_year <= _OLD_TERRITORY_UNTIL and dice.chance(0.4)
        return person.native.address(some_detail(dice), is_old=is_old)

    def _native_place(self, person: Person) -> Address:
        return person.native.address(some_detail(self._dice), is_old=self._dice.chance(0.3))

    def _current_address(self, person: Person, home: Address) -> Address | None:
        dice = self._dice
        if person.life_status != ALIVE:
            return None
        if dice.chance(0.85):
            return home
        return some_place(dice).address(some_detail(dice), is_old=False)


def _relative(relative: Person | str | None) -> Record | None:
    if relative is None:
        return None
    if isinstance(relative, str):
        full_name, id_number, old_id_number = relative, None, None
    else:
        full_name, id_number = relative.full_name, relative.id_number
        old_id_number = relative.old_id_number
    return {
        "id_number": id_number,
        "full_name": full_name,
        "nationality": "VN",
        "old_id_number": old_id_number,
    }
