"""Makes keys and tokens as others do who are not this service: front ends and issuers, honest and otherwise.

Signs whatever it is told to, with cryptography alone, so that a token may be wrong in exactly one thing.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)

Sign = Callable[[bytes], bytes]


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def segment(value: Any) -> str:
    return base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


@dataclass(frozen=True)
class ForeignKey:
    """A key pair: its public JSON Web Key, its algorithm, and what signs with it."""

    jwk: dict[str, Any]
    algorithm: str
    sign: Sign
    public_pem: bytes

    def token(self, claims: Any, **header: Any) -> str:
        """Sign claims; a header member that is None is left out."""
        members = {"alg": self.algorithm, "typ": "JWT", "kid": self.jwk["kid"]} | header
        return signed_by(
            self.sign, {name: value for name, value in members.items() if value is not None}, claims
        )


def signed_by(sign: Sign, header: Any, claims: Any) -> str:
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{base64url(sign(text.encode()))}"


def signed_with_secret(secret: bytes, header: Any, claims: Any) -> str:
    return signed_by(lambda text: hmac.digest(secret, text, hashlib.sha256), header, claims)


def _pem(key: Any) -> bytes:
    return bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def ec_key(kid: str = "ec", curve: ec.EllipticCurve | None = None) -> ForeignKey:
    curve = curve or ec.SECP256R1()
    private = ec.generate_private_key(curve)
    size = (curve.key_size + 7) // 8
    numbers = private.public_key().public_numbers()

    def sign(text: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    name = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(curve.name, curve.name)
    jwk = {
        "kty": "EC",
        "crv": name,
        "x": base64url(numbers.x.to_bytes(size, "big")),
        "y": base64url(numbers.y.to_bytes(size, "big")),
        "kid": kid,
    }
    return ForeignKey(jwk, "ES256", sign, _pem(private))


def rsa_key(kid: str = "rsa", *, bits: int = 2048, algorithm: str = "RS256") -> ForeignKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    numbers = private.public_key().public_numbers()
    scheme = _PSS if algorithm == "PS256" else padding.PKCS1v15()
    jwk = {
        "kty": "RSA",
        "n": base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": base64url(numbers.e.to_bytes(3, "big")),
        "kid": kid,
    }
    return ForeignKey(jwk, algorithm, lambda text: private.sign(text, scheme, hashes.SHA256()), _pem(private))


def ed25519_key(kid: str = "ed") -> ForeignKey:
    private = ed25519.Ed25519PrivateKey.generate()
    jwk = {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64url(private.public_key().public_bytes_raw()),
        "kid": kid,
    }
    return ForeignKey(jwk, "EdDSA", private.sign, _pem(private))
