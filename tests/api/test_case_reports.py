"""Reports on cases over HTTP: numbers that add up."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from tests.api.case_forms import register
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio

Figures = tuple[int, int, int, int, int]
NAMES = ("received", "in_progress", "completed_on_time", "completed_late", "overdue_now")


async def figures(ask: Ask, group_by: str, *, name: str = "manager0", **query: str) -> dict[str, Figures]:
    answer = await ask(name, "GET", "/reports/cases", params={"group_by": group_by} | query)
    assert answer.status_code == 200, answer.text
    return {row["group"]: tuple(row[name] for name in NAMES) for row in answer.json()["rows"]}


async def walk(ask: Ask, number: str, *targets: str) -> None:
    for target in targets:
        answer = await ask("manager0", "POST", f"/cases/{number}/status", json={"to": target, "note": "x"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def mixed(ask: Ask, clock: TestClock) -> None:
    """Make eleven cases of three agencies, two procedures and two days, some done, some late, some given up.

    The procedure has three working days; the first day is Monday, 23 November 2026 at noon.
    """
    numbers = [(await register(ask))["receipt_number"] for _ in range(5)]
    in_time, late, twice, waiting, working = numbers
    await register(ask, "receiver15")
    other = (await register(ask, "receiver2"))["receipt_number"]
    given_up = [(await register(ask, "receiver2"))["receipt_number"] for _ in range(2)]
    await walk(ask, given_up[0], "withdrawn")
    await walk(ask, given_up[1], "in_progress", "stopped")
    await walk(ask, in_time, "in_progress", "completed", "returned")
    # Two requests for a supplement count as late, however soon the case is done.
    await walk(ask, twice, *("supplement_requested", "in_progress") * 2, "completed")
    await walk(ask, waiting, "supplement_requested")
    await walk(ask, late, "in_progress")
    await walk(ask, working, "in_progress", "payment_requested")
    await walk(ask, other, "in_progress")
    clock.now = datetime.fromisoformat("2026-12-07T00:30:00+07:00")
    await walk(ask, late, "completed")
    await register(ask, procedure_code="2.000815")
    online = await register(ask, "portal", agency_code="H24.16", channel="online")
    await walk(ask, online["receipt_number"], "rejected")


async def test_cases_are_counted_by_each_grouping(ask: Ask, mixed: None) -> None:
    del mixed
    assert await figures(ask, "agency") == {
        "H24.15": (6, 3, 1, 2, 1),
        "H24.15.01": (1, 1, 0, 0, 1),
        "H24.16": (4, 1, 0, 0, 1),
    }
    assert await figures(ask, "procedure") == {
        "1.004194": (10, 4, 1, 2, 3),
        "2.000815": (1, 1, 0, 0, 0),
    }
    assert await figures(ask, "day") == {
        "2026-11-23": (9, 4, 1, 2, 3),
        "2026-12-07": (2, 1, 0, 0, 0),
    }
    assert await figures(ask, "officer") == {
        "portal": (1, 0, 0, 0, 0),
        "receiver": (6, 3, 1, 2, 1),
        "receiver15": (1, 1, 0, 0, 1),
        "receiver2": (3, 1, 0, 0, 1),
    }
    by_status = await figures(ask, "status")
    assert by_status == {
        "received": (2, 2, 0, 0, 1),
        "rejected": (1, 0, 0, 0, 0),
        "in_progress": (1, 1, 0, 0, 1),
        "supplement_requested": (1, 1, 0, 0, 0),
        "payment_requested": (1, 1, 0, 0, 1),
        "withdrawn": (1, 0, 0, 0, 0),
        "stopped": (1, 0, 0, 0, 0),
        "completed": (2, 0, 0, 2, 0),
        "returned": (1, 0, 1, 0, 0),
    }
    # In the order of the national codes.
    assert list(by_status)[:3] == ["received", "rejected", "in_progress"]


async def test_the_figures_agree_with_the_lists(ask: Ask, mixed: None) -> None:
    del mixed
    for status, counted in (await figures(ask, "status")).items():
        listed = (await ask("manager0", "GET", "/cases", params={"status": status})).json()["items"]
        assert counted[0] == len(listed)
    overdue = (await ask("manager0", "GET", "/cases?overdue=true")).json()["items"]
    assert sum(counted[4] for counted in (await figures(ask, "day")).values()) == len(overdue) == 3


async def test_a_span_has_its_days_in_vietnam_and_ends_before_its_end(ask: Ask, mixed: None) -> None:
    del mixed
    for since, until, found in (
        ("2026-12-07", "2026-12-08", {"2026-12-07": 2}),
        ("2026-12-06", "2026-12-07", {}),
        # Half past midnight in Vietnam is still the day before in UTC.
        ("2026-12-06T17:30:00Z", "2026-12-06T17:30:01Z", {"2026-12-07": 2}),
        ("2026-11-23T12:00:00+07:00", "2026-12-06T17:30:00Z", {"2026-11-23": 9}),
    ):
        counted = await figures(ask, "day", **{"from": since, "to": until})
        assert {group: figures_[0] for group, figures_ in counted.items()} == found
    assert sum(counted[0] for counted in (await figures(ask, "day", **{"from": "2026-11-24"})).values()) == 2
    assert sum(counted[0] for counted in (await figures(ask, "day", to="2026-11-24")).values()) == 9


async def test_a_manager_counts_the_own_agency_and_those_below(ask: Ask, mixed: None) -> None:
    del mixed
    assert set(await figures(ask, "agency", name="manager")) == {"H24.15", "H24.15.01"}


@pytest.mark.parametrize("name", ["receiver", "auditor", "admin"])
async def test_case_reports_are_for_managers(ask: Ask, name: str) -> None:
    answer = await ask(name, "GET", "/reports/cases?group_by=status")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")


async def test_the_rows_come_as_csv_for_a_spreadsheet(ask: Ask, mixed: None) -> None:
    del mixed
    answer = await ask("manager0", "GET", "/reports/cases?group_by=agency", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="cases.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["group", *NAMES]
    counted = await figures(ask, "agency")
    assert {row[0]: tuple(map(int, row[1:])) for row in rows} == counted


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"group_by": "applicant"},
        {"group_by": "status", "from": "2026-11-25", "to": "2026-11-24"},
        {"group_by": "status", "from": "yesterday"},
        {"group_by": "status", "limit": "5"},
    ],
)
async def test_a_report_asked_for_wrongly_is_refused(ask: Ask, query: dict[str, Any]) -> None:
    assert (await ask("manager0", "GET", "/reports/cases", params=query)).status_code == 422


async def test_without_cases_there_are_no_rows(ask: Ask, clock: TestClock) -> None:
    clock.advance(timedelta(hours=1))
    assert await figures(ask, "status") == {}
