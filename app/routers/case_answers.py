"""What the routes of single cases share: the number in the path, entity tags, and answers given once."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Header, Path, Request, Response, status
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response as PlainResponse

from app.domain.case import Case
from app.errors import FieldFaultError
from app.intake.route import JSON
from app.routers.entity_tags import case_tag
from app.schemas.base import RequestSchema
from app.schemas.case_views import CaseRead
from app.services.case_writer import KeptAnswer, KeyedRequest

Headers = dict[str, dict[str, Any]]
Responses = dict[int | str, dict[str, Any]]

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
_MAX_KEY_LENGTH: Final = 255


class _ReceiptNumberConvertor(Convertor[str]):
    """A segment that may be a receipt number; the other names under `/cases` are resources of their own."""

    regex = "(?!(?:changes|search)(?:/|$))[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("receipt_number", _ReceiptNumberConvertor())

ONE_CASE: Final = "/{receipt_number:receipt_number}"

# Not checked as a pattern: a number that cannot be is answered as one that was never issued.
ReceiptNumberInPath = Annotated[
    str,
    Path(
        description="Number printed on the receipt. (vi: số biên nhận)",
        json_schema_extra={"x-vi-term": "số biên nhận"},
        examples=["H24.15-261123-0001"],
    ),
]

ETAG: Final[Headers] = {
    "ETag": {
        "description": "State of the case, for `If-None-Match` and `If-Match`.",
        "schema": {"type": "string"},
    }
}
REPLAYED: Final[Headers] = {
    "Idempotency-Replayed": {
        "description": "`true` where this is the answer of an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
LOCATION: Final[Headers] = {"Location": {"description": "Path of the case.", "schema": {"type": "string"}}}
WITH_ETAG: Final[Responses] = {200: {"headers": ETAG}}

IfMatch = Annotated[
    list[str] | None,
    Header(
        description=(
            "Entity tag of the state that the change is meant for; another state is 412. "
            "(vi: phiên bản được sửa)"
        ),
        json_schema_extra={"x-vi-term": "phiên bản được sửa"},
    ),
]

_KeyHeader = Annotated[
    str | None,
    Header(
        alias=IDEMPOTENCY_KEY,
        description=(
            "Made up by the caller for one change: a repetition within 24 hours gets the first answer. "
            "(vi: khóa chống lặp)"
        ),
        json_schema_extra={"x-vi-term": "khóa chống lặp"},
        min_length=1,
        max_length=_MAX_KEY_LENGTH,
        pattern="^[ -~]*$",
        examples=["5b2a7c1e-registration-1"],
    ),
]


async def idempotency_key(request: Request, key: _KeyHeader = None) -> str | None:
    """Give the request's Idempotency-Key.

    Raises:
        FieldFaultError: there is more than one.
    """
    if len(request.headers.getlist(IDEMPOTENCY_KEY)) > 1:
        raise FieldFaultError(IDEMPOTENCY_KEY, "repeated")
    return key


def keyed_request(
    key: str | None, operation: str, body: RequestSchema, write_down: Callable[[Case], str]
) -> KeyedRequest | None:
    """Say what is asked under a key: the operation with what it names, and the body as it was understood."""
    if key is None:
        return None
    asked = f"{operation}\n{body.model_dump_json()}"
    return KeyedRequest(key, asked=asked, write_down=write_down, agency_of=_agency_of)


def created_case(case: Case) -> str:
    """Write down the answer to a registration."""
    headers = {"Location": f"/cases/{case.receipt_number}", "ETag": case_tag(case)}
    return _written_down(status.HTTP_201_CREATED, case, headers)


def changed_case(case: Case) -> str:
    """Write down the answer to a change."""
    return _written_down(status.HTTP_200_OK, case, {"ETag": case_tag(case)})


def answer_once(outcome: Case | KeptAnswer, write_down: Callable[[Case], str]) -> Response:
    """Give the answer, or the first one again."""
    is_replayed = isinstance(outcome, KeptAnswer)
    written = json.loads(outcome.text if isinstance(outcome, KeptAnswer) else write_down(outcome))
    headers = written["headers"] | ({"Idempotency-Replayed": "true"} if is_replayed else {})
    return PlainResponse(written["body"], written["status"], headers, media_type=JSON)


def _agency_of(written: str) -> str:
    code: str = json.loads(json.loads(written)["body"])["agency"]["code"]
    return code


def _written_down(code: int, case: Case, headers: dict[str, str]) -> str:
    body = CaseRead.of(case).model_dump_json()
    return json.dumps({"status": code, "headers": headers, "body": body}, ensure_ascii=False)
