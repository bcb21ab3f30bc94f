"""Second factors, passwords and idle accounts, over the whole service and both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import zxingcpp
from PIL import Image

from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, Ask, TestClock

pytestmark = pytest.mark.anyio

SANDBOX = "sandbox"
STRONG = "Con Trau 14 cai sung!"
OTHER = "Mua Xuan 2 con en bay?"
# Enough beside a second factor.
SHORT = "Nho 8 kt"
PASSWORD = {"current_password": SANDBOX}
STEP = timedelta(seconds=30)


async def log_in(
    client: httpx.AsyncClient, username: str, password: str = SANDBOX, otp: str | None = None
) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password}
    return await client.post("/auth/token", data=form if otp is None else form | {"otp": otp})


async def send(
    client: httpx.AsyncClient, token: str, method: str, path: str, body: Any = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await client.request(method, path, json=body, headers=headers)


async def enrolled(client: httpx.AsyncClient, username: str, clock: TestClock) -> pyotp.TOTP:
    """Enrol a second factor; the clock moves on, so that the next code is a new one."""
    token = (await log_in(client, username)).json()["access_token"]
    offered = await send(client, token, "POST", "/me/second-factor", PASSWORD)
    assert offered.status_code == 201
    codes = pyotp.TOTP(offered.json()["secret"])
    assert offered.json()["otpauth_uri"].startswith("otpauth://totp/motcua-dancu:")
    confirmed = await send(client, token, "PUT", "/me/second-factor", {"otp": codes.at(clock.now)})
    assert confirmed.status_code == 204, confirmed.text
    assert "content-type" not in confirmed.headers
    clock.advance(STEP)
    return codes


async def test_with_a_second_factor_log_in_asks_for_a_code_and_takes_each_once(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    codes = await enrolled(client, "receiver", clock)
    for otp in (None, "000000", codes.at(clock.now - 4 * STEP)):
        refused = await log_in(client, "receiver", otp=otp)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    code = codes.at(clock.now)
    assert (await log_in(client, "receiver", "wrong", code)).status_code == 400
    assert (await log_in(client, "receiver", otp=code)).status_code == 200
    assert (await log_in(client, "receiver", otp=code)).status_code == 400
    clock.advance(STEP)
    assert (await log_in(client, "receiver", otp=codes.at(clock.now))).status_code == 200


async def test_a_code_sent_many_times_at_once_opens_the_account_once(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    codes = await enrolled(client, "receiver", clock)
    code = codes.at(clock.now)
    answers = await asyncio.gather(*(log_in(client, "receiver", otp=code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_wrong_codes_lock_the_account_as_wrong_passwords_do(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    codes = await enrolled(client, "receiver", clock)
    for _ in range(5):
        await log_in(client, "receiver", otp="000000")
    assert (await log_in(client, "receiver", otp=codes.at(clock.now))).json()["error"] == "invalid_grant"
    clock.advance(timedelta(minutes=15))
    assert (await log_in(client, "receiver", otp=codes.at(clock.now))).status_code == 200


async def test_whoever_has_a_token_and_not_the_password_enrols_no_second_factor(
    client: httpx.AsyncClient,
) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    assert (await send(client, token, "POST", "/me/second-factor")).status_code == 422
    for _ in range(5):
        refused = await send(client, token, "POST", "/me/second-factor", {"current_password": "wrong"})
        assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
            ("/current_password", "wrong-password")
        ]
    # Guesses count as they do at the token endpoint.
    assert (await send(client, token, "POST", "/me/second-factor", PASSWORD)).status_code == 422
    assert (await log_in(client, "receiver")).json()["error"] == "invalid_grant"


async def test_the_password_alone_does_not_forgive_wrong_codes(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    codes = await enrolled(client, "receiver", clock)
    token = (await log_in(client, "receiver", otp=codes.at(clock.now))).json()["access_token"]
    clock.advance(STEP)
    for _ in range(4):
        await log_in(client, "receiver", otp="000000")
    weak = {"current_password": SANDBOX, "new_password": "short"}
    assert (await send(client, token, "POST", "/me/password", weak)).status_code == 422
    await log_in(client, "receiver", otp="000000")
    assert (await log_in(client, "receiver", otp=codes.at(clock.now))).status_code == 400


async def test_a_second_factor_is_not_replaced_but_taken_away_by_an_administrator(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    codes = await enrolled(client, "receiver", clock)
    token = (await log_in(client, "receiver", otp=codes.at(clock.now))).json()["access_token"]
    again = await send(client, token, "POST", "/me/second-factor", PASSWORD)
    assert (again.status_code, again.json()["code"]) == (409, "second-factor-set")
    assert (await ask("admin", "GET", "/officers/receiver")).json()["has_second_factor"] is True
    assert (await ask("admin", "DELETE", "/officers/receiver/second-factor")).status_code == 204
    assert (await log_in(client, "receiver")).status_code == 200


async def lost(client: httpx.AsyncClient, ask: Ask, clock: TestClock) -> str:
    """Let the receiver have a short password beside a second factor, which is then taken away; log him in."""
    codes = await enrolled(client, "receiver", clock)
    token = (await log_in(client, "receiver", otp=codes.at(clock.now))).json()["access_token"]
    body = {"current_password": SANDBOX, "new_password": SHORT}
    assert (await send(client, token, "POST", "/me/password", body)).status_code == 204
    clock.advance(STEP)
    opened = (await log_in(client, "receiver", SHORT, codes.at(clock.now))).json()
    assert opened["scope"].startswith("cases:read")
    assert (await ask("admin", "DELETE", "/officers/receiver/second-factor")).status_code == 204
    alone = (await log_in(client, "receiver", SHORT)).json()
    assert alone["scope"] == ""
    token = str(alone["access_token"])
    assert (await send(client, token, "GET", "/cases")).status_code == 403
    assert (await needs_new_password(client, token)) is True
    return token


async def needs_new_password(client: httpx.AsyncClient, token: str) -> bool:
    needs: bool = (await send(client, token, "GET", "/me/account")).json()["needs_new_password"]
    return needs


async def test_a_password_that_lost_its_second_factor_opens_the_account_only_for_a_new_one(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    token = await lost(client, ask, clock)
    weak = {"current_password": SHORT, "new_password": "Nho 9 ktu"}
    refused = await send(client, token, "POST", "/me/password", weak)
    assert refused.json()["errors"][0]["code"] == "weak-password"
    strong = weak | {"new_password": STRONG}
    assert (await send(client, token, "POST", "/me/password", strong)).status_code == 204
    again = (await log_in(client, "receiver", STRONG)).json()
    assert again["scope"].startswith("cases:read")
    assert (await needs_new_password(client, again["access_token"])) is False


async def test_an_administrator_s_new_password_does_for_one_that_lost_its_second_factor(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    await lost(client, ask, clock)
    account = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"]}
    assert (await ask("admin", "PUT", "/officers/receiver", json=account)).status_code == 200
    assert (await log_in(client, "receiver", SHORT)).json()["scope"] == ""
    set_anew = account | {"password": STRONG}
    assert (await ask("admin", "PUT", "/officers/receiver", json=set_anew)).status_code == 200
    assert (await log_in(client, "receiver", STRONG)).json()["scope"].startswith("cases:read")


async def test_a_second_factor_that_is_enrolled_again_makes_the_short_password_do(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    token = await lost(client, ask, clock)
    offered = await send(client, token, "POST", "/me/second-factor", {"current_password": SHORT})
    codes = pyotp.TOTP(offered.json()["secret"])
    confirmed = await send(client, token, "PUT", "/me/second-factor", {"otp": codes.at(clock.now)})
    assert confirmed.status_code == 204
    clock.advance(STEP)
    again = (await log_in(client, "receiver", SHORT, codes.at(clock.now))).json()
    assert again["scope"].startswith("cases:read")
    assert (await ask("admin", "DELETE", "/officers/receiver/second-factor")).status_code == 204
    assert (await log_in(client, "receiver", SHORT)).json()["scope"] == ""


async def test_a_password_of_an_account_that_never_had_a_second_factor_stays_good(
    client: httpx.AsyncClient, ask: Ask
) -> None:
    assert (await ask("admin", "DELETE", "/officers/receiver/second-factor")).status_code == 204
    assert (await log_in(client, "receiver")).json()["scope"].startswith("cases:read")


async def test_the_offered_code_is_the_address_as_a_picture(client: httpx.AsyncClient) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    offer = (await send(client, token, "POST", "/me/second-factor", PASSWORD)).json()
    rows = offer["qr_rows"]
    assert {len(row) for row in rows} == {len(rows)}
    picture = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            picture.putpixel((x + 4, y + 4), 0 if module == "1" else 255)
    found = zxingcpp.read_barcode(picture.resize((400, 400), Image.Resampling.NEAREST))
    assert found is not None
    assert found.text == offer["otpauth_uri"]


async def test_an_officer_sees_how_the_own_account_stands(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    before = (await send(client, token, "GET", "/me/account")).json()
    assert before == {
        "has_second_factor": False,
        "needs_second_factor": False,
        "needs_new_password": False,
        "password_set_at": before["password_set_at"],
    }
    codes = await enrolled(client, "receiver", clock)
    body = {"current_password": SANDBOX, "new_password": STRONG}
    assert (await send(client, token, "POST", "/me/password", body)).status_code == 204
    changed_at = clock.now
    clock.advance(STEP)
    token = (await log_in(client, "receiver", STRONG, codes.at(clock.now))).json()["access_token"]
    after = (await send(client, token, "GET", "/me/account")).json()
    assert after["has_second_factor"] is True
    assert datetime.fromisoformat(after["password_set_at"]) == changed_at
    assert (await ask("portal", "GET", "/me/account")).status_code == 404


async def test_a_wrong_code_or_none_offered_confirms_nothing(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    for _ in range(2):
        refused = await send(client, token, "PUT", "/me/second-factor", {"otp": "000000"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/otp"
        assert (await send(client, token, "POST", "/me/second-factor", PASSWORD)).status_code == 201
    clock.advance(STEP)
    assert (await log_in(client, "receiver")).status_code == 200


@pytest.fixture
async def strict(sandbox_url: str, key_file: Path, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        database_url=sandbox_url, key_file=key_file, second_factor_roles="admin,auditor", idle_days=45
    )
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield client


async def test_who_needs_a_second_factor_and_has_none_gets_in_to_enrol_and_no_further(
    strict: httpx.AsyncClient, clock: TestClock
) -> None:
    first = (await log_in(strict, "admin")).json()
    assert first["scope"] == ""
    assert (await send(strict, first["access_token"], "GET", "/officers")).status_code == 403
    codes = await enrolled(strict, "admin", clock)
    second = (await log_in(strict, "admin", otp=codes.at(clock.now))).json()
    assert second["scope"] == "admin"
    assert (await send(strict, second["access_token"], "GET", "/officers")).status_code == 200
    assert (await log_in(strict, "receiver")).json()["scope"].startswith("cases:read")


async def test_tokens_of_administrators_and_auditors_live_shorter(client: httpx.AsyncClient) -> None:
    lifetimes = {
        name: (await log_in(client, name)).json()["expires_in"] for name in ("receiver", "admin", "auditor")
    }
    assert lifetimes == {"receiver": 900, "admin": 300, "auditor": 300}


async def test_a_password_is_changed_by_who_knows_it(client: httpx.AsyncClient, ask: Ask) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    body = {"current_password": "sandbox", "new_password": STRONG}
    assert (await send(client, token, "POST", "/me/password", body)).status_code == 204
    assert (await log_in(client, "receiver")).status_code == 400
    assert (await log_in(client, "receiver", STRONG)).status_code == 200
    records = (await ask("auditor", "GET", "/audit/records", params={"kind": "CHANGE"})).json()["items"]
    assert records[0]["record"]["result"] == "own-password-changed"
    assert STRONG not in str(records)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"current_password": "wrong", "new_password": STRONG}, "/current_password", "wrong-password"),
        ({"current_password": "sandbox", "new_password": "short"}, "/new_password", "weak-password"),
    ],
)
async def test_a_wrong_change_of_password_is_refused(
    client: httpx.AsyncClient, body: dict[str, str], pointer: str, code: str
) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    refused = await send(client, token, "POST", "/me/password", body)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert (await log_in(client, "receiver")).status_code == 200


async def test_guessing_the_present_password_locks_the_account(client: httpx.AsyncClient) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    body = {"current_password": "wrong", "new_password": STRONG}
    for _ in range(5):
        await send(client, token, "POST", "/me/password", body)
    right = body | {"current_password": "sandbox"}
    assert (await send(client, token, "POST", "/me/password", right)).status_code == 422
    assert (await log_in(client, "receiver")).json()["error"] == "invalid_grant"


async def test_a_new_password_ends_the_tokens_from_before(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    stolen = (await log_in(client, "receiver")).json()["access_token"]
    assert (await send(client, stolen, "GET", "/me")).status_code == 200
    clock.advance(timedelta(seconds=1))
    account = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"], "password": STRONG}
    assert (await ask("admin", "PUT", "/officers/receiver", json=account)).status_code == 200
    assert (await send(client, stolen, "GET", "/me")).status_code == 401
    own = (await log_in(client, "receiver", STRONG)).json()["access_token"]
    assert (await send(client, own, "GET", "/me")).status_code == 200
    clock.advance(timedelta(seconds=1))
    change = {"current_password": STRONG, "new_password": OTHER}
    assert (await send(client, own, "POST", "/me/password", change)).status_code == 204
    assert (await send(client, own, "GET", "/me")).status_code == 401
    assert (await log_in(client, "receiver", OTHER)).status_code == 200


async def test_of_two_changes_at_once_from_one_password_only_one_is_made(client: httpx.AsyncClient) -> None:
    token = (await log_in(client, "receiver")).json()["access_token"]
    bodies = [{"current_password": SANDBOX, "new_password": new} for new in (STRONG, OTHER)]
    answers = await asyncio.gather(*(send(client, token, "POST", "/me/password", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [204, 422]


async def test_a_password_that_an_administrator_replaced_is_a_former_one_too(
    client: httpx.AsyncClient,
) -> None:
    token = (await log_in(client, "admin")).json()["access_token"]
    own = {"current_password": SANDBOX, "new_password": STRONG}
    assert (await send(client, token, "POST", "/me/password", own)).status_code == 204
    token = (await log_in(client, "admin", STRONG)).json()["access_token"]
    account = {"full_name": "Quản trị", "agency": "H24", "roles": ["admin"], "password": OTHER}
    assert (await send(client, token, "PUT", "/officers/admin", account)).status_code == 200
    token = (await log_in(client, "admin", OTHER)).json()["access_token"]
    back = {"current_password": OTHER, "new_password": STRONG}
    refused = await send(client, token, "POST", "/me/password", back)
    assert refused.json()["errors"][0]["code"] == "used-password"


async def test_an_administrator_takes_no_former_password_and_changes_it_every_two_months(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    token = (await log_in(client, "admin")).json()["access_token"]
    for current, new in (("sandbox", STRONG), (STRONG, OTHER)):
        body = {"current_password": current, "new_password": new}
        assert (await send(client, token, "POST", "/me/password", body)).status_code == 204
        token = (await log_in(client, "admin", new)).json()["access_token"]
    back = {"current_password": OTHER, "new_password": STRONG}
    refused = await send(client, token, "POST", "/me/password", back)
    assert refused.json()["errors"][0]["code"] == "used-password"
    for days, scope in ((30, "admin"), (31, "")):
        clock.advance(timedelta(days=days))
        assert (await log_in(client, "admin", OTHER)).json()["scope"] == scope


async def test_an_account_that_nobody_used_for_long_is_closed_until_an_administrator_opens_it(
    client: httpx.AsyncClient, ask: Ask, clock: TestClock
) -> None:
    assert (await log_in(client, "receiver")).status_code == 200
    clock.advance(timedelta(days=45))
    assert (await log_in(client, "receiver")).status_code == 200
    clock.advance(timedelta(days=46))
    assert (await log_in(client, "receiver")).json()["error"] == "invalid_grant"
    body = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"]}
    assert (await ask("admin", "PUT", "/officers/receiver", json=body)).status_code == 200
    assert (await log_in(client, "receiver")).status_code == 200


async def test_a_system_has_no_password_and_no_second_factor(ask: Ask) -> None:
    body = {"current_password": "sandbox", "new_password": STRONG}
    for method, path, sent in (
        ("POST", "/me/password", body),
        ("POST", "/me/second-factor", PASSWORD),
        ("PUT", "/me/second-factor", {"otp": "123456"}),
    ):
        answer = await ask("portal", method, path, json=sent)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not-found"
