"""PUT /procedures/{code}: who may, what is refused, what is on record, and what cases keep."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.case_forms import form_with
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio

PATH = "/procedures/2.999999"
STRONG = "Con Trau 14 cai sung!"
BODY: dict[str, Any] = {
    "name": "Chứng thực bản sao từ bản chính",
    "level": "partial",
    "processing_days": 2,
    "is_active": True,
    "lookups": ["citizen-share", "id-card"],
    "share_fields": ["citizen.full_name", "father"],
}


async def log_in(worker: httpx.AsyncClient) -> dict[str, str]:
    """Log in as an officer at one worker, and give the headers of requests to it."""
    form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
    answer = await worker.post("/auth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def changes_on_record(ask: Ask) -> list[dict[str, Any]]:
    answer = await ask("auditor", "GET", "/audit/records", params={"kind": "CHANGE"})
    return [item["record"] for item in answer.json()["items"]]


async def test_a_procedure_is_created_once_and_then_replaced(ask: Ask) -> None:
    created = await ask("admin", "PUT", PATH, json=BODY)
    assert (created.status_code, created.headers["location"]) == (201, PATH)
    expected = BODY | {
        "code": "2.999999",
        "national_code": "2.999999",
        "lookups": ["id-card", "citizen-share"],
    }
    assert created.json() == expected
    assert (await ask("receiver", "GET", PATH)).json() == expected
    replaced = await ask("admin", "PUT", PATH, json=BODY | {"national_code": "G15-TP110", "lookups": []})
    assert (replaced.status_code, "location" in replaced.headers) == (200, False)
    assert (await ask("receiver", "GET", PATH)).json() == expected | {
        "national_code": "G15-TP110",
        "lookups": [],
    }


async def test_of_those_who_create_it_at_once_one_does_and_the_others_replace(ask: Ask) -> None:
    await ask("admin", "GET", PATH)
    answers = await asyncio.gather(*(ask("admin", "PUT", PATH, json=BODY) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    results = [record["result"] for record in await changes_on_record(ask)]
    assert results == ["procedure-replaced"] * 5 + ["procedure-created"]


async def test_what_was_read_may_be_sent_back(ask: Ask) -> None:
    read = (await ask("admin", "GET", "/procedures/1.000894")).json()
    answer = await ask("admin", "PUT", "/procedures/1.000894", json=read)
    assert (answer.status_code, answer.json()) == (200, read)


async def test_nobody_but_an_administrator_changes_procedures(ask: Ask) -> None:
    for name in ("receiver", "manager", "auditor", "portal"):
        answer = await ask(name, "PUT", PATH, json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    assert (await ask("admin", "GET", PATH)).status_code == 404


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"level": "level-4"}, "/level", "not-allowed"),
    ({"processing_days": -1}, "/processing_days", "out-of-range"),
    ({"processing_days": 1_001}, "/processing_days", "out-of-range"),
    ({"processing_days": "5"}, "/processing_days", "wrong-type"),
    ({"processing_days": 2.5}, "/processing_days", "wrong-type"),
    ({"processing_days": None}, "/processing_days", "wrong-type"),
    ({"is_active": 1}, "/is_active", "wrong-type"),
    ({"name": "  "}, "/name", "too-short"),
    ({"name": "x" * 301}, "/name", "too-long"),
    ({"name": "hunter2\u202e"}, "/name", "control-character"),
    ({"national_code": ""}, "/national_code", "pattern"),
    ({"national_code": "hunter2 "}, "/national_code", "pattern"),
    ({"lookups": ["hunter2"]}, "/lookups/0", "not-allowed"),
    ({"lookups": ["id-card", "id-card"]}, "/lookups", "repeated"),
    ({"share_fields": ["citizen.full_name", "citizen.hunter2"]}, "/share_fields/1", "not-allowed"),
    ({"share_fields": ["father", "father"]}, "/share_fields", "repeated"),
    ({"code": "1.000894"}, "/code", "not-allowed"),
    ({"hunter2": True}, "", "unknown-member"),
]


async def test_what_does_not_hold_is_refused_and_changes_nothing(ask: Ask) -> None:
    for change, pointer, code in REFUSED:
        answer = await ask("admin", "PUT", PATH, json=BODY | change)
        assert answer.status_code == 422, change
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
        assert "hunter2" not in answer.text
    assert (await ask("admin", "GET", PATH)).status_code == 404
    assert await changes_on_record(ask) == []


async def test_a_procedure_is_sent_whole(ask: Ask) -> None:
    for member in BODY:
        body = {name: value for name, value in BODY.items() if name != member}
        answer = await ask("admin", "PUT", PATH, json=body)
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
            (f"/{member}", "required")
        ]


async def test_a_code_that_cannot_be_names_nothing(ask: Ask) -> None:
    for code in ("x" * 41, "..a", "-1", "1.", "%20", "1.000894%0A", "m%C3%A3"):
        answer = await ask("admin", "PUT", f"/procedures/{code}", json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_each_change_is_on_record_with_old_and_new_codes(ask: Ask) -> None:
    await ask("admin", "PUT", PATH, json=BODY)
    await ask("admin", "PUT", PATH, json=BODY | {"processing_days": 3, "is_active": False, "lookups": []})
    replaced, created = await changes_on_record(ask)
    for record, result in ((created, "procedure-created"), (replaced, "procedure-replaced")):
        told = (record["result"], record["officer"], record["agency"], record["procedure_code"])
        assert told == (result, "admin", "H24", "2.999999")
    first = {
        "level": "partial",
        "processing_days": 2,
        "national_code": "2.999999",
        "is_active": True,
        "lookups": ["id-card", "citizen-share"],
        "share_fields": ["citizen.full_name", "father"],
    }
    second = first | {"processing_days": 3, "is_active": False, "lookups": []}
    new = {f"new_{name}": value for name, value in first.items()}
    assert created["details"] == new
    assert replaced["details"] == {f"old_{name}": value for name, value in first.items()} | {
        f"new_{name}": value for name, value in second.items()
    }


async def test_other_workers_follow_within_half_a_minute(
    ask: Ask, other_worker: httpx.AsyncClient, clock: TestClock
) -> None:
    headers = await log_in(other_worker)
    asked = form_with(procedure_code="2.999999")
    assert (await other_worker.post("/cases", json=asked, headers=headers)).status_code == 422
    await ask("admin", "PUT", PATH, json=BODY)
    assert (await other_worker.post("/cases", json=asked, headers=headers)).status_code == 201
    await ask("admin", "PUT", PATH, json=BODY | {"is_active": False})
    clock.advance(timedelta(seconds=30))
    assert (await other_worker.post("/cases", json=asked, headers=headers)).status_code == 422


async def test_what_was_put_is_read_from_every_worker_at_once(
    ask: Ask, other_worker: httpx.AsyncClient
) -> None:
    headers = await log_in(other_worker)
    for path in (PATH, f"{PATH}/due-date"):
        assert (await other_worker.get(path, headers=headers)).status_code == 404
    for name in ("Tên cũ", "Tên mới"):
        put = (await ask("admin", "PUT", PATH, json=BODY | {"name": name})).json()
        assert (await other_worker.get(PATH, headers=headers)).json() == put
        assert put in (await other_worker.get("/procedures", headers=headers)).json()["items"]
        assert (await other_worker.get(f"{PATH}/due-date", headers=headers)).status_code == 200


async def test_a_case_keeps_what_its_procedure_was_on_the_day_it_was_received(ask: Ask) -> None:
    await ask("admin", "PUT", PATH, json=BODY)
    before = (await ask("receiver", "POST", "/cases", json=form_with(procedure_code="2.999999"))).json()
    changed = {"name": "Tên mới", "level": "full_online", "processing_days": 9}
    await ask("admin", "PUT", PATH, json=BODY | changed)
    after = (await ask("receiver", "POST", "/cases", json=form_with(procedure_code="2.999999"))).json()
    kept = (await ask("receiver", "GET", f"/cases/{before['receipt_number']}")).json()
    assert (kept["procedure"], kept["due_at"]) == (before["procedure"], before["due_at"])
    assert kept["procedure"]["processing_days"] == 2
    assert after["procedure"] == {"code": "2.999999", **changed}
    assert after["due_at"] > before["due_at"]


async def test_a_procedure_that_ended_takes_no_cases(ask: Ask) -> None:
    await ask("admin", "PUT", PATH, json=BODY | {"is_active": False})
    answer = await ask("receiver", "POST", "/cases", json=form_with(procedure_code="2.999999"))
    assert (answer.status_code, answer.json()["code"]) == (422, "procedure-not-found")


async def test_only_the_root_agencys_administrator_changes_what_holds_for_all_agencies(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    account = {"full_name": "Quản trị xã", "agency": "H24.15", "roles": ["admin"], "password": STRONG}
    assert (await ask("admin", "PUT", "/officers/chief15", json=account)).status_code == 201
    form = {"grant_type": "password", "username": "chief15", "password": STRONG}
    token = (await client.post("/auth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    before = (await ask("receiver", "GET", "/procedures/1.004194")).json()
    for path in (PATH, "/procedures/1.004194"):
        wider = BODY | {"share_fields": ["citizen.religion"]}
        answer = await client.put(path, json=wider, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "root-admin-needed")
    assert (await ask("receiver", "GET", "/procedures/1.004194")).json() == before
    assert (await ask("receiver", "GET", PATH)).status_code == 404
