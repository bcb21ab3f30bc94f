"""Log-in with the service on a real database: who gets a token, and when an account locks."""

import asyncio
from collections.abc import Collection
from datetime import datetime

import pytest
import structlog.testing
from sqlalchemy import update

from app.db import tables
from app.db.engine import Database
from app.domain.caller import LOOKUP_SCOPES, SCOPES_OF_ROLE, Role, Scope
from app.domain.oauth import ClientCredentials, GrantType, OAuthError, TokenRequest
from app.services.logins import Logins
from app.services.passwords import Passwords
from app.services.tokens import AccessClaims, Tokens
from tests.unit.identity.conftest import MovedClock, Workers, change_officer

pytestmark = pytest.mark.anyio

SANDBOX = "sandbox"
DESK = "10.0.0.7"
PORTAL = ClientCredentials("portal", "sandbox")


def by_password(
    username: str, password: str = SANDBOX, scopes: Collection[Scope] | None = None
) -> TokenRequest:
    wanted = None if scopes is None else frozenset(scopes)
    return TokenRequest(GrantType.PASSWORD, wanted, None, username, password)


def by_secret(secret: str = SANDBOX, scopes: Collection[Scope] | None = None) -> TokenRequest:
    wanted = None if scopes is None else frozenset(scopes)
    return TokenRequest(GrantType.CLIENT_CREDENTIALS, wanted, ClientCredentials("portal", secret))


async def outcome_of(logins: Logins, request: TokenRequest) -> str:
    try:
        await logins.token(request, source_address=DESK)
    except OAuthError as refused:
        return refused.code.value
    return "token"


async def claims_of(logins: Logins, tokens: Tokens, request: TokenRequest) -> AccessClaims:
    return tokens.read((await logins.token(request, source_address=DESK)).value)


async def change_portal(database: Database, **values: object) -> None:
    async with database.write() as session:
        await session.execute(update(tables.Client).values(**values))


@pytest.mark.parametrize(
    ("username", "role"),
    [
        ("receiver", Role.RECEIVER),
        ("manager", Role.MANAGER),
        ("auditor", Role.AUDITOR),
        ("admin", Role.ADMIN),
    ],
)
async def test_an_officer_gets_the_scopes_of_the_roles(
    logins: Logins, tokens: Tokens, username: str, role: Role
) -> None:
    claims = await claims_of(logins, tokens, by_password(username))
    assert (claims.username, claims.scopes) == (username, SCOPES_OF_ROLE[role])


async def test_several_roles_add_up(loaded: Database, logins: Logins, tokens: Tokens) -> None:
    await change_officer(loaded, "manager", roles=["manager", "auditor"])
    claims = await claims_of(logins, tokens, by_password("manager"))
    assert claims.scopes == SCOPES_OF_ROLE[Role.MANAGER] | SCOPES_OF_ROLE[Role.AUDITOR]


async def test_an_officer_may_ask_for_less_but_not_for_more(logins: Logins, tokens: Tokens) -> None:
    less = await claims_of(logins, tokens, by_password("receiver", scopes={Scope.CASES_READ}))
    assert less.scopes == {Scope.CASES_READ}
    more = by_password("receiver", scopes={Scope.CASES_READ, Scope.ADMIN})
    assert await outcome_of(logins, more) == "invalid_scope"


async def test_a_system_gets_its_registered_scopes(logins: Logins, tokens: Tokens) -> None:
    claims = await claims_of(logins, tokens, by_secret())
    assert (claims.username, claims.client_id) == (None, "portal")
    assert claims.scopes == {Scope.CASES_READ, Scope.CASES_WRITE}


async def test_a_system_never_gets_a_lookup_scope(loaded: Database, logins: Logins, tokens: Tokens) -> None:
    await change_portal(loaded, scopes=[scope.value for scope in Scope])
    claims = await claims_of(logins, tokens, by_secret())
    assert claims.scopes == frozenset(Scope) - LOOKUP_SCOPES
    assert await outcome_of(logins, by_secret(scopes=LOOKUP_SCOPES)) == "invalid_scope"


async def test_a_wrong_secret_an_unknown_and_a_disabled_system_are_invalid_clients(
    loaded: Database, logins: Logins
) -> None:
    unknown = TokenRequest(GrantType.CLIENT_CREDENTIALS, None, ClientCredentials("nobody", "sandbox"))
    assert await outcome_of(logins, by_secret("wrong")) == "invalid_client"
    assert await outcome_of(logins, unknown) == "invalid_client"
    await change_portal(loaded, is_active=False)
    assert await outcome_of(logins, by_secret()) == "invalid_client"


async def test_a_system_without_a_secret_cannot_log_in(loaded: Database, logins: Logins) -> None:
    await change_portal(loaded, secret_hash=None)
    assert await outcome_of(logins, by_secret()) == "invalid_client"


async def test_a_system_uses_only_the_grants_that_it_is_registered_for(
    loaded: Database, logins: Logins, clock: MovedClock
) -> None:
    through_portal = TokenRequest(GrantType.PASSWORD, None, PORTAL, "receiver", "sandbox")
    assert await outcome_of(logins, through_portal) == "unauthorized_client"
    await change_portal(loaded, grants=["password"])
    clock.advance(seconds=30)
    assert await outcome_of(logins, by_secret()) == "unauthorized_client"
    assert await outcome_of(logins, through_portal) == "token"


async def test_an_officer_who_comes_through_a_system_is_known_with_it(
    loaded: Database, logins: Logins, tokens: Tokens
) -> None:
    await change_portal(loaded, grants=["password"])
    request = TokenRequest(GrantType.PASSWORD, None, PORTAL, "receiver", "sandbox")
    claims = await claims_of(logins, tokens, request)
    assert (claims.username, claims.client_id) == ("receiver", "portal")


async def test_a_wrong_password_an_unknown_name_and_a_disabled_account_look_the_same(
    loaded: Database, logins: Logins
) -> None:
    await change_officer(loaded, "manager", is_active=False)
    refusals = []
    for request in (by_password("receiver", "wrong"), by_password("nobody"), by_password("manager")):
        with pytest.raises(OAuthError) as refused:
            await logins.token(request, source_address=DESK)
        refusals.append((refused.value.code.value, refused.value.description))
    assert set(refusals) == {("invalid_grant", "the user name or the password is wrong")}


async def test_refusals_take_the_same_time_whatever_the_reason(logins: Logins) -> None:
    loop = asyncio.get_running_loop()
    times = []
    for request in (by_password("receiver", "wrong"), by_password("nobody"), by_secret("wrong")):
        begun = loop.time()
        await outcome_of(logins, request)
        times.append(loop.time() - begun)
    assert min(times) >= 0.25


async def test_a_password_that_is_replaced_while_it_is_compared_opens_nothing(
    loaded: Database, logins: Logins, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_hash = await passwords.hash("another")
    compared = passwords.is_right

    async def compared_before_the_change(password: str, known_hash: str | None) -> bool:
        is_right = await compared(password, known_hash)
        if password == SANDBOX:
            await change_officer(loaded, "receiver", password_hash=new_hash)
        return is_right

    monkeypatch.setattr(passwords, "is_right", compared_before_the_change)
    assert await outcome_of(logins, by_password("receiver")) == "invalid_grant"
    assert await outcome_of(logins, by_password("receiver", "another")) == "token"


async def test_a_secret_that_is_replaced_while_it_is_compared_opens_nothing(
    loaded: Database, logins: Logins, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_hash = await passwords.hash("another")
    compared = passwords.is_right

    async def compared_before_the_change(password: str, known_hash: str | None) -> bool:
        is_right = await compared(password, known_hash)
        await change_portal(loaded, secret_hash=new_hash)
        return is_right

    monkeypatch.setattr(passwords, "is_right", compared_before_the_change)
    assert await outcome_of(logins, by_secret()) == "invalid_client"
    assert await outcome_of(logins, by_secret("another")) == "token"


@pytest.mark.parametrize("username", ["Receiver", "receiver ", "ＲＥＣＥＩＶＥＲ", "receiver'--", "%"])
async def test_a_user_name_is_taken_literally(logins: Logins, username: str) -> None:
    assert await outcome_of(logins, by_password(username)) == "invalid_grant"


async def test_five_bad_logins_lock_the_account_for_fifteen_minutes(
    logins: Logins, clock: MovedClock
) -> None:
    for _ in range(5):
        assert await outcome_of(logins, by_password("receiver", "wrong")) == "invalid_grant"
    assert await outcome_of(logins, by_password("receiver")) == "invalid_grant"
    clock.advance(minutes=15, microseconds=-1)
    assert await outcome_of(logins, by_password("receiver")) == "invalid_grant"
    clock.advance(microseconds=1)
    assert await outcome_of(logins, by_password("receiver")) == "token"


async def test_one_locked_account_leaves_the_others_open(logins: Logins) -> None:
    for _ in range(5):
        await outcome_of(logins, by_password("receiver", "wrong"))
    assert await outcome_of(logins, by_password("receiver2")) == "token"


async def test_a_good_login_sets_the_count_back(logins: Logins) -> None:
    for password in (*["wrong"] * 4, "sandbox", *["wrong"] * 4, "sandbox"):
        answer = await outcome_of(logins, by_password("receiver", password))
        assert answer == ("token" if password == "sandbox" else "invalid_grant")


async def test_parallel_guesses_get_no_more_tries_than_guesses_in_turn(
    logins: Logins, loaded: Database, workers: Workers
) -> None:
    other_worker = workers.logins()
    guesses = (
        outcome_of(worker, by_password("receiver", f"guess {number}"))
        for number in range(20)
        for worker in (logins, other_worker)
    )
    assert set(await asyncio.gather(*guesses)) == {"invalid_grant"}
    assert await outcome_of(other_worker, by_password("receiver")) == "invalid_grant"
    async with loaded.read() as session:
        officer = await session.get(tables.Officer, "receiver")
    assert officer is not None
    assert officer.failed_logins == 5
    assert officer.locked_until is not None
    assert isinstance(officer.locked_until, datetime)


async def test_parallel_good_logins_all_succeed(logins: Logins) -> None:
    outcomes = await asyncio.gather(*(outcome_of(logins, by_password("receiver")) for _ in range(30)))
    assert set(outcomes) == {"token"}


async def test_the_log_names_no_password_and_no_name_that_was_refused(logins: Logins) -> None:
    with structlog.testing.capture_logs() as lines:
        await outcome_of(logins, by_password("my secret in the wrong field", "other secret"))
        await outcome_of(logins, by_secret("third secret"))
        await outcome_of(logins, by_password("receiver"))
    assert [line["event"] for line in lines] == ["login-refused", "login-refused", "login-accepted"]
    assert "secret" not in str(lines)
    assert lines[2]["officer"] == "receiver"


async def test_a_lock_is_logged_with_the_account(logins: Logins) -> None:
    with structlog.testing.capture_logs() as lines:
        for _ in range(6):
            await outcome_of(logins, by_password("receiver", "wrong"))
    raised = [(line["alert"], line["about"]) for line in lines if line["event"] == "alert"]
    assert raised == [("account-locked", "receiver")]
