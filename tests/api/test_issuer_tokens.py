"""Access tokens of an OpenID Connect issuer, which is another process that rotates keys, fails and lies."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.settings.settings import Settings
from tests.api.conftest import Ask, TestClock, TokenOf
from tests.foreign_tokens import ForeignKey, ec_key, ed25519_key, rsa_key, signed_with_secret
from tests.issuer_process import DISCOVERY, KEYS, Issuer, running_issuer

pytestmark = pytest.mark.anyio

OLD, NEW = rsa_key("2026-10"), ec_key("2026-11")
PAUSE = timedelta(seconds=5)


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    with running_issuer(tmp_path, OLD) as issuer:
        yield issuer


@pytest.fixture
def settings(sandbox_url: str, key_file: Path, issuer: Issuer) -> Settings:
    return Settings(
        database_url=sandbox_url, key_file=key_file, oidc_issuer=issuer.url, oidc_audience="motcua"
    )


@pytest.fixture
async def known(app: FastAPI, issuer: Issuer) -> None:
    """The service has fetched the issuer's keys, as it does when it starts."""
    await app.state.issuer_keys.refresh()
    issuer.asked()


def claims_of(issuer: Issuer, clock: TestClock, **changed: Any) -> dict[str, Any]:
    seconds = int(clock.now.timestamp())
    claims = {
        "iss": issuer.url,
        "aud": ["account", "motcua"],
        "sub": "7d1e",
        "preferred_username": "receiver",
        "iat": seconds,
        "exp": seconds + 300,
    }
    return claims | changed


async def status(client: httpx.AsyncClient, token: str, path: str = "/me") -> int:
    return (await client.get(path, headers={"Authorization": f"Bearer {token}"})).status_code


@pytest.mark.usefixtures("known")
async def test_a_token_of_the_issuer_is_the_officers_of_that_name_with_what_the_directory_says(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    token = OLD.token(claims_of(issuer, clock, scope="openid admin", roles=["admin"]))
    me = (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert (me["username"], me["client_id"], me["roles"]) == ("receiver", None, ["receiver"])
    assert "admin" not in me["scopes"]
    assert await status(client, token, "/cases") == 200
    assert await status(client, token, "/officers-that-do-not-exist") == 404
    assert issuer.asked() == []


@pytest.mark.usefixtures("known")
async def test_an_account_that_is_used_through_the_issuer_is_noted_and_closed_when_it_is_idle(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock, ask: Ask
) -> None:
    assert (await ask("admin", "GET", "/officers/receiver")).json()["last_login_at"] is None
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200
    assert (await ask("admin", "GET", "/officers/receiver")).json()["last_login_at"] is not None
    clock.advance(timedelta(days=45))
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200
    # The administrator's account is in use too.
    assert (await ask("admin", "GET", "/officers/receiver")).status_code == 200
    clock.advance(timedelta(days=44))
    assert (await ask("admin", "GET", "/officers/receiver")).status_code == 200
    clock.advance(timedelta(days=2))
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 401
    body = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"]}
    assert (await ask("admin", "PUT", "/officers/receiver", json=body)).status_code == 200
    clock.advance(timedelta(minutes=1))
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200


@pytest.mark.usefixtures("known")
async def test_the_types_that_issuers_write_are_taken(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    for written in ("at+jwt", "application/at+jwt", "JWT", None):
        assert await status(client, OLD.token(claims_of(issuer, clock), typ=written)) == 200


ATTACKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "for another audience": lambda claims: OLD.token(claims | {"aud": "frontend"}),
    "an ID token": lambda claims: OLD.token(claims | {"nonce": "1"}),
    "expired": lambda claims: OLD.token(claims | {"exp": claims["iat"] - 31}),
    "of the future": lambda claims: OLD.token(claims | {"nbf": claims["iat"] + 31}),
    "for nobody": lambda claims: OLD.token(claims | {"preferred_username": "nobody"}),
    "for a system": lambda claims: OLD.token(claims | {"preferred_username": "portal"}),
    "of another issuer": lambda claims: OLD.token(claims | {"iss": "https://evil.example"}),
    "in our own name": lambda claims: OLD.token(claims | {"iss": "http://127.0.0.1:8000"}, typ="at+jwt"),
    "of another's key under this id": lambda claims: rsa_key(OLD.jwk["kid"]).token(claims),
    "with its own key": lambda claims: NEW.token(claims, jwk=NEW.jwk),
    "with the address of its key": lambda claims: NEW.token(claims, jku="https://evil.example/keys"),
    "without a key id": lambda claims: OLD.token(claims, kid=None),
    "unsigned": lambda claims: OLD.token(claims, alg="none"),
    "by the public key as a secret": lambda claims: signed_with_secret(
        OLD.public_pem, {"alg": "HS256", "kid": OLD.jwk["kid"]}, claims
    ),
    "as another algorithm": lambda claims: OLD.token(claims, alg="PS256"),
    "as a type that is none of access": lambda claims: OLD.token(claims, typ="logout+jwt"),
    "huge": lambda claims: OLD.token(claims | {"more": "x" * 7_000}),
    "with a member twice": lambda _claims: OLD.token(b'{"iss": "a", "iss": "b"}'),
    "no token": lambda _claims: "a.b.c",
}


@pytest.mark.usefixtures("known")
async def test_forged_and_unfit_tokens_are_refused_without_asking_the_issuer(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    tokens = {name: attack(claims_of(issuer, clock)) for name, attack in ATTACKS.items()}
    outcomes = {name: await status(client, token) for name, token in tokens.items()}
    assert {name: outcome for name, outcome in outcomes.items() if outcome != 401} == {}
    assert issuer.asked() == []


@pytest.mark.usefixtures("known")
async def test_a_key_that_the_issuer_begins_to_use_is_fetched_at_once(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    issuer.publish(OLD, NEW)
    clock.advance(PAUSE)
    tokens = [NEW.token(claims_of(issuer, clock))] * 20
    assert Counter(await asyncio.gather(*(status(client, token) for token in tokens))) == {200: 20}
    assert len(issuer.asked()) == 2


@pytest.mark.usefixtures("known")
async def test_a_key_that_the_issuer_takes_back_is_out_with_the_next_look(
    app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    token = OLD.token(claims_of(issuer, clock))
    issuer.publish(NEW)
    assert await status(client, token) == 200
    clock.advance(timedelta(minutes=1))
    await app.state.issuer_keys.refresh()
    assert await status(client, token) == 401


@pytest.mark.usefixtures("known")
async def test_made_up_key_ids_make_no_storm(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    clock.advance(PAUSE)
    tokens = [ed25519_key(f"made up {number}").token(claims_of(issuer, clock)) for number in range(50)]
    first = await status(client, tokens[0])
    rest = Counter([await status(client, token) for token in tokens[1:]])
    # The first was looked for; of the others nobody can tell whether their key was published since.
    assert (first, rest) == (401, {503: 49})
    assert len(issuer.asked()) == 2
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200


BEHAVIOURS = (
    "broken",
    "elsewhere",
    "huge",
    "garbage",
    "a list",
    "no keys",
    "another's discovery",
    "keys elsewhere",
    "keys nowhere",
)


@pytest.mark.usefixtures("known")
async def test_an_issuer_that_fails_or_lies_makes_unknown_keys_unavailable_and_nothing_else(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock, token_of: TokenOf
) -> None:
    ours = await token_of("receiver")
    for behaviour in BEHAVIOURS:
        issuer.publish(OLD, NEW, behaviour=behaviour)
        clock.advance(PAUSE)
        token = NEW.token(claims_of(issuer, clock))
        answer = await client.get("/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable"), behaviour
        assert answer.headers["retry-after"] == "5"
        assert await status(client, OLD.token(claims_of(issuer, clock))) == 200
        assert await status(client, ours) == 200
    issuer.publish(OLD, NEW)
    clock.advance(PAUSE)
    assert await status(client, NEW.token(claims_of(issuer, clock))) == 200


@pytest.mark.usefixtures("known")
async def test_an_issuer_that_is_gone_is_believed_for_hours_but_not_for_ever(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock, token_of: TokenOf
) -> None:
    issuer.stop()
    assert await status(client, NEW.token(claims_of(issuer, clock))) == 503
    for hours, expected in ((11, 200), (1, 503)):
        clock.advance(timedelta(hours=hours))
        assert await status(client, OLD.token(claims_of(issuer, clock))) == expected
    assert await status(client, OLD.token(claims_of(issuer, clock, aud="frontend"))) == 401
    assert await status(client, await token_of("receiver")) == 200


@pytest.mark.usefixtures("known")
async def test_a_silent_issuer_holds_up_nobody_whose_key_is_known(
    client: httpx.AsyncClient, issuer: Issuer, clock: TestClock, token_of: TokenOf
) -> None:
    ours = await token_of("receiver")
    issuer.publish(NEW, behaviour="silent")
    clock.advance(PAUSE)
    waiting = asyncio.create_task(status(client, NEW.token(claims_of(issuer, clock))))
    await asyncio.sleep(0.2)
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200
    assert await status(client, ours) == 200
    assert not waiting.done()
    assert await waiting == 503


async def test_keys_are_found_by_discovery_or_where_a_setting_says(
    app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    await app.state.issuer_keys.refresh()
    assert await status(client, OLD.token(claims_of(issuer, clock))) == 200
    assert {path.removeprefix("/realms/city") for path in issuer.asked()} == {DISCOVERY, KEYS}


def a_key_of_each_kind() -> list[ForeignKey]:
    return [rsa_key("a"), rsa_key("b", algorithm="PS256"), ec_key("c"), ed25519_key("d")]


async def test_each_allowed_algorithm_is_checked_and_a_weak_key_is_left_out(
    app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, clock: TestClock
) -> None:
    keys = a_key_of_each_kind()
    weak = rsa_key("weak", bits=1024)
    issuer.publish(*keys, weak)
    await app.state.issuer_keys.refresh()
    assert [await status(client, key.token(claims_of(issuer, clock))) for key in keys] == [200] * 4
    clock.advance(PAUSE)
    assert await status(client, weak.token(claims_of(issuer, clock))) == 401
