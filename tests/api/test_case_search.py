"""Searching cases over HTTP."""

import asyncio
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, delete, update

from app.db.tables import CaseFile, CaseWord
from tests.api.case_forms import NUMBER, register
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio

NAMES = ("NGUYỄN THỊ MINH NGỌC", "TRẦN VĂN MINH", "ĐẶNG MINH NGUYỆT", "LÊ NGỌC MINH", "NGUYỄN VĂN AN")


async def search(ask: Ask, name: str = "receiver", **body: Any) -> dict[str, Any]:
    answer = await ask(name, "POST", "/cases/search", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(ask: Ask, name: str = "receiver", **body: Any) -> list[str]:
    items = (await search(ask, name, **body))["items"]
    return [case["applicant"]["full_name"] for case in items]


@pytest.fixture
async def five(ask: Ask, clock: TestClock) -> None:
    for number, name in enumerate(NAMES):
        person = {"full_name": name, "birth_date": f"199{number}-07-30", "id_number": f"10019000000{number}"}
        await register(ask, applicant=person, channel="postal" if number == 4 else "in_person")
        clock.advance(timedelta(seconds=1))


@pytest.mark.usefixtures("five")
async def test_cases_are_found_by_words_of_the_name_newest_first(ask: Ask) -> None:
    assert await names(ask, full_name="minh") == [NAMES[3], NAMES[2], NAMES[1], NAMES[0]]
    assert await names(ask, full_name="Minh ng") == [NAMES[2], NAMES[0]]
    assert await names(ask, full_name="NGUYEN") == [NAMES[4], NAMES[0]]
    assert await names(ask, full_name="dang m") == [NAMES[2]]
    assert await names(ask, full_name="inh") == []
    assert await names(ask, full_name="n") == [NAMES[4], NAMES[3], NAMES[2], NAMES[0]]
    assert await names(ask, full_name="nguyen", birth_date="1994") == [NAMES[4]]
    assert await names(ask, birth_date="1991-07-30") == [NAMES[1]]
    assert await names(ask, id_number="100190000002") == [NAMES[2]]
    assert await names(ask, id_number="100190000002", full_name="ngoc") == []
    assert await names(ask, receipt_number=NUMBER) == [NAMES[0]]
    assert await names(ask, receipt_number="H24.15-261123-9999") == []
    assert await names(ask, full_name="minh", channel="postal") == []
    assert await names(ask, full_name="an", channel="postal", status="received") == [NAMES[4]]
    assert await names(ask, full_name="minh", overdue=True) == []
    assert len(await names(ask, full_name="minh", overdue=False)) == 4
    assert await names(ask, full_name="minh", received_from="2026-11-24") == []


@pytest.mark.usefixtures("five")
async def test_without_criteria_a_search_is_the_list(ask: Ask) -> None:
    listed = (await ask("receiver", "GET", "/cases")).json()
    assert await search(ask) == listed
    # With masked numbers, as the list has them.
    assert {case["applicant"]["id_number"][3:-1] for case in listed["items"]} == {"********"}


@pytest.mark.usefixtures("five")
async def test_a_search_finds_only_what_is_within_reach(ask: Ask) -> None:
    await register(ask, "receiver2", applicant={"full_name": "PHẠM MINH", "id_number": "100190000002"})
    assert len(await names(ask, "receiver2", full_name="minh")) == 1
    assert len(await names(ask, "manager0", full_name="minh")) == 5
    assert await names(ask, "receiver2", id_number="100190000002") == ["PHẠM MINH"]
    assert await names(ask, "receiver2", receipt_number=NUMBER) == []
    for name in ("auditor", "admin"):
        assert (await ask(name, "POST", "/cases/search", json={})).status_code == 403


async def test_an_organisation_is_found_and_follows_its_edits(ask: Ask) -> None:
    await register(ask, organization_name="Công ty TNHH Hải Âu")
    assert len(await names(ask, organization_name="hai a")) == 1
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"organization_name": "Công ty cổ phần Sao Biển"})
    assert await names(ask, organization_name="hai a") == []
    assert len(await names(ask, organization_name="cong ty co phan sao")) == 1
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"organization_name": None})
    assert await names(ask, organization_name="cong") == []
    assert len(await names(ask, full_name="ngoc")) == 1


@pytest.mark.parametrize("body", [{"full_name": "minh"}, {"full_name": "ng"}, {"birth_date": "1990"}])
async def test_pages_neither_lose_nor_repeat_while_others_register(
    ask: Ask, clock: TestClock, body: dict[str, str]
) -> None:
    async def registered(count: int) -> list[str]:
        made = [(await register(ask))["receipt_number"] for _ in range(count)]
        await register(ask, applicant={"full_name": "TRẦN VĂN AN", "birth_date": "1970"})
        clock.advance(timedelta(seconds=1))
        return made

    first = [number for _ in range(4) for number in await registered(3)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page, _ = await asyncio.gather(search(ask, limit=2, **body, **cursor), registered(2))
        found += [case["receipt_number"] for case in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(found) == len(set(found))
    assert [number for number in found if number in first] == first[::-1]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"full_name": "  "}, ("/full_name", "too-short")),
        ({"full_name": "--"}, ("/full_name", "too-short")),
        ({"full_name": "x" * 201}, ("/full_name", "too-long")),
        ({"full_name": "a\u202eb"}, ("/full_name", "control-character")),
        ({"organization_name": "."}, ("/organization_name", "too-short")),
        ({"birth_date": "1990-13"}, ("/birth_date", "invalid-date")),
        ({"id_number": "1"}, ("/id_number", "invalid-id-number")),
        ({"receipt_number": "x"}, ("/receipt_number", "pattern")),
        ({"overdue": "true"}, ("/overdue", "wrong-type")),
        ({"limit": "5"}, ("/limit", "wrong-type")),
        ({"limit": 201}, ("/limit", "out-of-range")),
        ({"cursor": "x"}, ("/cursor", "invalid-cursor")),
        ({"phone": "0912"}, ("", "unknown-member")),
    ],
)
async def test_a_search_of_no_good_form_is_refused(ask: Ask, body: Any, fault: tuple[str, str]) -> None:
    answer = await ask("receiver", "POST", "/cases/search", json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [fault]


@pytest.mark.usefixtures("five")
async def test_cases_of_an_older_release_are_marked_later(ask: Ask, app: FastAPI, owner_url: str) -> None:
    engine = create_engine(owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(delete(CaseWord))
        connection.execute(update(CaseFile).values(has_words=False))
    engine.dispose()
    assert await names(ask, full_name="minh") == []
    # An edit of a case without marks leaves them to who marks it.
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"organization_name": "Hải Âu"})
    assert await app.state.case_word_filling.fill() == 5
    assert await app.state.case_word_filling.fill() == 0
    assert len(await names(ask, full_name="minh")) == 4
    assert await names(ask, organization_name="hai au") == [NAMES[0]]


@pytest.mark.usefixtures("five")
async def test_a_case_that_cannot_be_opened_keeps_no_other_from_being_found(
    ask: Ask, app: FastAPI, owner_url: str, logs: StringIO
) -> None:
    engine = create_engine(owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(delete(CaseWord))
        connection.execute(update(CaseFile).values(has_words=False))
        broken = update(CaseFile).where(CaseFile.receipt_number == NUMBER).values(content_sealed=b"x" * 64)
        connection.execute(broken)
    engine.dispose()
    assert await app.state.case_word_filling.fill() == 4
    assert await names(ask, full_name="an") == [NAMES[4]]
    assert await app.state.case_word_filling.fill() == 0
    told = [line for line in logs.getvalue().splitlines() if "case-not-opened" in line]
    assert len(told) == 2
    assert all(NUMBER in line for line in told)
