"""Public keys of others: which are taken, for which algorithm, and whose signature is whose."""

import dataclasses
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.domain.compact_jws import CompactJws
from app.verifying_keys import KeyRefusedError, VerifyingKey, usable_keys
from tests.foreign_tokens import ForeignKey, base64url, ec_key, ed25519_key, rsa_key, signed_with_secret

CLAIMS = {"iss": "frontend"}
EC = ec_key()
RSA = rsa_key()
PSS = rsa_key("pss", algorithm="PS256")
ED = ed25519_key()
KEYS = {"EC": EC, "RSA": RSA, "PSS": PSS, "Ed25519": ED}


def parsed(text: str) -> CompactJws:
    return CompactJws.parsed(text, max_length=8_192)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_each_kind_of_key_knows_its_own_signature_and_no_other(key: ForeignKey) -> None:
    verifying = VerifyingKey.of_jwk(key.jwk)
    assert verifying.has_signed(parsed(key.token(CLAIMS)))
    for other in (ec_key(), rsa_key(algorithm=RSA.algorithm), ed25519_key()):
        assert not verifying.has_signed(parsed(other.token(CLAIMS)))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "algorithm",
    ["none", "None", "HS256", "HS512", "ES256", "ES384", "ES256K", "RS1", "RS512", "PS384", "EdDSA"],
)
def test_the_algorithm_follows_from_the_key_whatever_the_header_says(key: ForeignKey, algorithm: str) -> None:
    if algorithm == key.algorithm:
        return
    assert not VerifyingKey.of_jwk(key.jwk).has_signed(parsed(key.token(CLAIMS, alg=algorithm)))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_public_key_is_no_secret_to_sign_with(key: ForeignKey) -> None:
    public = bytes(str(key.jwk), "ascii"), key.public_pem, key.public_pem.strip()
    for secret in public:
        forged = signed_with_secret(secret, {"alg": "HS256", "kid": key.jwk["kid"]}, CLAIMS)
        assert not VerifyingKey.of_jwk(key.jwk).has_signed(parsed(forged))


def test_a_key_may_name_its_one_algorithm() -> None:
    pkcs1 = VerifyingKey.of_jwk(RSA.jwk | {"alg": "RS256"})
    assert pkcs1.has_signed(parsed(RSA.token(CLAIMS)))
    assert not VerifyingKey.of_jwk(RSA.jwk | {"alg": "PS256"}).has_signed(parsed(RSA.token(CLAIMS)))


def test_a_key_without_an_id_is_known_by_its_thumbprint() -> None:
    # RFC 7638 §3.1, its own example.
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj"
        "BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqz"
        "s8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ"
        "-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    key = VerifyingKey.of_jwk({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256"})
    assert key.key_id == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_signature_with_its_other_s_is_the_same_signature_and_no_other_form_is() -> None:
    # Of r and s both s and n-s verify. Nothing here takes a signature for an identity: a used assertion is
    # known by its jti. But only the form of RFC 7518 is read, and no zeros.
    key = VerifyingKey.of_jwk(EC.jwk)
    token = parsed(EC.token(CLAIMS))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = token.signature[:32], int.from_bytes(token.signature[32:], "big")
    forms = {
        "other s": r + (order - s).to_bytes(32, "big"),
        "zeros": bytes(64),
        "r of zero": bytes(32) + token.signature[32:],
        "s of zero": r + bytes(32),
        "s beyond the order": r + order.to_bytes(32, "big"),
        "a byte more": token.signature + b"\0",
        "a byte less": token.signature[:-1],
        "empty": b"",
    }
    good = {
        name for name, form in forms.items() if key.has_signed(dataclasses.replace(token, signature=form))
    }
    assert good == {"other s"}


def test_a_signature_of_ed25519_has_one_form_only() -> None:
    token = parsed(ED.token(CLAIMS))
    order = 2**252 + 27742317777372353535851937790883648493
    larger = int.from_bytes(token.signature[32:], "little") + order
    form = token.signature[:32] + larger.to_bytes(32, "little")
    assert not VerifyingKey.of_jwk(ED.jwk).has_signed(dataclasses.replace(token, signature=form))


BAD_KEYS: dict[str, dict[str, Any]] = {
    "empty": {},
    "of an unknown kind": {"kty": "PQC"},
    "a secret": {"kty": "oct", "k": "AAAA"},
    "a private key": EC.jwk | {"d": "AAAA"},
    "P-384": ec_key(curve=ec.SECP384R1()).jwk,
    "P-521": ec_key(curve=ec.SECP521R1()).jwk,
    "secp256k1": ec_key(curve=ec.SECP256K1()).jwk,
    "P-384 under a false name": ec_key(curve=ec.SECP384R1()).jwk | {"crv": "P-256"},
    "a point off the curve": EC.jwk | {"y": EC.jwk["x"]},
    "the point at zero": EC.jwk | {"x": base64url(bytes(32)), "y": base64url(bytes(32))},
    "RSA of 1024 bits": rsa_key(bits=1024).jwk,
    "RSA of too many bits": RSA.jwk | {"n": base64url(b"\xff" * 1025)},
    "RSA with a huge exponent": RSA.jwk | {"e": base64url(b"\xff" * 8)},
    "RSA with the exponent one": RSA.jwk | {"e": "AQ"},
    "RSA without its exponent": {name: value for name, value in RSA.jwk.items() if name != "e"},
    "RSA with a number for a text": RSA.jwk | {"n": 5},
    "Ed448": ED.jwk | {"crv": "Ed448"},
    "X25519": ED.jwk | {"crv": "X25519"},
    "a short Ed25519 key": ED.jwk | {"x": "AAAA"},
    "for encryption": EC.jwk | {"use": "enc"},
    "for signing only": EC.jwk | {"key_ops": ["sign"]},
    "for HS256": EC.jwk | {"alg": "HS256"},
    "for another's algorithm": EC.jwk | {"alg": "RS256"},
    "with an algorithm that is no text": EC.jwk | {"alg": ["ES256"]},
    "with an id that is no text": EC.jwk | {"kid": 1},
    "with an empty id": EC.jwk | {"kid": ""},
    "with a huge id": EC.jwk | {"kid": "x" * 256},
}


@pytest.mark.parametrize("jwk", BAD_KEYS.values(), ids=BAD_KEYS)
def test_such_a_key_is_refused_and_left_out_of_a_set(jwk: dict[str, Any]) -> None:
    with pytest.raises(KeyRefusedError) as refused:
        VerifyingKey.of_jwk(jwk)
    for value in jwk.values():
        assert not (
            isinstance(value, str) and len(value) > 8 and re.search(re.escape(value), str(refused.value))
        )
    assert list(usable_keys([jwk, ED.jwk, None, "x"], algorithms=["EdDSA", "ES256"])) == ["ed"]


def test_of_a_set_only_what_the_settings_allow_is_used() -> None:
    found = usable_keys([EC.jwk, RSA.jwk, ED.jwk], algorithms=["PS256", "ES256"])
    assert {name: key.algorithms for name, key in found.items()} == {"ec": {"ES256"}, "rsa": {"PS256"}}
    assert not found["rsa"].has_signed(parsed(RSA.token(CLAIMS)))
