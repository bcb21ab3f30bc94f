"""The history of a case, and the feed of all changes, over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.schemas.cursors import encode_cursor, encode_time
from tests.api.case_forms import NUMBER, look_up, register
from tests.api.conftest import Ask, TestClock, TokenOf
from tests.conftest import NOON

pytestmark = pytest.mark.anyio


async def step(ask: Ask, to: str, *, name: str = "receiver", number: str = NUMBER) -> httpx.Response:
    answer = await ask(name, "POST", f"/cases/{number}/status", json={"to": to, "note": f"sang {to}"})
    assert answer.status_code == 200, answer.text
    return answer


async def history(ask: Ask, number: str = NUMBER, **query: Any) -> dict[str, Any]:
    answer = await ask("manager", "GET", f"/cases/{number}/history", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def feed(ask: Ask, name: str = "portal", **query: Any) -> dict[str, Any]:
    answer = await ask(name, "GET", "/cases/changes", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_history_tells_changes_and_lookups_oldest_first(ask: Ask, clock: TestClock) -> None:
    before = await look_up(ask)
    clock.advance(timedelta(minutes=5))
    await register(ask, lookup_ids=[before["lookup_id"]])
    clock.advance(timedelta(hours=1, minutes=55))
    later = await look_up(ask, receipt_number=NUMBER)
    clock.advance(timedelta(minutes=1))
    await step(ask, "supplement_requested", name="manager")
    clock.advance(timedelta(hours=1))
    await step(ask, "in_progress")
    clock.advance(timedelta(minutes=1))
    patch = {
        "applicant": {"phone": "0912 345 678"},
        "documents": [{"name": "A", "copies": 1, "form": "copy"}],
    }
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json=patch)

    def change(
        at: str, field: str, old: Any, new: Any, *, officer: str = "receiver", note: Any = None
    ) -> Any:
        who = {"officer": officer, "client": None}
        return {"at": f"2026-11-23T{at}+07:00", "field": field, "old": old, "new": new, "note": note} | who

    def lookup(at: str, lookup_id: str) -> Any:
        who = {"officer": "receiver", "client": None}
        what = {"lookup_id": lookup_id, "kind": "id-card", "result": "exists"}
        return {"at": f"2026-11-23T{at}+07:00"} | what | who

    assert (await history(ask))["items"] == [
        lookup("12:00:00", before["lookup_id"]),
        change("12:05:00", "status", None, "received"),
        lookup("14:00:00", later["lookup_id"]),
        change(
            "14:01:00",
            "status",
            "received",
            "supplement_requested",
            officer="manager",
            note="sang supplement_requested",
        ),
        change("15:01:00", "status", "supplement_requested", "in_progress", note="sang in_progress"),
        change("15:01:00", "due_at", "2026-11-27T11:30:00+07:00", "2026-11-27T14:00:00+07:00"),
        change("15:02:00", "applicant.phone", None, "0912 345 678"),
        change("15:02:00", "documents", [], [{"name": "A", "copies": 1, "form": "copy"}]),
    ]


async def test_a_history_comes_in_pages(ask: Ask) -> None:
    await register(ask)
    for number in range(7):
        await ask(
            "receiver",
            "PATCH",
            f"/cases/{NUMBER}",
            json={"note": f"{number}", "organization_name": f"{number}"},
        )
    whole = (await history(ask))["items"]
    assert len(whole) == 15
    for limit in (1, 4, 14, 15):
        items, cursor = [], None
        while True:
            page = await history(ask, limit=limit, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            assert len(page["items"]) == limit or cursor is None
            if cursor is None:
                break
        assert items == whole


async def test_a_failed_lookup_for_a_case_is_in_its_history_with_the_failures_code(ask: Ask) -> None:
    await register(ask)
    claim = {"full_name": "NGUYỄN VĂN A", "id_number": "100999000002", "birth_date": "1990-01-01"}
    failed = await ask("receiver", "POST", "/verify/id-card", json=claim | {"receipt_number": NUMBER})
    assert failed.status_code == 502
    results = [item["result"] for item in (await history(ask))["items"] if "lookup_id" in item]
    assert results == ["population-database-error"]
    assert (await ask("receiver", "GET", f"/cases/{NUMBER}")).json()["lookups"] == []


@pytest.mark.parametrize(
    "cursor",
    ["x", "MQ", "", "a" * 301, encode_cursor(encode_time(NOON), f"lookup-{'-' * 36}")],
)
async def test_a_made_up_cursor_is_refused(ask: Ask, cursor: str) -> None:
    await register(ask)
    answer = await ask("receiver", "GET", f"/cases/{NUMBER}/history", params={"cursor": cursor})
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["invalid-cursor"]


async def test_the_feed_tells_every_change_in_order(ask: Ask, clock: TestClock) -> None:
    assert await feed(ask) == {"items": [], "next_cursor": None}
    await register(ask)
    await register(ask, "receiver2")
    clock.advance(timedelta(hours=2))
    await step(ask, "in_progress")
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "bí mật"})
    other = "H24.16-261123-0001"
    expected = [
        {"sequence": 1, "receipt_number": NUMBER, "change": "registered", "status": "received"},
        {"sequence": 2, "receipt_number": other, "change": "registered", "status": "received"},
        {"sequence": 3, "receipt_number": NUMBER, "change": "status_changed", "status": "in_progress"},
        {"sequence": 4, "receipt_number": NUMBER, "change": "details_changed", "status": "in_progress"},
    ]
    times = ["12:00:00"] * 2 + ["14:00:00"] * 2
    items = [item | {"at": f"2026-11-23T{time}+07:00"} for item, time in zip(expected, times, strict=True)]
    assert await feed(ask) == {"items": items, "next_cursor": None}
    assert await feed(ask, after=2) == {"items": items[2:], "next_cursor": None}
    assert await feed(ask, after=1, limit=2) == {"items": items[1:3], "next_cursor": "3"}
    assert await feed(ask, after=4) == {"items": [], "next_cursor": None}
    assert await feed(ask, after=10**14) == {"items": [], "next_cursor": None}


async def test_the_feed_shows_only_the_agencies_within_reach(ask: Ask) -> None:
    await register(ask)
    await register(ask, "receiver2")
    await register(ask, "receiver15")
    seen = {
        name: [item["sequence"] for item in (await feed(ask, name))["items"]]
        for name in ("receiver", "receiver2", "receiver15", "manager", "manager0", "portal")
    }
    assert seen == {
        "receiver": [1],
        "receiver2": [2],
        "receiver15": [3],
        "manager": [1, 3],
        "manager0": [1, 2, 3],
        "portal": [1, 2, 3],
    }


async def test_the_feed_of_another_process_skips_no_change_of_an_agency_that_was_just_made(
    ask: Ask, token_of: TokenOf, other_worker: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {await token_of('portal')}"}
    assert (await other_worker.get("/cases/changes?after=0", headers=headers)).json()["items"] == []
    made = await ask("admin", "PUT", "/agencies/H24.99", json={"name": "Xã Mới", "parent": "H24"})
    assert made.status_code == 201
    await register(ask, "portal", agency_code="H24.99")
    await register(ask)
    items = (await other_worker.get("/cases/changes?after=0", headers=headers)).json()["items"]
    assert [item["sequence"] for item in items] == [1, 2]


async def test_what_is_refused_takes_no_place_in_the_feed(ask: Ask) -> None:
    await register(ask)
    for _ in range(3):
        assert (
            await ask("receiver", "POST", f"/cases/{NUMBER}/status", json={"to": "returned"})
        ).status_code == 409
    await step(ask, "in_progress")
    assert [item["sequence"] for item in (await feed(ask))["items"]] == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "01"},
        {"after": "9" * 16},
        {"limit": "0"},
        {"limit": "201"},
        {"since": "1"},
    ],
)
async def test_a_feed_asked_for_wrongly_is_refused(ask: Ask, query: dict[str, str]) -> None:
    assert (await ask("portal", "GET", "/cases/changes", params=query)).status_code == 422


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
async def test_a_slash_that_a_proxy_would_not_see_leads_nowhere(ask: Ask, slash: str) -> None:
    await register(ask)
    assert (await ask("receiver", "GET", f"/cases/{NUMBER}/history")).status_code == 200
    hidden = await ask("receiver", "GET", f"/cases/{NUMBER}{slash}history")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not-found")


async def test_the_feed_reads_nothing_of_what_changes_say(ask: Ask, statements: list[str]) -> None:
    await register(ask)
    await step(ask, "in_progress")
    statements.clear()
    assert len((await feed(ask))["items"]) == 2
    assert [statement for statement in statements if "details_sealed" in statement] == []
