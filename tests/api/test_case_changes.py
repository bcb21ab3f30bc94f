"""Statuses and edits of cases over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.case_status import CaseStatus, allowed_next
from tests.api.case_forms import NUMBER, look_up, register
from tests.api.conftest import Ask, TestClock

pytestmark = pytest.mark.anyio

# From the first status of an in-person or an online case to each of the others.
WAYS: dict[str, tuple[str, ...]] = {
    "submitted": (),
    "received": (),
    "rejected": ("rejected",),
    "in_progress": ("in_progress",),
    "supplement_requested": ("supplement_requested",),
    "payment_requested": ("payment_requested",),
    "withdrawn": ("withdrawn",),
    "stopped": ("stopped",),
    "completed": ("in_progress", "completed"),
    "returned": ("in_progress", "completed", "returned"),
}


async def step(
    ask: Ask, to: str, *, name: str = "receiver", number: str = NUMBER, **rest: Any
) -> httpx.Response:
    body = {"to": to, "note": rest.pop("note", "vì lý do này")}
    return await ask(name, "POST", f"/cases/{number}/status", json=body, **rest)


async def case_in(ask: Ask, status: str) -> dict[str, Any]:
    """Register a case and take it to a status."""
    is_online = status in {"submitted", "rejected"}
    created = (
        await register(ask, "portal", agency_code="H24.15", channel="online")
        if is_online
        else await register(ask)
    )
    for target in WAYS[status]:
        answer = await step(ask, target, number=created["receipt_number"])
        assert answer.status_code == 200, answer.text
        created = answer.json()
    assert created["status"] == status
    return created


@pytest.mark.parametrize("status", list(CaseStatus))
async def test_each_status_leads_where_the_table_says_and_nowhere_else(ask: Ask, status: CaseStatus) -> None:
    allowed = allowed_next(status)
    for target in CaseStatus:
        case = await case_in(ask, status.value)
        answer = await step(ask, target.value, number=case["receipt_number"])
        if target in allowed:
            assert answer.status_code == 200, answer.text
            changed = answer.json()
            assert (changed["status"], changed["status_code"]) == (target.value, target.number)
            assert changed["version"] == case["version"] + 1
            continue
        assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
        # The refusal names the allowed steps, and changes nothing.
        assert all(word.value in answer.json()["detail"] for word in allowed)
        kept = (await ask("receiver", "GET", f"/cases/{case['receipt_number']}")).json()
        assert (kept["status"], kept["version"]) == (status.value, case["version"])


async def test_a_change_answers_the_whole_case_with_its_tag(ask: Ask) -> None:
    created = await register(ask)
    answer = await step(ask, "in_progress")
    assert answer.json() == created | {
        "status": "in_progress",
        "status_code": 4,
        "status_label": "Đang xử lý",
        "version": 2,
    }
    read = await ask("receiver", "GET", f"/cases/{NUMBER}")
    assert (read.json(), read.headers["etag"]) == (answer.json(), answer.headers["etag"])


@pytest.mark.parametrize("target", ["rejected", "supplement_requested", "stopped"])
async def test_a_step_that_must_be_explained_needs_a_note(ask: Ask, target: str) -> None:
    number = (await case_in(ask, "submitted" if target == "rejected" else "received"))["receipt_number"]
    for note in (None, "   "):
        answer = await step(ask, target, number=number, note=note)
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/note"]
    assert (await step(ask, target, number=number)).status_code == 200


async def test_a_step_of_no_known_name_is_refused(ask: Ask) -> None:
    await register(ask)
    for body, fault in (
        ({"to": "cancelled"}, ("/to", "not-allowed")),
        ({}, ("/to", "required")),
        ({"to": "in_progress", "by": "me"}, ("", "unknown-member")),
        ({"to": "in_progress", "note": "x" * 2_001}, ("/note", "too-long")),
    ):
        answer = await ask("receiver", "POST", f"/cases/{NUMBER}/status", json=body)
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [fault]


async def test_an_online_case_is_due_from_its_reception(ask: Ask, clock: TestClock) -> None:
    created = await case_in(ask, "submitted")
    clock.advance(timedelta(days=2, hours=-4))
    received = (await step(ask, "received")).json()
    assert received["received_at"] == created["received_at"]
    assert received["due_at"] == "2026-11-30T08:00:00+07:00"


async def test_the_clock_stands_while_a_supplement_is_awaited(ask: Ask, clock: TestClock) -> None:
    created = await register(ask)
    clock.advance(timedelta(hours=1))
    waiting = (await step(ask, "supplement_requested")).json()
    assert (waiting["due_at"], waiting["hours_left"]) == (created["due_at"], created["hours_left"])
    # Past its due date; but it is not the office that is late.
    clock.advance(timedelta(days=7))
    waiting = (await ask("receiver", "GET", f"/cases/{NUMBER}")).json()
    assert (waiting["hours_left"], waiting["is_overdue"]) == (24.0, False)
    for overdue, found in (("true", []), ("false", [NUMBER])):
        listed = (await ask("receiver", "GET", f"/cases?overdue={overdue}")).json()["items"]
        assert [case["receipt_number"] for case in listed] == found
    resumed = (await step(ask, "in_progress")).json()
    assert (resumed["hours_left"], resumed["is_overdue"]) == (24.0, False)
    waited = datetime.fromisoformat(resumed["due_at"]) - datetime.fromisoformat(created["due_at"])
    assert waited > timedelta(days=5)


async def test_an_ended_case_has_no_hours_left_and_no_lookups(ask: Ask, clock: TestClock) -> None:
    await case_in(ask, "completed")
    clock.advance(timedelta(days=30))
    returned = (await step(ask, "returned")).json()
    assert (returned["hours_left"], returned["is_overdue"]) == (None, False)
    assert returned["returned_at"] == "2026-12-23T12:00:00+07:00"
    refused = await ask(
        "receiver",
        "POST",
        "/verify/id-card",
        json={
            "receipt_number": NUMBER,
            "full_name": "NGUYỄN THỊ MINH NGỌC",
            "id_number": "100190000001",
            "birth_date": "1990-07-30",
        },
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "case-closed")


async def test_who_may_change_what(ask: Ask) -> None:
    await register(ask)
    # A manager above changes statuses but edits nothing; others see no such case or have no such right.
    assert (await step(ask, "in_progress", name="manager0")).status_code == 200
    refused = await ask("manager", "PATCH", f"/cases/{NUMBER}", json={"note": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")
    for name in ("receiver2", "receiver15"):
        for answer in (
            await step(ask, "completed", name=name),
            await ask(name, "PATCH", f"/cases/{NUMBER}", json={"note": "x"}),
            await ask(name, "GET", f"/cases/{NUMBER}/history"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found")
    for name in ("auditor", "admin"):
        for answer in (
            await step(ask, "completed", name=name),
            await ask(name, "PATCH", f"/cases/{NUMBER}", json={"note": "x"}),
            await ask(name, "GET", f"/cases/{NUMBER}/history"),
            await ask(name, "GET", "/cases/changes"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")


PATCHES: tuple[dict[str, Any], ...] = (
    {"applicant": {"phone": "0912 345 678", "email": "ngoc@example.vn", "address": "Số 1"}},
    {"applicant": {"phone": None}, "organization_name": "Công ty TNHH Thử Nghiệm"},
    {"field_visit_on": "2026-11-26", "note": "dòng 1\ndòng 2", "related_url": "https://example.vn/1"},
    {"documents": [{"name": "Tờ khai", "copies": 2, "form": "copy"}]},
    {"payment_status": "pending"},
    {"payment_status": "paid", "documents": [], "note": None, "field_visit_on": None},
)


@pytest.mark.parametrize("media_type", ["application/merge-patch+json", "application/json"])
async def test_an_edit_changes_what_it_names_and_nothing_else(ask: Ask, media_type: str) -> None:
    expected = await register(ask)
    for patch in PATCHES:
        answer = await ask(
            "receiver", "PATCH", f"/cases/{NUMBER}", json=patch, headers={"Content-Type": media_type}
        )
        assert answer.status_code == 200, answer.text
        applicant = expected["applicant"] | patch.get("applicant", {})
        expected |= patch | {"applicant": applicant, "version": expected["version"] + 1}
        assert answer.json() == expected
        assert (await ask("receiver", "GET", f"/cases/{NUMBER}")).json() == expected


async def test_null_gives_documents_and_payment_their_beginning_again(ask: Ask) -> None:
    await register(ask, documents=[{"name": "Tờ khai", "copies": 1, "form": "original"}])
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"payment_status": "waived"})
    emptied = await ask(
        "receiver", "PATCH", f"/cases/{NUMBER}", json={"payment_status": None, "documents": None}
    )
    assert (emptied.json()["payment_status"], emptied.json()["documents"]) == ("not_required", [])


async def test_an_empty_note_is_none(ask: Ask) -> None:
    assert (await register(ask, note=" "))["note"] is None
    for note in ("dòng", ""):
        changed = await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": note})
        assert changed.json()["note"] == (note or None)
    taken = await step(ask, "in_progress", note="")
    assert taken.status_code == 200


async def test_edits_that_change_nothing_leave_no_trace(ask: Ask) -> None:
    created = await register(ask, note="như cũ")
    patches: tuple[dict[str, Any], ...] = (
        {},
        {"note": "như cũ"},
        {"applicant": {}},
        {"payment_status": "not_required"},
    )
    for patch in patches:
        answer = await ask("receiver", "PATCH", f"/cases/{NUMBER}", json=patch)
        assert answer.json() == created
    assert len((await ask("receiver", "GET", f"/cases/{NUMBER}/history")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("patch", "fault"),
    [
        ({"applicant": {"full_name": "LÊ VĂN A"}}, ("/applicant", "unknown-member")),
        ({"applicant": {"id_number": "100190000001"}}, ("/applicant", "unknown-member")),
        ({"applicant": None}, ("/applicant", "wrong-type")),
        ({"applicant": {"phone": "x"}}, ("/applicant/phone", "pattern")),
        ({"status": "returned"}, ("", "unknown-member")),
        ({"procedure_code": "1.004194"}, ("", "unknown-member")),
        ({"payment_status": "free"}, ("/payment_status", "not-allowed")),
        ({"documents": [{"name": "a"}]}, ("/documents/0/copies", "required")),
        ({"related_url": "http://example.vn"}, ("/related_url", "invalid-url")),
        ([], ("", "wrong-type")),
    ],
)
async def test_an_edit_of_anything_else_is_refused(ask: Ask, patch: Any, fault: tuple[str, str]) -> None:
    created = await register(ask)
    answer = await ask("receiver", "PATCH", f"/cases/{NUMBER}", json=patch)
    assert answer.status_code == 422, answer.text
    assert fault in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert (await ask("receiver", "GET", f"/cases/{NUMBER}")).json() == created


async def test_a_change_meant_for_another_version_is_refused(ask: Ask, clock: TestClock) -> None:
    await register(ask)
    first = (await ask("receiver", "GET", f"/cases/{NUMBER}")).headers["etag"]
    # A lookup made meanwhile, or a due date gone by, is no conflict: nothing is overwritten by the change.
    await look_up(ask, receipt_number=NUMBER)
    clock.advance(timedelta(days=30))
    newer = (await ask("receiver", "GET", f"/cases/{NUMBER}")).headers["etag"]
    assert newer != first
    changed = await ask(
        "receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "1"}, headers={"If-Match": first}
    )
    assert changed.status_code == 200
    present = changed.headers["etag"]
    malformed = (f"W/{present}", f"{present} or so", f"{present};q=1")
    for tag in (first, newer, '"1"', 'W/"2"', "2", "", '"2-0-0', 'W/"02-0-0"', *malformed):
        for answer in (
            await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "2"}, headers={"If-Match": tag}),
            await step(ask, "in_progress", headers={"If-Match": tag}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed"), tag
    for form in ("{}", '"other", {}', "*"):
        tag = form.format(changed.headers["etag"])
        answer = await ask(
            "receiver", "PATCH", f"/cases/{NUMBER}", json={"note": None}, headers={"If-Match": tag}
        )
        assert answer.status_code == 200, tag
        changed = await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "1"})
