"""What an access token of another issuer (OpenID Connect) has to say to be taken here. Pure.

It tells one thing only: which account calls. Agency, roles and number are the directory's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LEEWAY_SECONDS: Final = 30
"""How far the issuer's clock may be from ours; it is another house's."""

_MAX_NAME_LENGTH: Final = 64
# Members that only an ID token has: it tells a front end who logged in, and opens nothing.
_ID_TOKEN_MEMBERS: Final = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
# Some issuers name the kind of token in a claim as well.
_KIND: Final = "typ"
_KINDS: Final = frozenset({"bearer", "at+jwt"})


class IssuerTokenRefusedError(Exception):
    """The token is not one to be taken here; nothing of it is repeated."""


@dataclass(frozen=True, slots=True)
class IssuerRules:
    """Whose tokens are taken, for whom they must be, and which claim names the account."""

    issuer: str
    audience: str
    username_claim: str


@dataclass(frozen=True, slots=True)
class IssuerToken:
    """An account, and when the token is good."""

    username: str = field(repr=False)
    not_before: int
    expires: int


def checked_issuer_token(claims: Mapping[str, Any], rules: IssuerRules, *, now: float) -> IssuerToken:
    """Check the claims of a token; its signature is another's to check.

    Raises:
        IssuerTokenRefusedError: a claim is missing, of the wrong type, for somebody else, or of another time.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != rules.issuer or rules.audience not in audiences:
        raise IssuerTokenRefusedError
    if not all(isinstance(one, str) for one in audiences) or not isinstance(claims.get("sub"), str):
        raise IssuerTokenRefusedError
    kind = claims.get(_KIND, "bearer")
    if not isinstance(kind, str) or kind.lower() not in _KINDS or not _ID_TOKEN_MEMBERS.isdisjoint(claims):
        raise IssuerTokenRefusedError
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    not_before = _time(claims, "nbf") if "nbf" in claims else issued
    if max(issued, not_before) > now + LEEWAY_SECONDS or now >= expires + LEEWAY_SECONDS:
        raise IssuerTokenRefusedError
    return IssuerToken(_username(claims, rules.username_claim), not_before - LEEWAY_SECONDS, expires)


def _username(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME_LENGTH or not value.isprintable():
        raise IssuerTokenRefusedError
    if claim == "email" and claims.get("email_verified") is not True:
        # Anybody could enter an officer's address as the own one.
        raise IssuerTokenRefusedError
    return value


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise IssuerTokenRefusedError
    return value
