"""Traces as a collector gets them, over a real socket: where the time went, and nothing about people."""

import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app import traces
from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, TestClock

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
LOOKUP = {"procedure_code": "1.004194", "purpose": "Zzmarkpurposezz"} | NGOC


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Run a collector; give its address and what it gets."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def traced(settings: Settings, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, clock=clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client,
    ):
        form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
        token = (await client.post("/auth/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def spans_of(got: list[bytes]) -> list[Span]:
    requests = [ExportTraceServiceRequest.FromString(body) for body in got]
    return [
        span
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def attributes_of(span: Span) -> dict[str, str | int]:
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


def settings_with(endpoint: str, sandbox_url: str, key_file: Path) -> Settings:
    return Settings.model_validate(
        {
            "database_url": sandbox_url,
            "key_file": key_file,
            "otlp_endpoint": endpoint,
            "otlp_sample_ratio": 0,
        }
    )


async def test_a_lookup_is_a_request_with_its_steps_in_the_callers_trace(
    sandbox_url: str, key_file: Path, clock: TestClock, logs: StringIO
) -> None:
    with collector() as (endpoint, got):
        async with traced(settings_with(endpoint, sandbox_url, key_file), clock) as client:
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            answer = await client.post("/verify/id-card?", json=LOOKUP, headers=headers)
            assert answer.status_code == 200
    spans = {span.name: span for span in spans_of(got)}
    assert sorted(span.name for span in spans_of(got)) == [
        "POST /verify/id-card",
        "ask population database",
        "audit append",
        "audit append",
    ]
    request = spans["POST /verify/id-card"]
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert request.parent_span_id.hex() == PARENT
    assert spans["ask population database"].parent_span_id == request.span_id
    assert attributes_of(request) == {
        "http.request.method": "POST",
        "http.route": "/verify/id-card",
        "http.response.status_code": 200,
    }
    assert attributes_of(spans["ask population database"]) == {"motcua.lookup.kind": "id-card"}
    assert f'"trace_id": "{TRACE}"' in logs.getvalue()


async def test_nothing_that_was_sent_stands_in_a_trace(
    sandbox_url: str, key_file: Path, clock: TestClock
) -> None:
    marks = [str(NGOC["id_number"]), "Zzmark", "1990-07-30"]
    with collector() as (endpoint, got):
        async with traced(settings_with(endpoint, sandbox_url, key_file), clock) as client:
            client.headers.update({"traceparent": f"00-{TRACE}-{PARENT}-01", "User-Agent": "Zzmarkagentzz"})
            await client.post("/verify/id-card", json=LOOKUP)
            await client.post("/verify/id-card?Zzmark=100190000001", json=LOOKUP)
            await client.get("/cases/Zzmark-100190000001")
            await client.get("/Zzmark/100190000001")
            await client.request("ZZMARK", "/cases")
            await client.post("/verify/id-card", content=b'{"Zzmark": "100190000001"')
            await client.post("/cases", json={"applicant": NGOC, "Zzmark": 1})
    sent = b"".join(got)
    assert len(spans_of(got)) > 7
    assert [mark for mark in marks if mark.lower().encode() in sent.lower()] == []
    assert all(not span.events and not span.links and not span.status.message for span in spans_of(got))


async def test_whom_no_caller_asks_to_trace_is_traced_by_the_ratio(
    sandbox_url: str, key_file: Path, clock: TestClock
) -> None:
    with collector() as (endpoint, got):
        async with traced(settings_with(endpoint, sandbox_url, key_file), clock) as client:
            await client.get("/cases")
            await client.get("/cases", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
    assert spans_of(got) == []


async def test_a_collector_that_is_away_holds_nothing_up(
    sandbox_url: str, key_file: Path, clock: TestClock
) -> None:
    settings = settings_with("http://127.0.0.1:9", sandbox_url, key_file)
    async with traced(settings, clock) as client:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        answer = await client.post("/verify/id-card", json=LOOKUP, headers=headers)
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() < 2


async def test_traces_are_off_without_a_collector(client: httpx.AsyncClient) -> None:
    await client.get("/cases")
    assert not traces.is_on()
