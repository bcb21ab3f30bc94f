import httpx
import pytest

from tests.unit.intake.small_app import MAX_BODY_BYTES, TOKEN, make_app, make_gate, make_gates, open_client

pytestmark = pytest.mark.anyio

NAMED = "https://motcua.example.vn"
OTHER = "https://motcua.example.com"
_CORS = "access-control-"


async def _ask(
    method: str, path: str, headers: dict[str, str], origins: tuple[str, ...] = (NAMED,)
) -> httpx.Response:
    async with open_client(make_app(allowed_origins=origins)) as client:
        return await client.request(method, path, headers=headers)


def _preflight(origin: str, headers: str = "authorization,content-type,idempotency-key") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }


def _of_cors(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith(_CORS)}


async def test_a_named_origin_may_ask_and_read_what_the_contract_answers_in_headers() -> None:
    answer = await _ask("GET", "/secured", {"Origin": NAMED, **TOKEN})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == NAMED
    assert "Origin" in answer.headers["vary"]
    shown = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert shown == {
        "ETag",
        "Idempotency-Replayed",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-Id",
    }
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_named_origin_is_told_beforehand_what_it_may_send() -> None:
    answer = await _ask("OPTIONS", "/secured", _preflight(NAMED))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == NAMED
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("PUT", "PATCH", "DELETE"):
        assert name in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "https://motcua.example.vn.evil.example",
        "http://motcua.example.vn",
        f"{NAMED}:8443",
        "*",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_no_other_origin_gets_leave(method: str, origin: str) -> None:
    headers = _preflight(origin) if method == "OPTIONS" else {"Origin": origin, **TOKEN}
    answer = await _ask(method, "/secured", headers)
    assert _of_cors(answer) == {}


async def test_without_the_setting_nobody_gets_leave() -> None:
    answer = await _ask("OPTIONS", "/secured", _preflight(NAMED), origins=())
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"
    assert _of_cors(answer) == {}


async def test_a_header_that_the_contract_does_not_have_gets_no_leave() -> None:
    answer = await _ask("OPTIONS", "/secured", _preflight(NAMED, "x-other"))
    assert answer.status_code == 400
    assert "x-other" not in answer.headers["access-control-allow-headers"].lower()


async def test_a_named_origin_can_read_a_refusal() -> None:
    answer = await _ask("GET", "/secured", {"Origin": NAMED})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["access-control-allow-origin"] == NAMED


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (httpx.Request("POST", "http://x/public", json={"a": "b" * MAX_BODY_BYTES}), "request-too-large"),
        (httpx.Request("POST", "http://x/public", json={}), "service-unavailable"),
        (httpx.Request("GET", "http://x/broken"), "internal-error"),
    ],
)
async def test_a_named_origin_can_read_what_no_route_has_answered(
    request_: httpx.Request, expected: str
) -> None:
    gates = make_gates(requests=make_gate(places=int(request_.method == "GET"), most_waiting=0))
    async with open_client(make_app(gates=gates, allowed_origins=(NAMED,))) as client:
        request_.headers["Origin"] = NAMED
        answer = await client.send(request_)
    assert answer.json()["code"] == expected
    assert answer.headers["access-control-allow-origin"] == NAMED
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_an_origin_sent_twice_is_none() -> None:
    async with open_client(make_app(allowed_origins=(NAMED,))) as client:
        answer = await client.get("/public", headers=[("Origin", NAMED), ("Origin", OTHER)])
    assert _of_cors(answer) == {}
