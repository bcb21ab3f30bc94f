"""What only the embedded mock does: its scripted faults, and what it makes of the dead and of its file."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.adapters.population.factory import SANDBOX_POPULATION
from app.adapters.population.port import HeadResult, KnownPerson, MemberResult
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from app.adapters.population.sandbox.population_file import open_population
from app.domain.citizen import LifeStatus
from app.errors import PopulationDatabaseError, PopulationDatabaseTimeoutError
from tests.claims import CONTEXT, make_claim, numbers

pytestmark = pytest.mark.anyio

TIMEOUT, SLOW, PARTIAL = "100999000001", "100999000007", "100999000008"


@contextmanager
def opened(
    path: Path = SANDBOX_POPULATION, *, deadline_seconds: float = 5.0
) -> Iterator[MockPopulationDatabase]:
    with open_population(path) as population:
        yield MockPopulationDatabase(population, deadline_seconds=deadline_seconds)


@pytest.fixture
def mock() -> Iterator[MockPopulationDatabase]:
    with opened() as mock:
        yield mock


def test_its_deadline_is_the_setting() -> None:
    with opened(deadline_seconds=1.5) as mock:
        assert mock.deadline_seconds == pytest.approx(1.5)


async def test_a_scripted_timeout_keeps_nobody_waiting(mock: MockPopulationDatabase) -> None:
    async with asyncio.timeout(mock.deadline_seconds / 2):
        with pytest.raises(PopulationDatabaseTimeoutError):
            await mock.verify(make_claim(id_number=TIMEOUT), CONTEXT)


async def test_a_slow_answer_is_not_found_after_two_seconds(mock: MockPopulationDatabase) -> None:
    started = asyncio.get_running_loop().time()
    assert await mock.verify(make_claim(id_number=SLOW), CONTEXT) is None
    assert asyncio.get_running_loop().time() - started >= 2.0


async def test_an_answer_slower_than_the_deadline_is_a_timeout() -> None:
    with opened(deadline_seconds=0.02) as mock, pytest.raises(PopulationDatabaseTimeoutError):
        await mock.find_citizen(make_claim(id_number=SLOW), CONTEXT)


async def test_as_a_member_only_the_partial_household_means_something(mock: MockPopulationDatabase) -> None:
    scripted = [f"10099900000{last}" for last in range(1, 9)]
    answer = await mock.check_household(make_claim(), numbers(*scripted), CONTEXT)
    assert scripted[-1] == PARTIAL
    assert answer.members == (*(MemberResult.NOT_MEMBER,) * 7, MemberResult.UNKNOWN)


async def test_a_confirmed_person_is_known_by_both_numbers(mock: MockPopulationDatabase) -> None:
    both = KnownPerson(id_numbers=("100190000001", "000000101"), life_status=LifeStatus.ALIVE)
    answer = await mock.check_household(make_claim(id_number="000000101"), [], CONTEXT)
    assert await mock.verify(make_claim(), CONTEXT) == both
    assert await mock.verify(make_claim(id_number="000000101"), CONTEXT) == both
    assert answer.person == both


@pytest.mark.parametrize(
    ("name", "number", "date", "life_status"),
    [
        ("VŨ THỊ HƯỜNG", "100150000012", "1950-01-01", LifeStatus.DECEASED),
        ("BÙI ĐÌNH LẠC", "100075000091", "1975-04-30", LifeStatus.MISSING),
    ],
)
async def test_the_dead_and_the_missing_are_found_and_told(
    mock: MockPopulationDatabase, name: str, number: str, date: str, life_status: LifeStatus
) -> None:
    claim = make_claim(name, number, date)
    person, citizen = await mock.verify(claim, CONTEXT), await mock.find_citizen(claim, CONTEXT)
    assert person is not None
    assert citizen is not None
    assert person.life_status is citizen.life_status is life_status


async def test_a_head_who_died_is_confirmed_as_recorded_and_told_to_be_dead(tmp_path: Path) -> None:
    path = tmp_path / "population.json"
    path.write_text(
        SANDBOX_POPULATION.read_text(encoding="utf-8").replace(
            '"life_status": "alive"', '"life_status": "deceased"', 1
        ),
        encoding="utf-8",
    )
    with opened(path) as mock:
        answer = await mock.check_household(make_claim(), numbers("100088000002"), CONTEXT)
    assert (answer.head, answer.members) == (HeadResult.CONFIRMED, (MemberResult.MEMBER,))
    assert answer.person is not None
    assert answer.person.life_status is LifeStatus.DECEASED


async def test_a_relative_known_by_name_only_has_no_number(mock: MockPopulationDatabase) -> None:
    citizen = await mock.find_citizen(make_claim("LÊ NA MARIE-CLAIRE", "100308000041", "2008-02-29"), CONTEXT)
    assert citizen is not None
    assert citizen.father is not None
    assert citizen.father.nationality is not None
    assert (citizen.father.full_name, citizen.father.id_number) == ("JEAN D'ALEMBERT-TEST", None)
    assert (citizen.father.nationality.code, citizen.father.nationality.label) == ("FR", None)


async def test_an_unknown_number_costs_as_many_reads_as_a_wrong_name(
    mock: MockPopulationDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = os.pread, 0

    def counted(fd: int, length: int, start: int) -> bytes:
        nonlocal reads
        reads += 1
        return read(fd, length, start)

    monkeypatch.setattr(os, "pread", counted)
    counts = []
    for claim in (make_claim("NGUYỄN THỊ MINH"), make_claim(id_number="100190999999"), make_claim()):
        reads = 0
        await mock.verify(claim, CONTEXT)
        counts.append(reads)
    assert counts == [1, 1, 1]


async def test_a_file_cut_short_beneath_the_service_is_a_failure_not_a_no(tmp_path: Path) -> None:
    path = tmp_path / "population.json"
    path.write_bytes(SANDBOX_POPULATION.read_bytes())
    with opened(path) as mock:
        os.truncate(path, 0)
        with pytest.raises(PopulationDatabaseError) as raised:
            await mock.verify(make_claim(), CONTEXT)
    assert "100190000001" not in f"{raised.value!r} {raised.value.__cause__!r}"


async def test_a_file_replaced_beneath_the_service_changes_nothing(tmp_path: Path) -> None:
    path, other = tmp_path / "population.json", tmp_path / "other.json"
    path.write_bytes(SANDBOX_POPULATION.read_bytes())
    other.write_text(json.dumps({}), encoding="utf-8")
    with opened(path) as mock:
        other.replace(path)
        assert await mock.verify(make_claim(), CONTEXT) is not None
