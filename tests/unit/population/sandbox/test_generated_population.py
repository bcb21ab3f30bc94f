"""What holds in every generated population: its families, households, numbers and dates fit together."""

import asyncio
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.population.factory import SANDBOX_POPULATION
from app.adapters.population.port import HeadResult, MemberResult
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from app.adapters.population.sandbox.population_file import open_population
from app.domain import code_lists
from app.domain.citizen import LifeStatus
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName
from app.sandbox import numbers as giving_numbers
from app.sandbox.generate import MOST_PEOPLE, generate_population
from app.sandbox.numbers import NumberGiver, NumbersUsedUpError
from tests.claims import CONTEXT, make_claim, numbers

PEOPLE: Final = 2_000
AS_OF: Final = 2025

Record = dict[str, Any]


def generated(people: int, seed: int) -> str:
    stream = io.StringIO()
    generate_population(stream, people=people, seed=seed)
    return stream.getvalue()


HAND_MADE: Final[Record] = json.loads(SANDBOX_POPULATION.read_text(encoding="utf-8"))
TEXT: Final = generated(PEOPLE, seed=5)
POPULATION: Final[Record] = json.loads(TEXT)
INVENTED: Final[list[Record]] = POPULATION["citizens"][len(HAND_MADE["citizens"]) :]
BY_NUMBER: Final[dict[str, Record]] = {person["id_number"]: person for person in INVENTED}
HOUSEHOLDS: Final[list[Record]] = POPULATION["households"][len(HAND_MADE["households"]) :]

persons = st.sampled_from(INVENTED)
households = st.sampled_from(HOUSEHOLDS)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockPopulationDatabase]:
    path = tmp_path_factory.mktemp("population") / "generated.json"
    path.write_text(TEXT, encoding="utf-8")
    with open_population(path) as population:
        yield MockPopulationDatabase(population, deadline_seconds=5.0)


def year_of(person: Record) -> int:
    return PartialDate.parse(person["birth_date"]).year


def parents_of(person: Record) -> list[tuple[str, Record]]:
    return [(side, person[side]) for side in ("father", "mother") if person[side] is not None]


# --- the file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 2, 17, 300])
def test_there_are_exactly_as_many_people_as_asked_beside_the_hand_made(people: int) -> None:
    population = json.loads(generated(people, seed=1))
    assert len(population["citizens"]) == len(HAND_MADE["citizens"]) + people
    assert population["citizens"][: len(HAND_MADE["citizens"])] == HAND_MADE["citizens"]


@pytest.mark.parametrize("people", [-1, 0, MOST_PEOPLE + 1])
def test_a_number_of_people_out_of_bounds_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 5000000 people"):
        generated(people, seed=1)


def test_the_file_stands_for_itself() -> None:
    assert POPULATION["households"][: len(HAND_MADE["households"])] == HAND_MADE["households"]
    assert POPULATION["scripted"] == HAND_MADE["scripted"]
    assert POPULATION["relationship_labels"] == HAND_MADE["relationship_labels"]
    assert len(INVENTED) == PEOPLE


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert generated(PEOPLE, seed=5) == TEXT
    assert generated(PEOPLE, seed=6) != TEXT


def test_a_seed_gives_the_same_people_on_every_machine() -> None:
    # sha256sum of the lines of these hundred people, as the file has them.
    people = [line for line in generated(100, seed=1).splitlines() if line.startswith('  {"id_number"')][
        -100:
    ]
    digest = hashlib.sha256("".join(f"{line}\n" for line in people).encode()).hexdigest()
    assert digest == "e830e9c55e189280686172920e2ec7df1daf97a9507dece7d88f8f39c7ee33c3"


# --- numbers, names, dates --------------------------------------------------------------------------


def test_no_two_people_share_a_number_and_none_is_a_hand_made_ones() -> None:
    taken = set(HAND_MADE["scripted"]) | {officer["id_number"] for officer in HAND_MADE["officers"]}
    for field in ("id_number", "old_id_number"):
        given_out = Counter(person[field] for person in POPULATION["citizens"] if person[field])
        assert max(given_out.values()) == 1
        assert taken.isdisjoint(given_out)


@given(persons)
def test_a_number_tells_the_right_sex_and_year_and_belongs_to_no_province(person: Record) -> None:
    facts = IdentityNumber(person["id_number"]).facts()
    assert facts is not None
    assert person["id_number"].startswith("100")
    assert facts.province is None
    assert facts.sex == {"1": "male", "2": "female"}[person["gender"]]
    assert facts.birth_year == year_of(person)


def test_old_numbers_belong_to_some_of_those_old_enough_and_to_no_real_person() -> None:
    old = [person for person in INVENTED if person["old_id_number"]]
    assert all(person["old_id_number"].startswith("000") for person in old)
    assert max(map(year_of, old)) <= 2006
    assert 0.2 * PEOPLE < len(old) < 0.8 * PEOPLE


def test_dates_are_possible_and_some_are_known_by_year_or_month_only() -> None:
    lengths = Counter(len(person["birth_date"]) for person in INVENTED)
    assert all(1900 < year_of(person) <= AS_OF for person in INVENTED)
    assert lengths[10] > 0.8 * PEOPLE
    assert lengths[4] > 0
    assert lengths[7] > 0


def test_names_are_in_their_normal_form_and_seldom_the_same() -> None:
    names = [person["full_name"] for person in INVENTED]
    assert all(PersonName(name).upper == name for name in names)
    assert len(set(names)) > 0.6 * PEOPLE


def test_several_peoples_live_among_the_invented() -> None:
    peoples = Counter(person["ethnicity"] for person in INVENTED)
    assert len(peoples) >= 5
    assert peoples["01"] > 0.6 * PEOPLE


def test_every_code_is_one_that_its_list_knows() -> None:
    for person in INVENTED:
        assert code_lists.gender(person["gender"])
        for known in (
            code_lists.ethnicity(person["ethnicity"]),
            code_lists.religion(person["religion"]),
            code_lists.marital_status(person["marital_status"]),
            code_lists.country(person["nationality"]),
        ):
            assert known is not None
            assert known.label is not None


def test_most_addresses_have_two_levels_and_some_have_a_district() -> None:
    addresses = [
        person[field]
        for person in INVENTED
        for field in ("birth_registration_place", "native_place", "permanent_address", "current_address")
        if person[field] is not None
    ]
    of_three = [address for address in addresses if address["district"] is not None]
    assert 0.05 * len(addresses) < len(of_three) < 0.5 * len(addresses)
    assert all(address["detail"] and address["province"]["label"] for address in addresses)
    assert all(address["ward"]["code"] >= "90100" for address in addresses)


def test_a_ward_number_means_one_ward_within_each_territory() -> None:
    wards: dict[tuple[str, bool], set[str]] = {}
    for person in INVENTED:
        for field in ("native_place", "permanent_address"):
            address = person[field]
            key = (address["ward"]["code"], address["district"] is not None)
            wards.setdefault(key, set()).add(address["ward"]["label"])
    assert all(len(labels) == 1 for labels in wards.values())


# --- families ---------------------------------------------------------------------------------------


@given(persons)
def test_a_relative_with_a_number_is_somebody_with_that_name(person: Record) -> None:
    for field in ("father", "mother", "spouse"):
        relative = person[field]
        if relative is not None and relative["id_number"] is not None:
            record = BY_NUMBER[relative["id_number"]]
            assert relative["full_name"] == record["full_name"]
            assert relative["old_id_number"] == record["old_id_number"]
            assert record["gender"] == {"father": "1", "mother": "2"}.get(field, record["gender"])


def test_parents_are_older_than_their_children_by_plausible_years() -> None:
    for person in INVENTED:
        for side, parent in parents_of(person):
            if parent["id_number"] is not None:
                years = year_of(person) - year_of(BY_NUMBER[parent["id_number"]])
                assert 18 <= years <= (56 if side == "father" else 43)


def test_a_child_of_known_parents_bears_the_fathers_family_name() -> None:
    for person in INVENTED:
        father = person["father"]
        if father is not None and person["ethnicity"] != "12":
            assert person["full_name"].split()[0] == father["full_name"].split()[0]


def test_brothers_and_sisters_are_at_least_a_year_apart() -> None:
    families: dict[str, list[int]] = {}
    for person in INVENTED:
        if person["mother"] is not None and person["mother"]["id_number"] is not None:
            families.setdefault(person["mother"]["id_number"], []).append(year_of(person))
    assert all(abs(one - other) >= 2 for years in families.values() for one, other in combinations(years, 2))


def test_families_reach_over_three_generations() -> None:
    def depth(person: Record) -> int:
        known = [parent["id_number"] for _, parent in parents_of(person) if parent["id_number"] is not None]
        return 1 + max((depth(BY_NUMBER[number]) for number in known), default=0)

    assert max(map(depth, INVENTED)) == 3


def test_spouses_are_married_to_each_other_and_their_status_says_so() -> None:
    for person in INVENTED:
        if person["spouse"] is None:
            assert person["marital_status"] in {"1", "3"}
            continue
        spouse = BY_NUMBER[person["spouse"]["id_number"]]
        assert spouse["spouse"]["id_number"] == person["id_number"]
        assert {person["gender"], spouse["gender"]} == {"1", "2"}
        if "deceased" in {person["life_status"], spouse["life_status"]}:
            assert {person["marital_status"], spouse["marital_status"]} == {"2", "4"}
        else:
            assert person["marital_status"] == spouse["marital_status"] == "2"


def test_nobody_under_eighteen_is_married_or_divorced() -> None:
    young = [person for person in INVENTED if AS_OF - year_of(person) < 18]
    assert young
    assert {person["marital_status"] for person in young} == {"1"}


def test_a_few_have_died_or_are_missing_and_live_nowhere() -> None:
    gone = [person for person in INVENTED if person["life_status"] != "alive"]
    assert 0 < len(gone) < 0.1 * PEOPLE
    assert {person["life_status"] for person in gone} == {"deceased", "missing"}
    assert all(person["current_address"] is None for person in gone)


# --- households -------------------------------------------------------------------------------------


def test_everybody_lives_in_exactly_one_household() -> None:
    living = Counter(number for home in HOUSEHOLDS for number in (home["head"], *home["members"]))
    assert living == Counter(list(BY_NUMBER))
    assert len({home["book_number"] for home in POPULATION["households"]}) == len(POPULATION["households"])


def test_a_head_is_grown_up_and_alive() -> None:
    for home in HOUSEHOLDS:
        head = BY_NUMBER[home["head"]]
        assert AS_OF - year_of(head) >= 18
        assert head["life_status"] == "alive"


def test_relations_to_the_head_are_those_that_the_records_tell() -> None:
    seen = Counter[str]()
    for home in HOUSEHOLDS:
        head = BY_NUMBER[home["head"]]
        for number, code in home["members"].items():
            member = BY_NUMBER[number]
            seen[code] += 1
            match code:
                case "CH02":
                    assert head["spouse"]["id_number"] == number
                case "CH03":
                    assert head["id_number"] in {parent["id_number"] for _, parent in parents_of(member)}
                case "CH04" | "CH05":
                    assert head["father" if code == "CH04" else "mother"]["id_number"] == number
            assert member["permanent_address"] == head["permanent_address"]
    assert set(seen) == {"CH02", "CH03", "CH04", "CH05"}


# --- through the mock -------------------------------------------------------------------------------


@given(persons, persons)
def test_everybody_is_found_with_the_own_claim_and_not_with_anothers_name_or_date(
    mock: MockPopulationDatabase, person: Record, other: Record
) -> None:
    own = (person["full_name"], person["id_number"], person["birth_date"])
    citizen = asyncio.run(mock.find_citizen(make_claim(*own), CONTEXT))
    assert citizen is not None
    assert (citizen.full_name, citizen.id_number, citizen.birth_date) == own
    assert citizen.life_status is LifeStatus(person["life_status"])
    assert citizen.household_head is not None
    assert citizen.household_head.relationship is not None
    assert citizen.household_head.relationship.label is not None
    if not PersonName(other["full_name"]).matches(PersonName(person["full_name"])):
        wrong_name = make_claim(other["full_name"], person["id_number"], person["birth_date"])
        assert asyncio.run(mock.verify(wrong_name, CONTEXT)) is None
    if not PartialDate.parse(other["birth_date"]).is_form_of(PartialDate.parse(person["birth_date"])):
        wrong_date = make_claim(person["full_name"], person["id_number"], other["birth_date"])
        assert asyncio.run(mock.verify(wrong_date, CONTEXT)) is None


@given(persons.filter(lambda person: person["old_id_number"] is not None))
def test_an_old_number_finds_the_same_person(mock: MockPopulationDatabase, person: Record) -> None:
    claim = make_claim(person["full_name"], person["old_id_number"], person["birth_date"])
    known = asyncio.run(mock.verify(claim, CONTEXT))
    assert known is not None
    assert known.id_numbers == (person["id_number"], person["old_id_number"])


@given(households, households)
def test_members_belong_to_their_own_head_and_to_no_other(
    mock: MockPopulationDatabase, home: Record, other: Record
) -> None:
    head = BY_NUMBER[home["head"]]
    claim = make_claim(head["full_name"], head["id_number"], head["birth_date"])
    own, others = [home["head"], *home["members"]], [other["head"], *other["members"]]
    answer = asyncio.run(mock.check_household(claim, numbers(*own, *others), CONTEXT))
    expected_of_others = MemberResult.MEMBER if other is home else MemberResult.NOT_MEMBER
    assert answer.head is HeadResult.CONFIRMED
    assert answer.members == (*[MemberResult.MEMBER] * len(own), *[expected_of_others] * len(others))


@given(households.filter(lambda home: home["members"]), st.data())
def test_a_member_is_not_the_head(mock: MockPopulationDatabase, home: Record, data: st.DataObject) -> None:
    member = BY_NUMBER[data.draw(st.sampled_from(sorted(home["members"])))]
    claim = make_claim(member["full_name"], member["id_number"], member["birth_date"])
    answer = asyncio.run(mock.check_household(claim, numbers(home["head"]), CONTEXT))
    assert (answer.head, answer.members) == (HeadResult.NOT_HEAD, (MemberResult.UNKNOWN,))


# --- numbers running out ----------------------------------------------------------------------------


def test_old_numbers_end_after_the_last_one_under_000_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_numbers, "_SERIALS", 1_000)
    giver = NumberGiver(frozenset({"000000007"}))
    given_out = [giver.old_number() for _ in range(998)]
    assert len({*given_out, "000000007", "000000000"}) == 1_000
    assert giver.old_number() is None


def test_a_birth_year_whose_numbers_are_used_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_numbers, "_SERIALS", 1_000)
    giver = NumberGiver(frozenset({"100390000007"}))
    given_out = {giver.number(sex="2", birth_year=2090) for _ in range(999)}
    assert len(given_out) == 999
    assert "100390000007" not in given_out
    with pytest.raises(NumbersUsedUpError):
        giver.number(sex="2", birth_year=2090)
    assert giver.number(sex="1", birth_year=2090).startswith("100290")
