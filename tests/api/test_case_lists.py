"""Lists of cases over HTTP: who sees what, filters and pages."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from app.schemas.cursors import encode_cursor
from tests.api.case_forms import NUMBER, register
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio


async def test_a_manager_sees_the_cases_below_and_a_receiver_only_the_own(ask: Ask) -> None:
    for name in ("receiver", "receiver15", "receiver2"):
        await register(ask, name)
    seen = {
        name: {item["agency"]["code"] for item in (await ask(name, "GET", "/cases")).json()["items"]}
        for name in ("receiver", "receiver15", "receiver2", "manager", "manager0", "portal")
    }
    everything = {"H24.15", "H24.15.01", "H24.16"}
    assert seen == {
        "receiver": {"H24.15"},
        "receiver15": {"H24.15.01"},
        "receiver2": {"H24.16"},
        "manager": {"H24.15", "H24.15.01"},
        "manager0": everything,
        "portal": everything,
    }


async def test_lists_mask_the_number_and_nothing_else(ask: Ask) -> None:
    created = await register(ask)
    (listed,) = (await ask("receiver", "GET", "/cases")).json()["items"]
    assert listed == created | {"applicant": created["applicant"] | {"id_number": "100********1"}}


async def test_pages_follow_each_other_while_others_register(ask: Ask, clock: TestClock) -> None:
    there = []
    for _ in range(7):
        there.append((await register(ask))["receipt_number"])
        clock.advance(timedelta(seconds=1))
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        params = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = (await ask("receiver", "GET", "/cases", params=params)).json()
        seen += [item["receipt_number"] for item in page["items"]]
        cursor = page["next_cursor"]
        await register(ask)
    assert cursor is None
    assert seen == there[::-1]


BROKEN_QUERIES = (
    ("limit=0", ("limit", "out-of-range")),
    ("limit=201", ("limit", "out-of-range")),
    ("limit=+5", ("limit", "wrong-type")),
    ("cursor=", ("cursor", "invalid-cursor")),
    ("cursor=x", ("cursor", "invalid-cursor")),
    (f"cursor={encode_cursor('1', 'x')}", ("cursor", "invalid-cursor")),
    (f"cursor={encode_cursor('x', NUMBER)}", ("cursor", "invalid-cursor")),
    ("cursor=MQphCmI", ("cursor", "invalid-cursor")),
    ("overdue=1", ("overdue", "wrong-type")),
    ("overdue=True", ("overdue", "wrong-type")),
    ("status=done", ("status", "not-allowed")),
    ("channel=fax", ("channel", "not-allowed")),
    ("procedure_code=a%20b", ("procedure_code", "pattern")),
    ("received_from=yesterday", ("received_from", "invalid-date")),
    ("received_to=2026-11-31", ("received_to", "invalid-date")),
    ("due_before=9999-12-31", ("due_before", "out-of-range")),
    ("agency=H24.16", ("", "unknown-member")),
    ("status=received&status=rejected", ("status", "repeated")),
)


async def test_a_list_asked_for_wrongly_is_refused(ask: Ask) -> None:
    for query, expected in BROKEN_QUERIES:
        answer = await ask("receiver", "GET", f"/cases?{query}")
        assert answer.status_code == 422, query
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [expected]


async def test_filters_take_times_and_days_of_vietnam(ask: Ask, clock: TestClock) -> None:
    clock.advance(timedelta(hours=11, minutes=59))
    await register(ask)
    clock.advance(timedelta(minutes=1))
    await register(ask, channel="postal")
    first, second = NUMBER, "H24.15-261124-0001"
    for query, expected in {
        "received_from=2026-11-24": [second],
        "received_to=2026-11-24": [first],
        "received_from=2026-11-23&received_to=2026-11-25": [second, first],
        f"received_from={quote('2026-11-24T00:00:00+07:00', safe='')}": [second],
        "received_to=2026-11-23T17:00:00Z": [first],
        "due_before=2026-11-30": [second, first],
        "due_before=2026-11-24": [],
        "overdue=false&status=received": [second, first],
        "overdue=true": [],
        "channel=postal": [second],
        "procedure_code=1.004222": [],
    }.items():
        items = (await ask("receiver", "GET", f"/cases?{query}")).json()["items"]
        assert [item["receipt_number"] for item in items] == expected, query
