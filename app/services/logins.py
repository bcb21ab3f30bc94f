"""Gives access tokens: to officers for their password or a front end's word, to systems for their secret."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime
from typing import Final, assert_never

import structlog

from app.clock import Clock
from app.db import accounts
from app.db.engine import Database
from app.domain.account_state import AccountState, is_privileged
from app.domain.caller import Scope
from app.domain.directory import Client, Officer
from app.domain.oauth import ClientCredentials, GrantType, OAuthError, OAuthErrorCode, TokenRequest
from app.services.account_entry import AccountEntry
from app.services.assertions import Assertions
from app.services.directory import Directory
from app.services.login_sources import LoginSources
from app.services.passwords import Passwords
from app.services.tokens import AccessToken, Tokens

log = structlog.get_logger(__name__)

# A refusal leaves no sooner than this after its request came. Counting a bad log-in takes a commit that an
# unknown name or a locked account does not; beneath this floor nobody can tell them apart by the time.
_REFUSAL_FLOOR_SECONDS: Final = 0.25


class Logins:
    """The token endpoint's use case."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        tokens: Tokens,
        *,
        assertions: Assertions,
        sources: LoginSources,
        entry: AccountEntry,
        passwords: Passwords,
        privileged_lifetime_seconds: int,
        clock: Clock,
    ) -> None:
        self._entry = entry
        self._privileged_lifetime_seconds = privileged_lifetime_seconds
        self._database = database
        self._directory = directory
        self._tokens = tokens
        self._assertions = assertions
        self._sources = sources
        self._clock = clock
        self._passwords = passwords

    async def token(self, request: TokenRequest, *, source_address: str) -> AccessToken:
        """Check who asks and sign a token.

        Raises:
            OAuthError: the token is refused.
            TooManyLoginsError: too many log-ins from that address were refused.
            ServiceUnavailableError: the database cannot be asked.
        """
        asked_at = self._clock()
        # Nobody guesses a signature; and behind a front end's address there is a whole city.
        can_be_guessed = request.grant_type is not GrantType.JWT_BEARER or request.client is not None
        guard = self._sources.guarded(source_address) if can_be_guessed else nullcontext()
        async with _refusing_slowly(), guard:
            client = await self._authenticated_client(request.client, request.grant_type, source_address)
            username: str | None
            lifetime: int | None = None
            state: AccountState | None = None
            match request.grant_type:
                case GrantType.PASSWORD:
                    officer, state = await self._authenticated_officer(request)
                    is_limited = state.is_limited(asked_at, self._entry.rules)
                    await self._check_reach(officer, client)
                    allowed = frozenset() if is_limited else officer.scopes_through(client)
                    username, scopes = officer.username, _granted(request, allowed)
                    lifetime = self._lifetime_of(officer)
                case GrantType.JWT_BEARER:
                    officer, state, client, scopes = await self._vouched(request, source_address)
                    username, lifetime = officer.username, self._lifetime_of(officer)
                case GrantType.CLIENT_CREDENTIALS:
                    if client is None:
                        raise _refused(OAuthErrorCode.INVALID_CLIENT)
                    username, scopes = None, _granted(request, client.scopes)
                case unreachable:
                    assert_never(unreachable)
        client_id = client.client_id if client else None
        log.info("login-accepted", grant=request.grant_type.value, officer=username, client=client_id)
        return self._tokens.issue(
            username=username,
            client_id=client_id,
            scopes=scopes,
            lifetime_seconds=lifetime,
            asked_at=asked_at,
            ends=_token_ends(state, client),
        )

    async def _vouched(
        self, request: TokenRequest, source_address: str
    ) -> tuple[Officer, AccountState, Client, frozenset[Scope]]:
        if request.assertion is None:
            raise _refused(OAuthErrorCode.INVALID_REQUEST)
        named = request.client_id if request.client is None else request.client.client_id
        vouched = await self._assertions.vouched(
            request.assertion, client_id=named, source_address=source_address
        )
        scopes = _granted(request, vouched.officer.scopes_through(vouched.client))
        # Last: an assertion that was refused for anything else is not used up.
        await self._assertions.use(vouched.assertion)
        state = await self._entry.by_word(vouched.officer.username)
        if state is None:
            raise _refused(OAuthErrorCode.INVALID_GRANT)
        return vouched.officer, state, vouched.client, scopes

    def _lifetime_of(self, officer: Officer) -> int | None:
        return self._privileged_lifetime_seconds if is_privileged(officer.roles) else None

    async def _check_reach(self, officer: Officer, client: Client | None) -> None:
        """Refuse an officer whose agency is not among those of the system that asks."""
        if client is None:
            return
        if officer.agency_code not in await self._directory.agencies_below(client.agency_code):
            raise _refused(OAuthErrorCode.INVALID_GRANT)

    async def _authenticated_client(
        self, credentials: ClientCredentials | None, grant: GrantType, source_address: str
    ) -> Client | None:
        """Check the client's secret and that it may use the grant; an officer may come without a client."""
        if credentials is None:
            return None
        async with self._database.read() as session:
            known_hash = await accounts.secret_hash(session, credentials.client_id)
        client = None
        if await self._passwords.is_right(credentials.secret, known_hash):
            client = await self._directory.present_client(credentials.client_id)
            # Read last: what ended tokens is then known if the secret is still the one that was compared.
            async with self._database.read() as session:
                if await accounts.secret_hash(session, credentials.client_id) != known_hash:
                    client = None
        if client is None or not client.may_call_from(source_address):
            raise _refused(OAuthErrorCode.INVALID_CLIENT)
        if grant not in client.grants:
            raise _refused(OAuthErrorCode.UNAUTHORIZED_CLIENT)
        return client

    async def _authenticated_officer(self, request: TokenRequest) -> tuple[Officer, AccountState]:
        if request.username is None or request.password is None:
            raise _refused(OAuthErrorCode.INVALID_REQUEST)
        state = await self._entry.by_password(request.username, request.password, request.otp)
        officer = await self._directory.officer(request.username) if state else None
        if state is None or officer is None or not officer.is_active:
            raise _refused(OAuthErrorCode.INVALID_GRANT)
        return officer, state


_DESCRIPTIONS: Final = {
    OAuthErrorCode.INVALID_REQUEST: "a parameter of the grant is missing",
    OAuthErrorCode.INVALID_CLIENT: "client authentication failed",
    OAuthErrorCode.INVALID_GRANT: "the user name or the password is wrong",
    OAuthErrorCode.UNAUTHORIZED_CLIENT: "the client may not use this grant",
    OAuthErrorCode.INVALID_SCOPE: "the scope exceeds what may be granted",
}


def _granted(request: TokenRequest, allowed: frozenset[Scope]) -> frozenset[Scope]:
    scopes = allowed if request.scopes is None else request.scopes
    if not scopes <= allowed:
        raise _refused(OAuthErrorCode.INVALID_SCOPE)
    return scopes


def _token_ends(state: AccountState | None, client: Client | None) -> tuple[datetime | None, ...]:
    """Return when the tokens of those who are let in were ended."""
    return (*(state.token_ends if state else ()), client.reopened_at if client else None)


def _refused(code: OAuthErrorCode) -> OAuthError:
    return OAuthError(code, _DESCRIPTIONS[code])


@asynccontextmanager
async def _refusing_slowly() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    floor = loop.time() + _REFUSAL_FLOOR_SECONDS
    try:
        yield
    except OAuthError as refusal:
        # Never the user name: what was typed there may be a password.
        log.warning("login-refused", error=refusal.code.value)
        await asyncio.sleep(floor - loop.time())
        raise
