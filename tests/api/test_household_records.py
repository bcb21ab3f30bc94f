"""A household checked by its people's own records: the same answers, and each record read is on record."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from app.adapters.population.port import LookupContext
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from app.domain.citizen import Citizen, Coded, HouseholdHead
from app.domain.identity_number import IdentityNumber
from app.services import household_records
from app.settings.settings import Settings
from tests.api.case_forms import NUMBER, form_with, register
from tests.api.conftest import NGOC, Ask
from tests.api.test_lookups import audit_records

pytestmark = pytest.mark.anyio

HEAD_OF_TWELVE = {"full_name": "LƯƠNG VĂN CẢ", "id_number": "100062000101", "birth_date": "1962-08-19"}
MEMBERS = (
    "100088000002",
    "100216000003",
    "100058000004",
    "100160000005",
    "100045000011",
    "100150000012",
    "100178000013",
    "100193000021",
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    few = {"snooping_off_hours": 2, "snooping_never_tied": 2, "npd_max_in_flight": 8}
    return settings.model_copy(update={"npd_household_strategy": "records"} | few)


def household(head: dict[str, str], *members: str) -> dict[str, object]:
    return {
        "procedure_code": "1.004194",
        "head": head,
        "members": [{"id_number": number} for number in members],
    }


class Records:
    """Changes what the mock's records say, where a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.head: dict[str, Any] = {}
        self.heads_named: dict[str, HouseholdHead | None] = {}
        self.heads_untold: set[str] = set()
        self.seconds = 0.0
        self.under_way = self.most_under_way = 0
        find_citizen, find_by_number = (
            MockPopulationDatabase.find_citizen,
            MockPopulationDatabase.find_by_number,
        )

        async def found_citizen(mock: MockPopulationDatabase, *asked: Any) -> Citizen | None:
            citizen = await find_citizen(mock, *asked)
            return citizen and replace(citizen, **self.head)

        async def found_by_number(
            mock: MockPopulationDatabase, number: IdentityNumber, context: LookupContext
        ) -> Citizen | None:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            await asyncio.sleep(self.seconds)
            self.under_way -= 1
            citizen = await find_by_number(mock, number, context)
            if citizen is not None and number.value in self.heads_untold:
                return replace(citizen, household_head=None, tells_household_head=False)
            if citizen is None or number.value not in self.heads_named:
                return citizen
            return replace(citizen, household_head=self.heads_named[number.value])

        monkeypatch.setattr(MockPopulationDatabase, "find_citizen", found_citizen)
        monkeypatch.setattr(MockPopulationDatabase, "find_by_number", found_by_number)


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Records:
    return Records(monkeypatch)


def named(
    id_number: str | None = None, old_id_number: str | None = None, *, relationship: Coded | None = None
) -> HouseholdHead:
    return HouseholdHead("NGUYỄN THỊ MINH NGỌC", id_number, old_id_number, relationship)


async def results(ask: Ask, *members: str) -> list[str]:
    answer = (await ask("receiver", "POST", "/verify/household-head", json=household(NGOC, *members))).json()
    assert answer["head"]["result"] == "confirmed"
    return [member["result"] for member in answer["members"]]


async def test_a_no_needs_a_number_that_differs_from_the_head_s(ask: Ask, people: Records) -> None:
    cases = (
        (None, "not_member"),
        (named(), "unknown"),
        (named(relationship=Coded("CH03", "Con")), "unknown"),
        (named("100190000001"), "member"),
        (named("100062000101"), "not_member"),
        (named(None, "000000101"), "member"),
        (named(None, "000000999"), "not_member"),
        (named("100190000001", "000000999"), "member"),
    )
    people.heads_named = dict(zip(MEMBERS, (head for head, _ in cases), strict=True))
    assert await results(ask, *MEMBERS) == [result for _, result in cases]


@pytest.mark.parametrize(
    ("head", "told", "decided"),
    [
        ({"old_id_number": None}, named(None, "000000101"), named("100190000001", "000000101")),
        ({"id_number": None}, named("100190000001"), named("100190000001", "000000101")),
    ],
    ids=["no old number", "no new number"],
)
async def test_numbers_of_different_kinds_decide_nothing(
    ask: Ask, people: Records, head: dict[str, Any], told: HouseholdHead, decided: HouseholdHead
) -> None:
    people.head = head
    people.heads_named = {MEMBERS[0]: told, MEMBERS[1]: decided}
    assert await results(ask, *MEMBERS[:2]) == ["unknown", "member"]


UNDECIDED: dict[str, dict[str, Any]] = {
    "a name only": {"household_head": named()},
    "numbers of different kinds": {"old_id_number": None, "household_head": named(None, "000000101")},
    "no place for a head": {"household_head": None, "tells_household_head": False},
}


@pytest.mark.parametrize("record", UNDECIDED.values(), ids=list(UNDECIDED))
async def test_a_head_whose_record_decides_nothing_is_a_failure_and_no_no(
    ask: Ask, people: Records, record: dict[str, Any]
) -> None:
    people.head = record
    answer = await ask("receiver", "POST", "/verify/household-head", json=household(NGOC, MEMBERS[0]))
    assert (answer.status_code, answer.json()["code"]) == (502, "population-database-error")


@pytest.mark.parametrize(
    "head",
    [None, named(relationship=Coded("CH03", "Con")), named("100062000101")],
    ids=["none", "kin", "other"],
)
async def test_a_head_whose_record_says_no_is_none(
    ask: Ask, people: Records, head: HouseholdHead | None
) -> None:
    people.head = {"household_head": head}
    answer = await ask("receiver", "POST", "/verify/household-head", json=household(NGOC, MEMBERS[0]))
    assert answer.json()["head"]["result"] == "not_head"


async def test_a_member_whose_record_has_no_place_for_a_head_is_unknown(ask: Ask, people: Records) -> None:
    people.heads_untold = {MEMBERS[0]}
    assert await results(ask, *MEMBERS[:1]) == ["unknown"]


async def test_a_head_whose_record_names_him_without_a_number_is_a_member(ask: Ask, people: Records) -> None:
    himself = named(relationship=Coded("CH01", "Chủ hộ"))
    numbers = (NGOC["id_number"], "000000101")
    people.head = {"household_head": himself}
    people.heads_named = dict.fromkeys(numbers, himself)
    assert await results(ask, *numbers, "100062000101") == ["member", "member", "not_member"]


async def test_members_are_told_from_their_own_records(ask: Ask) -> None:
    body = household(
        HEAD_OF_TWELVE, "100164000102", "100190000001", "100062000101", "100000000000", "000000101"
    )
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    assert answer["head"]["result"] == "confirmed"
    assert [member["result"] for member in answer["members"]] == [
        "member",
        "not_member",
        "member",
        "not_member",
        "not_member",
    ]


async def test_a_household_reads_what_is_free_beside_its_own_place_at_once(ask: Ask, people: Records) -> None:
    people.seconds = 0.05
    assert await results(ask, *MEMBERS) == ["member"] * 4 + ["not_member"] * 4
    # Of eight calls at a time, two are for households beside the places of their lookups.
    assert people.most_under_way == 3


async def test_many_households_ask_no_more_at_once_than_lookups_leave_to_them(
    ask: Ask, people: Records
) -> None:
    people.seconds = 0.05
    told = await asyncio.gather(*(results(ask, *MEMBERS) for _ in range(6)))
    assert told == [["member"] * 4 + ["not_member"] * 4] * 6
    assert people.most_under_way <= 8


async def test_members_whose_turn_comes_too_late_are_unknown(
    ask: Ask, people: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.seconds = 0.5
    monkeypatch.setattr(household_records, "READING_SECONDS", 0.2)
    # Of eight calls at a time, two are for households beside the places of their lookups.
    assert await results(ask, *MEMBERS) == ["member"] * 3 + ["unknown"] * 5


async def test_each_record_read_is_a_lookup_of_its_own_about_the_person_concerned(ask: Ask) -> None:
    body = household(NGOC, "100088000002", "000000102")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    records = await audit_records(ask)
    kinds = Counter(record["kind"] for record in records)
    lookups: dict[str, list[dict[str, object]]] = {}
    for record in records:
        lookups.setdefault(record["lookup_id"], []).append(record)
    assert kinds == {"INTENT": 4, "OUTCOME": 4}
    assert len(lookups) == 4
    assert lookups.keys() >= {answer["lookup_id"]}
    sent = {record["upstream_request_id"] for record in records}
    assert len(sent) == 3
    assert answer["source"]["upstream_request_id"] in sent
    roles = sorted(tuple(subject["role"] for subject in pair[0]["subjects"]) for pair in lookups.values())  # type: ignore[attr-defined]
    assert roles == [("head",), ("head", "member", "member"), ("member",), ("member",)]


async def test_a_member_whose_record_cannot_be_read_is_unknown(ask: Ask) -> None:
    body = household(NGOC, "100999000002", "100999000005", "100088000002")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    assert [member["result"] for member in answer["members"]] == ["unknown", "unknown", "member"]
    results = Counter(record["result"] for record in await audit_records(ask) if record["kind"] == "OUTCOME")
    assert results["population-database-error"] == results["population-database-mismatch"] == 1


async def test_somebody_who_is_no_head_leaves_the_members_unread(ask: Ask) -> None:
    spouse = {"full_name": "TRẦN VĂN HÒA", "id_number": "100088000002", "birth_date": "1988-02-29"}
    body = household(spouse, "100190000001")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    assert (answer["head"]["result"], answer["members"][0]["result"]) == ("not_head", "unknown")
    assert len(await audit_records(ask)) == 4


async def test_a_head_whose_record_cannot_be_read_is_a_failure(ask: Ask) -> None:
    body = household(NGOC | {"id_number": "100999000001"}, "100088000002")
    answer = await ask("receiver", "POST", "/verify/household-head", json=body)
    assert (answer.status_code, answer.json()["code"]) == (504, "population-database-timeout")
    outcomes = [record["result"] for record in await audit_records(ask) if record["kind"] == "OUTCOME"]
    assert outcomes == ["population-database-timeout"] * 2


async def test_each_record_read_names_the_check_that_it_is_part_of(ask: Ask) -> None:
    body = household(NGOC, "100088000002")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    wholes = {record["details"].get("part_of") for record in await audit_records(ask)}
    assert wholes == {None, answer["lookup_id"]}


async def test_a_case_has_the_check_and_not_the_records_read_for_it(ask: Ask) -> None:
    await register(ask)
    for head in (NGOC, NGOC | {"birth_date": "1990-07-29"}):
        body = household(head, "100088000002", "000000102") | {"receipt_number": NUMBER}
        assert (await ask("receiver", "POST", "/verify/household-head", json=body)).status_code == 200
    lookups = (await ask("receiver", "GET", f"/cases/{NUMBER}")).json()["lookups"]
    assert [lookup["result"] for lookup in lookups] == ["confirmed", "not_found"]
    history = (await ask("receiver", "GET", f"/cases/{NUMBER}/history")).json()["items"]
    assert [item["result"] for item in history if "lookup_id" in item] == ["confirmed", "not_found"]


async def test_a_record_read_can_be_tied_to_no_case(ask: Ask) -> None:
    body = household(NGOC, "100088000002")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    parts = {record["lookup_id"] for record in await audit_records(ask)} - {answer["lookup_id"]}
    assert len(parts) == 2
    for part in parts:
        refused = await ask("receiver", "POST", "/cases", json=form_with(lookup_ids=[part]))
        assert refused.json()["errors"][0]["code"] == "lookup-not-found"
    await register(ask, lookup_ids=[answer["lookup_id"]])


async def test_reports_count_a_household_once(ask: Ask) -> None:
    body = household(NGOC, "100088000002", "000000102", "100999000002", "100190000009")
    answer = (await ask("receiver", "POST", "/verify/household-head", json=body)).json()
    await register(ask, lookup_ids=[answer["lookup_id"]])
    report = await ask(
        "auditor", "GET", "/reports/lookups", params={"group_by": "result", "to": "2026-11-26"}
    )
    assert report.json()["rows"] == [{"group": "confirmed", "lookups": 1, "without_case": 0}]


async def test_records_read_are_no_signs_of_snooping(ask: Ask) -> None:
    # At noon, in the lunch break, for no case, and some of them unknown: each would be a sign.
    body = household(NGOC, "100088000002", *(f"10000000000{last}" for last in range(6)))
    assert (await ask("receiver", "POST", "/verify/household-head", json=body)).status_code == 200
    answer = await ask("auditor", "GET", "/reports/snooping", params={"to": "2026-11-26"})
    assert answer.json()["findings"] == []
