"""Procedures over HTTP, readable with any token."""

import pytest

from app.schemas.cursors import encode_cursor
from tests.api.conftest import Ask

pytestmark = pytest.mark.anyio


async def test_any_caller_may_read_the_procedures(ask: Ask) -> None:
    for name in ("receiver", "manager", "auditor", "admin", "portal"):
        body = (await ask(name, "GET", "/procedures")).json()
        codes = [item["code"] for item in body["items"]]
        assert len(codes) >= 6
        assert codes == sorted(codes)
        assert body["next_cursor"] is None


async def test_a_procedure_tells_what_it_allows(ask: Ask) -> None:
    answer = await ask("receiver", "GET", "/procedures/1.000894")
    assert answer.json() == {
        "code": "1.000894",
        "name": "Đăng ký kết hôn",
        "level": "partial",
        "processing_days": 5,
        "national_code": "1.000894",
        "is_active": True,
        "lookups": ["id-card", "citizen-share"],
        "share_fields": [
            "citizen.full_name",
            "citizen.gender",
            "citizen.id_number",
            "citizen.birth_date",
            "citizen.marital_status",
            "citizen.nationality",
            "citizen.ethnicity",
            "citizen.permanent_address",
            "spouse",
        ],
    }


async def test_an_unknown_procedure_is_not_found(ask: Ask) -> None:
    for code in ("9.999999", "x" * 300, "%20", "1.000894%0A"):
        answer = await ask("receiver", "GET", f"/procedures/{code}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_pages_of_procedures_follow_each_other(ask: Ask) -> None:
    every = [item["code"] for item in (await ask("receiver", "GET", "/procedures")).json()["items"]]
    seen: list[str] = []
    params = {"limit": "2"}
    while True:
        page = (await ask("receiver", "GET", "/procedures", params=params)).json()
        seen += [item["code"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == every


async def test_a_cursor_of_another_list_is_refused(ask: Ask) -> None:
    for cursor in ("x", "", "MQ", "MQphCmI", encode_cursor("x" * 65)):
        answer = await ask("receiver", "GET", "/procedures", params={"cursor": cursor})
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
            ("cursor", "invalid-cursor")
        ]
