import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import APIRouter, Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from app.intake.failures import Failures
from app.intake.request_context import RequestContext, trace_id_of
from app.intake.request_ids import accept_request_id, fresh_request_id, request_id_of
from app.intake.route import ServiceRoute
from app.logs import configure_logs
from tests.unit.intake.small_app import TOKEN, make_app, open_client

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    own_headers = APIRouter(route_class=ServiceRoute)

    @own_headers.get("/page")
    async def page() -> Response:
        return Response(
            headers={"Cache-Control": "public, max-age=60", "Content-Security-Policy": "default-src 'self'"}
        )

    async with open_client(make_app(own_headers)) as client:
        yield client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    structlog.reset_defaults()


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize("path", ["/public", "/nope", "/secured", "/broken", "/public?nope=1"])
async def test_every_answer_has_the_protective_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


async def test_a_page_may_have_its_own_policy_and_lifetime(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/page")).headers
    assert headers.get_list("Cache-Control") == ["public, max-age=60"]
    assert headers.get_list("Content-Security-Policy") == ["default-src 'self'"]


async def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    async with open_client(RequestContext(make_app(), is_behind_tls=True)) as client:
        assert (await client.get("/public")).headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("request_id", ["a", "desk 7/2026-11-23", "~" * 128])
async def test_the_callers_own_request_id_is_kept(client: httpx.AsyncClient, request_id: str) -> None:
    answer = await client.get("/nope", headers={"X-Request-Id": request_id})
    assert answer.headers["X-Request-Id"] == request_id
    assert answer.json()["request_id"] == request_id


@pytest.mark.parametrize("request_id", [b"", b"~" * 129, "Ngọc".encode(), b"a\tb", b"\x7f"])
async def test_another_request_id_is_replaced(client: httpx.AsyncClient, request_id: bytes) -> None:
    answer = await client.get("/nope", headers=[(b"X-Request-Id", request_id)])
    assert answer.headers["X-Request-Id"].encode() != request_id
    assert len(answer.headers["X-Request-Id"]) == 32


async def test_two_request_ids_are_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nope", headers=[("X-Request-Id", "a"), ("X-Request-Id", "b")])
    assert len(answer.headers["X-Request-Id"]) == 32


async def test_the_instance_is_a_uri_whatever_the_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nope", headers={"X-Request-Id": "../a b?c#d%e"})
    assert answer.json()["instance"] == "/requests/..%2Fa%20b%3Fc%23d%25e"


@given(st.text(max_size=200) | st.none())
def test_an_accepted_request_id_can_stand_in_a_header(sent: str | None) -> None:
    assert accept_request_id(sent).encode("ascii").isascii()


def test_a_request_without_context_keeps_the_id_it_gets() -> None:
    scope: Scope = {}
    assert request_id_of(scope) == request_id_of(scope)
    assert fresh_request_id() != fresh_request_id()


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (TRACEPARENT, TRACE),
        (f"01-{TRACE}-00f067aa0ba902b7-01-more", TRACE),
        (f"00-{TRACE}-00f067aa0ba902b7-01-more", None),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (TRACEPARENT.upper(), None),
        (f"00-{TRACE}", None),
        ("", None),
        (None, None),
    ],
)
def test_a_trace_is_honoured_only_in_the_standards_form(
    traceparent: str | None, trace_id: str | None
) -> None:
    assert trace_id_of(traceparent) == trace_id


async def test_a_request_leaves_one_line_that_names_the_template_and_no_value(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    path = "/papers/100190000001?name=NGOC"
    body = {"applicant": {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001"}}
    headers = {"X-Request-Id": "desk-1", "traceparent": TRACEPARENT} | TOKEN
    await client.patch(path, json=body, headers=headers)
    (line,) = _lines(log)
    assert line.pop("duration_ms") >= 0
    assert line.pop("at")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "PATCH",
        "route": "/papers/{number}",
        "status": 422,
        "problem": "validation-failed",
        "caller": None,
        "request_id": "desk-1",
        "trace_id": TRACE,
    }
    assert "NGOC" not in log.getvalue()
    assert "100190000001" not in log.getvalue()


async def test_the_line_names_the_caller(client: httpx.AsyncClient, log: io.StringIO) -> None:
    await client.get("/secured", headers=TOKEN)
    (line,) = _lines(log)
    assert (line["caller"], line["status"], line["problem"]) == ("receiver", 200, None)


async def test_a_path_or_method_of_the_callers_own_making_is_not_logged(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    await client.request("NGUYEN", "/THI/100190000001")
    (line,) = _lines(log)
    assert (line["method"], line["route"]) == ("OTHER", "unmatched")


async def test_an_unforeseen_error_is_logged_by_kind_and_place_alone(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    answer = await client.get("/broken", headers={"X-Request-Id": "desk-2"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    failure, line = _lines(log)
    assert failure["event"] == "request-failed"
    assert failure["request_id"] == line["request_id"] == "desk-2"
    (exception,) = failure["exception"]
    assert exception["type"] == "builtins.ZeroDivisionError"
    assert exception["frames"][-1].endswith(" broken")
    for text in (answer.text, log.getvalue()):
        assert "NGỌC" not in text
        assert "100190000001" not in text


async def test_an_answer_that_breaks_off_breaks_the_connection(log: io.StringIO) -> None:
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(ZeroDivisionError):
        await RequestContext(Failures(broken))(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [line["event"] for line in _lines(log)] == ["answer-broken-off", "request"]


async def test_a_caller_who_went_away_is_logged_as_such(log: io.StringIO) -> None:
    async def gone(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    await RequestContext(gone)(scope, nothing, nothing)
    (line,) = _lines(log)
    assert (line["status"], line["level"]) == (499, "info")


async def test_what_is_no_request_passes() -> None:
    passed: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    await RequestContext(app)({"type": "lifespan"}, nothing, nothing)
    assert passed == ["lifespan"]
