import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from starlette.types import Message, Scope

from app.intake.edge import SERVER_OPTIONS
from tests.unit.intake.small_app import MAX_BODY_BYTES, make_app, open_client

pytestmark = pytest.mark.anyio

BODY = json.dumps({"applicant": {"full_name": "NGUYỄN", "id_number": "100190000001"}}).encode()
Receive = Callable[[], Awaitable[Message]]


def _scope(**headers: str) -> Scope:
    sent = {"content-type": "application/json"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/public",
        "raw_path": b"/public",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), text.encode()) for name, text in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def _receiving(*messages: Message) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def _part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def _answer(scope: Scope, receive: Receive, *, timeout_seconds: float = 30) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await make_app(request_timeout_seconds=timeout_seconds)(scope, receive, send)
    return sent


def _told(sent: list[Message]) -> tuple[int, str, dict[bytes, bytes]]:
    start, body = sent
    return start["status"], json.loads(body["body"])["code"], dict(start["headers"])


async def test_a_body_may_come_in_parts() -> None:
    receive = _receiving(_part(BODY[:10], more=True), _part(BODY[10:], more=False))
    sent = await _answer(_scope(transfer_encoding="chunked"), receive)
    assert sent[0]["status"] == 200


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    status, code, headers = _told(await _answer(_scope(content_length=str(MAX_BODY_BYTES + 1)), _receiving()))
    assert (status, code) == (413, "request-too-large")
    assert headers[b"connection"] == b"close"
    assert headers[b"x-content-type-options"] == b"nosniff"


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = BODY + b" " * (MAX_BODY_BYTES - len(BODY))
    receive = _receiving(_part(body, more=False))
    sent = await _answer(_scope(content_length=str(len(body))), receive)
    assert sent[0]["status"] == 200


@pytest.mark.parametrize("headers", [{"transfer_encoding": "chunked"}, {"content_length": "10"}])
async def test_a_body_that_turns_out_too_large_is_refused(headers: dict[str, str]) -> None:
    half = b" " * (MAX_BODY_BYTES // 2 + 1)
    receive = _receiving(_part(half, more=True), _part(half, more=True))
    status, code, answered = _told(await _answer(_scope(**headers), receive))
    assert (status, code, answered[b"connection"]) == (413, "request-too-large", b"close")


@pytest.mark.parametrize("length", ["-1", "x", "1_0", "9" * 40, ""])
async def test_a_length_that_is_no_number_is_malformed(length: str) -> None:
    status, code, _ = _told(await _answer(_scope(content_length=length), _receiving()))
    assert (status, code) == (400, "malformed-request")


async def test_a_body_that_does_not_come_whole_in_time_is_cut_off() -> None:
    receive = _receiving(_part(BODY[:10], more=True))
    sent = await _answer(_scope(content_length=str(len(BODY))), receive, timeout_seconds=0.05)
    status, code, headers = _told(sent)
    assert (status, code, headers[b"connection"]) == (408, "request-timeout", b"close")


async def test_a_caller_who_goes_away_is_no_failure_of_ours() -> None:
    receive = _receiving(_part(BODY[:10], more=True), {"type": "http.disconnect"})
    sent = await _answer(_scope(content_length=str(len(BODY))), receive)
    assert sent == []


async def test_a_form_has_the_same_limits() -> None:
    async with open_client(make_app()) as client:
        answer = await client.post("/token", data={"grant_type": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Serve the small app on a real socket, with a short patience."""
    options: dict[str, Any] = {**SERVER_OPTIONS, "port": 0, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(make_app(request_timeout_seconds=0.2), **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"Content-Length: 100\r\n\r\n{", b"408"),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"408"),
        (b"Content-Length: 99999\r\n\r\n{", b"413"),
    ],
)
async def test_the_server_closes_the_connection_of_a_slow_or_large_sender(
    port: int, sent: bytes, status: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /public HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + sent)
    answer = await asyncio.wait_for(reader.read(), timeout=5)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"\r\nserver:" not in answer.lower()
    writer.close()
    await writer.wait_closed()
