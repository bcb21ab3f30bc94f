"""Our access tokens, and every way to pass off something else as one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.domain.caller import Scope
from app.errors import UnauthenticatedError
from app.keys.key_file import Keys
from app.services.tokens import Tokens
from tests.unit.identity.conftest import MovedClock

ISSUER = "https://motcua.example"
SCOPES = frozenset({Scope.CASES_READ, Scope.VERIFY_ID_CARD})


@pytest.fixture
def token(tokens: Tokens) -> str:
    return tokens.issue(username="receiver", client_id=None, scopes=SCOPES).value


def segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def signed(keys: Keys, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign with our own key, so that nothing but the changed part can be the reason to refuse."""
    text = f"{segment(header)}.{segment(claims)}"
    private = keys.token_keys.keys[-1].private
    return f"{text}.{segment(jwt.get_algorithm_by_name('ES256').sign(text.encode(), private))}"


def test_a_token_says_who_calls_and_what_it_may(tokens: Tokens, token: str) -> None:
    claims = tokens.read(token)
    assert (claims.username, claims.client_id, claims.scopes) == ("receiver", None, SCOPES)


def test_a_systems_token_names_no_officer(tokens: Tokens) -> None:
    claims = tokens.read(tokens.issue(username=None, client_id="portal", scopes=SCOPES).value)
    assert (claims.username, claims.client_id) == (None, "portal")


def test_a_token_of_an_officer_behind_a_system_names_both(tokens: Tokens) -> None:
    claims = tokens.read(tokens.issue(username="receiver", client_id="frontend", scopes=SCOPES).value)
    assert (claims.username, claims.client_id) == ("receiver", "frontend")


def test_a_token_carries_what_the_contract_says(token: str) -> None:
    header, claims = parts_of(token)
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "motcua"
    assert claims["exp"] - claims["nbf"] == 900
    assert claims["scope"] == "cases:read verify:id-card"
    assert len(claims["jti"]) == 36


def test_a_token_is_from_when_it_was_asked_for_and_from_after_what_ended_others(
    tokens: Tokens, clock: MovedClock
) -> None:
    second, asked_at = int(clock.now.timestamp()), clock.now
    clock.advance(seconds=0.5)
    within, far_ahead = clock.now, clock.now + timedelta(days=1)
    clock.advance(seconds=2)
    for ends, issued in (((), second), ((None, within), second + 1), ((within, far_ahead), second + 1)):
        made = tokens.issue(username="a", client_id=None, scopes=SCOPES, asked_at=asked_at, ends=ends)
        _, claims = parts_of(made.value)
        assert (claims["iat"], claims["nbf"], claims["exp"]) == (issued, second + 2, second + 902)
        assert tokens.read(made.value).issued == issued


def test_a_token_can_be_checked_with_the_published_key(tokens: Tokens, token: str) -> None:
    (key,) = jwt.PyJWKSet.from_dict(tokens.jwks()).keys
    assert key.key_id == parts_of(token)[0]["kid"]
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="motcua", issuer=ISSUER, options=options)
    assert claims["sub"] == "receiver"


def test_the_published_key_holds_nothing_secret(tokens: Tokens) -> None:
    (key,) = tokens.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}


def test_a_token_is_good_until_it_expires_and_not_after(
    tokens: Tokens, token: str, clock: MovedClock
) -> None:
    clock.advance(seconds=899)
    tokens.read(token)
    clock.advance(seconds=6)
    with pytest.raises(UnauthenticatedError):
        tokens.read(token)


def test_a_token_that_was_read_before_still_expires(tokens: Tokens, token: str, clock: MovedClock) -> None:
    tokens.read(token)
    clock.advance(hours=1)
    with pytest.raises(UnauthenticatedError):
        tokens.read(token)


def test_a_token_of_the_near_future_is_taken_but_not_one_of_the_far(
    tokens: Tokens, token: str, clock: MovedClock
) -> None:
    clock.advance(seconds=-5)
    tokens.read(token)
    clock.advance(seconds=-1)
    with pytest.raises(UnauthenticatedError):
        tokens.read(token)


def test_a_token_of_another_installation_is_refused(keys: Keys, clock: MovedClock, tokens: Tokens) -> None:
    other = Tokens(Keys.generate().token_keys, issuer=ISSUER, lifetime_seconds=900, clock=clock)
    elsewhere = Tokens(keys.token_keys, issuer="https://other.example", lifetime_seconds=900, clock=clock)
    for maker in (other, elsewhere):
        with pytest.raises(UnauthenticatedError):
            tokens.read(maker.issue(username="receiver", client_id=None, scopes=SCOPES).value)


CLAIM_ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another issuer": lambda claims: claims.update(iss="https://evil.example"),
    "issuer with a slash": lambda claims: claims.update(iss=ISSUER + "/"),
    "list of issuers": lambda claims: claims.update(iss=[ISSUER]),
    "another audience": lambda claims: claims.update(aud="other"),
    "list of audiences": lambda claims: claims.update(aud=["motcua", "other"]),
    "expired": lambda claims: claims.update(exp=claims["iat"] - 6),
    "begins in the future": lambda claims: claims.update(nbf=claims["iat"] + 60),
    "expiry as text": lambda claims: claims.update(exp=str(claims["exp"])),
    "expiry as a fraction": lambda claims: claims.update(exp=claims["exp"] + 0.5),
    "expiry as true": lambda claims: claims.update(exp=True),
    "endless": lambda claims: claims.update(exp=float("inf")),
    "beginning as null": lambda claims: claims.update(nbf=None),
    "unknown scope": lambda claims: claims.update(scope="everything"),
    "scopes as a list": lambda claims: claims.update(scope=["admin"]),
    "unknown kind": lambda claims: claims.update(kind="root"),
    "system without a client": lambda claims: claims.update(kind="system"),
    "client that is no text": lambda claims: claims.update(client_id=7),
    "subject that is no text": lambda claims: claims.update(sub=7),
} | {
    f"without {name}": (lambda claims, name=name: claims.pop(name))
    for name in ("iss", "aud", "sub", "exp", "nbf", "iat", "jti", "scope", "kind")
}


@pytest.mark.parametrize("attack", CLAIM_ATTACKS.values(), ids=CLAIM_ATTACKS)
def test_a_token_with_other_claims_is_refused_even_with_our_signature(
    keys: Keys, tokens: Tokens, token: str, attack: Callable[[dict[str, Any]], object]
) -> None:
    header, claims = parts_of(token)
    attack(claims)
    with pytest.raises(UnauthenticatedError):
        tokens.read(signed(keys, header, claims))


HEADER_ATTACKS: dict[str, dict[str, Any]] = {
    "algorithm as a list": {"alg": ["ES256"]},
    "algorithm as a number": {"alg": 256},
    "algorithm as an object": {"alg": {"ES256": 1}},
    "no algorithm": {"alg": None},
    "key id as a number": {"kid": 1},
    "id token": {"typ": "JWT"},
    "no type": {"typ": None},
    "another key id": {"kid": "other"},
    "no key id": {"kid": None},
    "key from an address": {"jku": "https://evil.example/keys"},
    "key in the token": {"jwk": {"kty": "EC"}},
    "certificate from an address": {"x5u": "https://evil.example/cert"},
    "certificate in the token": {"x5c": ["AAAA"]},
    "extension that must be understood": {"crit": ["exp"]},
}


@pytest.mark.parametrize("attack", HEADER_ATTACKS.values(), ids=HEADER_ATTACKS)
def test_a_token_with_another_header_is_refused_even_with_our_signature(
    keys: Keys, tokens: Tokens, token: str, attack: dict[str, Any]
) -> None:
    header, claims = parts_of(token)
    changed = {name: value for name, value in (header | attack).items() if value is not None}
    with pytest.raises(UnauthenticatedError):
        tokens.read(signed(keys, changed, claims))


def test_the_signature_made_for_these_attacks_is_good(keys: Keys, tokens: Tokens, token: str) -> None:
    header, claims = parts_of(token)
    assert tokens.read(signed(keys, header, claims)).username == "receiver"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_a_token_without_a_signature_is_refused(tokens: Tokens, token: str, algorithm: str) -> None:
    header, claims = parts_of(token)
    unsigned = f"{segment(header | {'alg': algorithm})}.{segment(claims)}."
    for forged in (unsigned, unsigned + "AA", unsigned + token.rpartition(".")[2]):
        with pytest.raises(UnauthenticatedError):
            tokens.read(forged)


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    keys: Keys, tokens: Tokens, token: str
) -> None:
    header, claims = parts_of(token)
    public = keys.token_keys.keys[-1].private.public_key()
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (point, pem, json.dumps(tokens.jwks()["keys"][0]).encode()):
        text = f"{segment(header | {'alg': 'HS256'})}.{segment(claims)}"
        signature = hmac.digest(secret, text.encode(), hashlib.sha256)
        with pytest.raises(UnauthenticatedError):
            tokens.read(f"{text}.{segment(signature)}")


def test_a_token_signed_with_a_key_that_it_brings_along_is_refused(tokens: Tokens, token: str) -> None:
    header, claims = parts_of(token)
    own_key = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(own_key.public_key(), as_dict=True)
    for extra in ({}, {"jwk": jwk}):
        forged = jwt.encode(claims, own_key, algorithm="ES256", headers=header | extra)
        with pytest.raises(UnauthenticatedError):
            tokens.read(forged)


def test_a_token_with_any_character_changed_is_refused(tokens: Tokens, token: str) -> None:
    for position, character in enumerate(token):
        if character == ".":
            continue
        changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(UnauthenticatedError):
            tokens.read(changed)


def test_the_unused_bits_of_the_last_character_count_too(tokens: Tokens, token: str) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in set(letters) - {token[-1]}:
        with pytest.raises(UnauthenticatedError):
            tokens.read(token[:-1] + letter)


def test_a_signature_of_zeros_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        tokens.read(f"{token.rpartition('.')[0]}.{segment(bytes(64))}")


NONSENSE = [
    "",
    ".",
    "..",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "a.b.c.d.e",
    "Đ.b.c",
    "a.b.c\n",
    "e30.e30.e30",
    "bnVsbA.bnVsbA.AA",
    "A" * 5_000,
    "a." + "b" * 10_000_000 + ".c",
    f"{segment(b'[' * 1500)}.{segment(b'[' * 1500)}.AA",
]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_as_any_bad_token(tokens: Tokens, text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        tokens.read(text)


def test_a_refusal_repeats_nothing_of_the_token(tokens: Tokens, token: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        tokens.read(token[:-4] + "AAAA")
    assert refused.value.__cause__ is None
    assert token[:20] not in str(refused.value)
