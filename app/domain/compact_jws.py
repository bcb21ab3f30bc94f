"""Reads the compact form of a signed JSON Web Token (RFC 7515, 7519) strictly. Checks no signature. Pure.

For tokens that others have made. What two readers could read differently is refused: members that are
repeated, numbers beyond what is exact, encodings that differ only in unused bits.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
# Exact in every reader, and far beyond any time.
_INTEGER_MAX_DIGITS: Final = 15
# Each of these would let the token choose the key that it is checked with, or ask for what we do not do.
_REFUSED_MEMBERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})


class JwsMalformedError(Exception):
    """It is no token that can be looked at. Never holds a part of it."""


@dataclass(frozen=True, slots=True)
class CompactJws:
    """A token taken apart; nothing of it is proved yet."""

    algorithm: str
    key_id: str | None
    type: str | None
    claims: dict[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parsed(cls, text: str, *, max_length: int) -> "CompactJws":
        """Take a token apart.

        Raises:
            JwsMalformedError: it is too long, not of the form, or its header asks for what we do not do.
        """
        found = _FORM.fullmatch(text) if len(text) <= max_length else None
        if found is None:
            raise JwsMalformedError("not of the form")
        header = _object(decoded_segment(found[1]))
        claims = _object(decoded_segment(found[2]))
        algorithm = _text(header, "alg")
        if algorithm is None or not _REFUSED_MEMBERS.isdisjoint(header):
            raise JwsMalformedError("the header is not one that is taken")
        return cls(
            algorithm=algorithm,
            key_id=_text(header, "kid"),
            type=_text(header, "typ"),
            claims=claims,
            signed=text.rpartition(".")[0].encode("ascii"),
            signature=decoded_segment(found[3]),
        )

    def has_type(self, *allowed: str) -> bool:
        """Tell whether the header's type is one of these, in any case; None stands for a header without.

        `application/` may stand before a type without a slash of its own (RFC 7515 §4.1.9).
        """
        return self.type is None or self.type.lower().removeprefix("application/") in allowed


def decoded_segment(segment: str) -> bytes:
    """Read one part of a token: base64url as an encoder writes it, or unused bits could hold anything.

    Raises:
        JwsMalformedError: it is not.
    """
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise JwsMalformedError("not base64url") from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode("ascii") != segment:
        raise JwsMalformedError("not base64url as an encoder writes it")
    return decoded


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise JwsMalformedError("not JSON") from None
    if not isinstance(value, dict):
        raise JwsMalformedError("not an object")
    return value


def _text(header: dict[str, Any], name: str) -> str | None:
    value = header.get(name)
    if name in header and not isinstance(value, str):
        raise JwsMalformedError("a member of the header is no text")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JwsMalformedError("a member is repeated")
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _INTEGER_MAX_DIGITS:
        raise JwsMalformedError("a number is too large")
    return int(digits)


def _constant(_name: str) -> NoReturn:
    raise JwsMalformedError("not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_constant=_constant)
