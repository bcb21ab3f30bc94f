"""What comes over the wire before it is a request: the served process, its log and its health afterwards."""

import json
import socket
import struct
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.raw_heads import AT_THE_EDGES, MARK, NOT_HTTP, TOO_LARGE
from tests.faults.raw_http import Conversation, connected, speak
from tests.processes import Service, running_service

TIMEOUT_SECONDS = 1.0
SLOWEST_SECONDS = 1.0

HEAD = (
    b"POST /verify/id-card HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("raw")
    settings = {"log_level": "debug", "request_timeout_seconds": str(TIMEOUT_SECONDS)}
    with running_service(f"sqlite:///{folder / 'raw.db'}", folder, **settings) as service:
        yield service


@pytest.fixture(scope="module")
def token(served: Service) -> bytes:
    return served.token("receiver").encode()


@pytest.fixture
def service(served: Service) -> Iterator[Service]:
    """Give the service, and see afterwards that it is well and logged nothing that it must not."""
    seen = served.log.stat().st_size
    yield served
    assert httpx.get(f"{served.base_url}/health/ready", timeout=5).status_code == 200
    log = served.log.read_bytes()[seen:]
    assert MARK.lower() not in log.lower()
    assert b"Traceback" not in log
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line for line in lines if "exception" in line or line.get("status", 0) >= 500] == []


def talk(
    service: Service, token: bytes, *parts: bytes, answers: int = 1, pause_seconds: float = 0.0
) -> Conversation:
    """Speak until so many answers are there, or the service hangs up; no answer may repeat what was sent."""
    sent = [part.replace(b"{token}", token) for part in parts]
    heard = speak(service, sent, pause_seconds=pause_seconds, answers=answers)
    assert MARK.lower() not in heard.said.lower()
    return heard


def talk_quickly(service: Service, token: bytes, sent: bytes, *, answers: int) -> Conversation:
    """Speak, and see that it is over within a second, or within another if the machine was busy."""
    heard = talk(service, token, sent, answers=answers)
    if heard.seconds > SLOWEST_SECONDS:
        heard = talk(service, token, sent, answers=answers)
    assert heard.seconds <= SLOWEST_SECONDS
    return heard


def check_problem(heard: Conversation, status: int, code: str) -> None:
    head, _, body = heard.said.partition(b"\r\n\r\n")
    assert heard.statuses == [status]
    assert heard.was_closed
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head.lower()
    assert (json.loads(body)["status"], json.loads(body)["code"]) == (status, code)


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_no_http_gets_one_refusal(service: Service, token: bytes, name: str) -> None:
    check_problem(talk_quickly(service, token, NOT_HTTP[name], answers=2), 400, "malformed-request")


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_gets_one_refusal(service: Service, token: bytes, name: str) -> None:
    check_problem(talk_quickly(service, token, TOO_LARGE[name], answers=2), 413, "request-too-large")


@pytest.mark.parametrize("name", AT_THE_EDGES)
def test_http_at_its_edges_is_answered_as_it_means(service: Service, token: bytes, name: str) -> None:
    sent, statuses = AT_THE_EDGES[name]
    heard = talk_quickly(service, token, sent, answers=max(1, len(statuses)))
    assert heard.statuses == statuses


@pytest.mark.parametrize("framing", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_shorter_than_announced_is_waited_for_no_longer_than_the_limit(
    service: Service, token: bytes, framing: bytes
) -> None:
    heard = talk(service, token, HEAD + framing + b"\r\n\r\n", b"5\r\n" + MARK[:3], answers=2)
    check_problem(heard, 408, "request-timeout")
    assert TIMEOUT_SECONDS * 0.9 < heard.seconds < TIMEOUT_SECONDS + 3


@pytest.mark.parametrize("framing", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_that_drips_is_cut_off(service: Service, token: bytes, framing: bytes) -> None:
    drip = b"1\r\nZ\r\n" if b"chunked" in framing else b"Z"
    head = HEAD + framing + b"\r\n\r\n"
    heard = talk(service, token, head, *[drip] * 20, answers=2, pause_seconds=0.2)
    check_problem(heard, 408, "request-timeout")


@pytest.mark.parametrize("reset", [False, True])
def test_a_caller_who_goes_away_within_the_body_leaves_no_trace(
    service: Service, token: bytes, *, reset: bool
) -> None:
    head = HEAD.replace(b"{token}", token) + b"Content-Length: 200\r\n\r\n"
    with connected(service) as peer:
        peer.sendall(head + b'{"full_name": "' + MARK)
        time.sleep(0.1)
        if reset:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    deadline = time.monotonic() + 5
    while b'"status": 499' not in last_line(service) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert json.loads(last_line(service))["status"] == 499
    assert lookups(service) == 0


def test_many_idle_callers_keep_nobody_from_being_served(service: Service, token: bytes) -> None:
    head = HEAD.replace(b"{token}", token) + b"Content-Length: 200\r\n\r\n{"
    peers = [connected(service) for _ in range(200)]
    try:
        for peer in peers:
            peer.sendall(head)
        began = time.monotonic()
        assert httpx.get(f"{service.base_url}/health/ready", timeout=5).status_code == 200
        assert time.monotonic() - began < TIMEOUT_SECONDS * 3
    finally:
        for peer in peers:
            peer.close()


def last_line(service: Service) -> bytes:
    return service.log.read_bytes().splitlines()[-1]


def lookups(service: Service) -> int:
    """Count what the audit log has of lookups."""
    headers = {"Authorization": f"Bearer {service.token('auditor')}"}
    answer = httpx.get(f"{service.base_url}/audit/records?limit=200", headers=headers, timeout=10)
    kinds = [item["record"]["kind"] for item in answer.raise_for_status().json()["items"]]
    return len([kind for kind in kinds if kind != "ACCESS"])
