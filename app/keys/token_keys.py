"""The ES256 keys that sign access tokens, each from its own moment on.

A new key is published before it signs, so that everybody who keeps our keys has it by then; an old one is
accepted until the last token that it can have signed has expired.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ALGORITHM: Final = "ES256"

PUBLISHED_AHEAD_SECONDS: Final = 360
"""How long a new key is published before it signs: longer than others may keep the set of keys."""

MOST_LIFETIME_SECONDS: Final = 3600
"""The longest that a token may be good for; the setting's own limit."""

# Hosts whose clocks differ sign a little longer with the old key.
_CLOCKS_DIFFER_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key, and since when it signs, in seconds of the epoch."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    signs_from: int = 0

    @classmethod
    def generate(cls, signs_from: int = 0) -> Self:
        """Make a key."""
        return cls(ec.generate_private_key(ec.SECP256R1()), signs_from)

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as it is published (RFC 7517); its id is its thumbprint (RFC 7638)."""
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        required = {name: public[name] for name in ("crv", "kty", "x", "y")}
        text = json.dumps(required, separators=(",", ":"), sort_keys=True)
        digest = hashlib.sha256(text.encode()).digest()
        key_id = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        return required | {"use": "sig", "alg": ALGORITHM, "kid": key_id}


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The keys in the order in which they sign; there is at least one."""

    keys: Sequence[TokenKey]

    @classmethod
    def generate(cls) -> Self:
        """Make the first key."""
        return cls((TokenKey.generate(),))

    def signing(self, now: float) -> TokenKey:
        """Give the key that signs at a moment."""
        begun = [key for key in self.keys if key.signs_from <= now]
        return begun[-1] if begun else self.keys[0]

    def accepted(self, now: float) -> tuple[TokenKey, ...]:
        """Give the keys whose tokens are accepted at a moment, the oldest first; also those yet to come."""
        return tuple(
            key
            for key, next_one in zip(self.keys, (*self.keys[1:], None), strict=True)
            if next_one is None or now < next_one.signs_from + MOST_LIFETIME_SECONDS + _CLOCKS_DIFFER_SECONDS
        )

    def rotated(self, now: float) -> "TokenKeys":
        """Add a key that will sign once everybody can know it, and drop those that nobody needs."""
        return TokenKeys((*self.accepted(now), TokenKey.generate(int(now) + PUBLISHED_AHEAD_SECONDS)))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Take the keys from the key file's members, which hold the first key and those that follow it.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: they are not of the form.
        """
        # A file from before keys could follow each other has the first one only.
        later = [(entry["key"], entry["signs_from"]) for entry in fields.get("later_signing_keys", ())]
        keys = [TokenKey(_private_key(pem), since) for pem, since in [(fields["signing_key"], 0), *later]]
        moments = [key.signs_from for key in keys]
        if not all(type(moment) is int for moment in moments) or sorted(moments) != moments:
            raise ValueError("the keys do not follow each other")
        return cls(tuple(keys))

    def fields(self) -> dict[str, Any]:
        """Give the key file's members."""
        return {
            "signing_key": _pem(self.keys[0].private),
            "later_signing_keys": [
                {"key": _pem(key.private), "signs_from": key.signs_from} for key in self.keys[1:]
            ],
        }

    def replaced(self) -> "TokenKeys":
        """Make another key that signs at once, and accept no other: all sessions end."""
        return self.generate()


def _private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("a key of the wrong kind")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
