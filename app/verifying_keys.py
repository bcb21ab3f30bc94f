"""Public keys of others: what a JSON Web Key says, and whether a signature is its. Knows no storage.

The algorithm follows from the key. A token's header may only agree.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.domain.compact_jws import CompactJws

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

ALGORITHMS: Final = ("ES256", "RS256", "PS256", "EdDSA")
"""What keys of others may sign with. None of them has a secret that both sides know."""

LEAST_RSA_BITS: Final = 2048
# A key of more bits would take our time and gain nothing.
_MOST_RSA_BITS: Final = 8192
_MOST_RSA_EXPONENT: Final = 2**32
_MAX_ID_LENGTH: Final = 255
# The members that make a key's thumbprint (RFC 7638), by its kind.
_THUMBPRINT: Final = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}
# Members that only a private key or a shared secret has.
_SECRET: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class KeyRefusedError(ValueError):
    """The JSON Web Key is not one that we take; the text says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key under its id, with the algorithms that it may be used with."""

    key_id: str
    algorithms: frozenset[str]
    key: PublicKey = field(repr=False, compare=False)

    @classmethod
    def of_jwk(cls, jwk: Mapping[str, Any]) -> "VerifyingKey":
        """Read a JSON Web Key; one without an id is known by its thumbprint.

        Raises:
            KeyRefusedError: it is private, of another kind, too weak, or for something else.
        """
        if not _SECRET.isdisjoint(jwk):
            raise KeyRefusedError("the key is private or secret: only the public one may leave its owner")
        if jwk.get("use", "sig") != "sig" or "verify" not in _texts(jwk.get("key_ops", ["verify"])):
            raise KeyRefusedError("the key is not for signatures")
        key, algorithms = _read(jwk)
        named = jwk.get("alg")
        if named is not None:
            algorithms &= {named} if isinstance(named, str) else set()
        if not algorithms:
            raise KeyRefusedError("the key's algorithm is not one that we take")
        key_id = jwk.get("kid", _thumbprint(jwk))
        if not isinstance(key_id, str) or not 0 < len(key_id) <= _MAX_ID_LENGTH or not key_id.isprintable():
            raise KeyRefusedError("the key's kid is not a short text")
        return cls(key_id, algorithms, key)

    def has_signed(self, token: CompactJws) -> bool:
        """Tell whether the token's signature is this key's, by an algorithm of this key."""
        if token.algorithm not in self.algorithms:
            return False
        return jwt.get_algorithm_by_name(token.algorithm).verify(token.signed, self.key, token.signature)


def usable_keys(jwks: Sequence[Any], *, algorithms: Collection[str]) -> dict[str, VerifyingKey]:
    """Read the keys of a set that is not ours to refuse, by their ids; leave out what we do not take."""
    keys: dict[str, VerifyingKey] = {}
    for jwk in jwks:
        try:
            key = VerifyingKey.of_jwk(jwk if isinstance(jwk, dict) else {})
        except KeyRefusedError:
            continue
        allowed = key.algorithms.intersection(algorithms)
        if allowed:
            keys.setdefault(key.key_id, VerifyingKey(key.key_id, allowed, key.key))
    return keys


def _read(jwk: Mapping[str, Any]) -> tuple[PublicKey, frozenset[str]]:
    members = dict(jwk)
    key: object = None
    try:
        match members.get("kty"), members.get("crv"):
            case "EC", "P-256":
                key = ECAlgorithm.from_jwk(members)
            case "RSA", _:
                key = RSAAlgorithm.from_jwk(members)
            case "OKP", "Ed25519":
                key = OKPAlgorithm.from_jwk(members)
            case _:
                pass
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        # Nothing of the cause is kept: its message could repeat what was sent.
        raise KeyRefusedError("the key is not a JSON Web Key of its kind") from None
    match key:
        case EllipticCurvePublicKey(curve=SECP256R1()):
            return key, frozenset({"ES256"})
        case RSAPublicKey(key_size=bits) if LEAST_RSA_BITS <= bits <= _MOST_RSA_BITS:
            if key.public_numbers().e > _MOST_RSA_EXPONENT:
                raise KeyRefusedError("the key's exponent is too large")
            return key, frozenset({"RS256", "PS256"})
        case Ed25519PublicKey():
            return key, frozenset({"EdDSA"})
        case _:
            raise KeyRefusedError("the key must be EC P-256, Ed25519, or RSA of 2048 to 8192 bits")


def _texts(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    required = {name: jwk[name] for name in _THUMBPRINT[jwk["kty"]]}
    text = json.dumps(required, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
