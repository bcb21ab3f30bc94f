"""The one place where an error becomes application/problem+json (RFC 9457).

No document holds anything that the caller sent but the request's own id.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.errors import (
    DomainError,
    FieldFaultError,
    IdempotencyKeyInUseError,
    InsufficientScopeError,
    NotFoundError,
    RequestMalformedError,
    RequestTimeoutError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from app.intake.request_ids import bind_problem_code, request_id_of
from app.languages import Language, Text, preferred
from app.problems.catalogue import BY_CODE, ENTRIES, MALFORMED
from app.problems.entry import Entry
from app.problems.faults import FAULTS, Fault, concerns_path, faults_of

MEDIA_TYPE: Final = "application/problem+json"

_VALIDATION_FAILED: Final = FieldFaultError.code
_UNFORESEEN: Final = "internal-error"
_OUR_FAULT: Final = 500
_RETRY_AFTER_SECONDS: Final = {429: 60, 503: 5}
_CODE_OF_STATUS: Final = {
    400: RequestMalformedError.code,
    404: NotFoundError.code,
    405: "method-not-allowed",
    408: RequestTimeoutError.code,
    413: RequestTooLargeError.code,
    415: UnsupportedMediaTypeError.code,
}
# RFC 6750 section 3 wants a parameter after the scheme, also where there is no error to tell.
_BEARER: Final = 'Bearer realm="motcua"'
_SENT_TOKEN: Final = re.compile("bearer +[^ ]", re.IGNORECASE)
# Words of the contract: a status, a dotted field, a scope, a media type. The last guard against a value.
_WORD: Final = re.compile(r"[a-z][A-Za-z_]*(?:[.:/+-][A-Za-z_]+)*")

_log = structlog.get_logger("app.problems")


class Finding(NamedTuple):
    """What an error comes to, before a language is chosen."""

    code: str
    status: int
    faults: Sequence[Fault] = ()
    named: Sequence[str] = ()
    headers: tuple[tuple[str, str], ...] = ()


class ProblemResponse(JSONResponse):
    """A problem document."""

    media_type = MEDIA_TYPE


def status_of(error: type[DomainError]) -> int:
    """Give the status of an error class."""
    return ENTRIES[error].status


def finding_of(error: Exception, request: Request) -> Finding:
    """Tell what an error comes to; one that nobody foresaw is an `internal-error`."""
    match error:
        case DomainError():
            return _of_domain_error(error, request)
        case RequestValidationError():
            errors = error.errors()
            if concerns_path(errors):
                return Finding(NotFoundError.code, 404)
            return Finding(_VALIDATION_FAILED, 422, faults_of(errors))
        case HTTPException():
            return _of_http_exception(error, request)
        case _:
            return Finding(_UNFORESEEN, _OUR_FAULT)


def _of_domain_error(error: DomainError, request: Request) -> Finding:
    entry = ENTRIES[type(error)]
    named = tuple(word for word in error.named if _WORD.fullmatch(word))
    headers: list[tuple[str, str]] = []
    faults: list[Fault] = []
    if isinstance(error, FieldFaultError):
        faults.append(Fault(error.pointer or "", error.fault))
    elif entry.status == 422:  # noqa: PLR2004 - the one status that has `errors`
        faults.append(Fault(entry.pointer if error.pointer is None else error.pointer, error.code))
    if error.retry_after_seconds is not None or entry.status in _RETRY_AFTER_SECONDS:
        seconds = error.retry_after_seconds or _RETRY_AFTER_SECONDS.get(entry.status, 1)
        headers.append(("Retry-After", str(seconds)))
    if entry.status == 401:  # noqa: PLR2004 - RFC 6750 §3
        headers.append(("WWW-Authenticate", _challenge(request)))
    elif isinstance(error, InsufficientScopeError):
        scope = f', scope="{" ".join(named)}"' if named else ""
        headers.append(("WWW-Authenticate", f'{_BEARER}, error="insufficient_scope"{scope}'))
    elif isinstance(error, RequestTimeoutError | RequestTooLargeError):
        # What is still to come of the body would be taken for the next request, or read for nothing.
        headers.append(("Connection", "close"))
    return Finding(error.code, entry.status, faults, named, tuple(headers))


def _challenge(request: Request) -> str:
    """Say how to authenticate; who sent no bearer token is told of no error (RFC 6750 section 3.1)."""
    was_sent = any(_SENT_TOKEN.match(sent) for sent in request.headers.getlist("authorization"))
    return f'{_BEARER}, error="invalid_token"' if was_sent else _BEARER


def _of_http_exception(error: HTTPException, request: Request) -> Finding:
    code = _CODE_OF_STATUS.get(error.status_code)
    if error.status_code == 405:  # noqa: PLR2004 - must list what is allowed instead, RFC 9110 §15.5.6
        return Finding("method-not-allowed", 405, headers=(("Allow", ", ".join(_allowed_methods(request))),))
    if code is None and error.status_code >= _OUR_FAULT:
        return Finding(_UNFORESEEN, _OUR_FAULT)
    return Finding(code or "request-refused", error.status_code)


def _allowed_methods(request: Request) -> list[str]:
    # Several routes share a path; the framework names only the first one's methods.
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods = {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.methods and route.path_regex.match(path)
        for method in route.methods
    }
    # Answered as a GET (app/intake/head_requests.py).
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def respond(error: Exception, request: Request) -> Response:
    """Answer a request with the problem that an error is."""
    finding = finding_of(error, request)
    bind_problem_code(request.scope, finding.code)
    if finding.status >= _OUR_FAULT and (finding.code == _UNFORESEEN or error.__cause__ is not None):
        _log.error("request-failed", code=finding.code, exc_info=error)
    language = preferred(request.headers.get("accept-language"))
    document = problem_document(finding, language, request_id_of(request.scope))
    headers = {"Content-Language": language, "Vary": "Accept-Language", **dict(finding.headers)}
    return ProblemResponse(document, finding.status, headers)


def problem_document(finding: Finding, language: Language, request_id: str) -> dict[str, Any]:
    """Write the document; its shape is `Problem` of `app/schemas/problem.py`."""
    entry = BY_CODE[finding.code]
    document: dict[str, Any] = {
        "type": f"/problems/{finding.code}",
        "title": entry.title.in_language(language),
        "status": finding.status,
        "detail": _detail(entry, finding, language),
        "instance": f"/requests/{quote(request_id, safe='')}",
        "code": finding.code,
        "request_id": request_id,
    }
    if finding.faults:
        document["errors"] = [
            {"pointer": pointer, "code": code, "message": _fault_text(code).in_language(language)}
            for pointer, code in finding.faults
        ]
    return document


def _detail(entry: Entry, finding: Finding, language: Language) -> str:
    if finding.code == RequestMalformedError.code and finding.named:
        return MALFORMED.get(finding.named[0], entry.detail).in_language(language)
    if finding.named and entry.detail_named is not None:
        words = (
            entry.named_words[name].in_language(language) if name in entry.named_words else name
            for name in finding.named
        )
        return entry.detail_named.in_language(language).format(named=", ".join(words))
    return entry.detail.in_language(language)


def _fault_text(code: str) -> Text:
    return FAULTS[code] if code in FAULTS else BY_CODE[code].detail


def install(app: FastAPI) -> None:
    """Answer every foreseen error of the app's routes; the request context answers the unforeseen ones."""

    # Async, because a plain function would be run in a thread.
    async def handle(request: Request, error: Exception) -> Response:
        return respond(error, request)

    for kind in (DomainError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)


def responses(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """Document a route's own problems; those that any route can give are added by `app/openapi.py`."""
    return documented(error.code for error in errors)


def documented(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """Describe problems for OpenAPI, one response for each status with an example for each code."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(BY_CODE[code].status, []).append(code)
    return {status: _response(status, by_status[status]) for status in sorted(by_status)}


def _response(status: int, codes: Sequence[str]) -> dict[str, Any]:
    shape = "ValidationProblem" if status == 422 else "Problem"  # noqa: PLR2004 - the one that has `errors`
    content = {
        "schema": {"$ref": f"#/components/schemas/{shape}"},
        "examples": {code: _example(code) for code in codes},
    }
    described = " | ".join(f"{BY_CODE[code].title.vi} (`{code}`)" for code in codes)
    return {
        "description": described,
        "content": {MEDIA_TYPE: content},
        "headers": _header_docs(status, codes),
    }


def _example(code: str) -> dict[str, Any]:
    entry = BY_CODE[code]
    faults: list[Fault] = []
    if entry.status == 422:  # noqa: PLR2004 - the one that has `errors`
        is_general = code == _VALIDATION_FAILED
        faults.append(Fault("/applicant/full_name", "required") if is_general else Fault(entry.pointer, code))
    finding = Finding(code, entry.status, faults)
    return {
        "summary": entry.title.en,
        "value": problem_document(finding, "vi", "gbkfmaopcehjdlnigbkfmaopcehjdlni"),
    }


def _header_docs(status: int, codes: Iterable[str]) -> dict[str, Any]:
    docs: dict[str, Any] = {}
    if status in _RETRY_AFTER_SECONDS or IdempotencyKeyInUseError.code in codes:
        docs["Retry-After"] = ("Seconds to wait before the next try. (vi: thời gian chờ)", "integer")
    if status == 401 or InsufficientScopeError.code in codes:  # noqa: PLR2004 - RFC 6750 §3
        docs["WWW-Authenticate"] = ("How to authenticate, RFC 6750. (vi: cách xác thực)", "string")
    return {name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in docs.items()}
