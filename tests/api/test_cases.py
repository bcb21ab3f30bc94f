"""Cases over HTTP: the contract's shapes, statuses and headers."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.case_forms import FORM, NUMBER, form_with, look_up, register
from tests.api.conftest import NGOC, Ask, TestClock

pytestmark = pytest.mark.anyio


async def faults(ask: Ask, body: Any, *, name: str = "receiver") -> list[tuple[str, str]]:
    """Send a form that is refused, make sure that nothing was saved, and return what was pointed at."""
    answer = await ask(name, "POST", "/cases", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    listed = await ask("manager0", "GET", "/cases")
    assert listed.json()["items"] == []
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_the_case_has_exactly_the_members_of_the_contract(ask: Ask) -> None:
    answer = await ask("receiver", "POST", "/cases", json=FORM)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/cases/{NUMBER}"
    assert answer.json() == {
        "receipt_number": NUMBER,
        "agency": {"code": "H24.15", "name": "Ủy ban nhân dân phường Thử Nghiệm"},
        "procedure": {
            "code": "1.004194",
            "name": "Đăng ký tạm trú",
            "level": "full_online",
            "processing_days": 3,
        },
        "channel": "in_person",
        "applicant": NGOC | {"phone": None, "email": None, "address": None, "other_document": None},
        "organization_name": None,
        "status": "received",
        "status_code": 2,
        "status_label": "Được tiếp nhận",
        "received_at": "2026-11-23T12:00:00+07:00",
        "due_at": "2026-11-27T11:30:00+07:00",
        "field_visit_on": None,
        "returned_at": None,
        "hours_left": 24.0,
        "is_overdue": False,
        "payment_status": "not_required",
        "note": None,
        "related_url": None,
        "documents": [],
        "lookups": [],
        "version": 1,
    }


async def test_everything_that_may_be_sent_comes_back_as_sent(ask: Ask) -> None:
    sent: dict[str, Any] = {
        "applicant": NGOC
        | {"phone": "+84 912 345 678", "email": "ngoc@example.vn", "address": "Số 1", "other_document": None},
        "organization_name": "Công ty TNHH Thử Nghiệm",
        "field_visit_on": "2026-11-26",
        "note": "dòng 1\n\tdòng 2",
        "related_url": "https://example.vn/ho-so/1?a=b",
        "documents": [
            {"name": "Tờ khai", "copies": 1, "form": "original"},
            {"name": "Giấy khai sinh", "copies": 2, "form": "certified_copy"},
        ],
    }
    created = await register(ask, **sent)
    assert {name: created[name] for name in sent} == sent
    assert (await ask("receiver", "GET", f"/cases/{NUMBER}")).json() == created


@pytest.mark.parametrize(
    "number",
    ["(0225) 382 2222", "0225 382 2222", "+84 (0)225 382 2222", "(+84) 225-382-2222", "0912.345.678"],
)
async def test_a_telephone_number_is_taken_as_people_write_it(ask: Ask, number: str) -> None:
    created = await register(ask, applicant={"phone": number})
    assert created["applicant"]["phone"] == number


async def test_a_name_comes_back_in_its_normal_form(ask: Ask) -> None:
    decomposed = "NGUYE\u0302\u0303N  THI\u0323 MINH NGO\u0323C"
    created = await register(ask, applicant={"full_name": decomposed})
    assert created["applicant"]["full_name"] == NGOC["full_name"]


async def test_an_online_case_waits_for_its_reception(ask: Ask) -> None:
    created = await register(ask, "portal", agency_code="H24.15", channel="online")
    assert (created["status"], created["status_code"]) == ("submitted", 1)
    assert (created["due_at"], created["hours_left"], created["is_overdue"]) == (None, None, False)


BROKEN_FORMS: tuple[tuple[dict[str, Any], tuple[str, str]], ...] = (
    ({"applicant": {"id_number": None}}, ("/applicant/id_number", "required")),
    ({"applicant": {"id_number": "12345678901"}}, ("/applicant/id_number", "invalid-id-number")),
    ({"applicant": {"id_number": "１００１９００００００１"}}, ("/applicant/id_number", "invalid-id-number")),
    ({"applicant": {"id_number": 100190000001}}, ("/applicant/id_number", "wrong-type")),
    ({"applicant": {"birth_date": "1990-13"}}, ("/applicant/birth_date", "invalid-date")),
    ({"applicant": {"birth_date": "2026-11-24"}}, ("/applicant/birth_date", "in-future")),
    ({"applicant": {"full_name": "x" * 201}}, ("/applicant/full_name", "too-long")),
    ({"applicant": {"full_name": " "}}, ("/applicant/full_name", "too-short")),
    ({"applicant": {"phone": "09"}}, ("/applicant/phone", "pattern")),
    ({"applicant": {"phone": "((0225) 382 2222"}}, ("/applicant/phone", "pattern")),
    ({"applicant": {"phone": "0225   382 2222"}}, ("/applicant/phone", "pattern")),
    ({"applicant": {"phone": "٠٩١٢٣٤٥٦٧٨"}}, ("/applicant/phone", "pattern")),
    ({"applicant": {"email": "a@b"}}, ("/applicant/email", "pattern")),
    ({"applicant": {"email": "a@".ljust(251, "b") + ".vn"}}, ("/applicant/email", "pattern")),
    ({"applicant": {"email": "a@".ljust(252, "b") + ".vn"}}, ("/applicant/email", "too-long")),
    ({"applicant": {"address": "a\u202eb"}}, ("/applicant/address", "control-character")),
    ({"applicant": {"nickname": "Ngọc"}}, ("/applicant", "unknown-member")),
    ({"organization_name": "x" * 201}, ("/organization_name", "too-long")),
    ({"note": "x" * 2_001}, ("/note", "too-long")),
    ({"related_url": "http://example.vn"}, ("/related_url", "invalid-url")),
    ({"related_url": "https://" + "x" * 2_000}, ("/related_url", "too-long")),
    ({"field_visit_on": "2026-02-30"}, ("/field_visit_on", "invalid-date")),
    ({"field_visit_on": 20261126}, ("/field_visit_on", "wrong-type")),
    ({"channel": "fax"}, ("/channel", "not-allowed")),
    ({"documents": [{"name": "a", "copies": 1, "form": "copy"}] * 101}, ("/documents", "too-long")),
    ({"documents": [{"name": "a", "copies": 0, "form": "copy"}]}, ("/documents/0/copies", "out-of-range")),
    ({"documents": [{"name": "a", "copies": 1001, "form": "copy"}]}, ("/documents/0/copies", "out-of-range")),
    ({"documents": [{"name": "a", "copies": True, "form": "copy"}]}, ("/documents/0/copies", "wrong-type")),
    ({"documents": [{"name": "a", "copies": "1", "form": "copy"}]}, ("/documents/0/copies", "wrong-type")),
    ({"documents": [{"name": "x" * 301, "copies": 1, "form": "copy"}]}, ("/documents/0/name", "too-long")),
    ({"documents": [{"name": "a", "copies": 1, "form": "fax"}]}, ("/documents/0/form", "not-allowed")),
    ({"lookup_ids": ["{6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11}"]}, ("/lookup_ids/0", "invalid-uuid")),
    ({"lookup_ids": ["6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11"] * 2}, ("/lookup_ids", "repeated")),
    ({"agency_code": "H24.15"}, ("/agency_code", "not-permitted-here")),
    ({"procedure_code": "9.999999"}, ("/procedure_code", "procedure-not-found")),
    ({"status": "completed"}, ("", "unknown-member")),
)


async def test_a_form_that_breaks_a_rule_is_refused_where_it_does(ask: Ask) -> None:
    for changes, expected in BROKEN_FORMS:
        assert await faults(ask, form_with(**changes)) == [expected], expected


async def test_texts_may_be_as_long_as_the_contract_says(ask: Ask) -> None:
    created = await register(
        ask,
        applicant={"full_name": "Ễ" * 200, "other_document": "x" * 100},
        organization_name="Ễ" * 200,
        note="Ễ" * 2_000,
        related_url="https://example.vn/".ljust(2_000, "x"),
        documents=[{"name": "Ễ" * 300, "copies": 1_000, "form": "electronic"}] * 100,
    )
    assert len(created["documents"]) == 100


async def test_a_system_names_an_agency_within_its_reach(ask: Ask) -> None:
    assert await faults(ask, FORM, name="portal") == [("/agency_code", "required")]
    assert await faults(ask, form_with(agency_code="H25"), name="portal") == [
        ("/agency_code", "agency-not-found")
    ]
    created = await register(ask, "portal", agency_code="H24.16")
    assert created["receipt_number"] == "H24.16-261123-0001"
    assert (await ask("receiver2", "GET", "/cases/H24.16-261123-0001")).status_code == 200


async def test_only_who_may_write_registers(ask: Ask) -> None:
    for name in ("manager", "auditor", "admin"):
        answer = await ask(name, "POST", "/cases", json=FORM)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    for name in ("auditor", "admin"):
        for path in ("/cases", f"/cases/{NUMBER}"):
            answer = await ask(name, "GET", path)
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")


async def test_nobody_without_a_token_learns_whether_a_case_exists(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    await register(ask)
    for path in ("/cases", f"/cases/{NUMBER}", "/cases/x", "/procedures"):
        assert (await client.get(path)).status_code == 401


async def test_a_foreign_case_equals_one_that_never_was(ask: Ask) -> None:
    await register(ask, "receiver2")
    documents = []
    for number in ("H24.16-261123-0001", "H24.16-261123-0002", "x", "%00", "H24.16-261123-0001%0A"):
        answer = await ask("receiver", "GET", f"/cases/{number}")
        document = answer.json()
        assert answer.status_code == 404
        documents.append(
            {name: document[name] for name in document if name not in ("instance", "request_id")}
        )
    assert documents[0] == documents[1] == documents[2]
    assert documents[0]["code"] == "case-not-found"


async def test_the_entity_tag_spares_an_answer_that_would_say_nothing_new(ask: Ask, clock: TestClock) -> None:
    created = await ask("receiver", "POST", "/cases", json=FORM)
    path = created.headers["location"]
    first = await ask("receiver", "GET", path)
    tag = first.headers["etag"]
    assert created.headers["etag"] == tag
    for known in (tag, "*", f'"other", {tag}', tag.removeprefix("W/")):
        same = await ask("receiver", "GET", path, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    for other in ('"other"', "no tag at all", tag.replace("1", "2"), f"W/{tag}", f"{tag} or so"):
        assert (await ask("receiver", "GET", path, headers={"If-None-Match": other})).status_code == 200
    await look_up(ask, procedure_code="1.004194", receipt_number=created.json()["receipt_number"])
    looked_up = await ask("receiver", "GET", path, headers={"If-None-Match": tag})
    assert looked_up.status_code == 200
    assert looked_up.headers["etag"] != tag
    clock.advance(timedelta(days=30))
    # The token has expired with the month; the portal's is asked for anew.
    overdue = await ask("portal", "GET", path, headers={"If-None-Match": looked_up.headers["etag"]})
    assert (overdue.status_code, overdue.json()["is_overdue"]) == (200, True)


async def test_the_entity_tag_changes_with_the_name_of_the_agency(ask: Ask) -> None:
    path = (await ask("receiver", "POST", "/cases", json=FORM)).headers["location"]
    tag = (await ask("receiver", "GET", path)).headers["etag"]
    renamed = await ask("admin", "PUT", "/agencies/H24.15", json={"name": "Phường Mới", "parent": "H24"})
    assert renamed.status_code == 200
    now = await ask("receiver", "GET", path, headers={"If-None-Match": tag})
    assert (now.status_code, now.json()["agency"]["name"]) == (200, "Phường Mới")
    # The case itself is the same: a change that was begun before is no conflict.
    edit = await ask("receiver", "PATCH", path, json={"note": "a"}, headers={"If-Match": tag})
    assert edit.status_code == 200


async def test_a_case_that_is_not_found_is_not_unchanged(ask: Ask) -> None:
    answer = await ask("receiver", "GET", f"/cases/{NUMBER}", headers={"If-None-Match": "*"})
    assert answer.status_code == 404


async def test_the_lookups_of_a_case_are_those_made_before_and_after(ask: Ask, clock: TestClock) -> None:
    before = await look_up(ask)
    clock.advance(timedelta(minutes=1))
    created = await register(ask, lookup_ids=[before["lookup_id"]])
    assert created["lookups"] == [
        {
            "lookup_id": before["lookup_id"],
            "kind": "id-card",
            "result": "exists",
            "answered_at": "2026-11-23T12:00:00+07:00",
        }
    ]
    after = await look_up(ask, receipt_number=NUMBER, birth_date="1990-01-01")
    shown = (await ask("receiver", "GET", f"/cases/{NUMBER}")).json()["lookups"]
    assert [lookup["lookup_id"] for lookup in shown] == [before["lookup_id"], after["lookup_id"]]
    assert [lookup["result"] for lookup in shown] == ["exists", "not_found"]


async def test_each_reason_not_to_tie_a_lookup_has_its_problem(ask: Ask, clock: TestClock) -> None:
    own, other = await look_up(ask), await look_up(ask, procedure_code="1.004222")
    theirs = await look_up(ask, "receiver2")
    await register(ask, lookup_ids=[own["lookup_id"]])
    for lookup, status, code in (
        (own, 409, "lookup-already-tied"),
        (other, 422, "purpose-mismatch"),
        (theirs, 422, "lookup-not-found"),
        ({"lookup_id": "6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11"}, 422, "lookup-not-found"),
    ):
        answer = await ask("receiver", "POST", "/cases", json=form_with(lookup_ids=[lookup["lookup_id"]]))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    clock.advance(timedelta(minutes=1))
    assert (await register(ask))["receipt_number"] == "H24.15-261123-0002"


async def test_parallel_registrations_all_succeed(ask: Ask) -> None:
    first = await register(ask)
    created = await asyncio.gather(*(register(ask) for _ in range(49)))
    numbers = sorted(case["receipt_number"] for case in (first, *created))
    assert numbers == [f"H24.15-261123-{number:04d}" for number in range(1, 51)]


async def test_a_registration_is_on_record(ask: Ask) -> None:
    await register(ask)
    answer = await ask("auditor", "GET", "/audit/records", params={"receipt_number": NUMBER})
    (record,) = [item["record"] for item in answer.json()["items"] if item["record"]["kind"] == "CHANGE"]
    assert (record["officer"], record["agency"], record["result"]) == (
        "receiver",
        "H24.15",
        "case-registered",
    )
    assert record["procedure_code"] == "1.004194"
