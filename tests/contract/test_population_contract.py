"""What every way to the population database does alike, whatever its wire format.

The wire profiles ask the simulator over a real socket. A new profile joins by its name in PROFILES; it must
know the sandbox's people.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import pytest

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import HeadResult, MemberResult, PopulationDatabase
from app.alerts import Alerts
from app.domain.citizen import Coded
from app.domain.claim import IdentityClaim
from app.errors import (
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
)
from app.services.metrics import Metrics
from app.settings.npd import NpdProfile
from app.settings.settings import Settings
from tests.claims import CONTEXT, make_claim, numbers
from tests.simulators import running_simulator

pytestmark = pytest.mark.anyio

PROFILES: Final[tuple[NpdProfile, ...]] = ("mock", "ndxp-soap", "lgsp-soap", "lgsp-json")

NGOC: Final = make_claim()
HEAD_OF_TWELVE: Final = make_claim("LƯƠNG VĂN CẢ", "100062000101", "1962-08-19")

Question = Callable[[PopulationDatabase, IdentityClaim], Awaitable[object]]


async def _verify(population: PopulationDatabase, claim: IdentityClaim) -> object:
    return await population.verify(claim, CONTEXT)


async def _find_citizen(population: PopulationDatabase, claim: IdentityClaim) -> object:
    return await population.find_citizen(claim, CONTEXT)


async def _check_household(population: PopulationDatabase, claim: IdentityClaim) -> object:
    return await population.check_household(claim, numbers("100088000002"), CONTEXT)


every_question = pytest.mark.parametrize("ask", [_verify, _find_citizen, _check_household])


@pytest.fixture(params=PROFILES, scope="module")
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    if request.param == "mock":
        yield Settings()
        return
    with running_simulator(request.param, tmp_path_factory.mktemp("npd")) as simulator:
        # One question may come twice here under the same id, and scripted faults are no sign of trouble.
        simulator.behave(unique_request_ids=False, number_alone=True)
        common = {"npd_timeout_seconds": 4, "npd_read_timeout_seconds": 3, "npd_circuit_failures": 1000}
        yield Settings.model_validate(simulator.settings | common)


@pytest.fixture
async def population(settings: Settings) -> AsyncIterator[PopulationDatabase]:
    async with open_population_database(settings, Metrics(), Alerts()) as population:
        yield population


async def test_it_tells_its_profile_and_that_its_people_are_invented(
    population: PopulationDatabase, settings: Settings
) -> None:
    assert population.profile == settings.npd_profile
    assert population.is_test_data


async def test_it_is_available_and_bounded_in_time(population: PopulationDatabase) -> None:
    assert population.status().state == "available"
    assert population.status().retry_after_seconds is None
    assert 0 < population.deadline_seconds < float("inf")


FITTING = [
    pytest.param(make_claim(), id="as recorded"),
    pytest.param(make_claim("nguyễn thị  minh\u00a0ngọc"), id="other case and blanks"),
    pytest.param(make_claim(id_number="000000101"), id="by the old number"),
    pytest.param(make_claim(birth_date="1990-07"), id="month of birth"),
    pytest.param(make_claim(birth_date="1990"), id="year of birth"),
    pytest.param(make_claim("TRẦN VĂN HOÀ", "100088000002", "1988-02-29"), id="tone mark on the other vowel"),
    pytest.param(make_claim("NGUYỄN VĂN ĐỨC", "100058000004", "1958"), id="known by year only"),
    pytest.param(make_claim("LÊ THỊ HÒA", "100160000005", "1960-11"), id="known by month only"),
    pytest.param(make_claim("H’HEN MẪU NIÊ", "100193000021", "1993-05-13"), id="apostrophe"),
    pytest.param(make_claim("SÌN", "100070000031", "1970"), id="name of one word"),
    pytest.param(make_claim("LÊ NA MARIE-CLAIRE", "100308000041", "2008"), id="hyphen"),
]

MISFITTING = [
    pytest.param(make_claim("NGUYỄN THỊ MINH NGỌ"), id="wrong name"),
    pytest.param(make_claim("NGUYEN THI MINH NGOC"), id="name without diacritics"),
    pytest.param(make_claim(birth_date="1990-07-31"), id="wrong day"),
    pytest.param(make_claim(birth_date="1990-08"), id="wrong month"),
    pytest.param(make_claim(birth_date="1991"), id="wrong year"),
    pytest.param(make_claim(id_number="100190999999"), id="number that nobody has"),
    pytest.param(make_claim(id_number="000999999"), id="old number that nobody has"),
    pytest.param(make_claim(id_number="100088000002"), id="another's number"),
    pytest.param(make_claim(id_number="000000102"), id="another's old number"),
    pytest.param(make_claim("NGUYỄN VĂN ĐỨC", "100058000004", "1958-01-01"), id="day where a year is known"),
    pytest.param(make_claim("NGUYỄN VĂN NAM", "100085000052", "1985-03-02"), id="namesake's number"),
    pytest.param(make_claim(id_number="100999000008"), id="number of the partial household"),
]


@pytest.mark.parametrize("claim", FITTING)
async def test_a_claim_that_fits_a_record_is_confirmed(
    population: PopulationDatabase, claim: IdentityClaim
) -> None:
    person = await population.verify(claim, CONTEXT)
    citizen = await population.find_citizen(claim, CONTEXT)
    assert person is not None
    assert citizen is not None
    assert set(person.id_numbers) <= {citizen.id_number, citizen.old_id_number}
    assert claim.id_number.value in {citizen.id_number, citizen.old_id_number}


@pytest.mark.parametrize("claim", MISFITTING)
async def test_a_claim_that_fits_no_record_is_an_answer_not_an_error(
    population: PopulationDatabase, claim: IdentityClaim
) -> None:
    answer = await population.check_household(claim, numbers("100088000002"), CONTEXT)
    assert await population.verify(claim, CONTEXT) is None
    assert await population.find_citizen(claim, CONTEXT) is None
    assert (answer.head, answer.person) == (HeadResult.NOT_FOUND, None)
    assert answer.members == (MemberResult.UNKNOWN,)


async def test_namesakes_born_on_one_day_are_told_apart_by_number(population: PopulationDatabase) -> None:
    first = await population.find_citizen(make_claim("NGUYỄN VĂN NAM", "100085000051", "1985-03-01"), CONTEXT)
    second = await population.find_citizen(make_claim("NGUYỄN VĂN NAM", "000000152", "1985-03-01"), CONTEXT)
    assert first is not None
    assert second is not None
    assert (first.id_number, second.id_number) == ("100085000051", "100085000052")


async def test_the_record_is_told_in_the_words_of_the_register(population: PopulationDatabase) -> None:
    citizen = await population.find_citizen(NGOC, CONTEXT)
    assert citizen is not None
    assert citizen.full_name == "NGUYỄN THỊ MINH NGỌC"
    assert (citizen.id_number, citizen.old_id_number) == ("100190000001", "000000101")
    assert citizen.birth_date == "1990-07-30"
    assert citizen.gender == Coded("2", "Nữ")
    assert citizen.ethnicity == Coded("01", "Kinh")
    assert citizen.religion == Coded("0", "Không")
    assert citizen.blood_type == Coded("04", "O")
    assert citizen.marital_status == Coded("2", "Đang có vợ/chồng")
    assert citizen.nationality == Coded("VN", "Việt Nam")


async def test_an_address_has_three_levels_before_the_reform_and_two_since(
    population: PopulationDatabase,
) -> None:
    citizen = await population.find_citizen(NGOC, CONTEXT)
    assert citizen is not None
    before, since = citizen.birth_registration_place, citizen.permanent_address
    assert before is not None
    assert before.district is not None
    assert before.ward is not None
    assert (before.district.code, before.ward.code) == ("303", "11311")
    assert since is not None
    assert since.ward is not None
    assert (since.district, since.ward.code) == (None, "11311")
    assert since.province == Coded("31", "Hải Phòng")
    assert since.detail == "Số 12 phố Thử Nghiệm"
    assert since.country == Coded("VN", "Việt Nam")


async def test_the_record_names_the_relatives_and_the_head_of_the_household(
    population: PopulationDatabase,
) -> None:
    child = await population.find_citizen(make_claim("TRẦN MINH AN", "100216000003", "2016-12-31"), CONTEXT)
    assert child is not None
    assert child.father is not None
    assert child.mother is not None
    assert child.household_head is not None
    assert child.household_head.relationship is not None
    assert (child.father.full_name, child.father.old_id_number) == ("TRẦN VĂN HÒA", "000000102")
    assert (child.mother.id_number, child.mother.nationality) == ("100190000001", Coded("VN", "Việt Nam"))
    assert child.spouse is None
    assert (child.household_head.full_name, child.household_head.id_number) == (
        "NGUYỄN THỊ MINH NGỌC",
        "100190000001",
    )
    assert child.household_head.relationship.code == "CH03"


async def test_the_head_of_a_household_is_named_in_the_own_record_with_ch01(
    population: PopulationDatabase,
) -> None:
    citizen = await population.find_citizen(NGOC, CONTEXT)
    assert citizen is not None
    assert citizen.household_head is not None
    assert citizen.household_head.id_number == citizen.id_number
    assert citizen.household_head.relationship == Coded("CH01", "Chủ hộ")


async def test_codes_that_mean_no_information_and_empty_ones_are_none(population: PopulationDatabase) -> None:
    citizen = await population.find_citizen(make_claim("HOÀNG VĂN TÍ", "100224000071", "2024-06-30"), CONTEXT)
    assert citizen is not None
    assert citizen.gender is None
    assert citizen.ethnicity is None
    assert citizen.religion is None
    assert citizen.blood_type is None
    assert citizen.marital_status is None
    assert citizen.permanent_address is None
    assert citizen.household_head is None
    assert citizen.old_id_number is None


async def test_codes_that_no_list_knows_stay_without_a_label(population: PopulationDatabase) -> None:
    name = "CÔNG TẰNG TÔN NỮ THỊ HUYỀN TRÂN BẢO NGỌC ÁNH NGUYỆT"
    citizen = await population.find_citizen(make_claim(name, "100165000081", "1965-12-01"), CONTEXT)
    assert citizen is not None
    assert citizen.ethnicity == Coded("98", None)
    assert citizen.religion == Coded("77", None)
    assert citizen.blood_type == Coded("99", None)
    assert citizen.marital_status == Coded("9", None)


async def test_the_members_of_a_confirmed_head_are_told_in_the_order_asked(
    population: PopulationDatabase,
) -> None:
    members = numbers("100304000112", "100190000001", "100062000101", "100000000000", "100164000102")
    answer = await population.check_household(HEAD_OF_TWELVE, members, CONTEXT)
    assert answer.head is HeadResult.CONFIRMED
    assert answer.person is not None
    assert answer.members == (
        MemberResult.MEMBER,
        MemberResult.NOT_MEMBER,
        MemberResult.MEMBER,
        MemberResult.NOT_MEMBER,
        MemberResult.MEMBER,
    )


async def test_head_and_members_are_known_by_their_old_numbers_too(population: PopulationDatabase) -> None:
    members = numbers("000000102", "000000104", "000000101", "000000111")
    answer = await population.check_household(make_claim(id_number="000000101"), members, CONTEXT)
    assert answer.head is HeadResult.CONFIRMED
    assert answer.members == (*(MemberResult.MEMBER,) * 3, MemberResult.NOT_MEMBER)


async def test_members_are_unknown_to_somebody_who_is_not_the_head(population: PopulationDatabase) -> None:
    spouse = make_claim("TRẦN VĂN HÒA", "100088000002", "1988-02-29")
    answer = await population.check_household(spouse, numbers("100190000001", "100088000002"), CONTEXT)
    assert answer.head is HeadResult.NOT_HEAD
    assert answer.person is not None
    assert answer.members == (MemberResult.UNKNOWN, MemberResult.UNKNOWN)


async def test_somebody_in_no_household_is_no_head(population: PopulationDatabase) -> None:
    nobodys = make_claim("HOÀNG VĂN TÍ", "100224000071", "2024-06-30")
    answer = await population.check_household(nobodys, numbers("100190000001"), CONTEXT)
    assert (answer.head, answer.members) == (HeadResult.NOT_HEAD, (MemberResult.UNKNOWN,))


async def test_a_head_with_a_household_of_one_has_no_members(population: PopulationDatabase) -> None:
    alone = make_claim("NGUYỄN VĂN NAM", "100085000051", "1985-03-01")
    answer = await population.check_household(alone, numbers("100085000052"), CONTEXT)
    assert (answer.head, answer.members) == (HeadResult.CONFIRMED, (MemberResult.NOT_MEMBER,))


async def test_a_member_left_out_of_the_answer_is_unknown_and_never_a_no(
    population: PopulationDatabase,
) -> None:
    members = numbers("100164000102", "100999000008", "100190000001")
    answer = await population.check_household(HEAD_OF_TWELVE, members, CONTEXT)
    assert answer.members == (MemberResult.MEMBER, MemberResult.UNKNOWN, MemberResult.NOT_MEMBER)


@every_question
@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("100999000001", PopulationDatabaseTimeoutError),
        ("100999000002", PopulationDatabaseError),
        ("100999000003", PopulationDatabaseRefusedError),
        ("100999000004", PopulationDatabaseRefusedError),
        ("100999000005", PopulationDatabaseMismatchError),
        ("100999000006", PopulationDatabaseError),
    ],
)
async def test_a_failure_is_an_error_and_never_an_answer(
    population: PopulationDatabase, ask: Question, number: str, error: type[PopulationDatabaseError]
) -> None:
    with pytest.raises(PopulationDatabaseError) as raised:
        await ask(population, make_claim(id_number=number))
    assert type(raised.value) is error
    assert number not in str(raised.value)


@every_question
async def test_a_failure_leaves_nothing_behind_for_the_next_question(
    population: PopulationDatabase, ask: Question
) -> None:
    before = await ask(population, NGOC)
    with pytest.raises(PopulationDatabaseError):
        await ask(population, make_claim(id_number="100999000002"))
    assert await ask(population, NGOC) == before


async def test_a_record_is_found_by_number_alone(population: PopulationDatabase) -> None:
    found = await population.find_by_number(numbers("000000101")[0], CONTEXT)
    assert found is not None
    assert (found.id_number, found.full_name) == ("100190000001", "NGUYỄN THỊ MINH NGỌC")
    assert await population.find_by_number(numbers("100000000000")[0], CONTEXT) is None
