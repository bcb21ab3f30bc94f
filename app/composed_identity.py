"""Connects what tells who calls: tokens, the ways to them, and another issuer's tokens if there is one."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import State

from app.adapters.oidc.key_source import open_issuer_key_source
from app.alerts import Alerts
from app.beside import beside
from app.db.engine import Database
from app.domain.issuer_token import IssuerRules
from app.intake.bearer import BearerAuthenticator
from app.keys import Keys, TokenKeyFile
from app.services.access import Access
from app.services.assertions import Assertions
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.issuer_keys import IssuerKeys
from app.services.issuer_tokens import IssuerTokens
from app.services.login_sources import LoginSources
from app.services.logins import Logins
from app.services.passwords import Passwords
from app.services.token_key_watch import TokenKeyWatch
from app.services.tokens import Tokens
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Opens who may enter, on what the rest of the service is made of."""

    settings: Settings
    keys: Keys
    database: Database
    directory: Directory
    passwords: Passwords
    alerts: Alerts
    clock: Callable[[], datetime]
    stack: AsyncExitStack

    async def open(self, state: State, audit: AuditLog) -> None:
        """Open everything, and put on the application's state what routes ask for."""
        tokens = Tokens(
            self.keys.token_keys,
            issuer=self.settings.issuer,
            lifetime_seconds=self.settings.token_lifetime_seconds,
            clock=self.clock,
        )
        watch = TokenKeyWatch(tokens, TokenKeyFile(self.settings.key_file).changed)
        await self.stack.enter_async_context(beside("token-keys", watch.run))
        await self._open_logins(state, tokens)
        access = Access(
            tokens=tokens,
            directory=self.directory,
            audit=audit,
            clock=self.clock,
            issuer_tokens=await self._opened_issuer(state),
        )
        state.authenticate = BearerAuthenticator(access)
        state.token_key_watch = watch
        state.tokens = tokens

    async def _open_logins(self, state: State, tokens: Tokens) -> None:
        assertions = Assertions(
            self.database,
            self.directory,
            issuer=self.settings.issuer,
            lifetime_seconds=self.settings.assertion_lifetime_seconds,
            alerts=self.alerts,
            clock=self.clock,
        )
        sources = LoginSources(
            self.database,
            limit=self.settings.login_source_failures,
            window_seconds=self.settings.login_source_seconds,
            alerts=self.alerts,
            clock=self.clock,
        )
        for name, work in (
            ("used-assertions", assertions.run_forgetting),
            ("login-sources", sources.run_forgetting),
        ):
            await self.stack.enter_async_context(beside(name, work))
        logins = Logins(
            self.database,
            self.directory,
            tokens,
            assertions=assertions,
            sources=sources,
            passwords=self.passwords,
            alerts=self.alerts,
            clock=self.clock,
        )
        state.assertions = assertions
        state.logins = logins

    async def _opened_issuer(self, state: State) -> IssuerTokens | None:
        """Add the OpenID Connect issuer whose tokens are accepted beside ours, if there is one."""
        settings = self.settings
        if settings.oidc_issuer is None or settings.oidc_audience is None:
            return None
        source = await self.stack.enter_async_context(
            open_issuer_key_source(
                issuer=settings.oidc_issuer, jwks_url=settings.oidc_jwks_url, ca_file=settings.oidc_ca_file
            )
        )
        algorithms = settings.oidc_algorithm_names
        keys = IssuerKeys(source, algorithms=algorithms, clock=self.clock)
        await self.stack.enter_async_context(beside("issuer-keys", keys.run))
        state.issuer_keys = keys
        rules = IssuerRules(settings.oidc_issuer, settings.oidc_audience, settings.oidc_username_claim)
        return IssuerTokens(rules, keys, algorithms=algorithms, clock=self.clock)
