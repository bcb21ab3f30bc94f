"""Front ends that vouch for their officers over HTTP, and those that lie."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.db import tables
from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, Ask, TestClock, TokenOf
from tests.api.front_ends import GRANT, RECEIVERS_SCOPES, ask, claims_at, register
from tests.databases import change_beside, sync_engine
from tests.foreign_tokens import ForeignKey, ec_key, ed25519_key, rsa_key, signed_with_secret

pytestmark = pytest.mark.anyio

KEYS = {
    "ES256": ec_key(),
    "RS256": rsa_key(),
    "PS256": rsa_key("pss", algorithm="PS256"),
    "EdDSA": ed25519_key(),
}
KEY = KEYS["ES256"]
OTHER = ec_key("other")
LOOKUP = {"procedure_code": "1.004194", **NGOC}


@pytest.fixture(autouse=True)
def front_end(sandbox_url: str) -> None:
    register(sandbox_url, *KEYS.values())


async def change(database_url: str, table: type[tables.Base], **values: Any) -> None:
    key = "client_id" if table is tables.Client else "username"
    name = "frontend" if table is tables.Client else "receiver"
    await change_beside(database_url, update(table).where(table.__table__.c[key] == name).values(values))


def assert_refused(answer: httpx.Response, error: str = "invalid_grant") -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_a_front_end_gets_a_token_for_its_officer(
    client: httpx.AsyncClient, clock: TestClock, key: ForeignKey
) -> None:
    answer = await ask(client, key.token(claims_at(clock.now)))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["scope"], answer.json()["expires_in"]) == (RECEIVERS_SCOPES, 900)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = (await client.get("/me", headers=headers)).json()
    assert (me["username"], me["client_id"]) == ("receiver", "frontend")


async def test_a_lookup_of_such_an_officer_names_officer_and_front_end(
    client: httpx.AsyncClient, clock: TestClock, ask: Ask
) -> None:
    token = (await ask_assertion(client, KEY.token(claims_at(clock.now)))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = await client.post("/verify/id-card", json=LOOKUP, headers=headers)
    assert answer.json()["result"] == "exists"
    items = (await ask("auditor", "GET", "/audit/records", params={"kind": "OUTCOME"})).json()["items"]
    assert [(item["record"]["officer"], item["record"]["client"]) for item in items] == [
        ("receiver", "frontend")
    ]


ask_assertion = ask


async def test_officer_and_front_end_both_limit_the_scopes(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    await change(sandbox_url, tables.Client, scopes=["cases:read", "verify:id-card", "admin"])
    answer = await ask(client, KEY.token(claims_at(clock.now)))
    assert answer.json()["scope"] == "cases:read verify:id-card"
    narrowed = await ask(client, KEY.token(claims_at(clock.now)), scope="cases:read")
    assert narrowed.json()["scope"] == "cases:read"
    assert_refused(await ask(client, KEY.token(claims_at(clock.now)), scope="admin"), "invalid_scope")


async def test_a_refused_scope_does_not_use_the_assertion_up(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    assertion = KEY.token(claims_at(clock.now))
    assert_refused(await ask(client, assertion, scope="admin"), "invalid_scope")
    assert (await ask(client, assertion)).status_code == 200


async def test_the_form_may_name_the_front_end_but_no_other(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    assert (await ask(client, KEY.token(claims_at(clock.now)), client_id="frontend")).status_code == 200
    assert_refused(await ask(client, KEY.token(claims_at(clock.now)), client_id="portal"))


async def test_an_assertion_works_once(client: httpx.AsyncClient, clock: TestClock) -> None:
    assertion = KEY.token(claims_at(clock.now))
    assert (await ask(client, assertion)).status_code == 200
    assert_refused(await ask(client, assertion))
    clock.advance(timedelta(seconds=64))
    assert_refused(await ask(client, assertion))


async def test_the_same_id_signed_anew_is_used_too_and_another_front_ends_is_not(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    register(sandbox_url, OTHER, client_id="frontend2")
    claims = claims_at(clock.now, jti="1")
    assert (await ask(client, KEY.token(claims))).status_code == 200
    assert_refused(await ask(client, KEYS["EdDSA"].token(claims | {"exp": claims["exp"] + 1})))
    assert (await ask(client, OTHER.token(claims | {"iss": "frontend2"}))).status_code == 200


async def test_of_one_assertion_sent_to_two_workers_at_once_one_token_comes(
    client: httpx.AsyncClient, settings: Settings, clock: TestClock
) -> None:
    other_worker = create_app(settings, clock=clock)
    async with other_worker.router.lifespan_context(other_worker):
        transport = httpx.ASGITransport(other_worker, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as other:
            for _ in range(3):
                assertion = KEY.token(claims_at(clock.now))
                answers = await asyncio.gather(*(ask(one, assertion) for one in [client, other] * 10))
                statuses = Counter(answer.status_code for answer in answers)
                assert statuses == {200: 1, 400: 19}


ATTACKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "signed with another's key": lambda claims: ec_key(KEY.jwk["kid"]).token(claims),
    "signed with a key that it brings along": lambda claims: OTHER.token(claims, jwk=OTHER.jwk),
    "with the address of a key": lambda claims: KEY.token(claims, jku="https://evil.example/keys"),
    "with the address of a certificate": lambda claims: KEY.token(claims, x5u="https://evil.example/cert"),
    "with what must be understood": lambda claims: KEY.token(claims, crit=["exp"], exp=1),
    "under another of the client's key ids": lambda claims: KEY.token(claims, kid="rsa"),
    "under an unknown key id": lambda claims: KEY.token(claims, kid="../../dev/null"),
    "under a key id that is SQL": lambda claims: KEY.token(claims, kid="ec' OR '1'='1"),
    "unsigned": lambda claims: KEY.token(claims, alg="none").rpartition(".")[0] + ".",
    "unsigned with a signature": lambda claims: KEY.token(claims, alg="none"),
    "by the public key as a secret": lambda claims: signed_with_secret(
        KEY.public_pem, {"alg": "HS256", "kid": "ec"}, claims
    ),
    "as another algorithm of the same key": lambda claims: KEYS["RS256"].token(claims, alg="PS256"),
    "on another curve's name": lambda claims: KEY.token(claims, alg="ES384"),
    "of the type of an access token": lambda claims: KEY.token(claims, typ="at+jwt"),
    "of the type of another token": lambda claims: KEY.token(claims, typ="logout+jwt"),
    "with a changed end": lambda claims: KEY.token(claims)[:-6] + "AAAAAA",
    "with something behind it": lambda claims: KEY.token(claims) + ".AA",
    "padded": lambda claims: KEY.token(claims) + "==",
    "with blanks": lambda claims: " " + KEY.token(claims),
    "huge": lambda claims: KEY.token(claims | {"more": "x" * 9_000}),
    "of no front end": lambda claims: KEY.token(claims | {"iss": "nobody"}),
    "of a system without keys": lambda claims: KEY.token(claims | {"iss": "portal"}),
    "for an officer of another agency": lambda claims: KEY.token(claims | {"sub": "receiver2"}),
    "for an officer above": lambda claims: KEY.token(claims | {"sub": "admin"}),
    "for nobody": lambda claims: KEY.token(claims | {"sub": "nobody"}),
    "for the front end itself": lambda claims: KEY.token(claims | {"sub": "frontend"}),
    "for another service": lambda claims: KEY.token(claims | {"aud": "https://other.example/auth/token"}),
    "for us among others": lambda claims: KEY.token(
        claims | {"aud": [claims["aud"], "https://other.example"]}
    ),
    "expired": lambda claims: KEY.token(claims | {"exp": claims["iat"] - 6}),
    "endless": lambda claims: KEY.token(claims | {"exp": claims["iat"] + 86_400}),
    "not yet valid": lambda claims: KEY.token(claims | {"nbf": claims["iat"] + 30}),
    "issued in the future": lambda claims: KEY.token(claims | {"iat": claims["iat"] + 30}),
    "without an id": lambda claims: KEY.token({key: claims[key] for key in claims.keys() - {"jti"}}),
    "without an end": lambda claims: KEY.token({key: claims[key] for key in claims.keys() - {"exp"}}),
    "with a subject twice": lambda claims: KEY.token(
        b'{"sub": "admin", ' + bytes(str(claims).replace("'", '"')[1:], "ascii")
    ),
}


async def test_forged_and_unfit_assertions_get_no_token_and_are_not_repeated(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    assertions = {
        name: attack(claims_at(clock.now, jti=f"MARKED {name}")) for name, attack in ATTACKS.items()
    }
    answers = await asyncio.gather(*(ask(client, assertion) for assertion in assertions.values()))
    outcomes = {
        name: (answer.status_code, answer.json().get("error"))
        for name, answer in zip(ATTACKS, answers, strict=True)
    }
    assert {name: outcome for name, outcome in outcomes.items() if outcome != (400, "invalid_grant")} == {}
    for answer, assertion in zip(answers, assertions.values(), strict=True):
        assert set(answer.json()) == {"error", "error_description"}
        for part in ("MARKED", "receiver", "evil", "nobody", assertion[:20]):
            assert part not in answer.text


async def test_an_assertion_is_no_access_token_and_an_access_token_no_assertion(
    client: httpx.AsyncClient, clock: TestClock, token_of: TokenOf
) -> None:
    assertion = KEY.token(claims_at(clock.now, aud="motcua"))
    for text in (assertion, KEY.token(claims_at(clock.now, aud="motcua"), typ="at+jwt")):
        answer = await client.get("/me", headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 401
    assert_refused(await ask(client, await token_of("receiver")))


async def test_an_unknown_front_end_and_a_bad_signature_are_answered_alike(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    await change(sandbox_url, tables.Client, is_active=False)
    disabled = await ask(client, KEY.token(claims_at(clock.now)))
    unknown = await ask(client, KEY.token(claims_at(clock.now, iss="nobody")))
    forged = await ask(client, OTHER.token(claims_at(clock.now)))
    assert disabled.json() == unknown.json() == forged.json()


async def test_a_front_end_uses_only_the_grants_that_it_is_registered_for(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    await change(sandbox_url, tables.Client, grants=["client_credentials"])
    assert_refused(await ask(client, KEY.token(claims_at(clock.now))), "unauthorized_client")


async def test_a_front_end_is_taken_from_its_networks_only(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    await change(sandbox_url, tables.Client, networks=["127.0.0.0/8"])
    assert (await ask(client, KEY.token(claims_at(clock.now)))).status_code == 200
    await change(sandbox_url, tables.Client, networks=["10.1.0.0/16"])
    clock.advance(timedelta(seconds=31))
    elsewhere = await ask(client, KEY.token(claims_at(clock.now)))
    assert_refused(elsewhere)
    assert elsewhere.json() == (await ask(client, OTHER.token(claims_at(clock.now)))).json()


async def test_a_key_that_is_taken_away_ends_its_tokens_and_signs_for_no_more(
    client: httpx.AsyncClient, clock: TestClock, other_worker: httpx.AsyncClient, ask: Ask
) -> None:
    kept = {
        "name": "Hệ thống một cửa",
        "agency": "H24.15",
        "grants": [GRANT],
        "scopes": RECEIVERS_SCOPES.split(),
    }

    async def token(worker: httpx.AsyncClient, key: ForeignKey) -> dict[str, str]:
        answer = await ask_assertion(worker, key.token(claims_at(clock.now)))
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def keep(*keys: ForeignKey) -> None:
        body = kept | {"jwks": [key.jwk for key in keys]}
        assert (await ask("admin", "PUT", "/clients/frontend", json=body)).status_code == 200

    stolen = await token(other_worker, KEY)
    await keep(*KEYS.values(), OTHER)
    # Another process takes a new key at once, and an added key ends nothing.
    assert (await client.get("/me", headers=await token(other_worker, OTHER))).status_code == 200
    assert (await client.get("/me", headers=stolen)).status_code == 200
    await keep(OTHER)
    assert (await client.get("/me", headers=stolen)).status_code == 401
    for worker in (client, other_worker):
        assert_refused(await ask_assertion(worker, KEY.token(claims_at(clock.now))))
        assert (await client.get("/me", headers=await token(worker, OTHER))).status_code == 200


LEAVERS: dict[str, tuple[type[tables.Base], dict[str, Any]]] = {
    "officer disabled": (tables.Officer, {"is_active": False}),
    "officer moved to another agency": (tables.Officer, {"agency_code": "H24.16"}),
    "front end disabled": (tables.Client, {"is_active": False}),
    "front end moved to another agency": (tables.Client, {"agency_code": "H24.16"}),
}


@pytest.mark.parametrize(("table", "values"), LEAVERS.values(), ids=LEAVERS)
async def test_who_leaves_is_out_within_a_minute_tokens_included(
    client: httpx.AsyncClient,
    clock: TestClock,
    sandbox_url: str,
    table: type[tables.Base],
    values: dict[str, Any],
) -> None:
    token = (await ask(client, KEY.token(claims_at(clock.now)))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/cases", headers=headers)).status_code == 200
    await change(sandbox_url, table, **values)
    clock.advance(timedelta(seconds=31))
    assert (await client.get("/cases", headers=headers)).status_code == 401
    assert_refused(await ask(client, KEY.token(claims_at(clock.now))))


async def test_scopes_taken_from_a_front_end_are_gone_from_its_tokens(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    token = (await ask(client, KEY.token(claims_at(clock.now)))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    await change(sandbox_url, tables.Client, scopes=["cases:read"])
    clock.advance(timedelta(seconds=31))
    assert (await client.get("/cases", headers=headers)).status_code == 200
    assert (await client.post("/verify/id-card", json=LOOKUP, headers=headers)).status_code == 403


async def test_a_key_that_is_taken_away_signs_nothing_any_more(
    client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    assert (await ask(client, KEY.token(claims_at(clock.now)))).status_code == 200
    await change(sandbox_url, tables.Client, jwks=[KEYS["EdDSA"].jwk])
    clock.advance(timedelta(seconds=31))
    assert_refused(await ask(client, KEY.token(claims_at(clock.now))))
    assert (await ask(client, KEYS["EdDSA"].token(claims_at(clock.now)))).status_code == 200


async def test_used_assertions_are_forgotten_only_when_too_old_to_be_taken(
    app: FastAPI, client: httpx.AsyncClient, clock: TestClock, sandbox_url: str
) -> None:
    await ask(client, KEY.token(claims_at(clock.now)))
    for minutes, left in ((5, 1), (2, 0)):
        clock.advance(timedelta(minutes=minutes))
        await app.state.assertions.forget()
        engine = sync_engine(sandbox_url)
        with engine.connect() as connection:
            assert len(connection.execute(tables.UsedAssertion.__table__.select()).all()) == left
        engine.dispose()


async def test_a_front_end_reads_where_to_ask_from_the_metadata(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/oauth-authorization-server")
    document = answer.json()
    assert document["issuer"] == "http://127.0.0.1:8000"
    assert document["token_endpoint"] == "http://127.0.0.1:8000/auth/token"
    assert document["jwks_uri"] == "http://127.0.0.1:8000/.well-known/jwks.json"
    assert "urn:ietf:params:oauth:grant-type:jwt-bearer" in document["grant_types_supported"]
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_the_token_of_a_front_end_can_be_checked_with_the_published_key(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    token = (await ask(client, KEY.token(claims_at(clock.now)))).json()["access_token"]
    (key,) = jwt.PyJWKSet.from_dict((await client.get("/.well-known/jwks.json")).json()).keys
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="motcua", options=options)
    assert (claims["sub"], claims["client_id"], claims["kind"]) == ("receiver", "frontend", "officer")
