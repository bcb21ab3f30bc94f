"""Signs and checks our own access tokens (RFC 9068): one algorithm, our key, our clock.

Nothing in a token chooses how it is checked: a header with anything but what we write is refused.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import jwt

from app.clock import Clock
from app.domain.caller import Scope
from app.domain.compact_jws import JwsMalformedError, decoded_segment
from app.domain.directory import first_second_after
from app.domain.oauth import ACCESS_TOKEN_TYPE
from app.errors import UnauthenticatedError
from app.keys.token_keys import ALGORITHM, TokenKey, TokenKeys

AUDIENCE: Final = "motcua"

_MAX_TOKEN_LENGTH: Final = 4096
_FORM: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
# Hosts whose clocks differ a little still take each other's tokens.
_LEEWAY_SECONDS: Final = 5
# Checking a signature costs more than the rest of a request's way in; a caller's token comes back every time.
_MAX_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid token says: an officer, a system, or an officer who came through a system.

    Times are seconds of the epoch; `issued` is when we were asked for it. It is None for a token of another
    issuer, who keeps passwords of its own.
    """

    username: str | None
    client_id: str | None
    scopes: frozenset[Scope]
    not_before: int
    expires: int
    issued: int | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A new token, as it goes to the caller."""

    value: str = field(repr=False)
    lifetime_seconds: int
    scope: str


class Tokens:
    """Issues and reads access tokens."""

    def __init__(
        self,
        keys: TokenKeys,
        *,
        issuer: str,
        lifetime_seconds: int,
        clock: Clock,
    ) -> None:
        self._issuer = issuer
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._clock = clock
        self._remembered: dict[bytes, AccessClaims] = {}
        self.use_keys(keys)

    def use_keys(self, keys: TokenKeys) -> None:
        """Sign and check with these keys from now on."""
        self._keys = keys
        # What others would have to write: the first part of all tokens of a key is the same.
        self._beginnings = {
            jwt.encode({}, key.private, algorithm=ALGORITHM, headers=_header_of(key)).partition(".")[0]: key
            for key in keys.keys
        }
        # A token that a key without a place here had signed would otherwise stay accepted.
        self._remembered.clear()

    def could_have_made(self, token: str) -> bool:
        """Tell whether a token's header is as ours; whether the rest is, `read` tells."""
        return token.partition(".")[0] in self._beginnings

    @property
    def issuer(self) -> str:
        """The `iss` of our tokens: the address under which callers reach the service."""
        return self._issuer

    def issue(
        self,
        *,
        username: str | None,
        client_id: str | None,
        scopes: frozenset[Scope],
        lifetime_seconds: int | None = None,
        asked_at: datetime | None = None,
        ends: Collection[datetime | None] = (),
    ) -> AccessToken:
        """Sign a token for an officer, a system, or both; for at most `lifetime_seconds`.

        It says that it was issued when it was asked for: what ended tokens after that ends it too. What was
        looked at to give it already counted the `ends`, and it says to be from after them.
        """
        now = int(self._clock().timestamp())
        asked = now if asked_at is None else int(asked_at.timestamp())
        longest = int(self._lifetime.total_seconds())
        lifetime = min(longest, lifetime_seconds or longest)
        scope = " ".join(scope for scope in Scope if scope in scopes)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": username or client_id,
            "kind": "system" if username is None else "officer",
            "iat": max([asked, *_ends_passed(ends, now)]),
            "nbf": now,
            "exp": now + lifetime,
            "jti": str(uuid4()),
            "scope": scope,
        }
        if client_id is not None:
            claims["client_id"] = client_id
        key = self._keys.signing(now)
        value = jwt.encode(claims, key.private, algorithm=ALGORITHM, headers=_header_of(key))
        return AccessToken(value, lifetime, scope)

    def read(self, token: str) -> AccessClaims:
        """Check a token and return what it says.

        Raises:
            UnauthenticatedError: it is not ours, was altered, or is not valid now.
        """
        if len(token) > _MAX_TOKEN_LENGTH or not _FORM.fullmatch(token):
            raise UnauthenticatedError
        digest = hashlib.sha256(token.encode("ascii")).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = self._checked(token)
            self._remember(digest, claims)
        now = self._clock().timestamp()
        if not claims.not_before - _LEEWAY_SECONDS <= now < claims.expires + _LEEWAY_SECONDS:
            raise UnauthenticatedError
        return claims

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys that our tokens are signed with, now, lately and soon (RFC 7517)."""
        return {"keys": [key.jwk for key in self._keys.accepted(self._clock().timestamp())]}

    def _checked(self, token: str) -> AccessClaims:
        """Check all of a token but the time, which passes while the rest stays true."""
        try:
            for segment in token.split("."):
                decoded_segment(segment)
        except JwsMalformedError:
            raise UnauthenticatedError from None
        # The header must be one that we write, byte for byte: it chooses among our keys and nothing else.
        key = self._beginnings.get(token.partition(".")[0])
        if key is None or key not in self._keys.accepted(self._clock().timestamp()):
            raise UnauthenticatedError
        try:
            parts = jwt.decode_complete(
                token,
                key.private.public_key(),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={
                    "require": ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"],
                    "strict_aud": True,
                    # Time is checked by our clock, each time that the token is used.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            # Not chained: the cause's message can repeat parts of the token.
            raise UnauthenticatedError from None
        return _claims_of(parts["payload"])

    def _remember(self, digest: bytes, claims: AccessClaims) -> None:
        self._remembered[digest] = claims
        if len(self._remembered) > _MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]


def _ends_passed(ends: Collection[datetime | None], now: int) -> list[int]:
    """Return the first second after each end, but for ends far ahead, which only a wrong clock sets."""
    firsts = [first_second_after(end) for end in ends if end is not None]
    return [first for first in firsts if first <= now + _LEEWAY_SECONDS]


def _claims_of(payload: dict[str, Any]) -> AccessClaims:
    try:
        kind, subject, client_id = payload["kind"], payload["sub"], payload.get("client_id")
        scopes = frozenset(map(Scope, payload["scope"].split()))
    except (KeyError, ValueError, AttributeError):
        raise UnauthenticatedError from None
    times = (payload["nbf"], payload["exp"], payload["iat"])
    if not all(type(time) is int for time in times) or not isinstance(client_id, str | None):
        raise UnauthenticatedError
    if kind not in {"officer", "system"} or (kind == "system" and client_id != subject):
        raise UnauthenticatedError
    return AccessClaims(subject if kind == "officer" else None, client_id, scopes, *times)


def _header_of(key: TokenKey) -> dict[str, str]:
    return {"typ": ACCESS_TOKEN_TYPE, "kid": key.jwk["kid"]}
