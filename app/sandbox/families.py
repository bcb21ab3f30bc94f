"""Invents families of three generations, and who of them lives with whom."""

from calendar import monthrange
from typing import Final

from app.sandbox.dice import Dice, Weighted
from app.sandbox.kin import (
    CHILD,
    DECEASED,
    DIVORCED,
    FATHER,
    GROWN_UP,
    LAST_YEAR,
    MARRIED,
    MISSING,
    MOTHER,
    SPOUSE,
    WIDOWED,
    Family,
    Household,
    Person,
)
from app.sandbox.peoples import FEMALE, KINH, MALE, PEOPLES, People, Sex
from app.sandbox.places import Place, some_detail, some_place

_MARRIES_FROM: Final = 23
_OLDEST_YEAR: Final = 1925

_BLOOD_TYPES: Final = Weighted([("00", 55), ("04", 20), ("02", 13), ("01", 9), ("03", 3)])


def some_family(dice: Dice) -> Family:
    """Invent a couple with their children, and these' spouses and children, in their households."""
    maker = _Maker(dice)
    people = dice.weighted(PEOPLES)
    husband, wife = maker.couple(people, birth_year=dice.between(1928, 1968))
    children = maker.children(husband, wife, most=5)
    for child in children:
        if child.age >= _MARRIES_FROM and dice.chance(0.75):
            maker.marry(child)
    maker.settle(husband, wife, children)
    maker.let_time_pass()
    return maker.family


def lone_adult(dice: Dice) -> Family:
    """Invent somebody who lives alone."""
    maker = _Maker(dice)
    people, sex = dice.weighted(PEOPLES), dice.pick((MALE, FEMALE))
    maker.house(maker.stranger(people, sex=sex, birth_year=dice.between(1945, LAST_YEAR - GROWN_UP)))
    return maker.family


class _Maker:
    """A family in the making."""

    def __init__(self, dice: Dice) -> None:
        self.family: Final = Family()
        self._dice: Final = dice
        # The household that each married or divorced child founds, still open to the child's own parents.
        self._own: Final[dict[Person, list[tuple[Person, str]]]] = {}

    def stranger(self, people: People, *, sex: Sex, birth_year: int) -> Person:
        """Make somebody of a family of his own."""
        dice = self._dice
        native = some_place(dice, dice.pick(people.provinces) if people.provinces else None)
        family_name = dice.weighted(people.family_names)
        return self._person(people, family_name, native, sex=sex, birth_year=birth_year)

    def couple(self, people: People, *, birth_year: int) -> tuple[Person, Person]:
        """Make a husband, and a wife about his age."""
        husband = self.stranger(people, sex=MALE, birth_year=birth_year)
        wife = self.stranger(people, sex=FEMALE, birth_year=birth_year + self._dice.between(-2, 5))
        _wed(husband, wife)
        return husband, wife

    def children(self, father: Person, mother: Person, *, most: int) -> list[Person]:
        """Make up to `most` children, at least a year apart, at ages that parents have."""
        dice = self._dice
        year = max(mother.birth_year + dice.between(19, 27), father.birth_year + 19)
        last = min(mother.birth_year + 42, father.birth_year + 55, LAST_YEAR)
        children: list[Person] = []
        for _ in range(dice.between(1, most)):
            if year > last:
                break
            child = self._person(
                father.people,
                father.family_name,
                father.native,
                sex=dice.pick((MALE, FEMALE)),
                birth_year=year,
            )
            child.father, child.mother = father, mother
            children.append(child)
            year += dice.between(2, 5)
        return children

    def marry(self, child: Person) -> None:
        """Give a child a spouse and mostly children; a few couples are divorced by now."""
        dice = self._dice
        spouse = self._spouse_for(child)
        _wed(child, spouse)
        husband, wife = (child, spouse) if child.sex == MALE else (spouse, child)
        children = self.children(husband, wife, most=3) if dice.chance(0.85) else []
        self._own[child] = [(person, CHILD) for person in children]
        if dice.chance(0.07):
            child.spouse = spouse.spouse = None
            child.marital_status = spouse.marital_status = DIVORCED
            self.house(spouse)
        else:
            self._own[child].insert(0, (spouse, SPOUSE))

    def settle(self, husband: Person, wife: Person, children: list[Person]) -> None:
        """Let everybody live somewhere: the old couple by themselves or with one of their children."""
        dice = self._dice
        host = None
        # The list of relations has none for brothers and sisters: minors stay with their parents.
        if children and all(child.is_grown_up for child in children) and dice.chance(0.45):
            host = dice.pick(children)
        at_home: list[tuple[Person, str]] = []
        for child in children:
            own = self._own.get(child)
            if child is host:
                self.house(child, (own or []) + [(husband, FATHER), (wife, MOTHER)])
            elif own is not None:
                self._house_of_either(child, own)
            elif host is not None or (child.is_grown_up and dice.chance(0.35)):
                self.house(child)
            else:
                at_home.append((child, CHILD))
        if host is None:
            self._house_of_either(husband, [(wife, SPOUSE), *at_home])

    def house(self, head: Person, members: list[tuple[Person, str]] | None = None) -> None:
        """Found a household, mostly where the head comes from."""
        dice = self._dice
        self.family.households.append(
            Household(
                head=head,
                members=members or [],
                place=head.native if dice.chance(0.7) else some_place(dice),
                detail=some_detail(dice),
                is_old_address=dice.chance(0.08),
            )
        )

    def let_time_pass(self) -> None:
        """Let some of those who head no household have died, or be missing."""
        for household in self.family.households:
            for person, _ in household.members:
                if self._dice.chance(_share_deceased(person)):
                    person.life_status = DECEASED
                    if person.spouse is not None and person.spouse.life_status != DECEASED:
                        person.spouse.marital_status = WIDOWED
                elif person.is_grown_up and self._dice.chance(0.002):
                    person.life_status = MISSING

    def _house_of_either(self, head: Person, members: list[tuple[Person, str]]) -> None:
        """Found a household that the wife heads now and then; only for couples with their children."""
        if members and members[0][1] == SPOUSE and self._dice.chance(0.25):
            head, members = members[0][0], [(head, SPOUSE), *members[1:]]
        self.house(head, members)

    def _spouse_for(self, child: Person) -> Person:
        dice = self._dice
        people = child.people if dice.chance(0.85) else KINH
        years = dice.between(-2, 5)
        year = min(child.birth_year + (years if child.sex == MALE else -years), LAST_YEAR - GROWN_UP - 1)
        spouse = self.stranger(people, sex=FEMALE if child.sex == MALE else MALE, birth_year=year)
        self._give_parents(spouse)
        return spouse

    def _give_parents(self, spouse: Person) -> None:
        """Let the register know the parents of somebody who marries in: wholly, by name, or not at all."""
        dice, people = self._dice, spouse.people
        father_year = spouse.birth_year - dice.between(24, 36)
        if father_year >= _OLDEST_YEAR and dice.chance(0.3):
            father, mother = self.couple(people, birth_year=father_year)
            father.native = spouse.native
            father.family_name = spouse.family_name
            father.full_name = people.name(dice, family_name=spouse.family_name, sex=MALE)
            spouse.father, spouse.mother = father, mother
            self._house_of_either(father, [(mother, SPOUSE)])
        elif dice.chance(0.5):
            spouse.father = people.name(dice, family_name=spouse.family_name, sex=MALE)
            spouse.mother = people.name(dice, family_name=dice.weighted(people.family_names), sex=FEMALE)

    def _person(
        self, people: People, family_name: str, native: Place, *, sex: Sex, birth_year: int
    ) -> Person:
        dice = self._dice
        return Person(
            people=people,
            family_name=family_name,
            full_name=people.name(dice, family_name=family_name, sex=sex),
            sex=sex,
            birth_year=birth_year,
            birth_date=_birth_date(dice, birth_year),
            native=native,
            religion=dice.weighted(people.religions),
            blood_type=dice.weighted(_BLOOD_TYPES),
        )


def _wed(one: Person, other: Person) -> None:
    one.spouse, other.spouse = other, one
    one.marital_status = other.marital_status = MARRIED


def _birth_date(dice: Dice, year: int) -> str:
    """Make up a date; of the old, the register often knows the year or the month only."""
    is_often_partial = year < 1965  # noqa: PLR2004 - about when births began to be registered everywhere
    if dice.chance(0.12 if is_often_partial else 0.01):
        return f"{year}"
    month = dice.between(1, 12)
    if dice.chance(0.05 if is_often_partial else 0.01):
        return f"{year}-{month:02d}"
    return f"{year}-{month:02d}-{dice.between(1, monthrange(year, month)[1]):02d}"


def _share_deceased(person: Person) -> float:
    for age, share in ((85, 0.3), (75, 0.12), (60, 0.02), (GROWN_UP, 0.002)):
        if person.age >= age:
            return share
    return 0.0
