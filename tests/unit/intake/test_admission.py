"""Gates before the small app, over a real socket: what is turned away, how, and what never is."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from app.intake.connection import GATES, NAMED_ORIGINS, GuardedHttpProtocol
from app.intake.edge import SERVER_OPTIONS
from app.intake.gates import Gate, Gates
from app.intake.route import ServiceRoute
from app.schemas.base import RequestSchema
from tests.unit.intake.small_app import MAX_BODY_BYTES, make_app, make_gate, make_gates, open_client

pytestmark = pytest.mark.anyio

HEAD = b"POST /held HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"


class Empty(RequestSchema):
    pass


PAGE = "https://motcua.example.vn"


def make_held_app(gates: Gates) -> tuple[FastAPI, asyncio.Event]:
    """Build an app that holds its answers to /held until the event is set; pages of one origin may ask it."""
    router, go = APIRouter(route_class=ServiceRoute), asyncio.Event()

    @router.post("/held")
    @router.post("/auth/token")
    async def held(_: Empty) -> dict[str, bool]:
        await go.wait()
        return {"done": True}

    @router.get("/held")
    @router.post("/held/bodiless")
    async def held_without_body() -> dict[str, bool]:
        await go.wait()
        return {"done": True}

    @router.get("/health/live")
    async def live(request: Request) -> dict[str, bool]:
        return {"gated": GATES in request.scope["state"]}

    return make_app(router, gates=gates, allowed_origins=(PAGE,)), go


@asynccontextmanager
async def serving(app: FastAPI, gates: Gates) -> AsyncIterator[int]:
    options: dict[str, Any] = {**SERVER_OPTIONS, "port": 0, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(app, **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    server.lifespan.state |= {GATES: gates, NAMED_ORIGINS: frozenset({PAGE.encode()})}
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def entered(gate: Gate, requests: int = 1) -> None:
    """Wait until the gate has let so many in."""
    async with asyncio.timeout(5):
        while gate.inside < requests:  # noqa: ASYNC110 - the gate has no event for it
            await asyncio.sleep(0.01)


async def left(gate: Gate) -> None:
    """Wait until nobody is in the gate."""
    async with asyncio.timeout(10):
        while gate.inside:  # noqa: ASYNC110 - the gate has no event for it
            await asyncio.sleep(0.01)


@asynccontextmanager
async def full(gate: Gate, gates: Gates) -> AsyncIterator[tuple[int, httpx.AsyncClient]]:
    """Serve with all places taken and the waiting room filled, by requests that are answered at the end."""
    app, go = make_held_app(gates)
    async with (
        serving(app, gates) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
    ):
        held = [asyncio.create_task(client.post("/held", json={})) for _ in range(4)]
        await entered(gate, 4)
        yield port, client
        go.set()
        assert [answer.status_code for answer in await asyncio.gather(*held)] == [200] * 4
    assert gate.inside == 0


async def test_one_too_many_is_turned_away_at_once_with_a_problem_of_its_own_id() -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (_, client):
        headers = {"X-Request-Id": "desk 7", "Accept-Language": "en"}
        answers = [await client.post("/held", json={}, headers=headers) for _ in range(3)]
        answers += [await client.get("/held"), await client.request("DELETE", "/nowhere?a=b")]
        assert {answer.status_code for answer in answers} == {503}
        assert all(1 <= int(answer.headers["Retry-After"]) <= 5 for answer in answers)
        assert answers[0].headers["Content-Type"] == "application/problem+json"
        assert answers[0].headers["X-Request-Id"] == answers[0].json()["request_id"] == "desk 7"
        assert answers[0].headers["Content-Language"] == "en"
        assert answers[0].json()["code"] == "service-unavailable"
        assert len(answers[3].headers["X-Request-Id"]) == 32
        assert gate.inside == 4


async def test_a_page_of_another_origin_can_read_that_it_is_turned_away() -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (_, client):
        for headers in ({"Origin": PAGE}, {"Origin": PAGE, "X-Request-Id": "desk 7"}):
            answer = await client.post("/held", json={}, headers=headers)
            assert answer.status_code == 503
            assert answer.headers["Access-Control-Allow-Origin"] == PAGE
            assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
            assert 1 <= int(answer.headers["Retry-After"]) <= 5
        other = await client.post("/held", json={}, headers={"Origin": "https://motcua.example.com"})
        assert (other.status_code, "Access-Control-Allow-Origin" in other.headers) == (503, False)
        assert gate.inside == 4


async def test_a_connection_goes_on_after_it_was_turned_away() -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # The second one's body comes in pieces, and after it a request that is always answered.
        for part in (
            HEAD + b"\r\n{}",
            HEAD + b"\r\n",
            b"{",
            b"}GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            writer.write(part)
            await asyncio.sleep(0.05)
        for expected in (b"503", b"503", b"200"):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=5)
            assert head.split(b" ")[1] == expected
            (length,) = (line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
            json.loads(await reader.readexactly(int(length.split(b":")[1])))
            assert b"connection: close" not in head
        writer.close()


@pytest.mark.parametrize("path", [b"/held", b"/health/live", b"/nowhere"])
async def test_a_head_has_no_content_whether_it_is_answered_or_turned_away(path: bytes) -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        told = []
        for method in (b"HEAD", b"GET"):
            writer.write(method + b" " + path + b" HTTP/1.1\r\nHost: x\r\nX-Request-Id: 7\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=5)
            told.append([line for line in head.split(b"\r\n") if not line.startswith(b"retry-after")])
        (length,) = (line for line in told[1] if line.startswith(b"content-length"))
        json.loads(await reader.readexactly(int(length.split(b":")[1])))
        assert told[0] == told[1]
        writer.close()


@pytest.mark.parametrize("head", [HEAD + b"Connection: close\r\n", HEAD.replace(b"1.1", b"1.0")])
async def test_a_caller_who_wants_to_hang_up_is_turned_away_and_let_go(head: bytes) -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"\r\n{}")
        said = await asyncio.wait_for(reader.read(), timeout=5)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"connection: close" in said
        writer.close()


async def test_a_slow_sender_takes_no_place_and_is_counted_when_all_is_there() -> None:
    gate = make_gate(places=1, most_waiting=0)
    gates = make_gates(requests=gate)
    app, go = make_held_app(gates)
    go.set()
    async with serving(app, gates) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        for _, writer in slow:
            writer.write(HEAD + b"\r\n{")
        await asyncio.sleep(0.1)
        assert gate.inside == 0
        assert (await client.get("/held")).status_code == 200
        go.clear()
        slow[0][1].write(b"}")
        await entered(gate)
        # The second one finds no place: its own wait for the body was not one for a place.
        slow[1][1].write(b"}")
        assert (await asyncio.wait_for(slow[1][0].readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 503 ")
        assert gate.inside == 1
        go.set()
        assert (await asyncio.wait_for(slow[0][0].readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        for _, writer in slow:
            writer.close()
        await left(gate)


async def test_a_late_body_that_no_route_reads_takes_a_place_like_any_other() -> None:
    gate = make_gate(places=1, most_waiting=0)
    gates = make_gates(requests=gate)
    app, go = make_held_app(gates)
    async with serving(app, gates) as port:
        callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in callers:
            writer.write(HEAD.replace(b"/held", b"/held/bodiless") + b"\r\n")
        await asyncio.sleep(0.1)
        assert gate.inside == 0
        for _, writer in callers:
            writer.write(b"{}")
            await entered(gate)
        (first, _), (second, _) = callers
        assert (await asyncio.wait_for(second.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 503 ")
        go.set()
        assert (await asyncio.wait_for(first.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        for _, writer in callers:
            writer.close()


async def test_a_request_behind_another_waits_for_its_turn_and_not_for_a_place() -> None:
    gate = make_gate(places=1, most_waiting=0)
    gates = make_gates(requests=gate)
    app, go = make_held_app(gates)
    async with serving(app, gates) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((HEAD + b"\r\n{}") * 3)
        await entered(gate)
        assert gate.inside == 1
        go.set()
        for _ in range(3):
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
            await reader.readuntil(b'{"done":true}')
        writer.close()
        assert gate.inside == 0


@pytest.mark.parametrize(
    "target",
    [
        b"/auth/token",
        b"/auth/token?",
        b"/auth/%74oken",
        b"/%61uth/token?",
        b"/auth/token#a",
        b"/auth/token#?a",
        b"http://x/auth/token",
        b"http://x/auth/%74oken",
    ],
)
async def test_a_path_has_its_gate_however_the_target_says_it(target: bytes) -> None:
    log_ins, requests = make_gate(places=1, most_waiting=0), make_gate(places=1, most_waiting=0)
    gates = make_gates(log_ins=log_ins, requests=requests)
    app, go = make_held_app(gates)
    sent = HEAD.replace(b"/held", target) + b"\r\n{}"
    async with serving(app, gates) as port:
        # The other gate is full, so that it would turn away whatever were counted there.
        filler = await asyncio.open_connection("127.0.0.1", port)
        filler[1].write(HEAD + b"\r\n{}")
        await entered(requests)
        callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        callers[0][1].write(sent)
        await entered(log_ins)
        callers[1][1].write(sent)
        assert (await asyncio.wait_for(callers[1][0].readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 503 ")
        assert (log_ins.inside, requests.inside) == (1, 1)
        go.set()
        for reader, _ in (filler, callers[0]):
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        for _, writer in (filler, *callers):
            writer.close()


async def test_a_caller_who_goes_away_while_waiting_leaves_nothing_behind() -> None:
    gate = make_gate(places=2, most_waiting=2)
    gates = make_gates(requests=gate)
    async with full(gate, gates) as (_, client):
        assert (await client.get("/health/live")).json() == {"gated": True}
    app, go = make_held_app(gates)
    async with open_client(app) as client:
        waiting = [asyncio.create_task(client.get("/held")) for _ in range(3)]
        await entered(gate, 3)
        for each in waiting:
            each.cancel()
        await asyncio.wait(waiting)
        assert gate.inside == 0
        go.set()
        assert (await client.get("/held")).status_code == 200


async def test_without_a_server_of_ours_the_app_itself_refuses() -> None:
    gate = make_gate(places=1, most_waiting=0)
    app, go = make_held_app(make_gates(requests=gate))
    async with open_client(app) as client:
        held = asyncio.create_task(client.post("/held", json={}))
        await entered(gate)
        answers = [await client.post("/held", json={}), await client.get("/held")]
        assert [answer.status_code for answer in answers] == [503, 503]
        assert all("Retry-After" in answer.headers for answer in answers)
        go.set()
        assert (await held).status_code == 200


async def test_who_waits_too_long_for_a_place_is_refused() -> None:
    gate = make_gate(places=1, most_waiting=5, wait_seconds=0.1)
    app, go = make_held_app(make_gates(requests=gate))
    async with open_client(app) as client:
        held = asyncio.create_task(client.post("/held", json={}))
        await entered(gate)
        answer = await client.post("/held", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
        go.set()
        assert (await held).status_code == 200
    assert gate.inside == 0


PREFLIGHT = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (httpx.Request("OPTIONS", "http://x/held", headers=PREFLIGHT), 200),
        (httpx.Request("POST", "http://x/held", json={"a": "b" * MAX_BODY_BYTES}), 413),
    ],
)
async def test_what_is_answered_before_the_gate_takes_nobodys_place(
    request_: httpx.Request, expected: int
) -> None:
    gate = make_gate(places=2, most_waiting=2)
    gates = make_gates(requests=gate)
    app = make_app(gates=gates, allowed_origins=(PREFLIGHT["Origin"],))
    async with (
        serving(app, gates) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
    ):
        for _ in range(6):
            answer = await client.request(
                request_.method, "/held", headers=request_.headers, content=request_.content
            )
            assert answer.status_code == expected
            assert gate.inside == 0


async def deaf_connection(port: int) -> socket.socket:
    """Connect, and take next to nothing of what will be said."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deaf.settimeout(0)
    await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port))
    return deaf


async def test_who_does_not_read_his_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedHttpProtocol, "write_seconds", 0.2)
    router = APIRouter(route_class=ServiceRoute)

    @router.get("/large")
    async def large() -> str:
        return "x" * 10_000_000

    gate = make_gate(places=2, most_waiting=2)
    gates = make_gates(requests=gate)
    async with serving(make_app(router, gates=gates), gates) as port:
        deaf = await deaf_connection(port)
        # The second answer has to wait until the first one is read.
        await asyncio.get_running_loop().sock_sendall(deaf, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        await entered(gate)
        await left(gate)
        deaf.close()


async def test_refusals_do_not_pile_up_for_one_who_reads_none() -> None:
    gate = make_gate(places=2, most_waiting=2)
    async with full(gate, make_gates(requests=gate)) as (port, _):
        deaf, loop = await deaf_connection(port), asyncio.get_running_loop()

        async def flood() -> None:
            while True:
                await loop.sock_sendall(deaf, b"DELETE /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(flood(), timeout=20)
        deaf.close()
