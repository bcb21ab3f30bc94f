"""Reports on lookups and on who looked at a person, over HTTP."""

import asyncio
import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings.settings import Settings
from tests.api.case_forms import look_up, register
from tests.api.conftest import BASE_URL, NGOC, Ask, TestClock, TokenOf

pytestmark = pytest.mark.anyio


async def report(ask: Ask, name: str = "auditor", **changes: Any) -> dict[str, Any]:
    answer = await ask(name, "POST", "/audit/access-report", json={"id_number": NGOC["id_number"]} | changes)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def counts(ask: Ask, group_by: str, **params: str) -> dict[str, tuple[int, int]]:
    answer = await ask("auditor", "GET", "/reports/lookups", params={"group_by": group_by, **params})
    assert answer.status_code == 200, answer.text
    return {row["group"]: (row["lookups"], row["without_case"]) for row in answer.json()["rows"]}


async def test_a_lookup_is_told_with_its_procedure_its_case_and_what_was_given(ask: Ask) -> None:
    lookup = await look_up(ask)
    case = await register(ask, lookup_ids=[lookup["lookup_id"]])
    (item,) = (await report(ask))["items"]
    assert item["lookup_id"] == lookup["lookup_id"]
    assert (item["status"], item["result"], item["roles"]) == ("answered", "exists", ["claimed"])
    assert (item["officer"], item["agency"]) == ("receiver", "H24.15")
    assert (item["procedure_code"], item["receipt_number"]) == ("1.004194", case["receipt_number"])
    assert item["at"].endswith("+07:00")
    assert item["sequences"][-1] == lookup["audit"]["sequence"]


async def test_the_lookup_is_on_record_under_the_old_number_of_the_answer_too(ask: Ask) -> None:
    shared = await ask("receiver", "POST", "/citizens/share", json={"procedure_code": "1.004194"} | NGOC)
    assert shared.status_code == 200, shared.text
    (item,) = (await report(ask, id_number="000000101"))["items"]
    assert item["lookup_id"] == shared.json()["lookup_id"]
    assert "citizen.full_name" in item["fields_given"]


async def test_members_of_a_household_are_concerned(ask: Ask) -> None:
    member = "100088000002"
    body = {"procedure_code": "1.004194", "head": NGOC, "members": [{"id_number": member}]}
    answer = await ask("receiver", "POST", "/verify/household-head", json=body)
    assert answer.status_code == 200, answer.text
    (item,) = (await report(ask, id_number=member))["items"]
    assert (item["roles"], item["lookup_kind"]) == (["member"], "household-head")


async def test_a_refused_lookup_is_told_as_refused(ask: Ask) -> None:
    await ask("receiver3", "POST", "/verify/id-card", json={"procedure_code": "1.004194"} | NGOC)
    (item,) = (await report(ask))["items"]
    assert (item["status"], item["result"]) == ("refused", "officer-id-missing")


async def test_pages_of_the_report_follow_each_other(ask: Ask) -> None:
    made = [(await look_up(ask))["lookup_id"] for _ in range(5)]
    page = await report(ask, limit=2)
    items = page["items"]
    while page["next_cursor"]:
        page = await report(ask, limit=2, cursor=page["next_cursor"])
        items += page["items"]
    assert [item["lookup_id"] for item in items if item["status"] == "answered"] == made[::-1]


@pytest.mark.parametrize("name", ["receiver", "manager", "admin"])
async def test_the_access_report_is_for_auditors(ask: Ask, name: str) -> None:
    answer = await ask(name, "POST", "/audit/access-report", json={"id_number": NGOC["id_number"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")


async def test_lookups_are_counted_by_each_grouping(ask: Ask, clock: TestClock) -> None:
    tied = await look_up(ask)
    await register(ask, lookup_ids=[tied["lookup_id"]])
    await look_up(ask, id_number="100190000009")
    clock.advance(timedelta(days=1))
    await look_up(ask, "receiver2")
    until = {"to": "2026-11-26"}
    assert await counts(ask, "officer", **until) == {"receiver": (2, 1), "receiver2": (1, 1)}
    assert await counts(ask, "agency", **until) == {"H24.15": (2, 1), "H24.16": (1, 1)}
    assert await counts(ask, "procedure", **until) == {"1.004194": (3, 2)}
    assert await counts(ask, "kind", **until) == {"id-card": (3, 2)}
    assert await counts(ask, "result", **until) == {"exists": (2, 1), "not_found": (1, 1)}
    assert await counts(ask, "day", **until) == {"2026-11-23": (2, 1), "2026-11-24": (1, 1)}
    assert await counts(ask, "day", **{"from": "2026-11-24"}, **until) == {"2026-11-24": (1, 1)}


async def test_a_day_is_one_in_vietnam(ask: Ask, clock: TestClock) -> None:
    clock.advance(timedelta(hours=12, minutes=1))
    await look_up(ask)
    assert await counts(ask, "day", to="2026-11-26") == {"2026-11-24": (1, 1)}


@pytest.mark.parametrize(
    ("params", "since", "until"),
    [
        (
            {"from": "2026-11-01", "to": "2026-11-26"},
            "2026-11-01T00:00:00+07:00",
            "2026-11-26T00:00:00+07:00",
        ),
        ({"to": "2026-11-20"}, "2026-10-21T00:00:00+07:00", "2026-11-20T00:00:00+07:00"),
        ({"to": "2026-12-31"}, "2026-10-24T12:00:00+07:00", "2026-12-31T00:00:00+07:00"),
        ({}, "2026-10-24T12:00:00+07:00", "2026-11-23T12:00:00+07:00"),
    ],
)
async def test_the_answer_names_the_span_that_was_counted(
    ask: Ask, params: dict[str, str], since: str, until: str
) -> None:
    answer = await ask("auditor", "GET", "/reports/lookups", params={"group_by": "day", **params})
    assert (answer.json()["from"], answer.json()["to"]) == (since, until)


async def test_counts_come_as_csv_to_those_who_ask(ask: Ask) -> None:
    await look_up(ask)
    answer = await ask(
        "auditor",
        "GET",
        "/reports/lookups",
        params={"group_by": "kind", "to": "2026-11-26"},
        headers={"Accept": "text/csv"},
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows == [["group", "lookups", "without_case"], ["id-card", "1", "1"]]


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize(
    ("who", "path"),
    [("auditor", "/reports/lookups?group_by=kind"), ("manager", "/reports/cases?group_by=status")],
)
async def test_a_report_says_that_its_form_is_by_what_is_accepted(
    ask: Ask, who: str, path: str, accept: str
) -> None:
    answer = await ask(who, "GET", path, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-11-24", "to": "2026-11-23"},
        {"from": "2016-01-01", "to": "2026-11-23"},
    ],
)
async def test_a_span_is_forward_and_bounded(ask: Ask, params: dict[str, str]) -> None:
    answer = await ask("auditor", "GET", "/reports/lookups", params={"group_by": "day", **params})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "out-of-range")


@pytest.mark.parametrize("params", [{"from": "2026-11-23", "to": "2026-11-23"}, {"from": "2027-01-01"}])
@pytest.mark.parametrize(
    ("report", "empty"),
    [
        ("lookups?group_by=day", {"rows": []}),
        ("snooping", {"findings": []}),
    ],
)
async def test_an_empty_span_has_no_rows(
    ask: Ask, report: str, empty: dict[str, list[Any]], params: dict[str, str]
) -> None:
    await look_up(ask)
    path, _, query = report.partition("?")
    asked = params | dict(pair.split("=") for pair in query.split("&") if pair)
    answer = await ask("auditor", "GET", f"/reports/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json().items() >= empty.items()


async def test_neighbouring_numbers_are_found_without_showing_them(ask: Ask) -> None:
    for last in range(11, 17):
        await look_up(ask, id_number=f"1001900000{last}")
    answer = await ask("auditor", "GET", "/reports/snooping", params={"to": "2026-11-26"})
    assert answer.status_code == 200, answer.text
    findings = {finding["sign"]: finding for finding in answer.json()["findings"]}
    assert findings["neighbours"]["officers"] == ["receiver"]
    assert findings["neighbours"]["count"] == 6
    assert findings["neighbours"]["explanation"].startswith("Tra cứu liên tiếp")
    # Noon is the lunch break.
    assert findings["off_hours"]["count"] == 6
    assert "1001900000" not in answer.text


async def test_a_report_needs_no_second_connection_and_none_of_those_for_quick_reads(
    ask: Ask, settings: Settings, clock: TestClock, token_of: TokenOf
) -> None:
    await look_up(ask)
    narrow = create_app(settings.model_copy(update={"database_pool_size": 1}), clock=clock)
    async with (
        narrow.router.lifespan_context(narrow),
        httpx.AsyncClient(transport=httpx.ASGITransport(narrow), base_url=BASE_URL) as client,
    ):
        headers = {"Authorization": f"Bearer {await token_of('auditor')}"}
        answers = await asyncio.gather(
            *(client.get("/reports/snooping?to=2026-11-26", headers=headers) for _ in range(4)),
            client.get("/reports/lookups?group_by=day", headers=headers),
        )
    assert [answer.status_code for answer in answers] == [200] * 5


async def test_reports_are_for_those_who_may_read_them(ask: Ask) -> None:
    for name, path, status in (
        ("receiver", "/reports/lookups?group_by=day", 403),
        ("admin", "/reports/lookups?group_by=day", 403),
        ("manager", "/reports/snooping", 403),
        ("manager", "/reports/lookups?group_by=day", 403),
        ("auditor", "/reports/lookups?group_by=day", 200),
    ):
        assert (await ask(name, "GET", path)).status_code == status, (name, path)
