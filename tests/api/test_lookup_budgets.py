"""Budgets on lookups, over the whole service and both databases."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, Ask, TestClock

pytestmark = pytest.mark.anyio

PROCEDURE = {"procedure_code": "1.004194"}
SMALL: dict[str, Any] = {
    "budget_lookups_per_minute": 5,
    "budget_people_per_day": 8,
    "budget_misses_per_10_minutes": 3,
    "budget_agency_factor": 2,
}


@pytest.fixture
def settings(sandbox_url: str, key_file: Path) -> Settings:
    return Settings(database_url=sandbox_url, key_file=key_file, **SMALL)


def id_card(**changed: str) -> dict[str, str]:
    return PROCEDURE | NGOC | changed


def miss(number: int) -> dict[str, str]:
    return id_card(id_number=f"100190{number:06d}", full_name="KHÔNG AI")


async def audit_records(ask: Ask) -> list[dict[str, Any]]:
    answer = await ask("auditor", "GET", "/audit/records", params={"limit": 200})
    assert answer.status_code == 200
    records: list[dict[str, Any]] = [item["record"] for item in answer.json()["items"]]
    return records


async def test_the_lookup_beyond_the_minutes_budget_is_refused_on_record_and_tells_when_to_return(
    ask: Ask, clock: TestClock
) -> None:
    for number in range(5):
        answer = await ask("receiver", "POST", "/verify/id-card", json=id_card())
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == (
            '"lookups";q=5;w=60, "people";q=8;w=86400, "misses";q=3;w=600'
        )
        assert answer.headers["ratelimit"].startswith(f'"lookups";r={4 - number};t=')
    refused = await ask("receiver", "POST", "/verify/id-card", json=id_card())
    assert refused.status_code == 429
    problem = refused.json()
    assert problem["code"] == "lookup-budget-exceeded"
    assert "số lượt tra cứu trong một phút, của cán bộ" in problem["detail"]
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 65
    records = await audit_records(ask)
    assert [record["kind"] for record in records].count("INTENT") == 5
    denied = next(record for record in records if record["kind"] == "DENIED")
    assert denied["result"] == "lookup-budget-exceeded"
    assert len(denied["subjects"]) == 1

    clock.advance(timedelta(seconds=wait))
    again = await ask("receiver", "POST", "/verify/id-card", json=id_card())
    assert again.status_code == 200


async def test_refused_lookups_do_not_count(ask: Ask) -> None:
    for body in (id_card(procedure_code="9.999999"), NGOC, id_card(birth_date="2090-01-01")):
        for _ in range(4):
            assert (await ask("receiver", "POST", "/verify/id-card", json=body)).status_code == 422
    for _ in range(5):
        assert (await ask("receiver", "POST", "/verify/id-card", json=id_card())).status_code == 200


async def test_all_three_lookups_take_from_one_budget(ask: Ask) -> None:
    household = PROCEDURE | {"head": NGOC, "members": [{"id_number": "100088000002"}]}
    for path, body in (
        ("/verify/id-card", id_card()),
        ("/citizens/share", id_card()),
        ("/verify/household-head", household),
    ):
        assert (await ask("receiver", "POST", path, json=body)).status_code == 200
    me = (await ask("receiver", "GET", "/me")).json()
    own = {budget["measure"]: budget for budget in me["budgets"] if budget["holder"] == "officer"}
    assert own["lookups"]["left"] == 2
    assert own["people"] == own["people"] | {"limit": 8, "left": 6, "window_seconds": 86400}


async def test_members_of_households_count_as_people(ask: Ask) -> None:
    members = [{"id_number": f"1000620002{number:02d}"} for number in range(8)]
    refused = await ask(
        "receiver", "POST", "/verify/household-head", json=PROCEDURE | {"head": NGOC, "members": members}
    )
    assert refused.status_code == 429
    assert "số người được tra cứu trong ngày" in refused.json()["detail"]
    # To midnight in Vietnam; it is noon.
    assert int(refused.headers["retry-after"]) == 12 * 3600
    fewer = PROCEDURE | {"head": NGOC, "members": members[:7]}
    assert (await ask("receiver", "POST", "/verify/household-head", json=fewer)).status_code == 200
    assert (await ask("receiver", "POST", "/verify/id-card", json=miss(50))).status_code == 429


async def test_after_too_many_misses_even_a_known_person_is_refused(ask: Ask, clock: TestClock) -> None:
    for number in range(3):
        answer = await ask("receiver", "POST", "/verify/id-card", json=miss(number))
        assert answer.json()["result"] == "not_found"
        assert f'"misses";r={2 - number}' in answer.headers["ratelimit"]
    refused = await ask("receiver", "POST", "/verify/id-card", json=id_card())
    assert refused.status_code == 429
    assert "số lượt không tìm thấy" in refused.json()["detail"]
    clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    assert (await ask("receiver", "POST", "/verify/id-card", json=id_card())).status_code == 200


async def test_an_agencys_officers_share_its_budget(ask: Ask, settings: Settings, clock: TestClock) -> None:
    tight = settings.model_copy(update={"budget_agency_factor": 1})
    app = create_app(tight, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as other:
            form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
            token = (await other.post("/auth/token", data=form)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(5):
                await other.post("/verify/id-card", json=id_card(), headers=headers)
    # The first service allows the agency twice as much; what was used counts for it too.
    me = (await ask("receiver", "GET", "/me")).json()
    agency = [budget for budget in me["budgets"] if budget["holder"] == "agency"]
    assert {budget["measure"]: budget["left"] for budget in agency} == {
        "lookups": 5,
        "people": 15,
        "misses": 6,
    }
    elsewhere = await ask("receiver2", "GET", "/me")
    assert all(
        budget["left"] == budget["limit"]
        for budget in elsewhere.json()["budgets"]
        if budget["holder"] == "agency"
    )


async def test_parallel_lookups_over_two_services_get_no_more_than_the_budget(
    ask: Ask, app: FastAPI, settings: Settings, clock: TestClock
) -> None:
    assert app is not None
    second = create_app(settings, clock=clock)
    async with second.router.lifespan_context(second):
        transport = httpx.ASGITransport(second)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as other:
            form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
            token = (await other.post("/auth/token", data=form)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            await ask("receiver", "GET", "/me")
            answers = await asyncio.gather(
                *(ask("receiver", "POST", "/verify/id-card", json=id_card()) for _ in range(20)),
                *(other.post("/verify/id-card", json=id_card(), headers=headers) for _ in range(20)),
            )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 35
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)


async def test_those_who_may_not_look_up_have_no_budgets(ask: Ask) -> None:
    for name in ("manager", "auditor", "admin", "portal"):
        assert (await ask(name, "GET", "/me")).json()["budgets"] == []


async def test_without_budgets_nothing_is_counted_or_told(
    sandbox_url: str, key_file: Path, clock: TestClock
) -> None:
    app = create_app(
        Settings(database_url=sandbox_url, key_file=key_file, budgets="off", **SMALL), clock=clock
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
            token = (await client.post("/auth/token", data=form)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(7):
                answer = await client.post("/verify/id-card", json=id_card(), headers=headers)
                assert answer.status_code == 200
                assert "ratelimit" not in answer.headers
            me = await client.get("/me", headers=headers)
    assert me.json()["budgets"] == []
