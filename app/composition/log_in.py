"""Connects all ways to a token, and what lets its bearer in."""

from contextlib import AsyncExitStack

from starlette.datastructures import State

from app.adapters.oidc.key_source import open_issuer_key_source
from app.alerts import Alerts
from app.beside import beside
from app.clock import Clock
from app.db.engine import Database
from app.domain.account_state import AccountRules
from app.domain.issuer_token import IssuerRules
from app.intake.bearer import BearerAuthenticator
from app.keys.key_file import Keys, TokenKeyFile
from app.keys.sealing import Sealer
from app.services.access import Access
from app.services.account_entry import AccountEntry
from app.services.assertions import Assertions
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.issuer_keys import IssuerKeys
from app.services.issuer_tokens import IssuerTokens
from app.services.login_sources import LoginSources
from app.services.logins import Logins
from app.services.own_account import OwnAccount
from app.services.passwords import Passwords
from app.services.second_factor import SecondFactor
from app.services.token_key_watch import TokenKeyWatch
from app.services.tokens import Tokens
from app.settings.settings import Settings


async def add_log_in(
    state: State,
    stack: AsyncExitStack,
    *,
    settings: Settings,
    keys: Keys,
    sealer: Sealer,
    database: Database,
    directory: Directory,
    passwords: Passwords,
    audit: AuditLog,
    alerts: Alerts,
    clock: Clock,
) -> None:
    """Put on the state what gives tokens and what reads them, with what runs beside them."""
    tokens = Tokens(
        keys.token_keys,
        issuer=settings.issuer,
        lifetime_seconds=settings.token_lifetime_seconds,
        clock=clock,
    )
    watch = TokenKeyWatch(tokens, TokenKeyFile(settings.key_file).changed)
    assertions = _assertions(settings, database, directory, alerts, clock)
    sources = _sources(settings, database, alerts, clock)
    for name, work in (
        ("token-keys", watch.run),
        ("used-assertions", assertions.run_forgetting),
        ("login-sources", sources.run_forgetting),
    ):
        await stack.enter_async_context(beside(name, work))
    entry = _entry(
        state,
        settings=settings,
        sealer=sealer,
        database=database,
        directory=directory,
        passwords=passwords,
        audit=audit,
        alerts=alerts,
        clock=clock,
    )
    state.logins = Logins(
        database,
        directory,
        tokens,
        assertions=assertions,
        sources=sources,
        entry=entry,
        passwords=passwords,
        privileged_lifetime_seconds=settings.privileged_token_lifetime_seconds,
        clock=clock,
    )
    issuer_tokens = await _opened_issuer(state, stack, settings, entry, clock)
    access = Access(tokens=tokens, directory=directory, audit=audit, clock=clock, issuer_tokens=issuer_tokens)
    state.authenticate = BearerAuthenticator(access)
    state.assertions = assertions
    state.token_key_watch = watch
    state.tokens = tokens


def _entry(
    state: State,
    *,
    settings: Settings,
    sealer: Sealer,
    database: Database,
    directory: Directory,
    passwords: Passwords,
    audit: AuditLog,
    alerts: Alerts,
    clock: Clock,
) -> AccountEntry:
    """Add what officers do with their own accounts, and give what lets them in."""
    second_factor = SecondFactor(sealer)
    entry = AccountEntry(
        database,
        passwords=passwords,
        second_factor=second_factor,
        rules=_rules(settings),
        alerts=alerts,
        clock=clock,
    )
    state.own_account = OwnAccount(
        database=database,
        directory=directory,
        audit=audit,
        passwords=passwords,
        second_factor=second_factor,
        entry=entry,
        clock=clock,
    )
    return entry


def _assertions(
    settings: Settings, database: Database, directory: Directory, alerts: Alerts, clock: Clock
) -> Assertions:
    return Assertions(
        database,
        directory,
        issuer=settings.issuer,
        lifetime_seconds=settings.assertion_lifetime_seconds,
        alerts=alerts,
        clock=clock,
    )


def _rules(settings: Settings) -> AccountRules:
    return AccountRules(
        settings.roles_with_second_factor(is_production=settings.env == "production"),
        settings.idle_time,
        settings.admin_password_age,
    )


def _sources(settings: Settings, database: Database, alerts: Alerts, clock: Clock) -> LoginSources:
    return LoginSources(
        database,
        limit=settings.login_source_failures,
        window_seconds=settings.login_source_seconds,
        alerts=alerts,
        clock=clock,
    )


async def _opened_issuer(
    state: State, stack: AsyncExitStack, settings: Settings, entry: AccountEntry, clock: Clock
) -> IssuerTokens | None:
    """Open the OpenID Connect issuer whose tokens are accepted beside ours, if there is one."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    source = await stack.enter_async_context(
        open_issuer_key_source(
            issuer=settings.oidc_issuer, jwks_url=settings.oidc_jwks_url, ca_file=settings.oidc_ca_file
        )
    )
    algorithms = settings.oidc_algorithm_names
    keys = IssuerKeys(source, algorithms=algorithms, clock=clock)
    state.issuer_keys = keys
    await stack.enter_async_context(beside("issuer-keys", keys.run))
    rules = IssuerRules(settings.oidc_issuer, settings.oidc_audience, settings.oidc_username_claim)
    return IssuerTokens(rules, keys, algorithms=algorithms, entry=entry, clock=clock)
