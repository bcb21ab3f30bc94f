"""The three lookups over HTTP: every answer and every failure that the sandbox's register can give."""

from typing import Any

import httpx
import pytest

from app.adapters.population.port import HeadResult, HouseholdAnswer, KnownPerson, MemberResult
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from tests.api.conftest import NGOC, Ask

pytestmark = pytest.mark.anyio

PURPOSE = {"procedure_code": "1.004194"}


async def audit_records(ask: Ask, **filters: str) -> list[dict[str, Any]]:
    """Return the log as the auditor sees it, oldest first, without his own reading."""
    answer = await ask("auditor", "GET", "/audit/records", params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    records = [item["record"] for item in answer.json()["items"]]
    return [record for record in reversed(records) if record["kind"] != "ACCESS"]


def claim_with(**changes: Any) -> dict[str, Any]:
    return PURPOSE | NGOC | changes


async def verify(ask: Ask, body: dict[str, Any], **request: Any) -> httpx.Response:
    return await ask("receiver", "POST", "/verify/id-card", json=body, **request)


async def test_a_person_who_exists_is_confirmed_and_on_record(ask: Ask) -> None:
    answer = await verify(ask, claim_with())
    body = answer.json()
    assert (answer.status_code, body["result"], body["message"]) == (200, "exists", "Công dân tồn tại")
    assert body["warnings"] == []
    assert body["source"]["profile"] == "mock"
    assert body["source"]["is_test_data"] is True
    assert body["source"]["answered_at"].startswith("2026-11-23T12:00:00")
    assert body["source"]["answered_at"].endswith("+07:00")
    intent, outcome = await audit_records(ask, lookup_id=body["lookup_id"])
    assert (intent["kind"], outcome["kind"], outcome["result"]) == ("INTENT", "OUTCOME", "exists")
    assert (body["audit"]["sequence"], body["audit"]["tree_size"]) == (1, 2)
    assert intent["officer"] == outcome["officer"] == "receiver"
    assert intent["procedure_code"] == "1.004194"
    assert outcome["upstream_request_id"] == body["source"]["upstream_request_id"]


@pytest.mark.parametrize(
    "change",
    [
        {"birth_date": "1990-07-31"},
        {"full_name": "NGUYỄN THỊ MINH NGOC"},
        {"id_number": "100190000002"},
        {"birth_date": "1991"},
    ],
)
async def test_a_wrong_part_gives_the_same_answer_whichever_part_it_is(
    ask: Ask, change: dict[str, str]
) -> None:
    body = (await verify(ask, claim_with(**change))).json()
    wrong = (await verify(ask, claim_with(birth_date="1990-01-01"))).json()
    varying = {"lookup_id", "source", "audit"}
    assert body["result"] == "not_found"
    assert body["message"] == "Công dân không tồn tại"
    assert {k: v for k, v in body.items() if k not in varying | {"warnings"}} == {
        k: v for k, v in wrong.items() if k not in varying | {"warnings"}
    }


@pytest.mark.parametrize("birth_date", ["1990", "1990-07"])
async def test_a_shorter_form_of_the_birth_date_matches(ask: Ask, birth_date: str) -> None:
    assert (await verify(ask, claim_with(birth_date=birth_date))).json()["result"] == "exists"


async def test_a_full_date_does_not_match_a_record_that_knows_the_year_only(ask: Ask) -> None:
    duc = {"full_name": "NGUYỄN VĂN ĐỨC", "id_number": "100058000004", "birth_date": "1958"}
    assert (await verify(ask, PURPOSE | duc)).json()["result"] == "exists"
    assert (await verify(ask, PURPOSE | duc | {"birth_date": "1958-01-01"})).json()["result"] == "not_found"


@pytest.mark.parametrize("name", ["Lê Thị Hoà", "LÊ THỊ HÒA", "lê  thị hòa", "LÊ THỊ HOÀ"])
async def test_the_spelling_of_a_tone_mark_does_not_matter(ask: Ask, name: str) -> None:
    body = claim_with(full_name=name, id_number="100160000005", birth_date="1960-11")
    assert (await verify(ask, body)).json()["result"] == "exists"


async def test_an_old_number_is_answered_with_a_warning_and_recorded_under_both_numbers(ask: Ask) -> None:
    body = (await verify(ask, claim_with(id_number="000000101"))).json()
    assert (body["result"], [w["code"] for w in body["warnings"]]) == ("exists", ["old-id-number"])
    intent, outcome = await audit_records(ask, lookup_id=body["lookup_id"])
    assert len(intent["subjects"]) == 1
    assert len(outcome["subjects"]) == 2
    assert len({subject["ref"] for subject in outcome["subjects"]}) == 2


@pytest.mark.parametrize(
    ("claim", "warning"),
    [
        (("VŨ THỊ HƯỜNG", "100150000012", "1950-01-01"), "person-deceased"),
        (("BÙI ĐÌNH LẠC", "100075000091", "1975-04-30"), "person-missing"),
        (("NGUYỄN THỊ MINH NGỌC", "100190000001", "1991"), "implausible-id-number"),
    ],
)
async def test_what_the_officer_should_look_at_twice_is_a_warning(
    ask: Ask, claim: tuple[str, str, str], warning: str
) -> None:
    body = dict(zip(("full_name", "id_number", "birth_date"), claim, strict=True))
    answer = (await verify(ask, PURPOSE | body)).json()
    assert [w["code"] for w in answer["warnings"]] == [warning]


SCRIPTED = [
    ("100999000001", 504, "population-database-timeout"),
    ("100999000002", 502, "population-database-error"),
    ("100999000003", 403, "population-database-refused"),
    ("100999000004", 403, "population-database-refused"),
    ("100999000005", 502, "population-database-mismatch"),
    ("100999000006", 502, "population-database-error"),
]


@pytest.mark.parametrize(("number", "status", "code"), SCRIPTED)
@pytest.mark.parametrize("path", ["/verify/id-card", "/citizens/share", "/verify/household-head"])
async def test_a_failure_is_a_problem_of_its_own_and_has_an_outcome(
    ask: Ask, path: str, number: str, status: int, code: str
) -> None:
    claim = NGOC | {"id_number": number}
    body: dict[str, Any] = PURPOSE | (
        {"head": claim, "members": [{"id_number": "100088000002"}]} if "household" in path else claim
    )
    answer = await ask("receiver", "POST", path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert number not in answer.text
    intent, outcome = await audit_records(ask)
    assert (intent["kind"], outcome["kind"], outcome["result"]) == ("INTENT", "OUTCOME", code)


async def test_a_slow_register_that_does_not_know_the_person_says_not_found(ask: Ask) -> None:
    answer = await verify(ask, claim_with(id_number="100999000007"))
    assert answer.json()["result"] == "not_found"


HOUSEHOLD = {
    "full_name": "LƯƠNG VĂN CẢ",
    "id_number": "100062000101",
    "birth_date": "1962-08-19",
}
ELEVEN = [f"100{middle}000{last}" for middle, last in (
    ("164", 102), ("086", 103), ("188", 104), ("090", 105), ("192", 106), ("094", 107),
    ("196", 108), ("098", 109), ("300", 110), ("202", 111), ("304", 112),
)]  # fmt: skip


async def household(ask: Ask, head: dict[str, str], numbers: list[str]) -> dict[str, Any]:
    body = PURPOSE | {"head": head, "members": [{"id_number": number} for number in numbers]}
    answer = await ask("receiver", "POST", "/verify/household-head", json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_a_household_of_twelve_is_confirmed_and_a_stranger_is_not_a_member(ask: Ask) -> None:
    body = await household(ask, HOUSEHOLD, [HOUSEHOLD["id_number"], *ELEVEN, "100190000001", "100190009999"])
    assert body["head"] == {"result": "confirmed", "message": "Là chủ hộ"}
    assert [member["result"] for member in body["members"]] == ["member"] * 12 + ["not_member"] * 2
    assert [member["position"] for member in body["members"]] == list(range(1, 15))
    assert body["members"][0]["id_number"] == "100********1"
    intent, outcome = await audit_records(ask, lookup_id=body["lookup_id"])
    assert [subject["role"] for subject in intent["subjects"]] == ["head"] + ["member"] * 14
    assert outcome["result"] == "confirmed"


@pytest.mark.parametrize("said", [MemberResult.UNKNOWN, MemberResult.NOT_MEMBER])
async def test_a_confirmed_head_is_a_member_whatever_the_register_says_of_him(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, said: MemberResult
) -> None:
    numbers = [NGOC["id_number"], "000000101", "100088000002"]
    for head, carried, told in (
        (HeadResult.CONFIRMED, (), ["member", said, said]),
        (HeadResult.CONFIRMED, (NGOC["id_number"], "000000101"), ["member", "member", said]),
        (HeadResult.NOT_HEAD, (NGOC["id_number"], "000000101"), [said] * 3),
    ):
        checked = HouseholdAnswer(head, KnownPerson(carried, None), (said,) * 3)

        async def check(*_: object, checked: HouseholdAnswer = checked) -> HouseholdAnswer:
            return checked

        monkeypatch.setattr(MockPopulationDatabase, "check_household", check)
        body = await household(ask, NGOC, numbers)
        assert [member["result"] for member in body["members"]] == told


async def test_members_stay_unknown_when_the_head_is_not_confirmed(ask: Ask) -> None:
    not_head = {"full_name": "TRẦN VĂN HÒA", "id_number": "100088000002", "birth_date": "1988-02-29"}
    nobody = not_head | {"birth_date": "1988"} | {"full_name": "TRẦN VĂN HOA"}
    for head, result in ((not_head, "not_head"), (nobody, "not_found")):
        body = await household(ask, head, ["100190000001", "100190009999"])
        assert body["head"]["result"] == result
        assert [m["result"] for m in body["members"]] == ["unknown", "unknown"]
        assert body["members"][0]["message"] == "Chưa xác định"


async def test_a_member_whom_the_register_does_not_decide_is_unknown(ask: Ask) -> None:
    body = await household(ask, NGOC, ["100088000002", "100999000008"])
    assert [m["result"] for m in body["members"]] == ["member", "unknown"]


@pytest.mark.parametrize(
    ("head", "members", "warnings"),
    [
        (NGOC["id_number"], ["100088000002"], []),
        (NGOC["id_number"], ["000000102", "000000104"], ["old-id-number"]),
        ("000000101", ["000000102"], ["old-id-number"]),
    ],
)
async def test_an_old_number_of_anybody_in_a_household_is_warned_of_once(
    ask: Ask, head: str, members: list[str], warnings: list[str]
) -> None:
    body = await household(ask, NGOC | {"id_number": head}, members)
    assert [warning["code"] for warning in body["warnings"]] == warnings


async def test_the_record_has_the_person_and_the_family(ask: Ask) -> None:
    answer = await ask("receiver", "POST", "/citizens/share", json=claim_with())
    body = answer.json()
    assert (answer.status_code, body["result"]) == (200, "found")
    citizen = body["citizen"]
    assert citizen["gender"] == {"code": "2", "label": "Nữ"}
    assert citizen["permanent_address"]["district"] is None
    assert citizen["native_place"]["district"] == {"code": "303", "label": "Quận Hồng Bàng"}
    assert not {"ethnicity", "religion", "blood_type"} & citizen.keys()
    assert body["household_head"]["relationship"] == {"code": "CH01", "label": "Chủ hộ"}
    assert body["father"]["full_name"] == "NGUYỄN VĂN ĐỨC"
    assert body["mother"]["old_id_number"] is None
    assert body["spouse"]["nationality"] == {"code": "VN", "label": "Việt Nam"}
    _, outcome = await audit_records(ask, lookup_id=body["lookup_id"])
    assert "citizen.gender" in outcome["fields_given"]
    assert "citizen.ethnicity" not in outcome["fields_given"]


async def test_only_the_fields_asked_for_are_in_the_answer(ask: Ask) -> None:
    body = claim_with(fields=["citizen.gender", "father"])
    answer = (await ask("receiver", "POST", "/citizens/share", json=body)).json()
    assert answer["citizen"] == {"gender": {"code": "2", "label": "Nữ"}}
    assert set(answer["father"]) == {"full_name", "nationality", "id_number", "old_id_number"}
    assert not {"mother", "spouse", "household_head"} & answer.keys()


async def test_no_person_is_in_an_answer_that_found_none(ask: Ask) -> None:
    answer = (await ask("receiver", "POST", "/citizens/share", json=claim_with(birth_date="1990-01"))).json()
    assert answer["result"] == "not_found"
    assert not {"citizen", "father", "mother", "spouse", "household_head"} & answer.keys()


async def test_unknown_codes_keep_their_code_and_no_information_is_null(ask: Ask) -> None:
    nguyet = {
        "full_name": "CÔNG TẰNG TÔN NỮ THỊ HUYỀN TRÂN BẢO NGỌC ÁNH NGUYỆT",
        "id_number": "100165000081",
        "birth_date": "1965-12-01",
    }
    fields = ["citizen.ethnicity", "citizen.marital_status", "spouse"]
    body = {"procedure_code": "1.001193", "fields": fields} | nguyet
    answer = (await ask("receiver", "POST", "/citizens/share", json=body)).json()
    assert answer["citizen"]["ethnicity"] == {"code": "98", "label": None}
    assert answer["citizen"]["marital_status"] == {"code": "9", "label": None}
    assert answer["spouse"] is None
    ti = {"full_name": "HOÀNG VĂN TÍ", "id_number": "100224000071", "birth_date": "2024-06-30"}
    answer = (await ask("receiver", "POST", "/citizens/share", json=PURPOSE | ti)).json()
    assert answer["citizen"]["gender"] is None


REFUSALS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("receiver", "/verify/id-card", NGOC, 422, "purpose-missing"),
    ("receiver", "/verify/id-card", NGOC | {"purpose": "Vì cần"}, 422, "purpose-missing"),
    ("receiver", "/verify/id-card", NGOC | {"procedure_code": "9.999999"}, 422, "procedure-not-found"),
    ("receiver", "/citizens/share", NGOC | {"procedure_code": "2.000815"}, 403, "lookup-not-permitted"),
    (
        "receiver",
        "/citizens/share",
        claim_with(fields=["citizen.religion"]),
        403,
        "field-not-permitted",
    ),
    ("receiver3", "/verify/id-card", claim_with(), 403, "officer-id-missing"),
    ("receiver", "/verify/id-card", NGOC | {"receipt_number": "H24.15-261123-0009"}, 404, "case-not-found"),
    ("manager", "/verify/id-card", claim_with(), 403, "insufficient-scope"),
    ("portal", "/verify/id-card", claim_with(), 403, "insufficient-scope"),
]


@pytest.mark.parametrize(("account", "path", "body", "status", "code"), REFUSALS)
async def test_a_refused_lookup_asks_nobody_and_leaves_a_denied_record(
    ask: Ask, account: str, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(account, "POST", path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    (denied,) = await audit_records(ask)
    assert (denied["kind"], denied["result"]) == ("DENIED", code)
    assert denied["officer"] == (None if account == "portal" else account)
    # A refusal for a missing scope comes before the body is read, and what is no procedure may be a number.
    is_told = code not in {"insufficient-scope", "procedure-not-found"}
    assert denied["procedure_code"] == (body.get("procedure_code") if is_told else None)


IN_FUTURE = NGOC | {"birth_date": "2030"}


@pytest.mark.parametrize(("account", "path", "body", "status", "code"), REFUSALS)
async def test_a_refusal_wins_over_a_birth_date_in_the_future(
    ask: Ask, account: str, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(account, "POST", path, json=body | IN_FUTURE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    (denied,) = await audit_records(ask)
    assert (denied["kind"], denied["result"]) == ("DENIED", code)


async def test_a_refusal_wins_over_a_head_born_in_the_future(ask: Ask) -> None:
    body = {"procedure_code": "2.000815", "head": IN_FUTURE, "members": [{"id_number": "100088000002"}]}
    answer = await ask("receiver", "POST", "/verify/household-head", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "lookup-not-permitted")
    (denied,) = await audit_records(ask)
    assert (denied["kind"], denied["result"]) == ("DENIED", "lookup-not-permitted")


async def test_a_field_that_may_not_be_given_is_named(ask: Ask) -> None:
    answer = await ask(
        "receiver", "POST", "/citizens/share", json=claim_with(fields=["citizen.gender", "citizen.religion"])
    )
    assert "citizen.religion" in answer.json()["detail"]


async def test_words_that_a_form_left_empty_are_none(ask: Ask) -> None:
    for words in ("", "  \n", None):
        assert (await verify(ask, claim_with(purpose=words))).json()["result"] == "exists"


async def test_a_case_is_a_purpose_and_must_agree_with_the_procedure(ask: Ask) -> None:
    case = {"procedure_code": "1.004222", "channel": "in_person", "applicant": NGOC}
    number = (await ask("receiver", "POST", "/cases", json=case)).json()["receipt_number"]
    by_case = await verify(ask, NGOC | {"receipt_number": number})
    assert by_case.json()["result"] == "exists"
    assert (await verify(ask, NGOC | PURPOSE | {"receipt_number": number})).json()["code"] == (
        "purpose-mismatch"
    )
    foreign = await ask("receiver2", "POST", "/verify/id-card", json=NGOC | {"receipt_number": number})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "case-not-found")
    shown = (await ask("receiver", "GET", f"/cases/{number}")).json()
    assert [lookup["lookup_id"] for lookup in shown["lookups"]] == [by_case.json()["lookup_id"]]


BAD_BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("/verify/id-card", claim_with(birth_date="2026-11-24"), "/birth_date"),
    ("/verify/id-card", claim_with(birth_date="2027"), "/birth_date"),
    ("/verify/id-card", claim_with(birth_date="1990-02-30"), "/birth_date"),
    ("/verify/id-card", claim_with(id_number="1001900000011"), "/id_number"),
    ("/verify/id-card", claim_with(id_number="１００１９００００００１"), "/id_number"),
    ("/verify/id-card", claim_with(full_name=""), "/full_name"),
    ("/verify/id-card", claim_with(full_name="A" * 201), "/full_name"),
    ("/verify/id-card", claim_with(purpose="x" * 501), "/purpose"),
    ("/verify/id-card", claim_with(purpose="bell\x07"), ""),
    ("/verify/id-card", claim_with(surprise=1), ""),
    ("/citizens/share", claim_with(fields=[]), "/fields"),
    ("/citizens/share", claim_with(fields=["father", "father"]), "/fields"),
    ("/citizens/share", claim_with(fields=["citizen.shoe_size"]), "/fields/0"),
    ("/verify/household-head", PURPOSE | {"head": NGOC, "members": []}, "/members"),
    (
        "/verify/household-head",
        PURPOSE | {"head": NGOC, "members": [{"id_number": "100190000001"}] * 2},
        "/members",
    ),
    (
        "/verify/household-head",
        PURPOSE | {"head": NGOC | {"birth_date": "2030"}, "members": [{"id_number": "100088000002"}]},
        "/head/birth_date",
    ),
]


@pytest.mark.parametrize(("path", "body", "pointer"), BAD_BODIES)
async def test_bad_input_is_pointed_at_not_echoed_and_leaves_no_trace(
    ask: Ask, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await ask("receiver", "POST", path, json=body)
    assert answer.status_code in {400, 422}, answer.text
    if answer.status_code == 422:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    for value in ("MINH NGỌC", "100190000001", "shoe_size", "surprise", "1990-02-30"):
        assert value not in answer.text
    assert await audit_records(ask) == []


async def test_texts_are_english_when_asked_for(ask: Ask) -> None:
    answer = await verify(ask, claim_with(), headers={"Accept-Language": "en"})
    assert answer.json()["message"] == "The citizen exists"


async def test_the_way_to_the_register_is_told_to_anyone_with_a_token(ask: Ask) -> None:
    for account in ("receiver", "auditor", "portal"):
        answer = await ask(account, "GET", "/verify/status")
        assert answer.json() == {"state": "available", "profile": "mock", "retry_after_seconds": None}


async def test_nothing_personal_stands_in_the_audit_log(ask: Ask) -> None:
    body = claim_with(purpose="NGUYỄN THỊ MINH NGỌC xin đăng ký")
    await ask("receiver", "POST", "/citizens/share", json=body)
    answer = await ask("auditor", "GET", "/audit/records")
    for value in ("MINH NGỌC", "100190000001", "000000101", "1990-07-30", "Tổ 5", "xin đăng ký"):
        assert value not in answer.text
