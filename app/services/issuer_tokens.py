"""Reads access tokens of the configured OpenID Connect issuer: which account calls, and nothing else."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from app.clock import Clock
from app.domain.caller import Scope
from app.domain.compact_jws import CompactJws, JwsMalformedError
from app.domain.issuer_token import IssuerRules, IssuerTokenRefusedError, checked_issuer_token
from app.errors import UnauthenticatedError
from app.services.account_entry import AccountEntry
from app.services.issuer_keys import IssuerKeys
from app.services.timed_cache import TimedCache
from app.services.tokens import AccessClaims

_MAX_LENGTH: Final = 8_192
# RFC 9068, and what issuers write that are older than it.
_TYPES: Final = ("at+jwt", "jwt")
_ALL_SCOPES: Final = frozenset(Scope)
# How long an officer's entry is taken for noted: each costs a transaction.
_ENTERED_FOR: Final = timedelta(seconds=60)
_MOST_ENTERED: Final = 20_000


class IssuerTokens:
    """Checks the tokens of one issuer."""

    def __init__(
        self,
        rules: IssuerRules,
        keys: IssuerKeys,
        *,
        algorithms: Collection[str],
        entry: AccountEntry,
        clock: Clock,
    ) -> None:
        self._entry = entry
        self._entered = TimedCache(self._enter, lifetime=_ENTERED_FOR, limit=_MOST_ENTERED, clock=clock)
        self._rules = rules
        self._keys = keys
        self._algorithms = algorithms
        self._clock = clock

    async def read(self, text: str) -> AccessClaims:
        """Check a token; the caller may do what the account's roles allow. Its use counts as a log-in.

        Raises:
            UnauthenticatedError: it is not of the issuer, not for us, or not valid now; or nobody used the
                account for too long.
            ServiceUnavailableError: its key is not known, and the issuer cannot be asked now; or the database
                cannot.
        """
        try:
            token = CompactJws.parsed(text, max_length=_MAX_LENGTH)
            # Before the keys, so that only a token that could be good makes us ask the issuer for one.
            found = checked_issuer_token(token.claims, self._rules, now=self._clock().timestamp())
        except (JwsMalformedError, IssuerTokenRefusedError):
            raise UnauthenticatedError from None
        if token.key_id is None or token.algorithm not in self._algorithms or not token.has_type(*_TYPES):
            raise UnauthenticatedError
        key = await self._keys.find(token.key_id)
        if key is None or not key.has_signed(token):
            raise UnauthenticatedError
        if not await self._entered.get(found.username):
            raise UnauthenticatedError
        return AccessClaims(found.username, None, _ALL_SCOPES, found.not_before, found.expires)

    async def _enter(self, username: str) -> bool:
        return await self._entry.by_word(username) is not None
