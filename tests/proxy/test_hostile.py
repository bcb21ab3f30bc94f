"""What is hostile ends at nginx: slow senders, huge heads and bodies, floods, requests inside requests."""

import json
import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.processes import Service, free_port
from tests.proxy.nginx import HEAD_SECONDS, Nginx, running_nginx
from tests.proxy.test_passing import bearer, check_problem

# A request whose arrival at the service would show in its log.
HIDDEN: Final = b"GET /audit/public-key HTTP/1.1\r\nHost: x\r\n\r\n"
_HEAD: Final = b"POST /verify/id-card HTTP/1.1\r\nHost: x\r\n"
_CHUNK: Final = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"


def _with_length(length: int | bytes, body: bytes, *more: bytes) -> bytes:
    value = length if isinstance(length, bytes) else b"%d" % length
    return _HEAD + b"Content-Length: " + value + b"\r\n" + b"".join(more) + b"\r\n" + body


SMUGGLED: Final = {
    "length-before-chunks": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding: chunked\r\n"
    ),
    "chunks-before-length": _HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + _CHUNK,
    "two-lengths": _with_length(0, HIDDEN, b"Content-Length: %d\r\n" % len(HIDDEN)),
    "two-lengths-long-first": _with_length(len(HIDDEN), HIDDEN, b"Content-Length: 0\r\n"),
    "list-of-lengths": _with_length(b"0, %d" % len(HIDDEN), HIDDEN),
    "signed-length": _with_length(b"+%d" % len(HIDDEN), HIDDEN),
    "hexadecimal-length": _with_length(b"0x%x" % len(HIDDEN), HIDDEN),
    "folded-encoding": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding:\r\n chunked\r\n"
    ),
    "encoding-with-blank-before-colon": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding : chunked\r\n"
    ),
    "encoding-with-tab": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding:\tchunked\r\n"
    ),
    "encoding-with-vertical-tab": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding: \x0bchunked\r\n"
    ),
    "two-encodings": _with_length(
        5 + len(HIDDEN),
        b"0\r\n\r\n" + HIDDEN,
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ),
    "unknown-encoding": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer-Encoding: xchunked\r\n"
    ),
    "underscore-for-hyphen": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"Transfer_Encoding: chunked\r\n"
    ),
    "line-feed-hides-a-header": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"X: a\nTransfer-Encoding: chunked\r\n"
    ),
    "carriage-return-hides-a-header": _with_length(
        5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"X: a\rTransfer-Encoding: chunked\r\n"
    ),
    "nul-in-a-header": _with_length(5 + len(HIDDEN), b"0\r\n\r\n" + HIDDEN, b"X: a\x00b\r\n"),
    "chunk-size-overflows": _HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\nxx\r\n0\r\n\r\n",
    "chunk-extension-with-line-feed": _HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2;a\nxx\r\n%x\r\n" % len(HIDDEN)
    + HIDDEN
    + b"\r\n0\r\n\r\n",
    "length-on-a-get": b"GET /procedures HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN)
    + HIDDEN,
    "upgrade-to-clear-http-2": b"GET /procedures HTTP/1.1\r\nHost: x\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "connection-names-a-header": _with_length(len(HIDDEN), HIDDEN, b"Connection: close, Content-Length\r\n"),
    "line-break-in-the-path": b"GET /procedures%20HTTP/1.1%0d%0aHost:%20x%0d%0a%0d%0aGET%20/audit/public-key"
    b" HTTP/1.1\r\nHost: x\r\n\r\n",
}


def spoken(nginx: Nginx, sent: bytes) -> bytes:
    """Send bytes, and give all that comes back until it is quiet or over."""
    heard = b""
    with nginx.connected() as peer:
        peer.settimeout(0.5)
        # Who is refused in the middle may not be able to say the rest.
        with suppress(OSError):
            peer.sendall(sent)
        with suppress(ConnectionError, TimeoutError):
            while part := peer.recv(65_536):
                heard += part
    return heard


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_request_inside_a_request_never_reaches_the_service(
    nginx: Nginx, served: Service, client: httpx.Client, name: str
) -> None:
    seen = served.log.stat().st_size
    heard = spoken(nginx, SMUGGLED[name])
    # Through the same connections to the service: whatever was left in one would be answered now.
    for _ in range(3):
        check_problem(client.get("/cases"), 401, "unauthenticated")
    routes = _routes_once(served, seen, "/cases", times=3)
    assert "/audit/public-key" not in routes
    assert heard.count(b"HTTP/1.1 ") <= 2
    if heard.count(b"HTTP/1.1 ") == 2:
        # The rest of a body that was refused: nginx itself took it for a request, and for a broken one.
        assert heard.split(b"HTTP/1.1 ")[2].startswith(b"400 ")


def _routes_once(served: Service, seen: int, route: str, *, times: int) -> list[str]:
    """Wait for the lines of the last requests, which the service writes after their answers."""
    deadline = time.monotonic() + 5
    while True:
        routes = _routes(served.log.read_bytes()[seen:])
        if routes.count(route) >= times or time.monotonic() > deadline:
            assert routes.count(route) == times
            return routes
        time.sleep(0.02)


def _routes(log: bytes) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines()]
    return [line["route"] for line in lines if line["event"] == "request"]


def test_plain_pipelining_is_still_answered_in_order(nginx: Nginx) -> None:
    heard = spoken(nginx, HIDDEN + b"GET /cases HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [part[:3] for part in heard.split(b"HTTP/1.1 ")[1:]] == [b"200", b"401"]


def test_a_head_that_drips_is_cut_off_and_never_reaches_the_service(nginx: Nginx, served: Service) -> None:
    seen = served.log.stat().st_size
    began = time.monotonic()
    with nginx.connected() as peer:
        peer.settimeout(0.2)
        peer.sendall(HIDDEN[:-2])
        was_cut = False
        while not was_cut and time.monotonic() - began < 8 * HEAD_SECONDS:
            try:
                peer.sendall(b"X-Drip: y\r\n")
                was_cut = peer.recv(65_536) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                was_cut = True
    assert was_cut
    assert time.monotonic() - began < 4 * HEAD_SECONDS
    assert _routes(served.log.read_bytes()[seen:]) == []


def test_two_hundred_slow_senders_of_bodies_hold_nothing_of_the_service(
    nginx: Nginx, served: Service, client: httpx.Client
) -> None:
    seen = served.log.stat().st_size
    # From another address: the limit of connections is for each.
    slow = [nginx.connected(source="127.0.0.3") for _ in range(150)]
    try:
        for peer in slow:
            peer.sendall(_HEAD + b"Content-Length: 1000\r\n\r\n{")
        answer = client.get("/procedures", headers=bearer(client, "receiver"))
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() < 1
        time.sleep(2 * HEAD_SECONDS)
        assert all(_is_over(peer) for peer in slow)
    finally:
        for peer in slow:
            peer.close()
    assert "/verify/id-card" not in _routes(served.log.read_bytes()[seen:])


def _is_over(peer: socket.socket) -> bool:
    peer.settimeout(5)
    try:
        while peer.recv(65_536):
            pass
    except ConnectionError:
        return True
    return True


HUGE: Final = {
    "header": b"GET /cases HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 10_000 + b"\r\n\r\n",
    "many-headers": b"GET /cases HTTP/1.1\r\nHost: x\r\n"
    + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 500) for n in range(100))
    + b"\r\n",
    "uri": b"GET /cases?x=" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "announced-body": _with_length(262_145, b"{"),
    "chunked-body": _HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"8000\r\n" + b"a" * 32_768 + b"\r\n") * 9,
}


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_ends_at_nginx_with_a_problem(nginx: Nginx, served: Service, name: str) -> None:
    seen = served.log.stat().st_size
    heard = spoken(nginx, HUGE[name])
    status = b"400" if "header" in name else b"413"
    assert heard.startswith(b"HTTP/1.1 " + status)
    body = json.loads(heard.partition(b"\r\n\r\n")[2])
    assert body["code"] == ("malformed-request" if status == b"400" else "request-too-large")
    assert _routes(served.log.read_bytes()[seen:]) == []


def test_one_source_cannot_take_all_connections(nginx: Nginx, client: httpx.Client) -> None:
    held: list[ssl.SSLSocket] = []
    try:
        for number in range(205):
            held.append(nginx.connected(source="127.0.0.4"))
            # A connection counts once its head is there: these wait for the rest of their bodies.
            held[-1].sendall(_HEAD + b"Content-Length: 1000\r\n\r\n")
            if number % 20 == 0:
                # Until all are there, none may be cut off for sending nothing.
                for peer in held:
                    peer.sendall(b" ")
        refused = 0
        for peer in held:
            peer.settimeout(0.01)
            with suppress(TimeoutError):
                refused += peer.recv(65_536).startswith(b"HTTP/1.1 503")
        assert refused == 5
        assert client.get("/audit/public-key").status_code == 200
    finally:
        for peer in held:
            peer.close()


def test_a_flood_of_log_ins_from_one_source_is_refused_and_others_come_in(
    far_client: httpx.Client, client: httpx.Client
) -> None:
    # A form that the service refuses at once: it would take its time over passwords.
    form = {"grant_type": "none"}
    answers = [far_client.post("/auth/token", data=form) for _ in range(130)]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    check_problem(refused[0], 503, "service-unavailable")
    assert refused[0].headers["retry-after"] == "5"
    assert bearer(client, "receiver")


def test_a_service_that_is_away_is_a_problem(tmp_path: Path) -> None:
    with (
        running_nginx(tmp_path, free_port()) as nginx,
        httpx.Client(base_url=nginx.base_url, verify=nginx.trust) as client,
    ):
        answers = [client.post("/cases", json={}), client.get("/cases"), client.get("/procedures")]
        for answer in answers:
            check_problem(answer, 503, "service-unavailable")
            assert answer.headers["retry-after"] == "5"


def test_a_request_that_the_service_does_not_answer_is_sent_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        port = upstream.getsockname()[1]
        with running_nginx(tmp_path, port) as nginx, nginx.connected() as peer:
            peer.sendall(_with_length(2, b"{}"))
            first, _ = upstream.accept()
            assert first.recv(65_536).startswith(b"POST /verify/id-card HTTP/1.1\r\n")
            first.close()
            assert peer.recv(65_536).startswith(b"HTTP/1.1 503 ")
        upstream.settimeout(0.2)
        with pytest.raises(TimeoutError):
            upstream.accept()
