"""Agencies, officers' accounts and connected systems, as administrators keep them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.db import account_rows, tables
from app.domain.caller import Scope
from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, Ask, TestClock
from tests.databases import change_beside

pytestmark = pytest.mark.anyio

STRONG = "Con Trau 14 cai sung!"
OFFICER: dict[str, Any] = {
    "full_name": "Cán bộ Mới",
    "agency": "H24.15",
    "roles": ["receiver"],
    "id_number": "100185000909",
    "password": STRONG,
}
CLIENT: dict[str, Any] = {
    "name": "Phần mềm một cửa",
    "agency": "H24.15",
    "grants": ["client_credentials"],
    "scopes": ["cases:read"],
    "secret": "a-secret-of-the-test",
}
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "one",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


async def put(ask: Ask, path: str, body: dict[str, Any], who: str = "admin") -> httpx.Response:
    return await ask(who, "PUT", path, json=body)


async def log_in(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password}
    return await client.post("/auth/token", data=form)


async def last_change(ask: Ask) -> dict[str, Any]:
    answer = await ask("auditor", "GET", "/audit/records", params={"kind": "CHANGE", "limit": 200})
    records: list[dict[str, Any]] = sorted(answer.json()["items"], key=lambda item: item["sequence"])
    record: dict[str, Any] = records[-1]["record"]
    return record


async def test_a_new_officer_logs_in_and_looks_up(ask: Ask, client: httpx.AsyncClient) -> None:
    made = await put(ask, "/officers/moi", OFFICER)
    assert made.status_code == 201
    assert made.headers["location"] == "/officers/moi"
    assert made.json() == {
        "username": "moi",
        "full_name": "Cán bộ Mới",
        "agency": "H24.15",
        "roles": ["receiver"],
        "id_number": "100********9",
        "is_active": True,
        "has_second_factor": False,
        "locked_until": None,
        "last_login_at": None,
    }
    token = (await log_in(client, "moi", STRONG)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"procedure_code": "1.004194"} | NGOC
    answer = await client.post("/verify/id-card", json=body, headers=headers)
    assert answer.json()["result"] == "exists"


async def test_what_is_left_out_of_a_replacement_stays_and_null_takes_the_number_away(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    await put(ask, "/officers/moi", OFFICER)
    change = {"full_name": "Cán bộ Khác", "agency": "H24.16", "roles": ["receiver", "manager"]}
    kept = await put(ask, "/officers/moi", change)
    assert kept.status_code == 200
    assert kept.json()["id_number"] == "100********9"
    assert kept.json()["roles"] == ["receiver", "manager"]
    assert (await log_in(client, "moi", STRONG)).status_code == 200
    gone = await put(ask, "/officers/moi", change | {"id_number": None})
    assert gone.json()["id_number"] is None
    assert (await ask("admin", "GET", "/officers/moi")).json() == gone.json() | {
        "last_login_at": gone.json()["last_login_at"]
    }


async def test_changes_of_officers_are_on_record_without_number_or_password(ask: Ask) -> None:
    await put(ask, "/officers/moi", OFFICER)
    created = await last_change(ask)
    assert created["result"] == "officer-created"
    assert created["officer"] == "admin"
    assert created["details"]["officer_changed"] == "moi"
    await put(ask, "/officers/moi", OFFICER | {"roles": ["manager"], "is_active": False})
    replaced = await last_change(ask)
    assert replaced["result"] == "officer-replaced"
    assert replaced["details"] | {"old_roles": ["receiver"], "new_roles": ["manager"]} == replaced["details"]
    assert OFFICER["id_number"] not in str((created, replaced))
    assert STRONG not in str((created, replaced))


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"agency": "H24.99"}, "/agency", "not-allowed"),
        ({"agency": "nowhere"}, "/agency", "pattern"),
        ({"roles": []}, "/roles", "too-short"),
        ({"roles": ["receiver", "receiver"]}, "/roles", "repeated"),
        ({"roles": ["king"]}, "/roles/0", "not-allowed"),
        ({"roles": ["receiver", "auditor"]}, "/roles", "roles-apart"),
        ({"roles": ["admin", "auditor"]}, "/roles", "roles-apart"),
        ({"id_number": "123456789"}, "/id_number", "invalid-id-number"),
        ({"id_number": "１００１８５０００９０９"}, "/id_number", "invalid-id-number"),
        ({"username": "other"}, "/username", "not-allowed"),
        ({"password": "short"}, "/password", "weak-password"),
        ({"password": "longbutonlysmallletters"}, "/password", "weak-password"),
        ({"password": "x" * 257}, "/password", "too-long"),
        ({"unknown": 1}, "", "unknown-member"),
    ],
)
async def test_a_wrong_officer_is_refused_and_changes_nothing(
    ask: Ask, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await put(ask, "/officers/moi", OFFICER | wrong)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert (await ask("admin", "GET", "/officers/moi")).status_code == 404


async def test_a_disabled_officer_is_out_at_once_here_and_within_a_minute_elsewhere(
    ask: Ask, app: FastAPI, settings: Settings, client: httpx.AsyncClient, clock: TestClock
) -> None:
    assert app is not None
    elsewhere = create_app(settings, clock=clock)
    async with elsewhere.router.lifespan_context(elsewhere):
        transport = httpx.ASGITransport(elsewhere)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as other:
            token = (await log_in(other, "receiver", "sandbox")).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert (await other.get("/me", headers=headers)).status_code == 200
            body = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"], "is_active": False}
            assert (await put(ask, "/officers/receiver", body)).status_code == 200
            assert (await client.get("/me", headers=headers)).status_code == 401
            clock.advance(timedelta(seconds=60))
            assert (await other.get("/me", headers=headers)).status_code == 401
            assert (await log_in(other, "receiver", "sandbox")).json()["error"] == "invalid_grant"


async def test_tokens_of_before_stay_ended_when_an_officer_is_enabled_again(
    ask: Ask, client: httpx.AsyncClient, clock: TestClock
) -> None:
    stolen = (await log_in(client, "receiver", "sandbox")).json()["access_token"]
    clock.advance(timedelta(seconds=1))
    body = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"]}
    for is_active in (False, True):
        assert (await put(ask, "/officers/receiver", body | {"is_active": is_active})).status_code == 200
    assert (await client.get("/me", headers={"Authorization": f"Bearer {stolen}"})).status_code == 401
    own = (await log_in(client, "receiver", "sandbox")).json()["access_token"]
    assert (await client.get("/me", headers={"Authorization": f"Bearer {own}"})).status_code == 200


async def test_a_new_password_ends_tokens_of_the_same_second_and_gives_the_next(
    ask: Ask, client: httpx.AsyncClient, other_worker: httpx.AsyncClient
) -> None:
    stolen = (await log_in(client, "receiver", "sandbox")).json()["access_token"]
    body = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"], "password": STRONG}
    assert (await put(ask, "/officers/receiver", body)).status_code == 200
    assert (await client.get("/me", headers={"Authorization": f"Bearer {stolen}"})).status_code == 401
    for worker in (client, other_worker):
        own = (await log_in(worker, "receiver", STRONG)).json()["access_token"]
        for reader in (client, other_worker):
            me = await reader.get("/me", headers={"Authorization": f"Bearer {own}"})
            assert me.status_code == 200


async def test_of_two_administrators_who_make_one_agency_at_once_the_second_takes_nothing_over(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    headers = []
    for number, agency in enumerate(("H24.15", "H24.16")):
        body = OFFICER | {"agency": agency, "roles": ["admin"], "id_number": None}
        assert (await put(ask, f"/officers/admin{number}", body)).status_code == 201
        token = (await log_in(client, f"admin{number}", STRONG)).json()["access_token"]
        headers.append({"Authorization": f"Bearer {token}"})
    for number in range(5):
        answers = await asyncio.gather(
            *(
                client.put(f"/agencies/H24.7{number}", json={"name": "Xã", "parent": parent}, headers=who)
                for who, parent in zip(headers, ("H24.15", "H24.16"), strict=True)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201, 404]


async def test_an_officer_and_a_system_never_bear_one_name(ask: Ask) -> None:
    for path, body, pointer in (
        ("/officers/portal", OFFICER, "username"),
        ("/clients/receiver", CLIENT, "client_id"),
    ):
        refused = await put(ask, path, body)
        assert refused.status_code == 422
        assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
            (pointer, "name-taken")
        ]
        assert (await ask("admin", "GET", path)).status_code == 404


async def test_an_officer_and_a_system_that_are_made_at_once_never_bear_one_name(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each waits for the other between its insert and its look at the other's table, as far as it can.
    inserted = asyncio.Barrier(2)

    def waiting(insert: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def insert_and_wait(*given: Any, **named: Any) -> Any:
            made = await insert(*given, **named)
            with suppress(TimeoutError, asyncio.BrokenBarrierError):
                await asyncio.wait_for(inserted.wait(), 0.5)
            return made

        return insert_and_wait

    for name in ("put_officer", "put_client"):
        monkeypatch.setattr(account_rows, name, waiting(getattr(account_rows, name)))
    answers = await asyncio.gather(
        put(ask, "/officers/moi", OFFICER), put(ask, "/clients/moi", CLIENT | {"secret": None})
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]


async def test_the_last_active_administrator_stays(ask: Ask) -> None:
    body = {"full_name": "Quản trị", "agency": "H24", "roles": ["auditor"]}
    refused = await put(ask, "/officers/admin", body)
    assert refused.status_code == 409
    assert refused.json()["code"] == "last-admin"
    second = {"full_name": "Quản trị hai", "agency": "H24", "roles": ["admin"], "password": STRONG}
    assert (await put(ask, "/officers/admin2", second)).status_code == 201
    assert (await put(ask, "/officers/admin", body)).status_code == 200


async def test_two_administrators_who_disable_each_other_leave_one(ask: Ask) -> None:
    second = {"full_name": "Hai", "agency": "H24", "roles": ["admin"], "password": STRONG}
    await put(ask, "/officers/admin2", second)
    bodies = {
        name: {"full_name": "Hai", "agency": "H24", "roles": ["admin"], "is_active": False}
        for name in ("admin", "admin2")
    }
    answers = await asyncio.gather(*(put(ask, f"/officers/{name}", body) for name, body in bodies.items()))
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 401])


async def test_administrators_reach_their_own_agencies_only(ask: Ask, client: httpx.AsyncClient) -> None:
    local = {"full_name": "Quản trị phường", "agency": "H24.15", "roles": ["admin"], "password": STRONG}
    await put(ask, "/officers/ward-admin", local)
    token = (await log_in(client, "ward-admin", STRONG)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def reach(method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await client.request(method, path, json=body, headers=headers)

    officers = (await reach("GET", "/officers")).json()["items"]
    assert {officer["agency"] for officer in officers} == {"H24.15", "H24.15.01"}
    agencies = (await reach("GET", "/agencies")).json()["items"]
    assert [agency["code"] for agency in agencies] == ["H24.15", "H24.15.01"]
    assert (await reach("GET", "/clients")).json()["items"] == []
    for path in (
        "/officers/receiver2",
        "/officers/nobody",
        "/clients/portal",
        "/agencies/H24",
        "/agencies/H24.99",
    ):
        assert (await reach("GET", path)).status_code == 404
    assert (await reach("PUT", "/officers/receiver2", OFFICER)).status_code == 404
    assert (await reach("PUT", "/officers/x", OFFICER | {"agency": "H24.16"})).status_code == 422
    assert (await reach("PUT", "/agencies/H24.16", {"name": "x", "parent": "H24.15"})).status_code == 404
    assert (await ask("receiver2", "GET", "/me")).json()["full_name"] == "Cán bộ tiếp nhận Hai"


@pytest.mark.parametrize("path", ["/officers", "/agencies", "/clients"])
async def test_lists_come_in_pages_that_neither_lose_nor_repeat(ask: Ask, path: str) -> None:
    whole = (await ask("admin", "GET", path)).json()
    assert whole["next_cursor"] is None
    seen: list[Any] = []
    cursor: str | None = None
    while True:
        params = {"limit": 1} | ({} if cursor is None else {"cursor": cursor})
        page = (await ask("admin", "GET", path, params=params)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole["items"]


async def test_an_agency_is_added_below_another_and_works_at_once(ask: Ask) -> None:
    made = await put(ask, "/agencies/H24.17", {"name": "Xã Mới", "parent": "H24"})
    assert made.status_code == 201
    assert made.json() == {"code": "H24.17", "name": "Xã Mới", "parent": "H24"}
    officer = await put(ask, "/officers/moi", OFFICER | {"agency": "H24.17"})
    assert officer.status_code == 201
    renamed = await put(ask, "/agencies/H24.17", {"name": "Phường Mới", "parent": "H24.16"})
    assert renamed.status_code == 200
    record = await last_change(ask)
    assert record["result"] == "agency-replaced"
    assert record["details"] == {"agency_code": "H24.17", "old_parent": "H24", "new_parent": "H24.16"}


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("H24.17", None),
        ("H24.17", "H24.99"),
        ("H24", "H24.15"),
        ("H24.15", "H24.15.01"),
        ("H24.15", "H24.15"),
        ("H24.15", None),
    ],
)
async def test_the_tree_of_agencies_stays_a_tree(ask: Ask, code: str, parent: str | None) -> None:
    refused = await put(ask, f"/agencies/{code}", {"name": "x", "parent": parent})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/parent"
    agencies = (await ask("admin", "GET", "/agencies")).json()["items"]
    assert {agency["code"]: agency["parent"] for agency in agencies} == {
        "H24": None,
        "H24.15": "H24",
        "H24.15.01": "H24.15",
        "H24.16": "H24",
    }


async def test_a_client_gets_tokens_by_its_secret_which_nobody_can_read(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    made = await put(ask, "/clients/one-stop", CLIENT | {"jwks": [KEY]})
    assert made.status_code == 201
    assert made.json()["has_secret"] is True
    assert made.json()["jwks"] == [KEY]
    assert CLIENT["secret"] not in made.text
    form = {"grant_type": "client_credentials", "client_id": "one-stop", "client_secret": CLIENT["secret"]}
    assert (await client.post("/auth/token", data=form)).status_code == 200
    without = {name: value for name, value in CLIENT.items() if name != "secret"}
    assert (await put(ask, "/clients/one-stop", without)).json()["has_secret"] is True
    record = await last_change(ask)
    assert record["result"] == "client-replaced"
    assert record["details"]["old_key_ids"] == ["one"]
    assert CLIENT["secret"] not in str(record)


async def test_a_client_may_call_from_its_networks_only(ask: Ask, client: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": "one-stop", "client_secret": CLIENT["secret"]}
    await put(ask, "/clients/one-stop", CLIENT | {"networks": ["127.0.0.0/8", "::1"]})
    token = (await client.post("/auth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/cases", headers=headers)).status_code == 200
    await put(ask, "/clients/one-stop", CLIENT | {"networks": ["10.1.0.0/16"]})
    assert (await client.get("/cases", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"agency": "H24.99"}, "/agency", "not-allowed"),
        ({"grants": ["magic"]}, "/grants/0", "not-allowed"),
        ({"scopes": ["cases:read", "cases:read"]}, "/scopes", "repeated"),
        ({"scopes": ["cases:read", "audit:read", "admin"]}, "/scopes", "scopes-apart"),
        ({"networks": ["10.1.0.1/16"]}, "/networks/0", "invalid-network"),
        ({"networks": ["10.1.0.0/16", "10.1.0.0/16"]}, "/networks", "repeated"),
        ({"jwks": [KEY | {"d": "AAAA"}]}, "/jwks/0", "invalid-key"),
        ({"jwks": [{"kty": "oct", "k": "AAAA"}]}, "/jwks/0", "invalid-key"),
        ({"jwks": [KEY | {"x5c": ["A" * 8_192]}]}, "/jwks/0", "invalid-key"),
        ({"jwks": [KEY, KEY]}, "/jwks", "repeated"),
        ({"secret": "short"}, "/secret", "too-short"),
        ({"client_id": "other"}, "/client_id", "not-allowed"),
    ],
)
async def test_a_wrong_client_is_refused_and_changes_nothing(
    ask: Ask, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await put(ask, "/clients/one-stop", CLIENT | wrong)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert (await ask("admin", "GET", "/clients/one-stop")).status_code == 404


async def test_a_system_that_only_brings_officers_may_have_any_scopes(ask: Ask) -> None:
    grants = ["password", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
    for_officers = CLIENT | {"grants": grants, "scopes": list(Scope)}
    assert (await put(ask, "/clients/one-stop", for_officers)).status_code == 201
    refused = await put(ask, "/clients/one-stop", for_officers | {"grants": [*grants, "client_credentials"]})
    assert refused.json()["errors"][0]["code"] == "scopes-apart"
    assert (await ask("admin", "GET", "/clients/one-stop")).json()["grants"] == grants


async def test_a_system_with_scopes_from_before_they_were_kept_apart_is_read_disabled_and_mended(
    ask: Ask, sandbox_url: str
) -> None:
    await put(ask, "/clients/one-stop", CLIENT)
    mixed = ["cases:read", "audit:read"]
    this = tables.Client.client_id == "one-stop"
    await change_beside(sandbox_url, update(tables.Client).where(this).values(scopes=mixed))
    assert (await ask("admin", "GET", "/clients/one-stop")).json()["scopes"] == mixed
    kept = CLIENT | {"scopes": mixed}
    assert (await put(ask, "/clients/one-stop", kept)).status_code == 422
    assert (await put(ask, "/clients/one-stop", kept | {"is_active": False})).status_code == 200
    assert (await put(ask, "/clients/one-stop", kept)).status_code == 422
    assert (await put(ask, "/clients/one-stop", kept | {"scopes": ["audit:read"]})).status_code == 200


async def test_an_officer_through_a_disabled_client_is_out(ask: Ask, client: httpx.AsyncClient) -> None:
    await put(ask, "/clients/one-stop", CLIENT | {"grants": ["password"], "scopes": ["cases:read"]})
    form = {
        "grant_type": "password",
        "username": "receiver",
        "password": "sandbox",
        "client_id": "one-stop",
        "client_secret": CLIENT["secret"],
    }
    token = (await client.post("/auth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/cases", headers=headers)).status_code == 200
    await put(ask, "/clients/one-stop", CLIENT | {"is_active": False})
    assert (await client.get("/cases", headers=headers)).status_code == 401


async def test_tokens_of_before_stay_ended_when_a_client_is_enabled_again(
    ask: Ask, client: httpx.AsyncClient, clock: TestClock
) -> None:
    system = CLIENT | {"grants": ["client_credentials"], "scopes": ["cases:read"]}
    form = {
        "grant_type": "client_credentials",
        "client_id": "one-stop",
        "client_secret": CLIENT["secret"],
    }
    await put(ask, "/clients/one-stop", system)
    stolen = (await client.post("/auth/token", data=form)).json()["access_token"]
    assert (await client.get("/me", headers={"Authorization": f"Bearer {stolen}"})).status_code == 200
    clock.advance(timedelta(seconds=1))
    for is_active in (False, True):
        assert (await put(ask, "/clients/one-stop", system | {"is_active": is_active})).status_code == 200
    assert (await client.get("/me", headers={"Authorization": f"Bearer {stolen}"})).status_code == 401
    own = (await client.post("/auth/token", data=form)).json()["access_token"]
    assert (await client.get("/me", headers={"Authorization": f"Bearer {own}"})).status_code == 200


async def test_a_new_secret_ends_the_tokens_that_the_old_one_opened(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    form = {"grant_type": "client_credentials", "client_id": "one-stop", "client_secret": CLIENT["secret"]}
    await put(ask, "/clients/one-stop", CLIENT)

    async def token() -> dict[str, str]:
        answer = await client.post("/auth/token", data=form)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    stolen = await token()
    kept = {name: value for name, value in CLIENT.items() if name != "secret"}
    for jwks in ([], [KEY], [KEY | {"kid": "two"}, KEY]):
        assert (await put(ask, "/clients/one-stop", kept | {"name": "Tên khác", "jwks": jwks})).is_success
        assert (await client.get("/me", headers=stolen)).status_code == 200
    form["client_secret"] = "another-secret-of-the-test"
    assert (await put(ask, "/clients/one-stop", CLIENT | {"secret": form["client_secret"]})).is_success
    assert (await client.get("/me", headers=stolen)).status_code == 401
    assert (await client.get("/me", headers=await token())).status_code == 200


async def test_a_client_that_loses_a_grant_loses_the_tokens_it_got_by_it(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    secret = {"client_id": "one-stop", "client_secret": CLIENT["secret"]}
    form = CLIENT | {"grants": ["password", "client_credentials"], "scopes": ["cases:read"]}
    await put(ask, "/clients/one-stop", form)
    # Sent again, the secret would end the tokens by itself.
    del form["secret"]
    own = (await client.post("/auth/token", data=secret | {"grant_type": "client_credentials"})).json()
    officer = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
    through = (await client.post("/auth/token", data=secret | officer)).json()

    async def statuses() -> list[int]:
        return [
            (await client.get("/cases", headers={"Authorization": f"Bearer {token}"})).status_code
            for token in (own["access_token"], through["access_token"])
        ]

    assert await statuses() == [200, 200]
    await put(ask, "/clients/one-stop", form | {"grants": ["client_credentials"]})
    assert await statuses() == [200, 401]
    await put(ask, "/clients/one-stop", form | {"grants": ["urn:ietf:params:oauth:grant-type:jwt-bearer"]})
    assert await statuses() == [401, 200]
    await put(ask, "/clients/one-stop", form | {"grants": []})
    assert await statuses() == [401, 401]


async def test_a_lost_phone_is_taken_off_an_account_and_that_is_on_record(ask: Ask) -> None:
    answer = await ask("admin", "DELETE", "/officers/manager/second-factor")
    assert answer.status_code == 204
    assert (await ask("admin", "GET", "/officers/manager")).json()["has_second_factor"] is False
    records = (await ask("auditor", "GET", "/audit/records?kind=CHANGE")).json()["items"]
    assert records[0]["record"]["result"] == "officer-second-factor-removed"
    assert records[0]["record"]["details"] == {"officer_changed": "manager"}
