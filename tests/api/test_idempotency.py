"""Requests that are sent again with their Idempotency-Key, over HTTP."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.case_forms import FORM, NUMBER, form_with, register
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio

KEY = "khoa-1"


async def send(
    ask: Ask, key: str | None = KEY, *, name: str = "receiver", path: str = "/cases", body: Any = FORM
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await ask(name, "POST", path, json=body, headers=headers)


async def numbers(ask: Ask) -> list[str]:
    listed = (await ask("manager0", "GET", "/cases?limit=200")).json()["items"]
    return sorted(case["receipt_number"] for case in listed)


async def test_a_registration_sent_again_gets_the_first_answer(ask: Ask, clock: TestClock) -> None:
    first = await send(ask)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "đổi rồi"})
    clock.advance(timedelta(hours=23, minutes=59))
    again = await send(ask)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert await numbers(ask) == [NUMBER]


async def test_the_body_is_the_same_however_it_is_written(ask: Ask) -> None:
    await send(ask)
    same = FORM | {"note": None, "documents": []}
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    text = json.dumps(dict(reversed(same.items())), indent=3)
    again = await ask("receiver", "POST", "/cases", content=text, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")


async def test_a_key_used_for_something_else_is_refused(ask: Ask) -> None:
    await send(ask)
    for path, body in (
        ("/cases", form_with(note="khác")),
        (f"/cases/{NUMBER}/status", {"to": "in_progress"}),
    ):
        refused = await send(ask, path=path, body=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert await numbers(ask) == [NUMBER]


async def test_a_key_belongs_to_its_caller(ask: Ask) -> None:
    for name in ("receiver", "receiver2", "receiver15"):
        assert (await send(ask, name=name)).headers.get("idempotency-replayed") is None
    assert len(await numbers(ask)) == 3


async def test_a_transfer_takes_the_former_agencys_answers_away(ask: Ask, clock: TestClock) -> None:
    await send(ask)
    step = {"to": "in_progress"}
    await send(ask, "khoa-2", path=f"/cases/{NUMBER}/status", body=step)
    moved = {"full_name": "Trần Văn Nhận", "agency": "H24.16", "roles": ["receiver"], "is_active": True}
    assert (await ask("admin", "PUT", "/officers/receiver", json=moved)).status_code == 200
    # As long as it may take until every process has followed.
    clock.advance(timedelta(seconds=60))
    assert (await ask("receiver", "GET", f"/cases/{NUMBER}")).status_code == 404
    for key, path, body in ((KEY, "/cases", FORM), ("khoa-2", f"/cases/{NUMBER}/status", step)):
        refused = await send(ask, key, path=path, body=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert (await send(ask, "khoa-3")).json()["agency"]["code"] == "H24.16"


async def test_a_key_counts_for_a_day(ask: Ask, clock: TestClock) -> None:
    await send(ask)
    clock.advance(timedelta(hours=24, seconds=1))
    later = await send(ask)
    assert later.json()["receipt_number"] == "H24.15-261124-0001"
    assert (await send(ask)).json() == later.json()


async def test_a_refused_request_does_not_use_its_key_up(ask: Ask) -> None:
    for _ in range(2):
        assert (await send(ask, body=form_with(procedure_code="9.999999"))).status_code == 422
    assert (await send(ask)).status_code == 201
    number = NUMBER
    assert (
        await send(ask, "khoa-2", path=f"/cases/{number}/status", body={"to": "returned"})
    ).status_code == 409
    assert (
        await send(ask, "khoa-2", path=f"/cases/{number}/status", body={"to": "in_progress"})
    ).status_code == 200


async def test_a_step_sent_again_is_taken_once(ask: Ask) -> None:
    await register(ask)
    path, body = f"/cases/{NUMBER}/status", {"to": "in_progress", "note": "bắt đầu"}
    first = await send(ask, path=path, body=body)
    await send(ask, "khoa-2", path=path, body={"to": "completed"})
    again = await send(ask, path=path, body=body)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    read = (await ask("receiver", "GET", f"/cases/{NUMBER}")).json()
    assert (read["status"], read["version"]) == ("completed", 3)


async def test_fifty_registrations_with_one_key_make_one_case(ask: Ask) -> None:
    answers = await asyncio.gather(*(send(ask) for _ in range(50)))
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert codes[201] >= 1
    created = [answer for answer in answers if answer.status_code == 201]
    assert {answer.json()["receipt_number"] for answer in created} == {NUMBER}
    assert sum("idempotency-replayed" not in answer.headers for answer in created) == 1
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in refused} <= {"idempotency-key-in-use"}
    assert {answer.headers.get("retry-after") for answer in refused} <= {"1"}
    assert await numbers(ask) == [NUMBER]
    assert (await send(ask)).headers["idempotency-replayed"] == "true"


async def test_fifty_registrations_with_fifty_keys_get_consecutive_numbers(ask: Ask) -> None:
    answers = await asyncio.gather(*(send(ask, f"khoa-{number}") for number in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    given = sorted(answer.json()["receipt_number"] for answer in answers)
    assert given == [f"H24.15-261123-{number:04d}" for number in range(1, 51)]
    items = (await ask("portal", "GET", "/cases/changes?limit=200")).json()["items"]
    assert [item["sequence"] for item in items] == list(range(1, 51))


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["x" * 256], "too-long"),
        ([""], "too-short"),
        (["khóa"], "pattern"),
        (["a\tb"], "pattern"),
        (["a", "a"], "repeated"),
    ],
)
async def test_a_key_of_no_good_form_is_refused(
    ask: Ask, client: httpx.AsyncClient, lines: list[str], fault: str
) -> None:
    token = (
        await client.post(
            "/auth/token",
            data={"grant_type": "password", "username": "receiver", "password": "sandbox"},
        )
    ).json()["access_token"]
    headers = [(b"authorization", f"Bearer {token}".encode())]
    headers += [(b"idempotency-key", line.encode()) for line in lines]
    answer = await client.post("/cases", json=FORM, headers=headers)
    assert answer.status_code == 422, answer.text
    found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert found == [("Idempotency-Key", fault)]
    assert await numbers(ask) == []


async def test_keys_of_every_printable_sign_and_full_length_are_taken(ask: Ask) -> None:
    signs = "".join(map(chr, range(0x21, 0x7F)))
    for key in (signs, "a b", "x" * 255):
        assert (await send(ask, key)).status_code == 201
        assert (await send(ask, key)).headers["idempotency-replayed"] == "true"
