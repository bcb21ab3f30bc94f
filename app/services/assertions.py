"""Takes assertions of front ends (RFC 7523): signed by a registered key, for one of its officers, once."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.alerts import Alert, Alerts
from app.clock import Clock
from app.db import used_assertions
from app.db.engine import Database
from app.domain.assertion import Assertion, AssertionRefusedError, checked_assertion, issuer_of
from app.domain.compact_jws import CompactJws, JwsMalformedError
from app.domain.directory import Client, Officer
from app.domain.oauth import TOKEN_PATH, GrantType, OAuthError, OAuthErrorCode
from app.errors import ServiceUnavailableError
from app.pauses import pause
from app.services.directory import Directory
from app.verifying_keys import ALGORITHMS, usable_keys

_MAX_LENGTH: Final = 8_192
# RFC 7523 names no type; "jwt" is what libraries write, the other is its successor's.
_TYPES: Final = ("jwt", "authorization-grant+jwt")
_SWEEP_SECONDS: Final = 60.0
# Longer than clocks differ: what one host forgets, another must not take for unused.
_KEPT_AFTER_EXPIRY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Vouched:
    """An officer whom a front end vouches for, until `Assertions.use` takes the assertion for used."""

    officer: Officer
    client: Client
    assertion: Assertion


class Assertions:
    """Checks assertions and remembers those that were used."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        issuer: str,
        lifetime_seconds: int,
        alerts: Alerts,
        clock: Clock,
    ) -> None:
        self._alerts = alerts
        self._database = database
        self._directory = directory
        self._audiences = frozenset({issuer, f"{issuer}{TOKEN_PATH}"})
        self._lifetime_seconds = lifetime_seconds
        self._clock = clock

    async def vouched(self, text: str, *, client_id: str | None, source_address: str) -> Vouched:
        """Check an assertion; `client_id` is the one that the rest of the request names.

        Raises:
            OAuthError: it is not accepted.
            ServiceUnavailableError: the database cannot be asked.
        """
        try:
            token = CompactJws.parsed(text, max_length=_MAX_LENGTH)
            claimed = issuer_of(token.claims)
        except JwsMalformedError:
            raise _refused("the assertion is not a signed JWT with a plain header") from None
        except AssertionRefusedError as refusal:
            raise _refused(refusal.reason) from None
        if not token.has_type(*_TYPES):
            raise _refused("the assertion's typ must be JWT")
        client = await self._signer(claimed, token, source_address)
        if client_id not in {None, client.client_id}:
            raise _refused("the assertion is of another client than the one named")
        try:
            assertion = checked_assertion(
                token.claims,
                audiences=self._audiences,
                lifetime_seconds=self._lifetime_seconds,
                now=self._clock().timestamp(),
            )
        except AssertionRefusedError as refusal:
            raise _refused(refusal.reason) from None
        return Vouched(await self._officer(assertion.username, client), client, assertion)

    async def use(self, assertion: Assertion) -> None:
        """Take an assertion for used.

        Raises:
            OAuthError: it was used before.
            ServiceUnavailableError: the database cannot be asked.
        """
        both = f"{assertion.client_id}\x00{assertion.assertion_id}"
        ref = hashlib.sha256(both.encode()).digest()
        expires_at = datetime.fromtimestamp(assertion.expires, UTC)
        async with self._database.write() as session:
            is_first = await used_assertions.use(session, ref, expires_at=expires_at)
        if not is_first:
            self._alerts.tell(Alert.ASSERTION_REPLAYED, about=assertion.client_id)
            raise _refused("the assertion's jti was used before")

    async def forget(self) -> None:
        """Forget assertions that have expired.

        Raises:
            ServiceUnavailableError: the database cannot be asked.
        """
        async with self._database.write() as session:
            await used_assertions.forget(session, before=self._clock() - _KEPT_AFTER_EXPIRY)

    async def run_forgetting(self, *, stopping: asyncio.Event) -> None:
        """Forget every minute until `stopping`."""
        while not stopping.is_set():
            with suppress(ServiceUnavailableError):
                await self.forget()
            await pause(_SWEEP_SECONDS, stopping=stopping)

    async def _signer(self, claimed: str, token: CompactJws, source_address: str) -> Client:
        # A key that was taken away signs for no new token, also in a process that remembers it.
        client = await self._directory.present_client(claimed)
        keys = () if client is None else usable_keys(client.jwks, algorithms=ALGORITHMS).values()
        fitting = [key for key in keys if token.key_id in {None, key.key_id}]
        is_signed = any(key.has_signed(token) for key in fitting)
        if client is None or not is_signed or not client.may_call_from(source_address):
            # One answer for an unknown system, a disabled one, a strange network and a bad signature.
            raise _refused("the assertion is not signed by a registered key of its issuer")
        if GrantType.JWT_BEARER not in client.grants:
            raise OAuthError(OAuthErrorCode.UNAUTHORIZED_CLIENT, "the client may not use this grant")
        return client

    async def _officer(self, username: str, client: Client) -> Officer:
        officer = await self._directory.officer(username)
        below = await self._directory.agencies_below(client.agency_code)
        if officer is None or not officer.is_active or officer.agency_code not in below:
            # One answer for all three: a front end learns nothing of other agencies' officers.
            raise _refused("the assertion's sub is no active officer of the client's agencies")
        return officer


def _refused(description: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_GRANT, description)
