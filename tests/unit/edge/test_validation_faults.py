from typing import Any, get_args

import pytest
from pydantic_core.core_schema import ErrorType

from app.problems.faults import FAULTS, MAX_FAULTS, code_of, concerns_path, faults_of


def _error(kind: str, *loc: Any) -> dict[str, Any]:
    return {"type": kind, "loc": loc, "input": "100190000001", "ctx": {"error": "100190000001"}, "msg": "x"}


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_kind_of_pydantics_has_a_code(kind: str) -> None:
    assert code_of(kind) in FAULTS


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing", "required"),
        ("extra_forbidden", "unknown-member"),
        ("string_type", "wrong-type"),
        ("int_parsing", "wrong-type"),
        ("int_from_float", "wrong-type"),
        ("int_parsing_size", "out-of-range"),
        ("date_parsing", "invalid-date"),
        ("datetime_from_date_parsing", "invalid-time"),
        ("uuid_parsing", "invalid-uuid"),
        ("url_scheme", "invalid-url"),
        ("literal_error", "not-allowed"),
        ("enum", "not-allowed"),
        ("value_error", "invalid"),
        ("something_of_tomorrow", "invalid"),
        ("invalid-id-number", "invalid-id-number"),
    ],
)
def test_kinds_become_stable_codes(kind: str, code: str) -> None:
    assert code_of(kind) == code


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (_error("missing", "body", "applicant", "full_name"), ("/applicant/full_name", "required")),
        (_error("missing", "body"), ("", "required")),
        (_error("too_long", "body", "documents"), ("/documents", "too-long")),
        (_error("string_type", "body", "documents", 3, "name"), ("/documents/3/name", "wrong-type")),
        (_error("extra_forbidden", "body", "applicant", "Ngọc"), ("/applicant", "unknown-member")),
        (_error("extra_forbidden", "body", "nope"), ("", "unknown-member")),
        (_error("int_parsing", "query", "limit"), ("limit", "wrong-type")),
        (_error("missing", "header", "if-match"), ("if-match", "required")),
        (_error("int_type", "body", "counts", "Ngọc", "x"), ("/counts", "wrong-type")),
        (_error("int_type", "body", "amount", "function-after[f(), int]"), ("/amount", "wrong-type")),
    ],
)
def test_places_become_pointers(error: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults_of([error]) == [fault]


def test_each_fault_is_told_once_and_not_without_end() -> None:
    assert len(faults_of([_error("extra_forbidden", "body", str(n)) for n in range(1000)])) == 1
    assert len(faults_of([_error("missing", "body", n) for n in range(1000)])) == MAX_FAULTS


def test_nothing_that_was_sent_is_told() -> None:
    assert "100190000001" not in str(faults_of([_error("value_error", "body", "id_number")]))


def test_a_fault_of_the_path_is_known() -> None:
    assert concerns_path([_error("int_parsing", "path", "sequence")])
    assert not concerns_path([_error("int_parsing", "body", "path")])
