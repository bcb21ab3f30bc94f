"""Lets a request in: who calls, and may it. A lookup refused for its scope is put on record."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from app.clock import Clock
from app.domain import policy
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import SCOPE_OF_LOOKUP, Caller, Scope
from app.domain.time_ordered_id import time_ordered_id
from app.errors import InsufficientScopeError
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.issuer_tokens import IssuerTokens
from app.services.tokens import AccessClaims, Tokens

_LOOKUP_OF_SCOPE: Final = {scope: kind for kind, scope in SCOPE_OF_LOOKUP.items()}


class Access:
    """Authenticates and authorises every request, before its body is read."""

    def __init__(
        self,
        *,
        tokens: Tokens,
        directory: Directory,
        audit: AuditLog,
        clock: Clock,
        issuer_tokens: IssuerTokens | None = None,
    ) -> None:
        self._tokens = tokens
        self._issuer_tokens = issuer_tokens
        self._directory = directory
        self._audit = audit
        self._clock = clock

    async def admit(self, token: str, *, scopes: Collection[str], source_address: str) -> Caller:
        """Return the caller if its token is valid and holds all scopes.

        Raises:
            UnauthenticatedError: the token is not accepted, or its account is gone or disabled.
            InsufficientScopeError: a scope is missing.
            AuditUnavailableError: a scope of a lookup is missing, and that cannot be put on record.
            ServiceUnavailableError: the database cannot be asked, or the other issuer whose token it is.
        """
        claims = await self._claims_of(token)
        caller = await self._directory.caller_of(claims, source_address=source_address)
        missing = policy.missing_scope(caller.scopes, map(Scope, scopes))
        if missing is not None:
            await self._record_refusal(caller, missing)
            raise InsufficientScopeError(missing)
        return caller

    async def _claims_of(self, token: str) -> AccessClaims:
        if self._issuer_tokens is None or self._tokens.could_have_made(token):
            return self._tokens.read(token)
        return await self._issuer_tokens.read(token)

    async def _record_refusal(self, caller: Caller, scope: Scope) -> None:
        lookup_kind = _LOOKUP_OF_SCOPE.get(scope)
        if lookup_kind is None:
            return
        event = AuditEvent.of_caller(caller, kind=AuditKind.DENIED, at=self._clock())
        await self._audit.append(
            replace(
                event,
                lookup_id=time_ordered_id(),
                lookup_kind=lookup_kind,
                result=InsufficientScopeError.code,
            )
        )
