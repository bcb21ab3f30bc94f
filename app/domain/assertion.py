"""What a front end's assertion (RFC 7523) has to say about its officer, and when. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CLOCK_LEEWAY_SECONDS: Final = 5
"""How far a front end's clock may be ahead of ours, or behind."""

MAX_NAME_LENGTH: Final = 64
_MAX_ID_LENGTH: Final = 255


class AssertionRefusedError(Exception):
    """The assertion is not accepted; the text says why, for developers, and repeats nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Assertion:
    """A front end vouches for an officer, once: `assertion_id` is not taken again before `expires`."""

    client_id: str
    username: str = field(repr=False)
    assertion_id: str = field(repr=False)
    expires: int


def issuer_of(claims: Mapping[str, Any]) -> str:
    """Tell which front end is said to have made the assertion, to know whose keys to try.

    Raises:
        AssertionRefusedError: it does not say.
    """
    return _text(claims, "iss", MAX_NAME_LENGTH)


def checked_assertion(
    claims: Mapping[str, Any], *, audiences: Collection[str], lifetime_seconds: int, now: float
) -> Assertion:
    """Check the claims of an assertion whose signature is good.

    Raises:
        AssertionRefusedError: a claim is missing, of the wrong type, for somebody else, or of another time.
    """
    _check_audience(claims, audiences)
    expires = _time(claims, "exp")
    if expires is None:
        raise AssertionRefusedError("the assertion has no exp")
    if now >= expires + CLOCK_LEEWAY_SECONDS:
        raise AssertionRefusedError("the assertion has expired; compare the clocks")
    if expires > now + lifetime_seconds + CLOCK_LEEWAY_SECONDS:
        raise AssertionRefusedError("the assertion's exp is too far away")
    for name in ("nbf", "iat"):
        moment = _time(claims, name)
        if moment is not None and moment > now + CLOCK_LEEWAY_SECONDS:
            raise AssertionRefusedError(f"the assertion's {name} is in the future; compare the clocks")
    return Assertion(
        client_id=issuer_of(claims),
        username=_text(claims, "sub", MAX_NAME_LENGTH),
        assertion_id=_text(claims, "jti", _MAX_ID_LENGTH),
        expires=expires,
    )


def _check_audience(claims: Mapping[str, Any], audiences: Collection[str]) -> None:
    """Take one audience only: an assertion for several could be used by each of them with the others."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in audiences:
        raise AssertionRefusedError("the assertion's aud must be the address of this token endpoint, alone")


def _text(claims: Mapping[str, Any], name: str, limit: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit or not value.isprintable():
        raise AssertionRefusedError(f"the assertion's {name} is missing or not a text of that kind")
    return value


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    """Give a time claim; a fraction is allowed by RFC 7519 and written by no library, so it is refused."""
    if name not in claims:
        return None
    value = claims[name]
    if type(value) is not int:
        raise AssertionRefusedError(f"the assertion's {name} is not a whole number of seconds")
    return value
