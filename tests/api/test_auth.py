"""Log-in over HTTP, and what a request without the right token gets."""

from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from app.domain.caller import Scope
from tests.api.conftest import NGOC, Ask, TestClock, TokenOf

pytestmark = pytest.mark.anyio

RECEIVER = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
PORTAL = {"grant_type": "client_credentials"}
BY_BASIC = ("portal", "sandbox")
CLAIM = {"procedure_code": "1.004194", **NGOC}


async def ask_token(client: httpx.AsyncClient, form: Any, **request: Any) -> httpx.Response:
    return await client.post("/auth/token", data=form, **request)


def assert_refused(answer: httpx.Response, status: int, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_officer_logs_in_with_a_password(client: httpx.AsyncClient) -> None:
    answer = await ask_token(client, RECEIVER)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["scope"] == (
        "cases:read cases:write cases:status verify:id-card verify:household-head citizens:share"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"


async def test_a_system_logs_in_by_basic_or_in_the_form(client: httpx.AsyncClient) -> None:
    by_basic = await ask_token(client, PORTAL, auth=BY_BASIC)
    in_form = await ask_token(client, PORTAL | {"client_id": "portal", "client_secret": "sandbox"})
    assert by_basic.json()["scope"] == in_form.json()["scope"] == "cases:read cases:write"


async def test_the_scope_parameter_narrows(client: httpx.AsyncClient) -> None:
    answer = await ask_token(client, RECEIVER | {"scope": "verify:id-card cases:read"})
    assert answer.json()["scope"] == "cases:read verify:id-card"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        (RECEIVER | {"password": ""}, "invalid_request"),
        (RECEIVER | {"password": ["sandbox", "sandbox"]}, "invalid_request"),
        (RECEIVER | {"password": "a\x00"}, "invalid_request"),
        (RECEIVER | {"password": "x" * 100_000}, "invalid_request"),
        (RECEIVER | {"grant_type": "refresh_token"}, "unsupported_grant_type"),
        (RECEIVER | {"scope": "everything"}, "invalid_scope"),
        (RECEIVER | {"scope": "admin"}, "invalid_scope"),
        (RECEIVER | {"password": "wrong"}, "invalid_grant"),
        (RECEIVER | {"username": "nobody"}, "invalid_grant"),
    ],
)
async def test_a_refusal_is_as_oauth_says(
    client: httpx.AsyncClient, form: dict[str, Any], error: str
) -> None:
    assert_refused(await ask_token(client, form), 400, error)


async def test_a_system_that_does_not_prove_itself_is_asked_for_basic(client: httpx.AsyncClient) -> None:
    for request in (
        {"form": PORTAL, "auth": ("portal", "wrong")},
        {"form": PORTAL},
        {"form": PORTAL | {"client_id": "portal", "client_secret": "wrong"}},
    ):
        answer = await ask_token(client, request.pop("form"), **request)
        assert_refused(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_system_that_proves_itself_twice_sends_an_invalid_request(client: httpx.AsyncClient) -> None:
    form = PORTAL | {"client_id": "portal", "client_secret": "sandbox"}
    assert_refused(await ask_token(client, form, auth=BY_BASIC), 400, "invalid_request")


async def test_a_body_that_is_no_form_is_an_invalid_request(client: httpx.AsyncClient) -> None:
    assert_refused(await client.post("/auth/token", json=RECEIVER), 400, "invalid_request")
    assert_refused(await client.post("/auth/token", files={"username": b"x"}), 400, "invalid_request")
    assert_refused(await client.post("/auth/token"), 400, "invalid_request")


async def test_a_body_over_the_limit_is_too_large(client: httpx.AsyncClient) -> None:
    answer = await ask_token(client, RECEIVER | {"password": "x" * 300_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")


async def test_credentials_do_not_belong_in_the_query(client: httpx.AsyncClient) -> None:
    answer = await client.post("/auth/token", params=RECEIVER)
    assert answer.status_code == 422
    assert "sandbox" not in answer.text


async def test_five_bad_logins_lock_the_account_for_fifteen_minutes(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    for _ in range(5):
        await ask_token(client, RECEIVER | {"password": "wrong"})
    assert_refused(await ask_token(client, RECEIVER), 400, "invalid_grant")
    clock.advance(timedelta(minutes=15))
    assert (await ask_token(client, RECEIVER)).status_code == 200


async def test_tokens_can_be_checked_with_the_published_keys(
    client: httpx.AsyncClient, token_of: TokenOf
) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    (key,) = jwt.PyJWKSet.from_dict(answer.json()).keys
    claims = jwt.decode(
        await token_of("receiver"),
        key,
        algorithms=["ES256"],
        audience="motcua",
        issuer="http://127.0.0.1:8000",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["sub"] == "receiver"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer  ")],
        [("Authorization", "Bearer a.b.c")],
        [("Authorization", "Basic cG9ydGFsOnNhbmRib3g=")],
        [("Authorization", "Token {token}")],
        [("Authorization", "Bearer {token} {token}")],
        [("Authorization", "Bearer {token},Bearer {token}")],
        [("Authorization", "Bearer {token}"), ("Authorization", "Bearer {token}")],
        [("Authorization", "Bearer " + "a" * 8_000)],
        [("Cookie", "access_token={token}")],
        [("X-Access-Token", "{token}")],
    ],
)
async def test_a_request_without_exactly_one_good_token_is_unauthenticated(
    client: httpx.AsyncClient, token_of: TokenOf, headers: list[tuple[str, str]]
) -> None:
    token = await token_of("receiver")
    sent = [(name, value.replace("{token}", token)) for name, value in headers]
    answer = await client.get("/me", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert token not in answer.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
async def test_the_schemes_case_does_not_matter(
    client: httpx.AsyncClient, token_of: TokenOf, scheme: str
) -> None:
    answer = await client.get("/me", headers={"Authorization": f"{scheme} {await token_of('receiver')}"})
    assert answer.status_code == 200


async def test_a_token_in_the_query_is_not_taken(client: httpx.AsyncClient, token_of: TokenOf) -> None:
    answer = await client.get("/me", params={"access_token": await token_of("receiver")})
    assert answer.status_code == 401


async def test_an_expired_token_is_unauthenticated(
    client: httpx.AsyncClient, token_of: TokenOf, clock: TestClock
) -> None:
    headers = {"Authorization": f"Bearer {await token_of('receiver')}"}
    assert (await client.get("/me", headers=headers)).status_code == 200
    clock.advance(timedelta(seconds=905))
    assert (await client.get("/me", headers=headers)).status_code == 401


@pytest.mark.parametrize("name", ["manager", "auditor", "admin", "portal"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/verify/id-card", "id-card"),
        ("/verify/household-head", "household-head"),
        ("/citizens/share", "citizen-share"),
    ],
)
async def test_a_lookup_without_its_scope_is_refused_and_on_record(
    ask: Ask, name: str, path: str, kind: str
) -> None:
    answer = await ask(name, "POST", path, content=b"not even JSON")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    listed = await ask("auditor", "GET", "/audit/records", params={"kind": "DENIED"})
    (item,) = listed.json()["items"]
    record = item["record"]
    assert (record["lookup_kind"], record["result"]) == (kind, "insufficient-scope")
    assert record["officer" if name != "portal" else "client"] == name
    assert record["subjects"] == []


async def test_a_narrowed_token_does_no_more_than_it_was_narrowed_to(client: httpx.AsyncClient) -> None:
    token = (await ask_token(client, RECEIVER | {"scope": Scope.CASES_READ.value})).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.post("/verify/id-card", json=CLAIM, headers=headers)).status_code == 403
    assert (await client.get("/cases", headers=headers)).status_code == 200


async def test_a_refusal_that_is_no_lookup_leaves_no_record(ask: Ask) -> None:
    assert (await ask("auditor", "GET", "/cases")).status_code == 403
    listed = await ask("auditor", "GET", "/audit/records", params={"kind": "DENIED"})
    assert listed.json()["items"] == []


async def test_the_documentation_names_both_ways_to_a_token(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    flows = document["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flows["password"]["tokenUrl"] == flows["clientCredentials"]["tokenUrl"] == "/auth/token"
    assert set(flows["password"]["scopes"]) == {scope.value for scope in Scope}
    assert {"oauth2": ["verify:id-card"]} in document["paths"]["/verify/id-card"]["post"]["security"]
    assert {"oauth2": []} in document["paths"]["/me"]["get"]["security"]
    assert "security" not in document["paths"]["/auth/token"]["post"]
