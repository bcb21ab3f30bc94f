"""Who is let in; a refused lookup must be on record before it is refused."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from app.db import audit_tables
from app.db.engine import Database
from app.domain.caller import LOOKUP_SCOPES, SCOPES_OF_ROLE, Role, Scope
from app.errors import AuditUnavailableError, InsufficientScopeError
from app.keys.sealing import Sealer
from app.services.access import Access
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.tokens import Tokens
from tests.unit.identity.conftest import MovedClock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def audit(loaded: Database, sealer: Sealer, clock: MovedClock) -> AsyncIterator[AuditLog]:
    audit = AuditLog(loaded, sealer, clock, queue_limit=100, timeout_seconds=10)
    audit.start()
    yield audit
    await audit.stop()


@pytest.fixture
def access(tokens: Tokens, directory: Directory, audit: AuditLog, clock: MovedClock) -> Access:
    return Access(tokens=tokens, directory=directory, audit=audit, clock=clock)


@pytest.fixture
def managers_token(tokens: Tokens) -> str:
    return tokens.issue(username="manager", client_id=None, scopes=SCOPES_OF_ROLE[Role.MANAGER]).value


async def test_a_caller_with_all_scopes_is_let_in(access: Access, managers_token: str) -> None:
    caller = await access.admit(managers_token, scopes=[Scope.CASES_READ], source_address="10.0.0.7")
    assert (caller.username, caller.source_address) == ("manager", "10.0.0.7")


async def test_a_token_that_claims_more_than_the_account_may_is_cut(access: Access, tokens: Tokens) -> None:
    token = tokens.issue(username="manager", client_id=None, scopes=frozenset(Scope)).value
    with pytest.raises(InsufficientScopeError) as refused:
        await access.admit(token, scopes=[Scope.ADMIN], source_address="10.0.0.7")
    assert refused.value.named == ("admin",)


@pytest.mark.parametrize("scope", sorted(LOOKUP_SCOPES))
async def test_a_lookup_refused_for_its_scope_is_on_record(
    access: Access, loaded: Database, managers_token: str, scope: Scope
) -> None:
    with pytest.raises(InsufficientScopeError):
        await access.admit(managers_token, scopes=[scope], source_address="10.0.0.7")
    async with loaded.read() as session:
        record = (await session.scalars(select(audit_tables.AuditRecord))).one()
    assert (record.kind, record.officer, record.agency) == ("DENIED", "manager", "H24.15")
    assert record.result == "insufficient-scope"


async def test_a_refusal_that_cannot_be_put_on_record_is_a_failure(
    access: Access, audit: AuditLog, managers_token: str
) -> None:
    await audit.stop()
    with pytest.raises(AuditUnavailableError):
        await access.admit(managers_token, scopes=[Scope.VERIFY_ID_CARD], source_address="10.0.0.7")
