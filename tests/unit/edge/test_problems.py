import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app import errors
from app.errors import (
    CaseNotFoundError,
    DomainError,
    FieldFaultError,
    FieldNotPermittedError,
    IdempotencyKeyReusedError,
    InsufficientScopeError,
    LookupBudgetExceededError,
    LookupNotFoundError,
    PopulationDatabaseError,
    ProcedureNotFoundError,
    PurposeMismatchError,
    PurposeMissingError,
    RequestMalformedError,
    ServiceUnavailableError,
    TransitionNotAllowedError,
)
from app.intake.strict_json import Reason
from app.languages import Language
from app.problems import problems
from app.problems.catalogue import BY_CODE, ENTRIES, MALFORMED
from app.problems.faults import FAULTS
from app.schemas.problem import Problem, ValidationProblem
from tests.unit.intake.small_app import make_raising_app, open_client

pytestmark = pytest.mark.anyio


def _error_classes(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _error_classes(kind)


ERRORS = sorted(set(_error_classes()), key=lambda kind: kind.__name__)


def _instance(kind: type[DomainError]) -> DomainError:
    return FieldFaultError("/birth_date", "in-future") if kind is FieldFaultError else kind()


async def _answer(error: Exception, **headers: str) -> httpx.Response:
    async with open_client(make_raising_app(error)) as client:
        return await client.get("/raise", headers=headers)


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_an_entry_and_a_code_of_its_own(kind: type[DomainError]) -> None:
    assert kind in ENTRIES
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert [other for other in ERRORS if other.code == kind.code] == [kind]


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_problem_has_a_status_and_texts_in_both_languages(code: str) -> None:
    entry = BY_CODE[code]
    assert 400 <= entry.status <= 599
    texts = [entry.title, entry.detail, *([entry.detail_named] if entry.detail_named else [])]
    for text in texts:
        assert text.vi
        assert text.en
        assert text.vi != text.en
    assert (entry.detail_named is None) or all("{named}" in text for text in entry.detail_named)
    assert bool(entry.pointer) <= (entry.status == 422)


def test_every_reason_for_malformed_json_has_its_text() -> None:
    assert set(MALFORMED) == set(get_args(Reason))


@pytest.mark.parametrize("kind", ERRORS)
async def test_every_error_becomes_a_problem_of_the_documented_shape(kind: type[DomainError]) -> None:
    answer = await _answer(_instance(kind), **{"X-Request-Id": "desk-1"})
    entry = ENTRIES[kind]
    assert answer.status_code == entry.status == problems.status_of(kind)
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    shape = ValidationProblem if entry.status == 422 else Problem
    assert shape.model_validate(document, extra="forbid").model_dump() == document
    assert document["type"] == f"/problems/{kind.code}"
    assert document["status"] == entry.status
    assert document["code"] == kind.code
    assert document["instance"] == "/requests/desk-1"
    assert document["request_id"] == "desk-1"


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (401, ["unauthenticated"]),
        (408, ["request-timeout"]),
        (
            409,
            [
                "case-closed",
                "idempotency-key-in-use",
                "last-admin",
                "lookup-already-tied",
                "second-factor-set",
                "transition-not-allowed",
            ],
        ),
        (412, ["precondition-failed"]),
        (413, ["request-too-large"]),
        (415, ["unsupported-media-type"]),
        (429, ["lookup-budget-exceeded", "too-many-logins"]),
        (502, ["population-database-error", "population-database-mismatch"]),
        (503, ["audit-unavailable", "population-database-unavailable", "service-unavailable"]),
        (504, ["population-database-timeout"]),
    ],
)
def test_the_statuses_are_the_contracts(status: int, codes: list[str]) -> None:
    assert sorted(code for code, entry in BY_CODE.items() if entry.status == status) == codes


@pytest.mark.parametrize(
    ("accepted", "language"), [(None, "vi"), ("vi", "vi"), ("en", "en"), ("fr", "vi"), ("vi;q=0.5,en", "en")]
)
async def test_texts_are_vietnamese_unless_english_is_asked_for(
    accepted: str | None, language: Language
) -> None:
    answer = await _answer(CaseNotFoundError(), **{"Accept-Language": accepted or ""})
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.json()["title"] == ENTRIES[CaseNotFoundError].title.in_language(language)


@pytest.mark.parametrize("kind", [kind for kind in ERRORS if ENTRIES[kind].status in {429, 503}])
async def test_a_refusal_for_now_says_when_to_come_back(kind: type[DomainError]) -> None:
    assert int((await _answer(kind())).headers["Retry-After"]) > 0
    assert (await _answer(kind(retry_after_seconds=17))).headers["Retry-After"] == "17"
    assert int((await _answer(kind(retry_after_seconds=0))).headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "errors"),
    [
        (FieldFaultError("/birth_date", "in-future"), ("/birth_date", "in-future")),
        (PurposeMissingError(), ("/procedure_code", "purpose-missing")),
        (PurposeMismatchError(pointer="/lookup_ids"), ("/lookup_ids", "purpose-mismatch")),
        (ProcedureNotFoundError(), ("/procedure_code", "procedure-not-found")),
        (LookupNotFoundError(pointer="/lookup_ids/2"), ("/lookup_ids/2", "lookup-not-found")),
        (IdempotencyKeyReusedError(), ("Idempotency-Key", "idempotency-key-reused")),
    ],
)
async def test_a_422_points_at_the_member_concerned(error: DomainError, errors: tuple[str, str]) -> None:
    document = (await _answer(error)).json()
    (fault,) = document["errors"]
    assert (fault["pointer"], fault["code"]) == errors
    assert fault["message"]
    assert document["code"] == error.code


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (FieldNotPermittedError("citizen.religion"), "The procedure may not receive: citizen.religion."),
        (
            TransitionNotAllowedError("in_progress", "withdrawn"),
            "The present status may only change to: in_progress, withdrawn.",
        ),
        (TransitionNotAllowedError(), "The present status allows no further step."),
        (
            InsufficientScopeError("cases:read"),
            "The access token lacks the scope that this operation needs: cases:read.",
        ),
        (RequestMalformedError("duplicate-key"), "A JSON object has a key twice."),
        (
            RequestMalformedError(),
            "This is no HTTP request, or its body is not JSON as this service asks for.",
        ),
    ],
)
async def test_words_of_the_contract_are_named(error: DomainError, detail: str) -> None:
    assert (await _answer(error)).json()["detail"] == detail


@given(st.text(max_size=20).filter(lambda text: not re.fullmatch(r"[A-Za-z_.:/+-]*", text)))
def test_what_is_no_word_of_the_contract_is_not_named(value: str) -> None:
    request = Request({"type": "http", "headers": []})
    finding = problems.finding_of(FieldNotPermittedError(value), request)
    assert finding.named == ()


@pytest.mark.parametrize(
    ("raised", "answered"),
    [
        (HTTPException(404), (404, "not-found")),
        (HTTPException(400, "100190000001"), (400, "malformed-request")),
        (HTTPException(418, "100190000001"), (418, "request-refused")),
        (HTTPException(500, "100190000001"), (500, "internal-error")),
        (HTTPException(503, "100190000001"), (500, "internal-error")),
        (ValueError("100190000001"), (500, "internal-error")),
        (ExceptionGroup("100190000001", [ValueError()]), (500, "internal-error")),
    ],
)
async def test_errors_of_others_say_nothing_of_their_own(
    raised: Exception, answered: tuple[int, str]
) -> None:
    answer = await _answer(raised)
    assert (answer.status_code, answer.json()["code"]) == answered
    assert "100190000001" not in answer.text


def test_the_documents_of_a_route_have_one_response_for_each_status_and_one_example_for_each_code() -> None:
    described = problems.responses(PurposeMissingError, CaseNotFoundError, ProcedureNotFoundError)
    assert list(described) == [404, 422]
    examples = described[422]["content"]["application/problem+json"]["examples"]
    assert list(examples) == ["purpose-missing", "procedure-not-found"]
    value = examples["purpose-missing"]["value"]
    assert ValidationProblem.model_validate(value, extra="forbid")
    assert value["errors"][0]["pointer"] == "/procedure_code"


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (LookupBudgetExceededError, {"Retry-After"}),
        (ServiceUnavailableError, {"Retry-After"}),
        (errors.IdempotencyKeyInUseError, {"Retry-After"}),
        (InsufficientScopeError, {"WWW-Authenticate"}),
        (errors.UnauthenticatedError, {"WWW-Authenticate"}),
        (PopulationDatabaseError, set()),
    ],
)
def test_the_documents_name_the_headers(kind: type[DomainError], headers: set[str]) -> None:
    (described,) = problems.responses(kind).values()
    assert set(described["headers"]) == headers


def test_every_field_code_has_texts_in_both_languages() -> None:
    for code, text in FAULTS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert text.vi
        assert text.en


async def test_a_problem_is_json_in_utf_8() -> None:
    content: Any = json.loads(
        (await _answer(CaseNotFoundError(), **{"Accept-Language": "vi"})).content.decode()
    )
    assert content["title"] == "Không tìm thấy hồ sơ"
