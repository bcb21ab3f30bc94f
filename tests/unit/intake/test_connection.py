import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from app.intake.connection import GuardedHttpProtocol
from app.intake.edge import SERVER_OPTIONS
from tests.unit.intake.small_app import TOKEN, make_app

pytestmark = pytest.mark.anyio

HEAD = b"POST /secured HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


class _Impatient(GuardedHttpProtocol):
    head_seconds = 0.2
    body_seconds = 0.3


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Serve the small app on a real socket, with little patience."""
    options: dict[str, Any] = {
        **SERVER_OPTIONS,
        "http": _Impatient,
        "port": 0,
        "lifespan": "off",
        "timeout_keep_alive": 1,
    }
    server = uvicorn.Server(uvicorn.Config(make_app(), **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def _say(port: int, *parts: bytes, pause_seconds: float = 0.0) -> bytes:
    """Send the parts as long as the server takes them; give all that it said until it closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = bytearray()

    async def listen() -> None:
        with suppress(ConnectionError):
            while heard := await reader.read(65_536):
                said.extend(heard)

    listening = asyncio.create_task(listen())
    with suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause_seconds)
    await asyncio.wait_for(listening, timeout=5)
    writer.close()
    return bytes(said)


def _problem(answer: bytes) -> tuple[bytes, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    return head.split(b" ")[1], json.loads(body)


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET /public HTTP/1.1\r\nHost: x\r\nX-A", b"\r\n"])
async def test_a_head_that_does_not_come_is_not_waited_for(port: int, sent: bytes) -> None:
    assert await _say(port, sent) == b""


async def test_a_head_that_drips_is_cut_off(port: int) -> None:
    drips = [b"GET /public HTTP/1.1\r\n"] + [b"X: y\r\n"] * 8
    assert await _say(port, *drips, pause_seconds=0.05) == b""


async def test_line_breaks_between_requests_do_not_keep_a_connection(port: int) -> None:
    answer = await _say(port, b"GET /public HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", pause_seconds=0.05)
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_body_that_drips_after_its_answer_is_cut_off(port: int) -> None:
    answer = await _say(port, HEAD + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 8, pause_seconds=0.05)
    assert answer.startswith(b"HTTP/1.1 401")


async def test_requests_one_after_the_other_are_answered(port: int) -> None:
    request = b"GET /public HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await _say(port, request, request, request + request, pause_seconds=0.05)
    assert answer.count(b"HTTP/1.1 200") == 4


async def test_a_head_without_end_is_refused(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its size ends it, on a slow machine too.
    monkeypatch.setattr(_Impatient, "head_seconds", 5)
    answer = await _say(port, b"GET / HTTP/1.1\r\nX: ", *[b"y" * 30_000] * 6, pause_seconds=0.01)
    status, problem = _problem(answer)
    assert (status, problem["code"]) == (b"413", "request-too-large")


async def test_a_head_that_is_too_large_is_refused_though_it_came_at_once(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Impatient, "head_seconds", 5)
    head = b"GET /public HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 40_000 + b"\r\n"
    status, problem = _problem(await _say(port, head))
    assert (status, problem["code"]) == (b"413", "request-too-large")


@pytest.mark.parametrize(
    "sent",
    [
        b"NGOC 100190000001\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: x\r\n\r\n",
        HEAD + b"Host: y\r\n\r\n",
        b"GET /public HTTP/1.1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nNGOC\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
async def test_what_is_no_http_is_a_problem_like_any_other(port: int, sent: bytes) -> None:
    status, problem = _problem(await _say(port, sent))
    assert (status, problem["code"]) == (b"400", "malformed-request")
    assert problem["request_id"]
    assert "NGOC" not in str(problem)


async def test_what_follows_a_running_answer_does_not_spoil_it(port: int) -> None:
    answer = await _say(port, b"GET /public HTTP/1.1\r\nHost: x\r\n\r\nNGOC 1\r\n\r\n")
    assert b"problem+json" not in answer


CHUNKED = (
    b"POST /secured HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
AUTHORIZATION = f"Authorization: {TOKEN['Authorization']}\r\n".encode()


async def test_trailers_of_a_body_are_no_headers(port: int) -> None:
    answer = await _say(port, CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + AUTHORIZATION + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("part", [b"X: y\r\n" * 5_000, b"X: " + b"y" * 30_000])
async def test_trailers_without_end_are_refused(
    port: int, monkeypatch: pytest.MonkeyPatch, part: bytes
) -> None:
    monkeypatch.setattr(_Impatient, "body_seconds", 5)
    begin = CHUNKED + AUTHORIZATION + b"\r\n2\r\n{}\r\n0\r\n"
    status, problem = _problem(await _say(port, begin, *[part] * 6, pause_seconds=0.01))
    assert (status, problem["code"]) == (b"413", "request-too-large")


async def test_a_body_in_the_smallest_pieces_is_taken(port: int) -> None:
    pieces = b"".join(b"1\r\n%c\r\n" % sign for sign in b"{" + b" " * 3_000 + b"}")
    answer = await _say(port, CHUNKED + AUTHORIZATION + b"\r\n" + pieces + b"0\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 413")
