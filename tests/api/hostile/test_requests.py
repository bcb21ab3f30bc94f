"""Hostile paths, queries, headers and methods for every operation of the OpenAPI document, as bytes.

What holds of every answer is checked by `HostileDesk`.
"""

from itertools import product
from typing import Any, Final

import pytest

from tests.api.hostile.desk import ACCEPTED, HostileDesk
from tests.api.hostile.operations import LOG_IN, OPERATIONS, WITH_PATH_PARAMETERS, Operation, fits_pattern
from tests.api.hostile.raw_asgi import RawRequest
from tests.api.hostile.request_values import (
    BAD_AUTHORIZATIONS,
    CONTENT_LENGTHS,
    ODD_HEADERS,
    ODD_METHODS,
    ODD_QUERIES,
    ODD_SEGMENTS,
    ODD_VALUES,
    UNKNOWN_PATHS,
)
from tests.conftest import DATABASES

pytestmark = pytest.mark.anyio

ANSWERED: Final = {(item.path, item.method) for item in OPERATIONS}
METHODS: Final = {
    path: {method for method in (*ODD_METHODS,) if (path, "GET" if method == "HEAD" else method) in ANSWERED}
    for path, _ in ANSWERED
}
OTHER_METHODS: Final = [
    (path, method) for path in sorted(METHODS) for method in ODD_METHODS if method not in METHODS[path]
]
ALL: Final = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
ON_BOTH: Final = pytest.mark.parametrize("kind", DATABASES)
ON_ONE: Final = pytest.mark.parametrize("kind", DATABASES[:1])


@ON_BOTH
@ALL
async def test_the_plain_request_is_accepted(desk: HostileDesk, operation: Operation) -> None:
    await desk.attack(await desk.request(operation), ACCEPTED)


@ON_ONE
@ALL
async def test_a_length_that_is_none_or_too_large_is_refused(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    for name, length in CONTENT_LENGTHS.items():
        with subtests.test(name):
            await desk.attack(plain.with_header("content-length", length), {400, 413})


@ON_BOTH
@pytest.mark.parametrize("operation", WITH_PATH_PARAMETERS, ids=str)
async def test_an_odd_path_names_nothing(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    parameters = [item for item in operation.parameters if item["in"] == "path"]
    for name, segment in ODD_SEGMENTS.items():
        for parameter in parameters:
            if operation.method == "PUT" and fits_pattern(parameter["schema"], segment):
                # Odd and harmless: it would name something new.
                continue
            with subtests.test(name, parameter=parameter["name"]):
                target = operation.target(**{parameter["name"]: segment})
                answer = await desk.attack(plain.with_target(target), {404})
                assert answer.json()["code"] in {"not-found", "case-not-found"}


@ON_ONE
@ALL
async def test_an_unknown_query_is_refused(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    for name, query in ODD_QUERIES.items():
        with subtests.test(name):
            await desk.attack(plain.with_query(operation.required_query(), query), {422})


@ON_BOTH
@pytest.mark.parametrize("operation", [item for item in OPERATIONS if item.query_names], ids=str)
async def test_an_odd_value_of_a_query_is_refused_or_harmless(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    for (what, value), name in product(ODD_VALUES.items(), operation.query_names):
        once, others = f"{name}={value}", operation.required_query(name)
        with subtests.test(what, name=name):
            answer = await desk.attack(plain.with_query(others, once), {200, 422})
            faults = {fault["pointer"] for fault in answer.json().get("errors", ())}
            assert faults <= {name}
            await desk.attack(plain.with_query(others, once, once), {422})


def answers(operation: Operation, header: str) -> frozenset[int]:
    """Tell how an operation answers an odd header: only conditions and keys say what is to be done."""
    declared = {item["name"].lower() for item in operation.parameters if item["in"] == "header"}
    refusals = {"if-match": 412, "idempotency-key": 422}
    if header in declared and header in refusals:
        return ACCEPTED | {refusals[header]}
    # What has no version takes no header for one, and a change is for none.
    return frozenset({412}) if header == "if-match" and 412 in operation.statuses else ACCEPTED


@ON_ONE
@pytest.mark.parametrize("header", ODD_HEADERS)
async def test_odd_headers_change_nothing(desk: HostileDesk, header: str) -> None:
    name, texts = ODD_HEADERS[header]
    for operation in OPERATIONS:
        request = (await desk.request(operation)).with_header(name, *texts)
        if operation != LOG_IN:
            answer = await desk.attack(request, answers(operation, name))
            assert (answer.header("x-request-id") or "").isalnum()
        # A refusal must not be confused by them either, nor repeat them.
        await desk.attack(request.with_query(operation.required_query(), "a=1"), {422})


@ON_ONE
@pytest.mark.parametrize("header", sorted({name for name, _ in ODD_HEADERS.values()}))
async def test_odd_headers_do_not_hinder_a_log_in(desk: HostileDesk, header: str) -> None:
    await desk.attack((await desk.request(LOG_IN)).with_header(header, b"\xff,;\x00"), {200})


@ON_ONE
@ALL
async def test_no_other_authorization_opens_a_route(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    for name, values in BAD_AUTHORIZATIONS.items():
        request = plain.with_header("authorization", *values)
        with subtests.test(name):
            if operation.account is None:
                await desk.attack(request, ACCEPTED | {400, 401})
            else:
                answer = await desk.attack(request, {401})
                assert (answer.header("www-authenticate") or "").startswith("Bearer")


@ON_ONE
@pytest.mark.parametrize(("path", "method"), OTHER_METHODS)
async def test_other_methods_are_answered_with_those_that_there_are(
    desk: HostileDesk, path: str, method: str
) -> None:
    operation = next(item for item in OPERATIONS if item.path == path)
    plain = await desk.request(operation)
    answer = await desk.attack(RawRequest(method, plain.target, plain.headers, plain.body), {405})
    assert answer.header("allow") == ", ".join(sorted(METHODS[path]))


@ON_ONE
@pytest.mark.parametrize("path", UNKNOWN_PATHS)
async def test_an_unknown_path_is_not_found(desk: HostileDesk, path: str) -> None:
    headers: Any = ((b"authorization", f"Bearer {await desk.token('receiver')}".encode()),)
    for method in ("GET", "POST"):
        await desk.attack(RawRequest(method, path, headers), {404} if method == "GET" else {404, 405})
