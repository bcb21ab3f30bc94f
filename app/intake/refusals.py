"""Answers to requests that find no room, made for next to nothing: there are many of them when it matters."""

import json
from functools import cache
from typing import Final, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.errors import DomainError
from app.intake.gates import path_as_sent
from app.intake.request_ids import fresh_request_id
from app.languages import Language, preferred
from app.problems import problems

PROBLEM_HEADERS: Final = (
    b"content-type: application/problem+json\r\n"
    b"cache-control: no-store\r\n"
    b"x-content-type-options: nosniff\r\n"
)

# Stands for the id in what is made once; of the letters that our own ids have.
_ANY_ID: Final = "k" * 32
_METHODS: Final = frozenset({b"GET", b"POST", b"PUT", b"PATCH", b"DELETE"})
# Whoever sends one of these is answered by the parser's way, which knows what to make of it.
_NOT_PLAIN: Final = (
    b"\r\ntransfer-encoding",
    b"\r\nexpect:",
    b"\r\nconnection:",
    b"\r\norigin:",
    b"\r\nx-request-id:",
)
_LENGTH: Final = b"\r\ncontent-length: "
_MOST_DIGITS: Final = 18
_LANGUAGE: Final = b"\r\naccept-language:"


class PlainRequest(NamedTuple):
    """A whole request that was read by its outside alone."""

    path: str
    language: Language


def plain_request(data: bytes) -> PlainRequest | None:
    """Read one whole request, nothing before or after it, if nothing about it is unusual; else None.

    The parser is spared only where both would see the same end of the request: a length in plain digits, no
    transfer coding, and exactly as many bytes.
    """
    end = data.find(b"\r\n\r\n")
    line_end = data.find(b"\r\n")
    method, _, rest = data[:line_end].partition(b" ")
    target, _, version = rest.partition(b" ")
    path = path_as_sent(target)
    if end < 0 or version != b"HTTP/1.1" or method not in _METHODS or path is None:
        return None
    head = data[line_end : end + 2].lower()
    if any(name in head for name in _NOT_PLAIN) or head.count(b"\n") != head.count(b"\r\n"):
        return None
    if head.count(b"content-length") != head.count(_LENGTH) or head.count(_LENGTH) > 1:
        # Written in another way, which the parser may read as a length all the same.
        return None
    length = _value(head, _LENGTH) or b"0"
    if not length.isdigit() or len(length) > _MOST_DIGITS or len(data) != end + 4 + int(length):
        return None
    language = _value(head, _LANGUAGE)
    return PlainRequest(
        path,
        preferred(None if language is None else language.strip().decode("latin-1")),
    )


def refusal(error: type[DomainError], language: Language, *, retry_after_seconds: int) -> bytes:
    """Write the answer to a plain request, with an id of its own; the connection stays open."""
    before, between, middle, after = _template(error, language, retry_after_seconds)  # type: ignore[arg-type] # a class can be hashed
    request_id = fresh_request_id().encode()
    return b"".join((before, request_id, between, request_id, middle, request_id, after))


@cache
def _template(error: type[DomainError], language: Language, retry_after_seconds: int) -> tuple[bytes, ...]:
    headers = b"retry-after: %d\r\n" % retry_after_seconds
    return tuple(problem_answer(error, language, request_id=_ANY_ID, headers=headers).split(_ANY_ID.encode()))


def problem_answer(
    error: type[DomainError], language: Language, *, request_id: str, headers: bytes = b""
) -> bytes:
    """Write a whole answer that is an error's problem."""
    status = problems.status_of(error)
    document = problems.problem_document(problems.Finding(error.code, status), language, request_id)
    content = json.dumps(document, ensure_ascii=False).encode()
    told = f"content-language: {language}\r\nx-request-id: {request_id}\r\ncontent-length: {len(content)}"
    return STATUS_LINE[status] + PROBLEM_HEADERS + headers + told.encode("ascii") + b"\r\n\r\n" + content


def _value(head: bytes, name: bytes) -> bytes | None:
    """Give what stands behind the first header of this name."""
    begin = head.find(name)
    if begin < 0:
        return None
    begin += len(name)
    return head[begin : head.find(b"\r\n", begin)]
