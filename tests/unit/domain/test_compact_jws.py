"""Tokens of others taken apart: what is refused before any key is looked for."""

import pytest

from app.domain.compact_jws import CompactJws, JwsMalformedError
from tests.foreign_tokens import base64url, segment

HEADER = {"alg": "ES256", "typ": "JWT", "kid": "1"}
CLAIMS = {"iss": "frontend", "exp": 1}


def token(header: object = HEADER, claims: object = CLAIMS, signature: bytes = b"x") -> str:
    return f"{segment(header)}.{segment(claims)}.{base64url(signature)}"


def parsed(text: str) -> CompactJws:
    return CompactJws.parsed(text, max_length=8_192)


def test_a_token_is_taken_apart() -> None:
    found = parsed(token())
    assert (found.algorithm, found.type, found.key_id) == ("ES256", "JWT", "1")
    assert found.claims == CLAIMS
    assert (found.signed.decode(), found.signature) == (token().rpartition(".")[0], b"x")


def test_type_and_key_id_may_be_missing() -> None:
    found = parsed(token({"alg": "ES256"}))
    assert (found.type, found.key_id) == (None, None)
    assert found.has_type("jwt")


@pytest.mark.parametrize(
    ("written", "is_taken"),
    [("JWT", True), ("jwt", True), ("application/jwt", True), ("at+jwt", False), ("", False), ("JWS", False)],
)
def test_the_type_is_compared_without_its_case(written: str, *, is_taken: bool) -> None:
    assert parsed(token({"alg": "ES256", "typ": written})).has_type("jwt") is is_taken


BAD_HEADERS: dict[str, object] = {
    "no algorithm": {"typ": "JWT"},
    "algorithm as a list": {"alg": ["ES256"]},
    "algorithm as null": {"alg": None},
    "key id as a number": {"alg": "ES256", "kid": 1},
    "type as null": {"alg": "ES256", "typ": None},
    "algorithm twice": b'{"alg": "ES256", "alg": "none"}',
    "algorithm twice, once escaped": b'{"alg": "ES256", "\\u0061lg": "none"}',
    "no object": [{"alg": "ES256"}],
    "a text": "ES256",
    "not JSON": b"{alg: ES256}",
    "not UTF-8": b'{"alg": "ES256\xff"}',
    "with a byte order mark": b'\xef\xbb\xbf{"alg": "ES256"}',
    "something behind": b'{"alg": "ES256"} {}',
} | {
    f"with {name}": HEADER | {name: value}
    for name, value in {
        "jku": "https://evil.example/keys",
        "jwk": {"kty": "EC"},
        "x5u": "https://evil.example/cert",
        "x5c": ["AAAA"],
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "enc": "A256GCM",
    }.items()
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_that_chooses_its_own_rules_is_refused(header: object) -> None:
    with pytest.raises(JwsMalformedError):
        parsed(token(header))


BAD_CLAIMS: dict[str, object] = {
    "a member twice": b'{"iss": "a", "iss": "b"}',
    "a member twice further in": b'{"act": {"sub": "a", "sub": "b"}}',
    "a number that is none": b'{"exp": NaN}',
    "an endless number": b'{"exp": Infinity}',
    "a number of a thousand digits": b'{"exp": ' + b"9" * 1_000 + b"}",
    "nested without end": b"[" * 3_000 + b"]" * 3_000,
    "null": None,
    "a list": [CLAIMS],
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_claims_that_two_readers_could_read_differently_are_refused(claims: object) -> None:
    with pytest.raises(JwsMalformedError):
        CompactJws.parsed(token(claims=claims), max_length=100_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a.b",
        f"{token()}.AA",
        f"{token()}\n",
        f" {token()}",
        token().replace(".", "..", 1),
        token().replace(".", "=.", 1),
        f"{segment(HEADER)}..{base64url(b'x')}",
        f"{segment(HEADER)}.{segment(CLAIMS)}.",
        token().replace("e", "é", 1),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: str) -> None:
    with pytest.raises(JwsMalformedError):
        parsed(text)


def test_a_token_is_as_long_as_allowed_and_no_longer() -> None:
    text = token()
    CompactJws.parsed(text, max_length=len(text))
    with pytest.raises(JwsMalformedError):
        CompactJws.parsed(text, max_length=len(text) - 1)


def test_unused_bits_at_the_end_of_a_part_are_refused() -> None:
    assert base64url(b"x") == "eA"
    for last in "BCDEFGHIJKLMNOP":
        with pytest.raises(JwsMalformedError):
            parsed(f"{token()[:-2]}e{last}")


def test_a_refusal_repeats_nothing() -> None:
    with pytest.raises(JwsMalformedError) as refused:
        parsed(token(b'{"alg": "MARKED", "alg": "MARKED"}'))
    assert "MARKED" not in str(refused.value)
    assert refused.value.__cause__ is None
